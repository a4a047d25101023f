//! Files of invoices, checked one by one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;

use countinghouse_domain::time::Clock;
use countinghouse_vendor_invoices::{Checked, Draft, Duplicates, FileReader, Found, Rule, check, csv};

use jiff::Timestamp;

use super::check::{ACCEPTED, REJECTED, UNREADABLE};
use crate::desk::{chain, complain};
use crate::map::input::{self, Input};

/// One invoice with what the check says.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) draft: Draft,
    pub(super) checked: Checked,
    /// Where in a CSV file its values came from.
    pub(super) places: Option<csv::Places>,
}

/// Why checking cannot go on at all.
#[derive(Debug, thiserror::Error)]
pub(super) enum JudgeError {
    /// Standard output, or where the results go otherwise.
    #[error("the results cannot be written")]
    Output(#[source] io::Error),
    /// The ids that were seen lie in a temporary file when they are many.
    #[error("the temporary file with the ids that were seen cannot be used; TMPDIR may name another place for it")]
    Seen(#[source] io::Error),
}

/// Checks file after file; an id counts once in all of them.
pub(super) struct Judge<'a> {
    clock: &'a dyn Clock,
    duplicates: Duplicates,
    files: usize,
    pub(super) summary: Summary,
}

impl<'a> Judge<'a> {
    /// For so many files.
    pub(super) fn new(files: usize, clock: &'a dyn Clock) -> Self {
        Self { clock, duplicates: Duplicates::default(), files, summary: Summary::default() }
    }

    /// Checks one file, `-` is standard input. What cannot be read is said on standard error and
    /// counted, and so is a file without an invoice: who checks it expects one.
    pub(super) fn file(
        &mut self,
        file: &str,
        mut each: impl FnMut(&Judged) -> io::Result<()>,
    ) -> Result<(), JudgeError> {
        self.summary.files += 1;
        let before = self.summary.told();
        let Some((name, mut reader)) = self.open(file) else { return Ok(()) };
        loop {
            match reader.next_invoice() {
                Ok(None) => {
                    if self.summary.told() == before {
                        complain(&format!("{name}: there is no invoice in this file, so nothing was checked"));
                        self.summary.unreadable += 1;
                    }
                    return Ok(());
                }
                Ok(Some(found)) => {
                    let judged = self.judge(found)?;
                    each(&judged).map_err(JudgeError::Output)?;
                }
                Err(error) => {
                    self.unreadable(&error);
                    if error.ends_the_file() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// The file, and what it is called.
    fn open(&mut self, file: &str) -> Option<(String, FileReader<Input>)> {
        let input = input::open(file, self.summary.files, self.files).map_err(|error| self.unreadable(&error)).ok()?;
        let name = input.name.clone();
        let reader = FileReader::open(input, &name).map_err(|error| self.unreadable(&error)).ok()?;
        Some((name, reader))
    }

    fn judge(&mut self, found: Found) -> Result<Judged, JudgeError> {
        let Found { draft, places } = found;
        let now = self.clock.now();
        // A person reads it where a date is after it.
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let mut checked = check(&draft, now);
        self.duplicates.note(&draft, &mut checked).map_err(JudgeError::Seen)?;
        self.summary.add(&checked);
        Ok(Judged { draft, checked, places })
    }

    fn unreadable(&mut self, error: &(impl std::error::Error + 'static)) {
        complain(&chain(error));
        self.summary.unreadable += 1;
    }
}

/// How many of each.
#[derive(Debug, Default)]
pub(super) struct Summary {
    files: usize,
    pub(super) accepted: u64,
    warned: u64,
    rejected: u64,
    /// Files, also those without an invoice, and invoices of CSV files.
    unreadable: u64,
    rules: BTreeMap<Rule, u64>,
}

impl Summary {
    fn add(&mut self, checked: &Checked) {
        if checked.accepted() {
            self.accepted += 1;
            self.warned += u64::from(!checked.warnings.is_empty());
        } else {
            self.rejected += 1;
        }
        for violation in &checked.violations {
            *self.rules.entry(violation.rule).or_default() += 1;
        }
    }

    /// How much was found and told, in all files.
    const fn told(&self) -> u64 {
        self.accepted + self.rejected + self.unreadable
    }

    /// What the exit code says: 1 before 2 before 0.
    pub(super) const fn exit_code(&self) -> u8 {
        match (self.unreadable, self.rejected) {
            (1.., _) => UNREADABLE,
            (0, 1..) => REJECTED,
            (0, 0) => ACCEPTED,
        }
    }

    /// The summary for people.
    pub(super) fn text(&self) -> String {
        let invoices = self.accepted + self.rejected;
        let mut text = format!(
            "\n{} in {}: {} accepted",
            counted(invoices, "invoice"),
            counted(u64::try_from(self.files).unwrap_or(u64::MAX), "file"),
            self.accepted
        );
        if self.warned > 0 {
            let _infallible = write!(text, " ({} with warnings)", self.warned);
        }
        let _infallible = write!(text, ", {} rejected", self.rejected);
        if self.unreadable > 0 {
            let _infallible = write!(text, ", {} unreadable (see above)", self.unreadable);
        }
        text.push('\n');
        for (rule, count) in &self.rules {
            let _infallible = writeln!(text, "  {count:>6} × {rule}: {}", rule.description());
        }
        text
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
