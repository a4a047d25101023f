//! The processing report of the feed `UPLOAD_VAT_INVOICE`: plain text with tabs. It is a hint only: Amazon says that the
//! VAT invoice data report has the result.

use countinghouse_formats::parts::{Fault, LineReader};
use countinghouse_formats::{ErrorKind, FormatError, Hints, Limits};
use serde::{Deserialize, Serialize};

use crate::errors::UploadError;

/// What the report says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProcessingReport {
    /// How many records were looked at: one, since an upload is one document.
    pub processed: u64,
    /// How many of them were taken.
    pub successful: u64,
    /// What was wrong.
    pub problems: Vec<Problem>,
}

/// One error or warning of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The line of the report.
    pub line: u64,
    /// Amazon's number of the error; none where the report has none that is a number.
    pub code: Option<u32>,
    /// Whether it is only a warning.
    pub is_warning: bool,
    /// Amazon's words.
    pub message: String,
}

impl Problem {
    /// What is known of the error, by its number or its words.
    pub fn known(&self) -> &'static UploadError {
        UploadError::find(self.code, &self.message)
    }
}

/// What a report means for the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Amazon took the upload; whether it accepts the document, the next VAT invoice data report says.
    Taken,
    /// Amazon refused it.
    Refused(&'a Problem),
    /// The report says neither.
    Unclear,
}

/// More problems than a report of one document has.
const MAX_PROBLEMS: usize = 1_000;

impl ProcessingReport {
    /// Reads a report. Lines that are not known are passed over; a text without a summary and without a problem is an
    /// error.
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut lines = LineReader::new(bytes, Hints::named("of the feed's processing"), Limits::default())?;
        let mut report = Self::default();
        let mut has_summary = false;
        while lines.advance()? {
            let (line, text) = (lines.number(), lines.text());
            if let Some(count) = counted(text, "Number of records processed") {
                report.processed = count.map_err(|fault| lines.error(fault))?;
                has_summary = true;
            } else if let Some(count) = counted(text, "Number of records successful") {
                report.successful = count.map_err(|fault| lines.error(fault))?;
                has_summary = true;
            } else if let Some(problem) = problem(line, text) {
                if report.problems.len() >= MAX_PROBLEMS {
                    let expected = format!("at most {MAX_PROBLEMS}");
                    return Err(lines.error(Fault::new(ErrorKind::Limit, "more problems than allowed", expected)));
                }
                report.problems.push(problem);
            }
        }
        if has_summary || !report.problems.is_empty() {
            return Ok(report);
        }
        let expected = "the processing report of a feed, which begins with \"Feed Processing Summary\"";
        Err(lines.error_at(0, Fault::new(ErrorKind::UnknownFormat, "a text without a summary", expected)))
    }

    /// What it means for the document.
    pub fn outcome(&self) -> Outcome<'_> {
        match self.problems.iter().find(|problem| !problem.is_warning) {
            Some(problem) => Outcome::Refused(problem),
            None if self.processed > 0 && self.successful == self.processed => Outcome::Taken,
            None => Outcome::Unclear,
        }
    }
}

/// The number at the end of a line of the summary; none where it is another line.
fn counted(line: &str, name: &str) -> Option<Result<u64, Fault>> {
    let rest = line.trim().strip_prefix(name)?.trim();
    let count = rest.parse();
    Some(count.map_err(|error| {
        Fault::value(ErrorKind::BadNumber, "Feed Processing Summary", rest, "a whole number").caused_by(error)
    }))
}

/// `1 <tab> sku <tab> code <tab> Error <tab> message`. Copies of reports are seen in which the first fields are on a line
/// of their own, so that the kind of problem is what is looked for.
fn problem(line: u64, text: &str) -> Option<Problem> {
    let fields: Vec<&str> = text.split('\t').map(str::trim).collect();
    let place = fields.iter().position(|field| {
        field.eq_ignore_ascii_case("Error")
            || field.eq_ignore_ascii_case("Fatal")
            || field.eq_ignore_ascii_case("Warning")
    })?;
    let is_warning = fields.get(place)?.eq_ignore_ascii_case("Warning");
    let code = fields.get(place.checked_sub(1)?).and_then(|code| code.parse().ok());
    let message = fields.get(place.checked_add(1)?..)?.join(" ").trim().to_owned();
    Some(Problem { line, code, is_warning, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUCCESS: &str =
        "Feed Processing Summary:\n\tNumber of records processed\t\t1\n\tNumber of records successful\t\t1\n";
    const FAILURE: &str = "Feed Processing Summary:\r\n\tNumber of records processed\t\t1\r\n\tNumber of records successful\t\t0\r\n\r\noriginal-record-number\tsku\terror-code\terror-type\terror-message\r\n1\t\t79513\tError\tPlease provide metadata:shippingid\r\n";

    #[test]
    fn a_success_is_taken() {
        let report = ProcessingReport::read(SUCCESS.as_bytes()).unwrap();
        assert_eq!((report.processed, report.successful, report.outcome()), (1, 1, Outcome::Taken));
    }

    #[test]
    fn a_failure_is_refused_with_code_and_words() {
        let report = ProcessingReport::read(FAILURE.as_bytes()).unwrap();
        let Outcome::Refused(problem) = report.outcome() else { panic!("{report:?}") };
        assert_eq!((problem.line, problem.code), (6, Some(79_513)));
        assert_eq!(problem.message, "Please provide metadata:shippingid");
        assert_eq!(problem.known().name, "MissingRequestPreferences");
    }

    #[test]
    fn a_failure_whose_fields_are_broken_over_two_lines_is_read_too() {
        let text = "Number of records processed\t\t1\nNumber of records successful\t\t0\noriginal-record-number\tsku\terror-code\terror-type\terror-message1\t\t\n79525\tError\tAmazon will generate invoice for shipmentId N/A, orderId N/A";
        let report = ProcessingReport::read(text.as_bytes()).unwrap();
        let Outcome::Refused(problem) = report.outcome() else { panic!("{report:?}") };
        assert_eq!(problem.code, Some(79_525));
    }

    #[test]
    fn a_warning_refuses_nothing() {
        let text = format!("{SUCCESS}\n1\t\t90000\tWarning\tSlow\n");
        assert_eq!(ProcessingReport::read(text.as_bytes()).unwrap().outcome(), Outcome::Taken);
    }

    #[test]
    fn nothing_taken_and_no_reason_is_unclear() {
        let text = SUCCESS.replace("successful\t\t1", "successful\t\t0");
        assert_eq!(ProcessingReport::read(text.as_bytes()).unwrap().outcome(), Outcome::Unclear);
    }

    #[test]
    fn what_is_no_report_is_an_error_with_its_place() {
        for text in ["", "<html></html>", "{}"] {
            assert_eq!(ProcessingReport::read(text.as_bytes()).unwrap_err().kind(), ErrorKind::UnknownFormat);
        }
        let error = ProcessingReport::read(b"\nNumber of records processed\tmany\n").unwrap_err();
        assert_eq!((error.kind(), error.line()), (ErrorKind::BadNumber, 2));
    }
}
