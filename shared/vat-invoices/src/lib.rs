#![doc = include_str!("../README.md")]

pub mod country;
pub mod document;
pub mod status;
