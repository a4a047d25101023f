//! What is wrong with a CSV file, with its place.

use std::fmt;
use std::io;
use std::sync::Arc;

/// A column of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPlace {
    /// Its number, the first is 1.
    pub number: usize,
    /// Its name, as the header writes it.
    pub name: String,
}

impl fmt::Display for ColumnPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {} ({})", self.number, self.name)
    }
}

/// A line or a cell of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvPlace {
    /// The line, the first is 1.
    pub line: u64,
    /// The column, where one is meant.
    pub column: Option<ColumnPlace>,
}

impl fmt::Display for CsvPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        match &self.column {
            Some(column) => write!(f, ", {column}"),
            None => Ok(()),
        }
    }
}

/// Why a CSV file, or one invoice of it, cannot be read: where, and what to do.
///
/// It shows no cell of a column that may hold personal data. It does not repeat its source.
#[derive(Debug)]
pub struct CsvError {
    file: Arc<str>,
    place: CsvPlace,
    problem: CsvProblem,
    ends_the_file: bool,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum CsvProblem {
    /// The source failed.
    #[error("the file cannot be read on")]
    Read(#[source] io::Error),
    /// Nothing is in the file.
    #[error("the file is empty: expected JSON, or CSV whose first line names the columns")]
    Empty,
    /// UTF-16 or another character set.
    #[error("this is not UTF-8: save the file as \"CSV UTF-8\"")]
    NotUtf8,
    /// A line, or a cell in quotes, that does not end.
    #[error("this line is longer than {0} bytes: is a quotation mark missing?")]
    TooLong(usize),
    /// A line break or another control character.
    #[error("a cell has a line break or another control character in it: is a quotation mark missing?")]
    ControlCharacter,
    /// A column that is not known.
    #[error("there is no column \"{name}\"{}", suggested(.suggestion.as_deref()))]
    UnknownColumn {
        /// The name in the header.
        name: String,
        /// The known column that is spelled most like it.
        suggestion: Option<String>,
    },
    /// A column twice.
    #[error("column \"{name}\" is there twice, first as column {first}")]
    TwiceInHeader {
        /// Its name.
        name: String,
        /// The number of the first one.
        first: usize,
    },
    /// A column that must be there.
    #[error("the header has no column \"{0}\"")]
    MissingColumn(&'static str),
    /// A row with too few or too many cells.
    #[error("this line has {found} cells, the header {expected}: is a separator missing or a quotation mark?")]
    CellCount {
        /// How many cells the row has.
        found: usize,
        /// How many columns the header has.
        expected: usize,
    },
    /// A cell in a column without a name.
    #[error("this cell stands in a column that the header does not name")]
    Nameless,
    /// No invoice id.
    #[error("the invoice's id is missing: each line of an invoice repeats it")]
    NoId,
    /// Neither of the two APIs.
    #[error("found \"{0}\", expected retail or direct-fulfillment")]
    UnknownApi(String),
    /// The rows of one invoice do not stand together.
    #[error("invoice \"{id}\" was already on line {first}: the lines of one invoice must stand together")]
    Apart {
        /// The invoice's id.
        id: String,
        /// The line on which it stood first.
        first: u64,
    },
    /// Two rows of one invoice say different things about the invoice.
    #[error("this differs from line {first}, but both lines belong to one invoice: leave it empty or write the same")]
    Differs {
        /// The line that said it first.
        first: u64,
    },
    /// A dot that may separate thousands.
    #[error("\"{0}\" may be a thousand or a fraction: this file's decimal sign is the comma, write no other")]
    Ambiguous(String),
    /// A number that a spreadsheet has shortened.
    #[error("a spreadsheet has shortened this number to \"{0}\": format the column as text and write it again")]
    Shortened(String),
    /// An invoice beyond the largest that is read.
    #[error("this invoice has more than {0} lines")]
    TooManyLines(usize),
}

fn suggested(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(
        || "; countinghouse vendor template prints the columns".to_owned(),
        |name| format!(", do you mean \"{name}\"?"),
    )
}

impl CsvError {
    pub(super) fn fatal(file: &Arc<str>, line: u64, problem: CsvProblem) -> Self {
        Self { file: Arc::clone(file), place: CsvPlace { line, column: None }, problem, ends_the_file: true }
    }

    pub(super) fn of_row(file: &Arc<str>, line: u64, problem: CsvProblem) -> Self {
        Self { ends_the_file: false, ..Self::fatal(file, line, problem) }
    }

    /// Adds the column.
    pub(super) fn in_column(mut self, number: usize, name: &str) -> Self {
        self.place.column = Some(ColumnPlace { number, name: name.to_owned() });
        self
    }

    /// The file, as its reader was told to call it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where in the file.
    pub const fn place(&self) -> &CsvPlace {
        &self.place
    }

    /// What is wrong.
    pub const fn problem(&self) -> &CsvProblem {
        &self.problem
    }

    /// Whether the rest of the file cannot be read either; otherwise only this invoice cannot.
    pub const fn ends_the_file(&self) -> bool {
        self.ends_the_file
    }
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.file, self.place, self.problem)
    }
}

impl std::error::Error for CsvError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.problem)
    }
}
