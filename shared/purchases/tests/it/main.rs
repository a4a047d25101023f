//! The crate from outside: answers as Amazon gives them, and what becomes of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing, in its helpers too"
)]

mod cases;
mod generated;
mod support;
