//! `countinghouse invoice`, as a user runs it.
#![cfg(test)]

mod made;
mod program;
mod refused;
