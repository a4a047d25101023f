//! One error for every report: what was found where, and what was expected there.

use std::borrow::Cow;
use std::fmt;
use std::io;

/// What went wrong, few and stable names for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The source could not be read: a cut connection, a disk. Reading again may help.
    ReadFailed,
    /// The gzip data ends before its end.
    Truncated,
    /// The gzip data is damaged.
    BadGzip,
    /// The file is beyond one of the [`crate::Limits`].
    Limit,
    /// The text is not in the character set that the file is in.
    BadCharset,
    /// The file is empty.
    Empty,
    /// The file is another thing than a report that is read here.
    UnknownFormat,
    /// The header names a column twice or lacks one.
    BadHeader,
    /// The summary row is missing, or there are two.
    BadSummary,
    /// A row is cut short, too long, or without the one thing that it is for.
    BadRow,
    /// A row belongs to another settlement.
    OtherSettlement,
    /// An amount is not a number.
    BadAmount,
    /// An amount has a decimal comma where the file has points, or the other way round.
    MixedDecimals,
    /// A date is in no known notation.
    BadDate,
    /// A quantity or another whole number is none.
    BadNumber,
    /// A currency is unknown, or another than the settlement's.
    BadCurrency,
    /// A text is none of the values that the report may have there.
    BadValue,
    /// The XML is not well-formed or has an element that is not known.
    BadXml,
    /// The caller asked for the result before everything was read.
    Unfinished,
}

impl ErrorKind {
    /// The name in logs and metrics, for example `bad_amount`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadFailed => "read_failed",
            Self::Truncated => "truncated",
            Self::BadGzip => "bad_gzip",
            Self::Limit => "limit",
            Self::BadCharset => "bad_charset",
            Self::Empty => "empty",
            Self::UnknownFormat => "unknown_format",
            Self::BadHeader => "bad_header",
            Self::BadSummary => "bad_summary",
            Self::BadRow => "bad_row",
            Self::OtherSettlement => "other_settlement",
            Self::BadAmount => "bad_amount",
            Self::MixedDecimals => "mixed_decimals",
            Self::BadDate => "bad_date",
            Self::BadNumber => "bad_number",
            Self::BadCurrency => "bad_currency",
            Self::BadValue => "bad_value",
            Self::BadXml => "bad_xml",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether reading the same bytes again may end differently: only when the source failed, never when the
    /// content is wrong.
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::ReadFailed)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A report that cannot be read, with the place: report, line, column, what was found and what was expected.
///
/// Its text never holds personal data: readers pass values only of columns that cannot hold any. It does not
/// repeat its source, the error of the operating system or the XML library.
#[derive(Debug)]
pub struct FormatError(Box<Detail>);

#[derive(Debug)]
struct Detail {
    kind: ErrorKind,
    report: Box<str>,
    line: u64,
    column: Option<Box<str>>,
    value: Option<Box<str>>,
    found: Cow<'static, str>,
    expected: Cow<'static, str>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a reader knows of a fault before the report's name and line are added.
#[derive(Debug)]
pub struct Fault {
    kind: ErrorKind,
    column: Option<Box<str>>,
    value: Option<Box<str>>,
    found: Cow<'static, str>,
    expected: Cow<'static, str>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Fault {
    /// A fault in words: what was found, and what was expected instead.
    pub fn new(kind: ErrorKind, found: impl Into<Cow<'static, str>>, expected: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, column: None, value: None, found: found.into(), expected: expected.into(), source: None }
    }

    /// A fault of one value of one column. The value is shown, so it must not be personal.
    pub fn value(kind: ErrorKind, column: &str, value: &str, expected: impl Into<Cow<'static, str>>) -> Self {
        Self::new(kind, "", expected).in_column(column).with_value(value)
    }

    /// The same for the bytes of a value.
    #[cold]
    pub fn bytes(kind: ErrorKind, column: &str, value: &[u8], expected: impl Into<Cow<'static, str>>) -> Self {
        Self::value(kind, column, &String::from_utf8_lossy(value), expected)
    }

    /// A fault of a column whose value is personal or not shown for another reason.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.column = Some(shown(column).into());
        self
    }

    fn with_value(mut self, value: &str) -> Self {
        self.value = Some(shown(value).into());
        self
    }

    pub(crate) fn from_io(error: io::Error) -> Self {
        Self::new(ErrorKind::ReadFailed, "the source cannot be read", "the bytes of the report").caused_by(error)
    }

    /// Adds the error from which it came.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Adds the place. Line 0 is no line.
    pub fn at(self, report: &str, line: u64) -> FormatError {
        FormatError(Box::new(Detail {
            kind: self.kind,
            report: report.into(),
            line,
            column: self.column,
            value: self.value,
            found: self.found,
            expected: self.expected,
            source: self.source,
        }))
    }
}

/// The longest value that an error shows, in characters.
const SHOWN_CHARS: usize = 60;

/// A value as an error shows it: no control characters, not longer than a line of text.
fn shown(value: &str) -> String {
    let mut text: String = value.chars().take(SHOWN_CHARS).map(|c| if c.is_control() { '�' } else { c }).collect();
    if value.chars().nth(SHOWN_CHARS).is_some() {
        text.push('…');
    }
    text
}

impl FormatError {
    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The report, as the caller named it in [`crate::Hints`].
    pub fn report(&self) -> &str {
        &self.0.report
    }

    /// The line, the first is 1; 0 where the fault has no line.
    pub fn line(&self) -> u64 {
        self.0.line
    }

    /// The column, where the fault is in one.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// The value that was found, where it may be shown: shortened, without control characters, never personal.
    pub fn value(&self) -> Option<&str> {
        self.0.value.as_deref()
    }

    /// What was expected there.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail { report, line, column, value, found, expected, .. } = &*self.0;
        write!(f, "report {report}")?;
        if *line > 0 {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = column {
            write!(f, ", column {column}")?;
        }
        match value {
            Some(value) => write!(f, ": found \"{value}\"")?,
            None => write!(f, ": {found}")?,
        }
        write!(f, ", expected {expected}")
    }
}

impl std::error::Error for FormatError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| -> &(dyn std::error::Error + 'static) { source.as_ref() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_report_line_column_value_and_what_was_expected() {
        let error = Fault::value(ErrorKind::BadAmount, "amount", "12,3x", "an amount such as 12.34 or 12,34")
            .at("50011020300", 42);
        assert_eq!(
            error.to_string(),
            "report 50011020300, line 42, column amount: found \"12,3x\", expected an amount such as 12.34 or 12,34"
        );
        assert_eq!(error.kind().name(), "bad_amount");
    }

    #[test]
    fn a_long_value_is_shortened_and_its_control_characters_are_not_shown() {
        let error = Fault::value(ErrorKind::BadDate, "posted-date", &"\u{1b}[31m".repeat(40), "a date").at("r", 1);
        assert_eq!(error.value().unwrap().chars().count(), SHOWN_CHARS + 1);
        assert!(!error.to_string().contains('\u{1b}'));
    }

    #[test]
    fn the_source_of_an_error_is_kept_and_not_repeated() {
        let error = Fault::from_io(io::Error::other("connection reset")).at("r", 0);
        assert!(!error.to_string().contains("reset"));
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "connection reset");
        assert!(error.kind().may_pass());
    }
}
