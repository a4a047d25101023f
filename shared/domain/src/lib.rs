#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

pub mod difference;
pub mod document;
pub mod ids;
pub mod job;
pub mod marketplace;
pub mod money;
pub mod payment;
pub mod rate;
pub mod report;
pub mod settlement;
pub mod time;
pub mod vendor;
