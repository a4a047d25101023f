#![doc = include_str!("../README.md")]

pub mod country;
pub mod decision;
pub mod document;
pub mod documents;
pub mod number;
pub mod rates;
pub mod status;
pub mod vidr;
