//! Reads whole reports.

mod samples;
mod support;
