//! What the tests share.

use std::io::{self, Read};
use std::path::PathBuf;

use countinghouse_domain::document::DocumentKind;
use countinghouse_formats::{FormatError, Hints, Limits, Source};
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::documents::{DocumentIndex, Documents};
use countinghouse_vat_invoices::vidr::VidrReader;

/// A path below the workspace.
pub(crate) fn workspace(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A fixture.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = workspace("tests/fixtures/vidr").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn open<R: Read>(source: R) -> Result<VidrReader<R>, FormatError> {
    VidrReader::open(source, Hints::named("vidr"), Limits::default())
}

/// Everything that a file says.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) documents: Vec<DueDocument>,
    pub(crate) index: DocumentIndex,
    pub(crate) source: Source,
}

impl Whole {
    pub(crate) fn of_kind(&self, kind: DocumentKind) -> usize {
        self.documents.iter().filter(|document| document.kind == kind).count()
    }
}

/// Reads a file whose bytes come as `source` gives them.
pub(crate) fn read_as<R: Read>(source: impl Fn() -> R) -> Result<Whole, FormatError> {
    let (index, facts) = DocumentIndex::read(open(source())?)?;
    let mut documents = Vec::new();
    let mut reader = Documents::new(open(source())?, &index, None);
    while let Some(document) = reader.next_document()? {
        documents.push(document);
    }
    Ok(Whole { documents, index, source: facts })
}

pub(crate) fn read(bytes: &[u8]) -> Result<Whole, FormatError> {
    read_as(|| bytes)
}

/// Gives at most `size` bytes at a time.
pub(crate) struct Pieces<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.size.min(buffer.len()).min(self.bytes.len());
        let (piece, rest) = self.bytes.split_at(count);
        buffer[..count].copy_from_slice(piece);
        self.bytes = rest;
        Ok(count)
    }
}
