#![doc = include_str!("../README.md")]

mod api;
mod check;
pub mod csv;
mod draft;
mod duplicates;
mod file;
mod form;
mod invoice;
mod json;
mod line;
pub mod model;
mod nearest;
mod node;
mod note;
mod region;
mod rule;
mod rules;
pub mod seen;
mod sums;

pub use api::Api;
pub use check::{Checked, Reading, check};
pub use draft::{Draft, Place};
pub use duplicates::Duplicates;
pub use file::{FileError, FileReader, Found};
pub use invoice::Invoice;
pub use json::{JsonReader, ReadError, ReadErrorKind};
pub use line::CheckLine;
pub use node::Node;
pub use note::{Violation, Warning};
pub use region::Region;
pub use rule::{Notice, Rule};

#[cfg(test)]
mod samples;
#[cfg(test)]
mod testing;
