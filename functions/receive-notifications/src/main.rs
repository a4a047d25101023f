//! Takes Amazon's notifications as hints that a report is done.

fn main() {}
