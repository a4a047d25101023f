//! What was read, once a report is read to its end.

use std::borrow::Cow;
use std::fmt;

/// What the reader knows of the file after its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// SHA-256 of the bytes after decompression, in hex: two deliveries of one file agree, gzip or not.
    pub sha256: String,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Lines of the file, with everything; in XML the line breaks.
    pub lines: u64,
    /// Rows with data: neither header nor summary. In XML the amounts.
    pub rows: u64,
    /// The character set: `ASCII` where every byte is, else `UTF-8`, `windows-1252`, `Shift_JIS` or the declared one.
    pub charset: &'static str,
    /// Columns that are not known, in the order of the file; their values are not booked.
    pub unknown_columns: Vec<String>,
    /// What is strange, but read.
    pub warnings: Vec<Warning>,
}

/// What is strange about a file, but does not keep it from being read; the same thing is counted, not repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is, a stable name for metrics.
    pub kind: WarningKind,
    /// The first line that has it; 0 where it has no line.
    pub line: u64,
    /// How many lines have it.
    pub count: u64,
    /// For a person.
    pub text: Cow<'static, str>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if self.line > 0 {
            write!(f, " (line {}", self.line)?;
            if self.count > 1 {
                write!(f, " and {} more", self.count.saturating_sub(1))?;
            }
            f.write_str(")")?;
        }
        Ok(())
    }
}

/// The kinds of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WarningKind {
    /// The declared character set is not the one that the text is in.
    WrongCharset,
    /// The declared character set is not known by any name.
    UnknownCharset,
    /// The text has U+FFFD: characters were lost before Amazon wrote the file.
    LostCharacters,
    /// Text before the header.
    Preamble,
    /// A known column that the header does not have.
    MissingColumn,
    /// A column that is not known.
    UnknownColumn,
    /// Rows with fewer fields than the header.
    ShortRow,
    /// Rows with more fields than the header, all of them empty.
    LongRow,
    /// Empty lines before the end.
    EmptyLine,
    /// Control characters that were left out.
    ControlCharacters,
    /// Another fact, told by its text.
    Other,
}

impl WarningKind {
    /// The name in logs and metrics, for example `lost_characters`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WrongCharset => "wrong_charset",
            Self::UnknownCharset => "unknown_charset",
            Self::LostCharacters => "lost_characters",
            Self::Preamble => "preamble",
            Self::MissingColumn => "missing_column",
            Self::UnknownColumn => "unknown_column",
            Self::ShortRow => "short_row",
            Self::LongRow => "long_row",
            Self::EmptyLine => "empty_line",
            Self::ControlCharacters => "control_characters",
            Self::Other => "other",
        }
    }
}

/// Collects warnings; their number does not depend on the number of lines.
#[derive(Debug, Default)]
pub(crate) struct Warnings(Vec<Warning>);

impl Warnings {
    /// Notes one; the same text again only counts.
    pub(crate) fn add(&mut self, kind: WarningKind, line: u64, text: impl Into<Cow<'static, str>>) {
        let text = text.into();
        match self.0.iter_mut().find(|each| each.kind == kind && each.text == text) {
            Some(known) => known.count = known.count.saturating_add(1),
            None => self.0.push(Warning { kind, line, count: 1, text }),
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Warning> {
        self.0
    }
}
