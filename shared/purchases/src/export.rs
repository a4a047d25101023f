//! Purchases as a CSV file that an accountant can import: one row for each line item.

mod columns;
mod row;

use std::io::Write;

use crate::model::{LineInvoices, OrderLineItem, Transaction};
use crate::reconcile::Outcome;

pub use columns::{COLUMNS, Column};
use row::Row;

/// What the rows of one transaction are made from.
#[derive(Debug, Clone, Copy)]
pub struct Exported<'a> {
    /// The transaction.
    pub transaction: &'a Transaction,
    /// What became of it.
    pub outcome: &'a Outcome,
    /// What Amazon answered about its lines, in any order; answers about other lines are passed over.
    pub invoices: &'a [LineInvoices],
}

impl<'a> Exported<'a> {
    fn invoices_of(&self, item: Option<&OrderLineItem>) -> Option<&'a LineInvoices> {
        self.invoices.iter().find(|answer| Some(&answer.order_line_item) == item)
    }
}

/// Writes purchases as CSV (RFC 4180: UTF-8, commas, CRLF, quotes where they are needed), the header first. The rows
/// come in the order in which they are given.
#[derive(Debug)]
pub struct CsvExport<W: Write> {
    csv: csv::Writer<W>,
    rows: u64,
}

impl<W: Write> CsvExport<W> {
    /// Begins a file with its header.
    pub fn new(to: W) -> Result<Self, csv::Error> {
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
        csv.write_record(COLUMNS.iter().map(|column| column.name))?;
        Ok(Self { csv, rows: 0 })
    }

    /// Writes one transaction: a row for each of its lines, or a single one where Amazon gave no lines.
    pub fn write(&mut self, exported: &Exported) -> Result<(), csv::Error> {
        for row in Row::all(exported) {
            self.csv.write_record(COLUMNS.iter().map(|column| (column.value)(&row)))?;
            self.rows = self.rows.saturating_add(1);
        }
        Ok(())
    }

    /// How many rows were written, without the header.
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the file and gives the writer back.
    pub fn finish(mut self) -> Result<W, csv::Error> {
        self.csv.flush()?;
        self.csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }
}
