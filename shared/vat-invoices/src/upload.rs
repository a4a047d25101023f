//! What goes with an upload: the feed's options, as a pure function of the document and its number.

use countinghouse_domain::document::DocumentKind;
use countinghouse_domain::marketplace::Marketplace;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::document::DueDocument;
use crate::number::{InvoiceNumber, is_allowed};

/// The feed type.
pub const FEED_TYPE: &str = "UPLOAD_VAT_INVOICE";

/// The content type, the same in both requests: with another one Amazon reads no PDF.
pub const CONTENT_TYPE: &str = "application/pdf";

/// The marketplaces that take invoices. Source: "Use Amazon Tax Calculation Data to Create Invoices", step 3, and the
/// list of the report's marketplaces.
pub const MARKETPLACES: [&str; 10] = ["ES", "GB", "FR", "DE", "IT", "NL", "PL", "SE", "BE", "IE"];

/// What createFeed needs besides the uploaded document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The one marketplace, Amazon's identifier.
    pub marketplace_id: &'static str,
    /// The feed's options, key and value, each key with the prefix `metadata:`.
    pub options: Vec<(&'static str, String)>,
}

/// Why a document cannot be uploaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefused {
    /// The marketplace takes no invoices.
    #[error("the marketplace {0} takes no invoices")]
    Marketplace(String),
    /// Neither shipment nor order is known.
    #[error("neither a shipping-id nor an order-id is known, and Amazon wants one")]
    NoShipment,
    /// A credit note without its transaction.
    #[error("the credit note has no transaction-id, and Amazon refuses it so")]
    NoTransaction,
    /// A character that Amazon does not accept.
    #[error("{key} has the character \"{character}\", which Amazon does not accept")]
    Character {
        /// The option.
        key: &'static str,
        /// The character.
        character: char,
    },
}

/// An amount with two decimals, as Amazon compares it. The report's amounts have two; a third one would be rounded, half
/// a cent away from zero.
pub fn two_decimals(amount: Decimal) -> String {
    format!("{:.2}", amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}

impl Upload {
    /// The upload of a document under a number. The shipment goes before the order: Amazon recommends it, and ignores
    /// the order when both are there.
    pub fn of(document: &DueDocument, number: &InvoiceNumber) -> Result<Self, UploadRefused> {
        let country = document.marketplace.as_str();
        let marketplace = Some(country).filter(|country| MARKETPLACES.contains(country));
        let marketplace = marketplace.and_then(Marketplace::by_country);
        let marketplace = marketplace.ok_or_else(|| UploadRefused::Marketplace(country.chars().take(8).collect()))?;
        let mut options = Vec::with_capacity(6);
        if !document.shipping_id.is_empty() {
            options.push(("metadata:shippingid", document.shipping_id.clone()));
        } else if !document.order_id.is_empty() {
            options.push(("metadata:orderid", document.order_id.clone()));
        } else {
            return Err(UploadRefused::NoShipment);
        }
        options.push(("metadata:invoicenumber", number.as_str().to_owned()));
        options.push(("metadata:totalamount", two_decimals(document.total.gross)));
        options.push(("metadata:totalvatamount", two_decimals(document.total.vat)));
        match document.kind {
            DocumentKind::Invoice => options.push(("metadata:documenttype", "Invoice".to_owned())),
            DocumentKind::CreditNote => {
                if document.transaction_id.is_empty() {
                    return Err(UploadRefused::NoTransaction);
                }
                options.push(("metadata:documenttype", "CreditNote".to_owned()));
                options.push(("metadata:transactionid", document.transaction_id.clone()));
            }
        }
        for (key, value) in &options {
            // Amazon's list has no point, and yet amounts and transactions have one.
            if let Some(character) = value.chars().find(|c| !is_allowed(*c) && *c != '.') {
                return Err(UploadRefused::Character { key, character });
            }
        }
        Ok(Self { marketplace_id: marketplace.id, options })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals_and_no_minus_before_zero() {
        for (amount, text) in
            [("49.9", "49.90"), ("100", "100.00"), ("0", "0.00"), ("0.005", "0.01"), ("-1.5", "-1.50")]
        {
            assert_eq!(two_decimals(amount.parse().unwrap()), text);
        }
    }

    #[test]
    fn every_marketplace_of_the_report_has_an_identifier() {
        for country in MARKETPLACES {
            assert!(Marketplace::by_country(country).is_some(), "{country}");
        }
    }
}
