//! Why a file of invoices cannot be read.

use std::fmt;
use std::sync::Arc;

/// A file that cannot be read, with the place of the fault. Invoices that were read before it are not affected.
#[derive(Debug)]
pub struct ReadError {
    kind: ReadErrorKind,
    file: Arc<str>,
    line: u64,
    text: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kinds of [`ReadError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadErrorKind {
    /// The source cannot be read; trying again may help.
    Io,
    /// The text is not well-formed, or not a file of invoices.
    Syntax,
    /// The text is not UTF-8.
    Encoding,
    /// An invoice is longer or deeper than any invoice is.
    Limit,
}

impl ReadErrorKind {
    /// The name in logs and metrics, for example `syntax`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::Syntax => "syntax",
            Self::Encoding => "encoding",
            Self::Limit => "limit",
        }
    }
}

impl ReadError {
    /// An error on `line` of `file`; line 0 is no line.
    pub fn new(kind: ReadErrorKind, file: &Arc<str>, line: u64) -> Self {
        let text = match kind {
            ReadErrorKind::Io => "the file cannot be read",
            ReadErrorKind::Syntax => "this is not well-formed",
            ReadErrorKind::Encoding => "this is not UTF-8 text; save the file as UTF-8",
            ReadErrorKind::Limit => "this is too large for one invoice",
        };
        Self { kind, file: Arc::clone(file), line, text: text.to_owned(), source: None }
    }

    /// Says what was expected or found instead of the kind's own words.
    #[must_use]
    pub fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Keeps what caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A fault of JSON in a text that began on `line`. The error's own position is that in the invoice, so it is left
    /// out beside the line in the file.
    pub(super) fn syntax(file: &Arc<str>, line: u64, error: &serde_json::Error) -> Self {
        let within = u64::try_from(error.line()).unwrap_or(1).saturating_sub(1);
        let words = error.to_string();
        let words = words.split_once(" at line ").map_or(words.as_str(), |(words, _)| words);
        Self::new(ReadErrorKind::Syntax, file, line.saturating_add(within))
            .saying(format!("this is not well-formed: {words}"))
    }

    /// What kind of fault it is.
    pub const fn kind(&self) -> ReadErrorKind {
        self.kind
    }

    /// The file, as the reader was told to call it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, the first is 1; 0 where the fault has no line.
    pub const fn line(&self) -> u64 {
        self.line
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        write!(f, ": {}", self.text)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| -> &(dyn std::error::Error + 'static) { source.as_ref() })
    }
}
