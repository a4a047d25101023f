//! A document that is due: an invoice for a shipment, or a credit note for a refund or a return, with everything
//! that a person, an EN 16931 invoice and a FatturaPA need of Amazon's report.
//!
//! Amounts are those of the rows of the report, added and never recomputed: Amazon compares the uploaded totals with
//! its own to two decimals. On the document they are positive, on a credit note too (its code is 381); promotions are
//! negative and are added.

mod attention;
mod line;
mod party;
mod treatment;

use countinghouse_domain::document::{Amounts, DocumentKind, Personal};
use countinghouse_domain::money::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use attention::{Attention, Attentions};
pub use line::{Charge, ChargeKind, Line};
pub use party::{Buyer, Citations, InvoiceFormat, Place, PostalAddress, RegistrationType, Seller};
pub use treatment::{Treatment, VatCategory};

use crate::status::InvoiceStatus;

/// An invoice or a credit note that the report tells of. Empty texts mean that the report has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueDocument {
    /// Invoice or credit note.
    pub kind: DocumentKind,
    /// What happened: a shipment, a refund, a return.
    pub transaction_type: TransactionType,
    /// The order, for example `206-2341234-3455465`.
    pub order_id: String,
    /// The shipment; on a credit note the one that the refund or return belongs to.
    pub shipping_id: String,
    /// For a shipment its own number again, for a refund or return a number such as `amzn1:crow:…`.
    pub transaction_id: String,
    /// Where the document stands at Amazon.
    pub status: InvoiceStatus,
    /// Amazon's words for it; after a rejection the reason.
    pub status_description: String,
    /// Whether Amazon says that it issues the document itself; then it is never ours.
    pub is_amazon_invoiced: Option<bool>,
    /// The number under which the document was uploaded before; empty while it is pending.
    pub uploaded_number: String,
    /// The marketplace as the country of ISO 3166 (`GB`, where the report may write `UK`).
    pub marketplace: String,
    /// `FBA` or `MFN`, as the report has it.
    pub fulfilled_by: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// When the order was placed.
    pub order_date: Option<Date>,
    /// When the goods left; on a credit note the day that the report has there.
    pub shipment_date: Option<Date>,
    /// Who sells: the registration with which Amazon calculated.
    pub seller: Seller,
    /// Who buys.
    pub buyer: Buyer,
    /// Where the invoice goes; may be empty in short reports, then [`Self::ship_to`] stands for it:
    /// [`Self::invoice_address`].
    pub bill_to: PostalAddress,
    /// Where the goods go.
    pub ship_to: PostalAddress,
    /// Where the goods left.
    pub ship_from: Place,
    /// The buyer's own order number.
    pub purchase_order: Personal,
    /// Whether the order came through Amazon Business.
    pub is_business_order: Option<bool>,
    /// One line for each row of the report, in its order.
    pub lines: Vec<Line>,
    /// The sums of all charges of all lines: `gross` is Amazon's `TotalAmount`, `vat` its `TotalVATAmount`.
    pub total: Amounts,
    /// The same by category and rate, the lowest rate first.
    pub by_rate: Vec<RateTotal>,
    /// The sums with the signs of the report: negative where the report has refunds so.
    pub as_reported: Amounts,
    /// Why the VAT is what it is.
    pub treatment: Treatment,
    /// Whose VAT it is, as the country of ISO 3166; empty where there is none or it is not known.
    pub tax_country: String,
    /// The sentence that the tax law demands, in Amazon's languages.
    pub citations: Citations,
    /// The invoice that is credited or corrected; none on an ordinary invoice.
    pub original: Option<Original>,
    /// Whether the document corrects an earlier one (a new address, for example), and Amazon's words for it.
    pub correction: Option<String>,
    /// What Amazon recommends for the tax authority: with [`InvoiceFormat::Xml`] a FatturaPA is the true invoice and
    /// the PDF must say that it is a duplicate.
    pub recommended_format: InvoiceFormat,
    /// What a person should know; some of it keeps the document from being made.
    pub attention: Attentions,
}

/// What happened, as the report's `transaction-type` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionType {
    /// Goods left.
    Shipment,
    /// Money went back.
    Refund,
    /// Goods came back.
    Return,
    /// A word that is not known; flagged for a person.
    Unknown,
}

impl TransactionType {
    /// Reads the column.
    pub fn of(text: &str) -> Self {
        let known = [("SHIPMENT", Self::Shipment), ("REFUND", Self::Refund), ("RETURN", Self::Return)];
        known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map_or(Self::Unknown, |(_, each)| each)
    }

    /// The document that it makes; what is not known is taken for an invoice, and never made without a person.
    pub const fn kind(self) -> DocumentKind {
        match self {
            Self::Shipment | Self::Unknown => DocumentKind::Invoice,
            Self::Refund | Self::Return => DocumentKind::CreditNote,
        }
    }

    /// `shipment`, `refund`, `return` or `unknown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shipment => "shipment",
            Self::Refund => "refund",
            Self::Return => "return",
            Self::Unknown => "unknown",
        }
    }
}

/// What the charges of one category and rate come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateTotal {
    /// The category of EN 16931.
    pub category: VatCategory,
    /// The rate as a fraction, `0.19`.
    pub rate: Decimal,
    /// The sums.
    pub total: Amounts,
}

/// The invoice that a credit note or a correction refers to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Original {
    /// Its number; empty until it is known (the report does not always say it, our own records do).
    pub number: String,
    /// When it was issued, where that is known.
    pub issued_on: Option<Date>,
    /// The shipment that it was for.
    pub shipping_id: String,
}

impl DueDocument {
    /// The address that the invoice is made out to: the billing address, or the ship-to address where the report has
    /// no billing address.
    pub fn invoice_address(&self) -> &PostalAddress {
        if self.bill_to.is_empty() { &self.ship_to } else { &self.bill_to }
    }

    /// Whose invoice it is: the company, or the billing name, or the buyer's name, or the recipient's; the first that
    /// is there. Empty only where the report names nobody.
    pub fn invoice_name(&self) -> &Personal {
        let names = [&self.buyer.company, &self.bill_to.name, &self.buyer.name, &self.ship_to.name];
        names.into_iter().find(|name| !name.is_empty()).unwrap_or(&self.buyer.name)
    }

    /// The day of the supply, or of the refund: what the document states as the tax point.
    pub fn supplied_on(&self) -> Option<Date> {
        self.shipment_date.or(self.order_date)
    }

    /// Notes the number and the day of the original, where our own records have what the report does not.
    pub fn link_original(&mut self, number: &str, issued_on: Option<Date>) {
        if let Some(original) = self.original.as_mut().filter(|original| original.number.is_empty()) {
            number.clone_into(&mut original.number);
            original.issued_on = issued_on;
            self.attention.remove(&Attention::OriginalUnknown);
        }
    }

    /// Takes the seller's VAT number from elsewhere, where the report does not have it (reports before 2021).
    pub fn fill_seller_number(&mut self, number: &str) {
        if self.seller.vat_number.is_empty() && !number.is_empty() {
            number.clone_into(&mut self.seller.vat_number);
            self.attention.remove(&Attention::SellerNumberMissing);
        }
    }

    /// Whether nothing keeps the document from being made.
    pub fn can_be_made(&self) -> bool {
        !self.attention.blocks()
    }

    /// Whether the buyer is a business, by its registration, its company or the kind of order.
    pub fn is_business(&self) -> bool {
        self.buyer.is_registered_business() || !self.buyer.company.is_empty() || self.is_business_order == Some(true)
    }

    /// The lines of the report that the document is made of: the first and the last.
    pub fn source_lines(&self) -> (u64, u64) {
        let lines = self.lines.iter().map(|line| line.source_line);
        (lines.clone().min().unwrap_or_default(), lines.max().unwrap_or_default())
    }
}
