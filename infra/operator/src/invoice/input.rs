//! The report, which is read several times, and how far the work is.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use countinghouse_domain::document::DocumentKind;
use countinghouse_formats::{FormatError, Hints, Limits, Source};
use countinghouse_vat_invoices::documents::{DocumentIndex, Documents};
use countinghouse_vat_invoices::vidr::VidrReader;
use indicatif::{ProgressBar, ProgressStyle};

/// A report that can be read again.
#[derive(Debug)]
pub(super) struct Report {
    path: PathBuf,
    hints: Hints,
}

/// A report that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    /// It cannot be opened.
    #[error("{file} cannot be opened: {source}")]
    Open {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// It is wrong at some place.
    #[error(transparent)]
    Format(#[from] FormatError),
}

impl Report {
    pub(super) fn new(path: &Path, charset: Option<String>) -> Self {
        let hints = Hints { charset, ..Hints::named(path.display().to_string()) };
        Self { path: path.to_owned(), hints }
    }

    fn open(&self) -> Result<VidrReader<File>, InputError> {
        let fault = |source| InputError::Open { file: self.hints.report.clone(), source };
        if self.hints.report == "-" {
            let text = "the report is read more than once: save it to a file first";
            return Err(fault(io::Error::other(text)));
        }
        let file = File::open(&self.path).map_err(fault)?;
        if file.metadata().map_err(fault)?.is_dir() {
            return Err(fault(io::ErrorKind::IsADirectory.into()));
        }
        Ok(VidrReader::open(file, self.hints.clone(), Limits::default())?)
    }

    /// Reads it to its end.
    pub(super) fn index(&self) -> Result<(DocumentIndex, Source), InputError> {
        Ok(DocumentIndex::read(self.open()?)?)
    }

    /// Its documents of one kind.
    pub(super) fn documents<'a>(
        &self,
        index: &'a DocumentIndex,
        kind: DocumentKind,
    ) -> Result<Documents<'a, File>, InputError> {
        Ok(Documents::new(self.open()?, index, Some(kind)))
    }
}

/// A bar on standard error, if a person can see it there.
pub(super) fn bar(documents: u64) -> ProgressBar {
    if !io::stderr().is_terminal() || documents < 20 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} documents, {eta} left");
    ProgressBar::new(documents).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
