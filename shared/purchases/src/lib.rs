#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

mod export;
mod model;
mod reconcile;
mod window;
mod wire;

pub use export::{COLUMNS, Column, CsvExport, Exported};
pub use model::*;
pub use reconcile::*;
pub use window::*;
pub use wire::{Other, Raw, Read, ReadError, Remark, RemarkKind};
