//! A document that was made, for table and lines.

use std::path::PathBuf;

use countinghouse_invoicing::{Issue, Rendered};
use countinghouse_vat_invoices::document::{DueDocument, Treatment};
use countinghouse_vat_invoices::number::InvoiceNumber;
use countinghouse_vat_invoices::upload::two_decimals;
use jiff::civil::Date;
use serde::Serialize;

use super::files::Written;
use super::numbers::Given;

/// A document that has its number and waits to be rendered.
#[derive(Debug)]
pub(super) struct Numbered {
    pub(super) document: DueDocument,
    pub(super) number: Number,
    pub(super) issued_on: Date,
}

/// Where the number of a document comes from.
#[derive(Debug)]
pub(super) enum Number {
    /// It was given by this run.
    Given(Given),
    /// The document has had it since it was uploaded first.
    Kept(InvoiceNumber),
}

impl Numbered {
    /// The number.
    pub(super) const fn number(&self) -> &InvoiceNumber {
        match &self.number {
            Number::Given(given) => &given.number,
            Number::Kept(number) => number,
        }
    }

    /// Number and day as the renderer wants them.
    pub(super) fn issue(&self) -> Issue {
        Issue { number: self.number().as_str().to_owned(), issued_on: self.issued_on }
    }
}

/// A document with its files.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) document: DueDocument,
    pub(super) number: InvoiceNumber,
    pub(super) issued_on: Date,
    /// The number was given by this run.
    pub(super) is_new: bool,
    pub(super) pages: usize,
    /// The names of what was proven.
    pub(super) passed: Vec<&'static str>,
    /// What a person should know.
    pub(super) notes: Vec<String>,
    pub(super) files: Written,
}

/// One line of JSON.
#[derive(Debug, Serialize)]
pub(super) struct JsonLine<'a> {
    number: &'a str,
    kind: &'static str,
    order_id: &'a str,
    shipping_id: &'a str,
    transaction_id: &'a str,
    currency: &'a str,
    total_amount: String,
    total_vat_amount: String,
    pdf: &'a PathBuf,
    xml: &'a PathBuf,
}

impl Made {
    pub(super) fn new(numbered: Numbered, rendered: &Rendered, files: Written) -> Self {
        let number = numbered.number().clone();
        let issued_on = numbered.issued_on;
        let is_new = matches!(numbered.number, Number::Given(_));
        let document = numbered.document;
        let (passed, others): (Vec<_>, Vec<_>) = rendered.checks.iter().partition(|check| check.passed);
        let notes = document.attention.iter().map(ToString::to_string);
        let notes = notes.chain(others.into_iter().map(|check| check.text.clone())).collect();
        let passed = passed.into_iter().map(|check| check.name).collect();
        Self { document, number, issued_on, is_new, pages: rendered.pages, passed, notes, files }
    }

    pub(super) fn json(&self) -> JsonLine<'_> {
        JsonLine {
            number: self.number.as_str(),
            kind: self.document.kind.name(),
            order_id: &self.document.order_id,
            shipping_id: &self.document.shipping_id,
            transaction_id: &self.document.transaction_id,
            currency: self.document.currency.code(),
            total_amount: two_decimals(self.document.total.gross),
            total_vat_amount: two_decimals(self.document.total.vat),
            pdf: &self.files.pdf,
            xml: &self.files.xml,
        }
    }

    /// Whose VAT it is, and why, where it is not simply the country's own.
    pub(super) fn country(&self) -> String {
        let document = &self.document;
        let places = [&document.tax_country, &document.ship_to.country, &document.marketplace];
        let country = places.into_iter().find(|country| !country.is_empty()).map_or("", String::as_str);
        match document.treatment {
            Treatment::Domestic => country.to_owned(),
            Treatment::Oss => format!("{country} (OSS)"),
            Treatment::IntraCommunity => format!("{country} (intra-EU)"),
            Treatment::ReverseCharge => format!("{country} (reverse charge)"),
            Treatment::Export => format!("{country} (export)"),
            Treatment::DeemedSupply | Treatment::NotCalculated | Treatment::Unexplained => {
                format!("{country} ({})", document.treatment.name())
            }
        }
    }
}
