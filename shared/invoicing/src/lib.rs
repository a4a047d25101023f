#![doc = include_str!("../README.md")]

mod clean;
mod einvoice;
mod error;
mod fattura_pa;
mod fonts;
mod issue;
mod labels;
mod language;
mod pdf;
pub mod profile;
mod renderer;
mod view;
mod world;
mod xmp;

pub use error::RenderError;
pub use issue::Issue;
pub use labels::{LabelError, Labels};
pub use language::Language;
pub use profile::{Profile, ProfileError};
pub use renderer::{Check, Rendered, Renderer, XmlKind};
