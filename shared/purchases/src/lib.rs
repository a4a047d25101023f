#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic, clippy::arithmetic_side_effects)]

mod model;
mod reconcile;
mod wire;

pub use model::*;
pub use reconcile::*;
pub use wire::{Other, Raw, Read, ReadError, Remark, RemarkKind};
