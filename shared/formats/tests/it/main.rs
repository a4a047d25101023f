//! Reads whole reports.
#![cfg(test)]

mod cases;
mod generated;
mod hostile;
mod samples;
mod support;
mod vat;
