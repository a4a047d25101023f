//! Checks one invoice against everything that is known of it.

use std::fmt;

use countinghouse_domain::money::Money;
use jiff::Timestamp;

use crate::api::Api;
use crate::draft::Draft;
use crate::form::Form;
use crate::invoice::Invoice;
use crate::model::{InvoiceFields, Wire as _};
use crate::note::{Violation, Warning};
use crate::region::{self, Region};
use crate::rules::{self, Case};
use crate::sums;

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The invoice's id, if it has one.
    pub id: Option<String>,
    /// The API that it is for.
    pub api: Api,
    /// Whose rules it was judged by.
    pub region: Region,
    /// How its amounts were read; `None` where they cannot be read.
    pub reading: Option<Reading>,
    /// Every rule that it breaks.
    pub violations: Vec<Violation>,
    /// What a person should know all the same.
    pub warnings: Vec<Warning>,
    /// The invoice, if it is accepted.
    pub invoice: Option<Invoice>,
}

impl Checked {
    /// Whether it breaks no rule.
    pub fn accepted(&self) -> bool {
        self.violations.is_empty()
    }
}

/// How the amounts of an invoice were read, in words for an accountant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The words, for example `total without tax: items 1295 = 1295 USD`.
    pub words: String,
    /// By how much the total differs from this reading; zero where it explains the total.
    pub difference: Money,
    /// Whether this reading explains every amount.
    pub explains: bool,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

/// Checks an invoice completely: all violations at once. `now` is what no date may be after.
pub fn check(draft: &Draft, now: Timestamp) -> Checked {
    let api = draft.api();
    let mut form = Form::new(api);
    form.in_csv = draft.in_csv();
    let fields = InvoiceFields::read(draft.node(), &mut form);
    let derived = fields.as_ref().map(region::derive);
    let mut reading = None;
    if let (Some(fields), Some(derived)) = (&fields, derived) {
        rules::judge(&Case::new(fields, derived, now, api), &mut form);
        reading = sums::judge(fields, api, &mut form);
    }
    let Form { violations, warnings, .. } = form;
    let invoice = fields.as_ref().filter(|_| violations.is_empty()).and_then(|fields| Invoice::new(fields, api));
    Checked {
        id: fields.and_then(|fields| fields.id),
        api,
        region: derived.map_or(Region::Unknown, |(region, _)| region),
        reading,
        violations,
        warnings,
        invoice,
    }
}
