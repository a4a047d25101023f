//! The text columns of the VAT report, in one table.

use super::VatRow;

macro_rules! texts {
    ($($variant:ident $accessor:ident $name:literal $privacy:ident;)*) => {
        /// A text column of the VAT report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Text {
            $(#[doc = concat!("The column `", $name, "`.")] $variant,)*
        }

        impl Text {
            /// Every text column, in the order of the report.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name in the report's header.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Whether the column tells something about the buyer: never logged, never in an error.
            pub const fn is_personal(self) -> bool {
                match self {
                    $(Self::$variant => texts!(@personal $privacy),)*
                }
            }
        }

        impl<'a> VatRow<'a> {
            $(
                #[doc = concat!("The column `", $name, "`; empty where the report has none.")]
                pub fn $accessor(&self) -> &'a str {
                    self.text(Text::$variant)
                }
            )*
        }
    };
    (@personal personal) => { true };
    (@personal plain) => { false };
}

texts! {
    Marketplace            marketplace              "Marketplace ID"                        plain;
    MerchantId             merchant_id              "Merchant ID"                           plain;
    TransactionType        transaction_type         "Transaction Type"                      plain;
    OrderId                order_id                 "Order ID"                              plain;
    ShipmentId             shipment_id              "Shipment ID"                           plain;
    TransactionId          transaction_id           "Transaction ID"                        plain;
    Asin                   asin                     "ASIN"                                  plain;
    Sku                    sku                      "SKU"                                   plain;
    ProductTaxCode         product_tax_code         "Product Tax Code"                      plain;
    TaxType                tax_type                 "Tax Type"                              plain;
    ReasonCode             reason_code              "Tax Calculation Reason Code"           plain;
    Scheme                 scheme                   "Tax Reporting Scheme"                  plain;
    Responsibility         responsibility           "Tax Collection Responsibility"         plain;
    AddressRole            address_role             "Tax Address Role"                      plain;
    JurisdictionLevel      jurisdiction_level       "Jurisdiction Level"                    plain;
    JurisdictionName       jurisdiction_name        "Jurisdiction Name"                     plain;
    SellerRegistration     seller_registration      "Seller Tax Registration"               plain;
    SellerJurisdiction     seller_jurisdiction      "Seller Tax Registration Jurisdiction"  plain;
    BuyerRegistration      buyer_registration       "Buyer Tax Registration"                personal;
    BuyerJurisdiction      buyer_jurisdiction       "Buyer Tax Registration Jurisdiction"   plain;
    BuyerRegistrationType  buyer_registration_type  "Buyer Tax Registration Type"           plain;
    BuyerEInvoiceAccount   buyer_e_invoice_account  "Buyer E Invoice Account Id"            personal;
    InvoiceCurrency        invoice_currency         "Invoice Level Currency Code"           plain;
    InvoiceNumber          invoice_number           "VAT Invoice Number"                    plain;
    InvoiceUrl             invoice_url              "Invoice Url"                           personal;
    ShipFromCity           ship_from_city           "Ship From City"                        personal;
    ShipFromState          ship_from_state          "Ship From State"                       personal;
    ShipFromCountry        ship_from_country        "Ship From Country"                     plain;
    ShipFromPostalCode     ship_from_postal_code    "Ship From Postal Code"                 personal;
    ShipFromLocationCode   ship_from_location_code  "Ship From Tax Location Code"           personal;
    ShipToCity             ship_to_city             "Ship To City"                          personal;
    ShipToState            ship_to_state            "Ship To State"                         personal;
    ShipToCountry          ship_to_country          "Ship To Country"                       plain;
    ShipToPostalCode       ship_to_postal_code      "Ship To Postal Code"                   personal;
    ShipToLocationCode     ship_to_location_code    "Ship To Location Code"                 personal;
    ReturnCountry          return_country           "Return Fc Country"                     plain;
    OriginalNumber         original_number          "Original VAT Invoice Number"           plain;
    CorrectionDetails      correction_details       "Invoice Correction Details"            personal;
    EInvoiceStatus         e_invoice_status         "E-Invoice Delivery Status"             plain;
    EInvoiceErrorCode      e_invoice_error_code     "E-Invoice Error Code"                  plain;
    EInvoiceError          e_invoice_error          "E-Invoice Error Description"           personal;
    EInvoiceUpdated        e_invoice_updated        "E-Invoice Status Last Updated Date"    plain;
    EInvoiceUrl            e_invoice_url            "EInvoice URL"                          personal;
    BuyerPeppolId          buyer_peppol_id          "Buyer Peppol Id"                       personal;
    SellerPeppolId         seller_peppol_id         "Seller Peppol Id"                      plain;
    BuyerNip               buyer_nip                "Buyer NIP"                             personal;
    SellerNip              seller_nip               "Seller NIP"                            plain;
    KsefNumber             ksef_number              "KSeF Number"                           plain;
    SellerSiren            seller_siren             "Seller SIREN"                          plain;
    BuyerSiren             buyer_siren              "Buyer SIREN"                           personal;
    SellerSiret            seller_siret             "Seller SIRET"                          plain;
    BuyerSiret             buyer_siret              "Buyer SIRET"                           personal;
    SellerRoutingCode      seller_routing_code      "Seller Routing Code"                   plain;
    BuyerRoutingCode       buyer_routing_code       "Buyer Routing Code"                    personal;
}

impl Text {
    /// The place in [`Self::ALL`].
    #[expect(clippy::as_conversions, reason = "the discriminant of a fieldless enum is its place")]
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_column_stands_at_its_index_and_has_a_name_of_its_own() {
        for (index, column) in Text::ALL.iter().enumerate() {
            assert_eq!(column.index(), index);
        }
        let names: BTreeSet<_> = Text::ALL.iter().map(|column| column.name()).collect();
        assert_eq!(names.len(), Text::COUNT);
    }

    #[test]
    fn what_tells_of_the_buyer_is_personal() {
        for column in Text::ALL {
            let of_the_buyer = column.name().starts_with("Buyer ") && !column.name().contains("Jurisdiction");
            let of_an_address = ["City", "State", "Postal", "Location"].iter().any(|part| column.name().contains(part));
            if (of_the_buyer && *column != Text::BuyerRegistrationType) || of_an_address {
                let word_of_state = column.name().contains("Status");
                assert!(column.is_personal() || word_of_state, "{}", column.name());
            }
        }
    }
}
