//! From rows to a document.

use rust_decimal::Decimal;

use super::refresh::refresh;
use super::{
    Amounts, Buyer, Collector, Component, Conversion, Document, DocumentKey, DocumentLine, EInvoice, Flag, Personal,
    Place, Scheme, Seller, Text, VatRow,
};
use crate::money::{Currency, MoneyError};

/// Why a row cannot become a line of a document: the report is quarantined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// The row names neither a number nor a transaction nor a shipment.
    #[error("line {line} has neither a VAT Invoice Number nor a Transaction ID nor a Shipment ID")]
    NoIdentity {
        /// The line of the report.
        line: u64,
    },
    /// Two currencies met in one document.
    #[error("line {line}, column Currency: found {found}, but the document began in {expected} on line {first_line}")]
    Currencies {
        /// The line of the report.
        line: u64,
        /// Its currency.
        found: Currency,
        /// The line on which the document began.
        first_line: u64,
        /// The currency of that line.
        expected: Currency,
    },
    /// A sum is larger than a decimal can hold.
    #[error("line {line}: the sum of the document is larger than 28 digits")]
    Overflow {
        /// The line of the report.
        line: u64,
    },
    /// More rows than one assembler can hold.
    #[error("line {line}: more than four thousand million rows in one pass")]
    TooManyRows {
        /// The line of the report.
        line: u64,
    },
    /// Two documents that are not the same one were to be merged.
    #[error("{earlier} and {later} are two documents")]
    TwoDocuments {
        /// The key of the earlier one.
        earlier: String,
        /// The key of the later one.
        later: String,
    },
}

impl DocumentError {
    /// The line of the report, where the error has one.
    pub const fn line(&self) -> Option<u64> {
        match self {
            Self::NoIdentity { line }
            | Self::Currencies { line, .. }
            | Self::Overflow { line }
            | Self::TooManyRows { line } => Some(*line),
            Self::TwoDocuments { .. } => None,
        }
    }

    pub(super) const fn overflow(line: u64) -> impl Fn(MoneyError) -> Self {
        move |_sum| Self::Overflow { line }
    }
}

/// Collects the rows of one document.
#[derive(Debug)]
pub struct Builder<'a> {
    first: &'a VatRow<'a>,
    document: Box<Document>,
}

impl<'a> Builder<'a> {
    /// Begins with the first row. The document takes what belongs to the whole of it from this row.
    pub fn new(first: &'a VatRow<'a>) -> Result<Self, DocumentError> {
        let key = DocumentKey::of_row(first).ok_or(DocumentError::NoIdentity { line: first.line })?;
        let mut document = Box::new(header(first, key));
        document.lines.push(line_of(first)?);
        Ok(Self { first, document })
    }

    /// Adds a further row of the same document.
    pub fn add(&mut self, row: &VatRow<'_>) -> Result<(), DocumentError> {
        if row.currency != self.document.currency {
            return Err(DocumentError::Currencies {
                line: row.line,
                found: row.currency,
                first_line: self.first.line,
                expected: self.document.currency,
            });
        }
        self.note_differences(row);
        self.document.lines.push(line_of(row)?);
        Ok(())
    }

    /// The document with its sums and flags.
    pub fn finish(mut self) -> Result<Document, DocumentError> {
        refresh(&mut self.document)?;
        Ok(*self.document)
    }

    fn note_differences(&mut self, row: &VatRow<'_>) {
        for (column, touches_tax) in HEADER_TEXTS {
            if row.text(*column) != self.first.text(*column) {
                self.differs(column.name(), *touches_tax);
            }
        }
        let first = self.first;
        let mut found = Vec::new();
        for (fact, differs) in [
            ("Order Date", row.order_date != first.order_date),
            ("Is Invoice Corrected", row.is_corrected != first.is_corrected),
            ("Export Outside EU", row.is_export != first.is_export),
            ("Is Amazon Invoiced", row.is_amazon_invoiced != first.is_amazon_invoiced),
            ("Invoice Level Exchange Rate", row.exchange_rate != first.exchange_rate),
            ("Invoice Level Exchange Rate Date", row.exchange_rate_date != first.exchange_rate_date),
        ] {
            // Two orders of one number are a flag of their own; each has its date.
            if differs && (fact != "Order Date" || row.order_id() == first.order_id()) {
                found.push(fact);
            }
        }
        for fact in found {
            self.differs(fact, fact != "Order Date");
        }
    }

    fn differs(&mut self, fact: &str, touches_tax: bool) {
        let flag = Flag::FactsDiffer { fact: fact.to_owned(), touches_tax };
        if !self.document.flags.contains(&flag) {
            self.document.flags.push(flag);
        }
    }
}

/// The columns that belong to the whole document, and whether they touch the tax.
const HEADER_TEXTS: &[(Text, bool)] = &[
    (Text::Marketplace, true),
    (Text::MerchantId, true),
    (Text::TaxType, true),
    (Text::Scheme, true),
    (Text::Responsibility, true),
    (Text::JurisdictionName, true),
    (Text::SellerRegistration, true),
    (Text::SellerJurisdiction, true),
    (Text::BuyerRegistration, true),
    (Text::BuyerJurisdiction, true),
    (Text::BuyerRegistrationType, true),
    (Text::InvoiceCurrency, true),
    (Text::ShipFromCountry, true),
    (Text::ShipToCountry, true),
    (Text::OriginalNumber, true),
    (Text::CorrectionDetails, false),
    (Text::ReturnCountry, false),
    (Text::ShipFromCity, false),
    (Text::ShipFromState, false),
    (Text::ShipFromPostalCode, false),
    (Text::ShipToCity, false),
    (Text::ShipToState, false),
    (Text::ShipToPostalCode, false),
    (Text::EInvoiceStatus, false),
    (Text::KsefNumber, false),
];

fn header(row: &VatRow<'_>, key: DocumentKey) -> Document {
    let scheme = Scheme::of(row.scheme());
    Document {
        key,
        marketplace: row.marketplace().to_owned(),
        merchant_id: row.merchant_id().to_owned(),
        order_id: row.order_id().to_owned(),
        order_date: row.order_date,
        issued_on: None,
        currency: row.currency,
        total: Amounts::ZERO,
        by_rate: Vec::new(),
        lines: Vec::with_capacity(1),
        seller: seller(row),
        buyer: buyer(row),
        is_business: false,
        collector: Collector::of(row.responsibility(), scheme),
        scheme,
        scheme_text: row.scheme().to_owned(),
        responsibility: row.responsibility().to_owned(),
        tax_type: row.tax_type().to_owned(),
        reverse_charge: false,
        export: row.is_export.unwrap_or(false),
        jurisdiction: row.jurisdiction_name().to_owned(),
        ship_from: ship_from(row),
        ship_to: ship_to(row),
        return_country: row.return_country().to_owned(),
        conversion: conversion(row),
        url: row.invoice_url().into(),
        is_amazon_invoiced: row.is_amazon_invoiced,
        is_correction: row.is_corrected.unwrap_or(false) || !row.original_number().is_empty(),
        original_number: row.original_number().to_owned(),
        correction_details: row.correction_details().into(),
        e_invoice: e_invoice(row),
        flags: Vec::new(),
    }
}

fn seller(row: &VatRow<'_>) -> Seller {
    Seller {
        registration: row.seller_registration().to_owned(),
        jurisdiction: row.seller_jurisdiction().to_owned(),
        peppol_id: row.seller_peppol_id().to_owned(),
        nip: row.seller_nip().to_owned(),
        siren: row.seller_siren().to_owned(),
        siret: row.seller_siret().to_owned(),
        routing_code: row.seller_routing_code().to_owned(),
    }
}

fn buyer(row: &VatRow<'_>) -> Buyer {
    Buyer {
        registration: row.buyer_registration().into(),
        jurisdiction: row.buyer_jurisdiction().to_owned(),
        registration_type: row.buyer_registration_type().to_owned(),
        e_invoice_account: row.buyer_e_invoice_account().into(),
        peppol_id: row.buyer_peppol_id().into(),
        nip: row.buyer_nip().into(),
        siren: row.buyer_siren().into(),
        siret: row.buyer_siret().into(),
        routing_code: row.buyer_routing_code().into(),
    }
}

fn ship_from(row: &VatRow<'_>) -> Place {
    Place {
        country: row.ship_from_country().to_owned(),
        state: row.ship_from_state().into(),
        city: row.ship_from_city().into(),
        postal_code: row.ship_from_postal_code().into(),
        location_code: row.ship_from_location_code().into(),
    }
}

fn ship_to(row: &VatRow<'_>) -> Place {
    Place {
        country: row.ship_to_country().to_owned(),
        state: row.ship_to_state().into(),
        city: row.ship_to_city().into(),
        postal_code: row.ship_to_postal_code().into(),
        location_code: row.ship_to_location_code().into(),
    }
}

fn conversion(row: &VatRow<'_>) -> Option<Conversion> {
    let shown = !row.invoice_currency().is_empty() || row.exchange_rate.is_some() || !row.converted_vat.is_zero();
    shown.then(|| Conversion {
        currency: row.invoice_currency().to_owned(),
        rate: row.exchange_rate,
        date: row.exchange_rate_date,
        vat: Decimal::ZERO,
    })
}

fn e_invoice(row: &VatRow<'_>) -> EInvoice {
    EInvoice {
        status: row.e_invoice_status().to_owned(),
        error_code: row.e_invoice_error_code().to_owned(),
        error: row.e_invoice_error().into(),
        updated: row.e_invoice_updated().to_owned(),
        url: row.e_invoice_url().into(),
        ksef_number: row.ksef_number().to_owned(),
    }
}

fn line_of(row: &VatRow<'_>) -> Result<DocumentLine, DocumentError> {
    let overflow = DocumentError::overflow(row.line);
    let mut total = Amounts::ZERO;
    for component in &row.components {
        if !component.is_zero() {
            let sum = component.total().map_err(&overflow)?;
            total = total.plus(sum).map_err(&overflow)?;
        }
    }
    Ok(DocumentLine {
        report: String::new(),
        source_line: row.line,
        transaction_type: row.transaction_type().to_owned(),
        order_id: row.order_id().to_owned(),
        shipment_id: row.shipment_id().to_owned(),
        transaction_id: row.transaction_id().to_owned(),
        asin: row.asin().to_owned(),
        sku: row.sku().to_owned(),
        product_tax_code: row.product_tax_code().to_owned(),
        quantity: row.quantity,
        shipped_on: row.shipment_date,
        tax_calculated_on: row.tax_calculation_date,
        rate: row.tax_rate,
        reason_code: row.reason_code().to_owned(),
        item: row.component(Component::Item),
        shipping: row.component(Component::Shipping),
        gift_wrap: row.component(Component::GiftWrap),
        total,
        converted_vat: row.converted_vat,
        extra: row.extra.iter().map(|(name, text)| ((*name).to_owned(), Personal::from(*text))).collect(),
    })
}
