//! Runs `countinghouse map` as an operator does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it expects by failing")]

mod documents;
mod made;
mod program;
mod samples;
mod settlements;
