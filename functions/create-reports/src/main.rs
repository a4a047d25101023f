//! Asks Amazon for the VAT reports whose windows are due, each window once.

fn main() {}
