//! What files would become in the books, for a command that hands them on instead of printing them.

use std::io;

use countinghouse_domain::settlement::{ChainLink, Layout, Proof, ProofStatus, SettlementHeader};
use countinghouse_formats::{ErrorKind, FormatError};

use super::books::Books;
use super::input;
use super::json::Output;
use super::read::{self, ReadError};
use super::summary;

/// Files that were read to their ends.
#[derive(Debug, Default)]
pub(crate) struct Preview {
    books: Books,
}

/// What a file is.
#[derive(Debug)]
pub(crate) enum Found {
    /// A settlement.
    Settlement {
        /// Its summary row.
        header: Box<SettlementHeader>,
        /// How the file is laid out.
        layout: Layout,
        /// SHA-256 of its content, decompressed.
        sha256: String,
        /// Whether its amounts come to its total.
        is_proven: bool,
    },
    /// A VAT report.
    Vat {
        /// SHA-256 of its content, decompressed.
        sha256: String,
    },
    /// A settlement that another file of this call has too.
    Repeated,
    /// Neither; the error says what it looks like.
    Other(FormatError),
}

/// Why a file cannot be read to its end; the place is in it.
pub(crate) type Unreadable = Box<dyn std::error::Error>;

impl Preview {
    /// Reads a file, which is `number` of `count`.
    pub(crate) fn read(
        &mut self,
        file: &str,
        (number, count): (usize, usize),
        charset: Option<String>,
    ) -> Result<Found, Unreadable> {
        let before = (self.books.settlements().len(), self.books.documents().len());
        let input = input::open(file, number, count)?;
        match read::book(input, charset, &mut Output::new(io::sink()), &mut self.books) {
            Err(ReadError::Format(error)) if error.kind() == ErrorKind::UnknownFormat => {
                return Ok(Found::Other(error));
            }
            read => read?,
        }
        if let Some(booked) = self.books.settlements().get(before.0) {
            let Proof { status, evidence, .. } = &booked.proof;
            return Ok(Found::Settlement {
                header: Box::new(booked.header.clone()),
                layout: evidence.layout,
                sha256: evidence.sha256.clone(),
                is_proven: *status == ProofStatus::Proven,
            });
        }
        let vat = self.books.documents().get(before.1);
        Ok(vat.map_or(Found::Repeated, |booked| Found::Vat { sha256: booked.source.sha256.clone() }))
    }

    /// What would be booked: tables, and what needs attention. `others` are the settlements that are booked already;
    /// where one is missing between them and these, the table says `gap`.
    pub(crate) fn text(&mut self, others: &[ChainLink]) -> String {
        // A gap is no fault of these files, so it is told of in the table only.
        let attention = self.books.attention();
        self.books.chain(others);
        let mut text = summary::tables(&self.books);
        summary::list(&mut text, "Needs attention", &attention);
        summary::list(&mut text, "Worth knowing", &self.books.notes());
        text
    }
}
