#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test says what it expects by failing"
)]

pub mod alarms;
pub mod bare;
pub mod buyer;
pub mod calls;
pub mod faults;
pub mod operator;
pub mod runner;
pub mod seller;
pub mod stack;
pub mod story;
pub mod suite;
pub mod tables;
pub mod vendor;
pub mod wait;
