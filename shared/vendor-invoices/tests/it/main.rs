//! The crate against its fixtures, Amazon's models, and invoices that a machine makes up.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]

mod fixtures;
mod made;
mod properties;
mod schema;
mod support;
mod twins;
