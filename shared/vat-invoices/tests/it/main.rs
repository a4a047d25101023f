//! Tests of the crate from outside.
#![cfg(test)]

mod cases;
mod hostile;
mod sums;
mod support;
mod uploads;
