#![doc = include_str!("../README.md")]

pub mod country;
pub mod decision;
pub mod document;
pub mod documents;
pub mod errors;
pub mod feed_report;
pub mod number;
pub mod rates;
pub mod state;
pub mod status;
pub mod upload;
pub mod vidr;
