//! Asks Amazon how its jobs stand, finds new settlements, and hands on what is done.

fn main() {}
