//! Turns a stored report into documents and payments, with the proof.

fn main() {}
