//! How JSON becomes our types and JSON again: exact numbers, nothing dropped, every fault with its place.
//!
//! `serde` alone cannot do this. A number of an unknown field, or one that stands where Amazon's model promises a
//! text, would pass through a float; and an error would name a line and a column instead of a JSON pointer. So each
//! object is read as a map of raw texts, and each type takes its fields out of that map.

mod fault;
mod number;
mod object;
mod parts;
mod raw;

pub(crate) use fault::Fault;
pub use fault::{Read, ReadError, Remark, RemarkKind};
pub(crate) use object::{Fields, Reader, object, words};
pub(crate) use parts::{Part, is_absent, write};
pub use raw::{Other, Raw};
