//! Numbers for one run. They are drafts, or go on where the caller says: no table keeps them here.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::document::DocumentKind;
use countinghouse_invoicing::Profile;
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::number::{BadNumber, InvoiceNumber, PatternError, Place, SeriesPattern};
use jiff::civil::Date;

/// Where a series begins, as the caller says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FirstNumber {
    /// The series; none for every series.
    series: Option<String>,
    number: u64,
}

impl FirstNumber {
    /// Reads `17` or `DE-C2026-#=4`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (series, number) = match text.rsplit_once('=') {
            Some((series, number)) => (Some(series.to_owned()), number),
            None => (None, text),
        };
        if series.as_deref().is_some_and(|series| !series.contains('#')) {
            return Err("the name of a series is its number with # where it counts, such as DE-2026-#".to_owned());
        }
        let number = number.parse().ok().filter(|number| (1..=MOST).contains(number));
        let number = number.ok_or_else(|| format!("the running number must be 1 to {MOST}"))?;
        Ok(Self { series, number })
    }
}

/// More than a running number can be.
const MOST: u64 = 999_999_999_999;

/// Why no number could be given.
#[derive(Debug, thiserror::Error)]
pub(super) enum NumberError {
    /// The profile's pattern.
    #[error("the profile, numbers.{field}: {source}")]
    Pattern {
        /// Which of the two.
        field: &'static str,
        /// What is wrong.
        source: PatternError,
    },
    /// The number that the pattern gives.
    #[error(transparent)]
    Number(#[from] BadNumber),
    /// A series that ran out.
    #[error("the series {0} has no number left")]
    Exhausted(String),
}

/// Gives numbers.
#[derive(Debug)]
pub(super) struct Numbers {
    invoice: SeriesPattern,
    credit_note: SeriesPattern,
    first: Vec<FirstNumber>,
    /// The next running number of each series that was begun.
    next: BTreeMap<String, u64>,
    /// What was given so far. Two patterns of one profile might make one number, so each is looked up.
    in_use: BTreeSet<InvoiceNumber>,
}

/// A number with its place in its series.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) number: InvoiceNumber,
    series: String,
    running: u64,
}

impl Numbers {
    pub(super) fn new(profile: &Profile, first: &[FirstNumber]) -> Result<Self, NumberError> {
        let pattern = |field, text: &str| text.parse().map_err(|source| NumberError::Pattern { field, source });
        Ok(Self {
            invoice: pattern("invoice", &profile.numbers.invoice)?,
            credit_note: pattern("credit_note", &profile.numbers.credit_note)?,
            first: first.to_vec(),
            next: BTreeMap::new(),
            in_use: BTreeSet::new(),
        })
    }

    /// The next number of the document's series that is not in use.
    pub(super) fn next(
        &mut self,
        document: &DueDocument,
        issued_on: Date,
        is_used: impl Fn(&str) -> bool,
    ) -> Result<Given, NumberError> {
        let place = Place {
            year: issued_on.year(),
            marketplace: document.marketplace.clone(),
            country: document.tax_country.clone(),
            kind: document.kind,
        };
        let pattern = match document.kind {
            DocumentKind::Invoice => &self.invoice,
            DocumentKind::CreditNote => &self.credit_note,
        };
        let series = pattern.series(&place);
        let first = self.first.iter().rev().find(|first| first.series.as_ref().is_none_or(|name| *name == series));
        let named = self.first.iter().rev().find(|first| first.series.as_ref() == Some(&series));
        let first = named.or(first).map_or(1, |first| first.number);
        let next = self.next.entry(series.clone()).or_insert(first);
        loop {
            if *next > MOST {
                return Err(NumberError::Exhausted(series));
            }
            let number = pattern.render(&place, *next)?;
            let running = *next;
            *next = next.saturating_add(1);
            if !is_used(number.as_str()) && self.in_use.insert(number.clone()) {
                return Ok(Given { number, series, running });
            }
        }
    }

    /// Notes a number that a document has already; false where another document of this run has it.
    pub(super) fn keep(&mut self, number: &InvoiceNumber) -> bool {
        self.in_use.insert(number.clone())
    }

    /// Takes numbers back that no document has after all, and every number of their series that came after them.
    pub(super) fn take_back(&mut self, given: &Given) {
        self.in_use.remove(&given.number);
        if let Some(next) = self.next.get_mut(&given.series) {
            *next = given.running.min(*next);
        }
    }
}
