//! Settlement reports in their three layouts.

mod columns;
mod fields;
mod flat;
pub(crate) mod xml;

use std::io::Read;

use countinghouse_domain::settlement::{Layout, SettlementAmount, SettlementHeader};

use crate::error::FormatError;
use crate::lines::LineReader;
use crate::source::Source;
use flat::FlatReader;
use xml::XmlReader;

/// Reads the amounts of a settlement, whatever its layout.
///
/// After an error reading is over: every further call is an error, so that half a settlement cannot pass for a
/// whole one.
#[derive(Debug)]
pub struct SettlementReader<R>(Inner<R>);

#[derive(Debug)]
enum Inner<R> {
    Flat(Box<FlatReader<R>>),
    Xml(Box<XmlReader<R>>),
}

impl<R: Read> SettlementReader<R> {
    /// The present line is the header.
    pub(crate) fn open_flat(lines: LineReader<R>) -> Result<Self, FormatError> {
        FlatReader::new(lines).map(|reader| Self(Inner::Flat(Box::new(reader))))
    }

    /// Nothing is read yet.
    pub(crate) fn open_xml(lines: LineReader<R>) -> Result<Self, FormatError> {
        XmlReader::new(lines).map(|reader| Self(Inner::Xml(Box::new(reader))))
    }

    /// The summary row.
    pub fn header(&self) -> &SettlementHeader {
        match &self.0 {
            Inner::Flat(reader) => reader.header(),
            Inner::Xml(reader) => reader.header(),
        }
    }

    /// How the file is laid out.
    pub fn layout(&self) -> Layout {
        match &self.0 {
            Inner::Flat(reader) => reader.layout(),
            Inner::Xml(_) => Layout::Xml,
        }
    }

    /// The next amount in the order of the file; none at its end. The amount borrows from the reader's buffer.
    #[inline]
    pub fn next_amount(&mut self) -> Result<Option<SettlementAmount<'_>>, FormatError> {
        match &mut self.0 {
            Inner::Flat(reader) => reader.next_amount(),
            Inner::Xml(reader) => reader.next_amount(),
        }
    }

    /// The columns of the present row that are not known, with their values: the row of the amount that
    /// [`Self::next_amount`] gave last. Nothing for XML, where an unknown element that may
    /// hold an amount is an error and any other is named in [`Source::unknown_columns`].
    pub fn extra(&self) -> impl Iterator<Item = (&str, &str)> {
        match &self.0 {
            Inner::Flat(reader) => Some(reader.extra()),
            Inner::Xml(_) => None,
        }
        .into_iter()
        .flatten()
    }

    /// What was read. Call it after [`Self::next_amount`] gave none; before that it is an error.
    pub fn finish(self) -> Result<Source, FormatError> {
        match self.0 {
            Inner::Flat(reader) => reader.finish(),
            Inner::Xml(reader) => reader.finish(),
        }
    }
}
