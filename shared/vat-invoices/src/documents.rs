//! From rows to documents: one for each shipment, one for each refund or return.
//!
//! The rows of a document need not stand together in the file. So a file is read twice: [`DocumentIndex`] counts the
//! rows of each document, and [`Documents`] gives a document as soon as its last row is there. What is in memory then
//! is a few bytes for each document, and the rows of those that are begun.

mod builder;
mod charges;
mod key;
mod treat;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use countinghouse_domain::document::DocumentKind;
use countinghouse_formats::parts::Fault;
use countinghouse_formats::{ErrorKind, FormatError, Source};

use crate::document::DueDocument;
use crate::vidr::{Field, VidrReader};
use builder::Builder;
use key::{Digest, digest_of};

pub use key::DocumentKey;

/// How many rows each document of a file has, which numbers are in use, and which shipments are credited.
#[derive(Debug, Default)]
pub struct DocumentIndex {
    rows: HashMap<Digest, u32>,
    invoices: u64,
    credit_notes: u64,
    /// The numbers that the file says are in use.
    numbers: HashSet<Digest>,
    /// The shipments that credit notes of the file refer to.
    credited: HashSet<Digest>,
}

impl DocumentIndex {
    /// Reads a file to its end; what was read comes with the index.
    pub fn read<R: Read>(mut reader: VidrReader<R>) -> Result<(Self, Source), FormatError> {
        let mut index = Self::default();
        while let Some(row) = reader.next_row()? {
            let key = DocumentKey::of(&row);
            let rows = index.rows.entry(key.digest(row.line)).or_default();
            if *rows == 0 {
                match key.kind {
                    DocumentKind::Invoice => index.invoices = index.invoices.saturating_add(1),
                    DocumentKind::CreditNote => index.credit_notes = index.credit_notes.saturating_add(1),
                }
            }
            *rows = rows.saturating_add(1);
            let (number, shipment) = (row.text(Field::InvoiceNumber), row.text(Field::ShippingId));
            if !number.is_empty() {
                index.numbers.insert(digest_of(number));
            }
            if key.kind == DocumentKind::CreditNote && !shipment.is_empty() {
                index.credited.insert(digest_of(shipment));
            }
        }
        Ok((index, reader.finish()?))
    }

    /// Whether the file says that a document has this number already.
    pub fn uses_number(&self, number: &str) -> bool {
        self.numbers.contains(&digest_of(number))
    }

    /// Whether a credit note of the file refers to this shipment.
    pub fn credits_shipment(&self, shipping_id: &str) -> bool {
        self.credited.contains(&digest_of(shipping_id))
    }

    /// How many documents of a kind the file tells of, whoever issues them.
    pub const fn count(&self, kind: DocumentKind) -> u64 {
        match kind {
            DocumentKind::Invoice => self.invoices,
            DocumentKind::CreditNote => self.credit_notes,
        }
    }
}

/// The documents of a file, in the order in which their last rows come.
#[derive(Debug)]
pub struct Documents<'a, R> {
    reader: VidrReader<R>,
    index: &'a DocumentIndex,
    only: Option<DocumentKind>,
    begun: HashMap<Digest, (u32, Builder)>,
}

impl<'a, R: Read> Documents<'a, R> {
    /// Reads the same file again; with `only`, documents of one kind.
    pub fn new(reader: VidrReader<R>, index: &'a DocumentIndex, only: Option<DocumentKind>) -> Self {
        Self { reader, index, only, begun: HashMap::new() }
    }

    /// The next document; none at the end of the file.
    pub fn next_document(&mut self) -> Result<Option<DueDocument>, FormatError> {
        loop {
            let Some(row) = self.reader.next_row()? else { return self.end() };
            let key = DocumentKey::of(&row);
            if self.only.is_some_and(|only| only != key.kind) {
                continue;
            }
            let (line, digest) = (row.line, key.digest(row.line));
            let whole = self.index.rows.get(&digest).copied().unwrap_or_default();
            let (rows, builder) = self.begun.entry(digest).or_insert_with(|| (0, Builder::new(&row, key)));
            builder.add(&row);
            *rows = rows.saturating_add(1);
            if *rows < whole {
                continue;
            }
            let Some((_, builder)) = self.begun.remove(&digest).filter(|_| whole > 0) else {
                return Err(self.reader.error_at(line, changed()));
            };
            return match builder.finish() {
                Ok(document) => Ok(Some(document)),
                Err(error) => {
                    let fault = Fault::new(ErrorKind::Limit, "sums beyond 28 digits", "amounts of money");
                    Err(self.reader.error_at(line, fault.caused_by(error)))
                }
            };
        }
    }

    fn end(&mut self) -> Result<Option<DueDocument>, FormatError> {
        if self.begun.is_empty() { Ok(None) } else { Err(self.reader.error_at(0, changed())) }
    }
}

fn changed() -> Fault {
    Fault::new(ErrorKind::Unfinished, "the file changed while it was read", "the same file twice")
}
