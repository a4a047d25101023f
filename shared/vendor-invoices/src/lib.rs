#![doc = include_str!("../README.md")]

mod api;
mod check;
pub mod csv;
mod draft;
mod file;
mod json;
pub mod model;
mod node;
mod note;
mod region;
mod rule;
pub mod seen;

pub use api::Api;
pub use check::{Checked, Invoice, Reading, check};
pub use draft::{Draft, Place};
pub use file::{FileError, FileReader, Found};
pub use json::{JsonReader, ReadError, ReadErrorKind};
pub use node::Node;
pub use note::{Violation, Warning};
pub use region::Region;
pub use rule::{Notice, Rule};
