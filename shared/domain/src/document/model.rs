//! A document and its lines.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    Amounts, Collector, Component, ComponentAmounts, DocumentKey, DocumentKind, Flag, Identity, Personal, Scheme,
};
use crate::money::Currency;

/// An invoice or a credit note, as Amazon reports it. Empty texts mean that the report has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that an accountant asks for")]
pub struct Document {
    /// Kind and number, or what stands for the number.
    pub key: DocumentKey,
    /// The marketplace as the report names it: a country code such as `DE`.
    pub marketplace: String,
    /// The seller's number in the report.
    pub merchant_id: String,
    /// The order; the first one where, against the rule, there are several.
    pub order_id: String,
    /// When the order was placed.
    pub order_date: Option<Date>,
    /// The day of the supply or of the return: the latest `Shipment Date` of the lines, and where the report
    /// has none the latest `Tax Calculation Date`. Never the order's day. The report has no day of issue.
    pub issued_on: Option<Date>,
    /// The currency of all amounts but the converted one.
    pub currency: Currency,
    /// The sums over the lines, promotions included.
    pub total: Amounts,
    /// The same by rate, the lowest rate first.
    pub by_rate: Vec<RateTotal>,
    /// One line for each row, in the order of their identifiers.
    pub lines: Vec<DocumentLine>,
    /// Who sold.
    pub seller: Seller,
    /// Who bought.
    pub buyer: Buyer,
    /// Whether the buyer is a business: it has a tax registration.
    pub is_business: bool,
    /// Who collects the VAT.
    pub collector: Collector,
    /// The scheme under which the VAT is reported.
    pub scheme: Scheme,
    /// The scheme in Amazon's word.
    pub scheme_text: String,
    /// Who collects, in Amazon's word.
    pub responsibility: String,
    /// The type of tax: `VAT`.
    pub tax_type: String,
    /// Zero rate, and a business buyer registered across a border: the buyer owes the VAT.
    pub reverse_charge: bool,
    /// The goods left the European Union.
    pub export: bool,
    /// `GERMANY`, `CZECH REPUBLIC` …: whose VAT it is.
    pub jurisdiction: String,
    /// Where the goods left.
    pub ship_from: Place,
    /// Where they went.
    pub ship_to: Place,
    /// The country of the warehouse to which they came back.
    pub return_country: String,
    /// The VAT in a second currency, where the invoice shows one.
    pub conversion: Option<Conversion>,
    /// Where Amazon keeps the document; changes between downloads.
    pub url: Personal,
    /// Whether Amazon issued the document in the seller's name.
    pub is_amazon_invoiced: Option<bool>,
    /// Whether it corrects an earlier one.
    pub is_correction: bool,
    /// The number of the document that is corrected.
    pub original_number: String,
    /// What was corrected.
    pub correction_details: Personal,
    /// How the electronic invoice fares.
    pub e_invoice: EInvoice,
    /// What an accountant should know about it.
    pub flags: Vec<Flag>,
}

impl Document {
    /// Invoice or credit note.
    pub const fn kind(&self) -> DocumentKind {
        self.key.kind
    }

    /// The number on the document, where there is one.
    pub fn number(&self) -> Option<&str> {
        self.key.number()
    }

    /// Whether a person should look at it.
    pub fn needs_attention(&self) -> bool {
        self.flags.iter().any(Flag::needs_attention)
    }

    /// The first line of the report that belongs to it.
    pub fn first_source_line(&self) -> u64 {
        self.lines.iter().map(|line| line.source_line).min().unwrap_or_default()
    }

    /// Writes on every line from which report it came.
    pub fn stamp(&mut self, report: &str) {
        for line in &mut self.lines {
            report.clone_into(&mut line.report);
        }
    }

    /// The documents that the same rows made while they had no number yet. When this one is booked, they are
    /// superseded: the sale must not stand in the books twice.
    pub fn supersedes(&self) -> Vec<DocumentKey> {
        if self.number().is_none() {
            return Vec::new();
        }
        let mut identities: Vec<Identity> =
            self.lines.iter().filter_map(DocumentLine::identity_without_number).collect();
        identities.sort();
        identities.dedup();
        identities.into_iter().map(|identity| DocumentKey { kind: self.key.kind, identity }).collect()
    }
}

/// One line: one row of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLine {
    /// The report from which the line came; empty until [`Document::stamp`] says it.
    pub report: String,
    /// The line of that report.
    pub source_line: u64,
    /// `SHIPMENT`, `RETURN`, `REFUND`, as the report has it.
    pub transaction_type: String,
    /// The order.
    pub order_id: String,
    /// The shipment.
    pub shipment_id: String,
    /// The transaction: the shipment's number, or the refund's own.
    pub transaction_id: String,
    /// Amazon's number of the article.
    pub asin: String,
    /// The seller's number of the article.
    pub sku: String,
    /// `A_GEN_STANDARD` …
    pub product_tax_code: String,
    /// How many pieces; positive also on credit notes.
    pub quantity: Option<i64>,
    /// When the goods left, or came back.
    pub shipped_on: Option<Date>,
    /// When the tax was calculated.
    pub tax_calculated_on: Option<Date>,
    /// The rate as a fraction.
    pub rate: Option<Decimal>,
    /// `Taxable`, `NonTaxable`.
    pub reason_code: String,
    /// The goods.
    pub item: ComponentAmounts,
    /// The shipping.
    pub shipping: ComponentAmounts,
    /// The gift wrap.
    pub gift_wrap: ComponentAmounts,
    /// The sum of the three, promotions included.
    pub total: Amounts,
    /// The VAT of the line in the invoice's second currency.
    pub converted_vat: Decimal,
    /// Columns that no table knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<(String, Personal)>,
}

impl DocumentLine {
    /// What tells the line from the others of its document; lines that agree in it are told apart by their
    /// figures, and by how many there are.
    pub(super) fn identity(&self) -> [&str; 5] {
        [&self.order_id, &self.shipment_id, &self.transaction_id, &self.asin, &self.sku]
    }

    /// What Amazon states about the line; neither the place in a report nor columns that no table knows.
    pub(super) fn content(&self) -> impl Ord + '_ {
        (
            (&self.transaction_type, &self.product_tax_code, &self.reason_code),
            (self.quantity, self.shipped_on, self.tax_calculated_on, self.rate),
            (self.item, self.shipping, self.gift_wrap, self.converted_vat),
        )
    }

    pub(super) fn ordering_key(&self) -> impl Ord + '_ {
        (self.identity(), self.content())
    }

    fn identity_without_number(&self) -> Option<Identity> {
        if !self.transaction_id.is_empty() {
            Some(Identity::Transaction(self.transaction_id.clone()))
        } else if !self.shipment_id.is_empty() {
            Some(Identity::Shipment(self.shipment_id.clone()))
        } else {
            None
        }
    }

    /// The amounts of one component.
    pub const fn component(&self, component: Component) -> &ComponentAmounts {
        match component {
            Component::Item => &self.item,
            Component::Shipping => &self.shipping,
            Component::GiftWrap => &self.gift_wrap,
        }
    }
}

/// What the lines of one rate come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateTotal {
    /// The rate; none where the report has none.
    pub rate: Option<Decimal>,
    /// The sums.
    pub total: Amounts,
}

/// The seller's registrations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seller {
    /// The VAT id.
    pub registration: String,
    /// Its country.
    pub jurisdiction: String,
    /// In the Peppol network.
    pub peppol_id: String,
    /// In Poland.
    pub nip: String,
    /// In France, the company.
    pub siren: String,
    /// In France, the place of business.
    pub siret: String,
    /// In France, the route of electronic invoices.
    pub routing_code: String,
}

/// The buyer's registrations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Buyer {
    /// The VAT id or another registration.
    pub registration: Personal,
    /// Its country.
    pub jurisdiction: String,
    /// Its type: `VAT`, or empty.
    pub registration_type: String,
    /// The account for electronic invoices.
    pub e_invoice_account: Personal,
    /// In the Peppol network.
    pub peppol_id: Personal,
    /// In Poland.
    pub nip: Personal,
    /// In France, the company.
    pub siren: Personal,
    /// In France, the place of business.
    pub siret: Personal,
    /// In France, the route of electronic invoices.
    pub routing_code: Personal,
}

/// Where goods leave or arrive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// ISO 3166 code.
    pub country: String,
    /// State or province.
    pub state: Personal,
    /// City.
    pub city: Personal,
    /// Postal code.
    pub postal_code: Personal,
    /// Amazon's code of the place for tax.
    pub location_code: Personal,
}

/// The VAT in the second currency of the invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// The second currency, as the report names it.
    pub currency: String,
    /// The rate; none where the report says zero.
    pub rate: Option<Decimal>,
    /// The day of the rate.
    pub date: Option<Date>,
    /// The VAT of the document in that currency.
    pub vat: Decimal,
}

/// How the electronic invoice fares. It moves on between downloads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EInvoice {
    /// The state of its delivery.
    pub status: String,
    /// The code of the error.
    pub error_code: String,
    /// The error in words; may quote the buyer's data.
    pub error: Personal,
    /// When the state was last updated, as the report has it.
    pub updated: String,
    /// Where it lies.
    pub url: Personal,
    /// The number in the Polish register.
    pub ksef_number: String,
}
