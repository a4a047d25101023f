//! What a reader of another report is built from: decoded lines with their numbers, amounts, and faults that become
//! errors with a place. The VAT invoice data report is read with them.

pub use crate::error::Fault;
pub use crate::lines::LineReader;
pub use crate::number::Decimals;
pub use crate::settlement::xml::source::TextSource;
pub use crate::settlement::xml::{declared_encoding, resolve as resolve_reference};
pub use crate::vat::record::{Record, Split};
pub use crate::vat::{advance_to_data, read_record};
