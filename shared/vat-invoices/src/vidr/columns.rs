//! The columns of the report, found by name: in any order, in the spelling of any year, of the flat file or of XML.

use countinghouse_formats::ErrorKind;
use countinghouse_formats::parts::Fault;

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $name:literal,)*) => {
        /// A column of the report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field {
            $($(#[$doc])* $field,)*
        }

        impl Field {
            /// Every column, in the order of Amazon's list.
            pub const ALL: &[Self] = &[$(Self::$field,)*];

            /// The name in the header.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)*
                }
            }

            /// The place in [`Self::ALL`].
            #[expect(clippy::as_conversions, reason = "the place of a variant without data, counted from 0")]
            pub const fn index(self) -> usize {
                self as usize
            }
        }
    };
}

fields! {
    /// The marketplace, a country code.
    Marketplace = "marketplace-id",
    /// The order.
    OrderId = "order-id",
    /// The item of the order.
    OrderItemId = "order-item-id",
    /// The shipment.
    ShippingId = "shipping-id",
    /// The transaction.
    TransactionId = "transaction-id",
    /// `SHIPMENT`, `REFUND`, `RETURN`.
    TransactionType = "transaction-type",
    /// The number that was uploaded.
    InvoiceNumber = "invoice-number",
    /// Where the document stands.
    InvoiceStatus = "invoice-status",
    /// The same in words; after a rejection the reason.
    InvoiceStatusDescription = "invoice-status-description",
    /// Whether Amazon issues the document.
    IsAmazonInvoiced = "is-amazon-invoiced",
    /// The day of the order.
    OrderDate = "order-date",
    /// The day of the shipment.
    ShipmentDate = "shipment-date",
    /// The buyer's registration.
    BuyerVatNumber = "buyer-vat-number",
    /// The seller's registration.
    SellerVatNumber = "seller-vat-number",
    /// Amazon's number of the article.
    Asin = "asin",
    /// The seller's number of the article.
    Sku = "sku",
    /// The article's name.
    ProductName = "product-name",
    /// How many.
    Quantity = "quantity-purchased",
    /// The currency.
    Currency = "currency",
    /// Item, gross.
    ItemGross = "item-vat-incl-amount",
    /// Item, VAT.
    ItemVat = "item-vat-amount",
    /// Item, net.
    ItemNet = "item-vat-excl-amount",
    /// Item, rate.
    ItemRate = "item-vat-rate",
    /// Promotion on the item, gross.
    ItemPromoGross = "item-promo-vat-incl-amount",
    /// Promotion on the item, VAT.
    ItemPromoVat = "item-promo-vat-amount",
    /// Promotion on the item, net.
    ItemPromoNet = "item-promo-vat-excl-amount",
    /// Promotion on the item, rate.
    ItemPromoRate = "item-promo-vat-rate",
    /// Promotion on the item, number.
    ItemPromotionId = "item-promotion-id",
    /// Gift wrap, gross.
    GiftGross = "gift-wrap-vat-incl-amount",
    /// Gift wrap, VAT.
    GiftVat = "gift-wrap-vat-amount",
    /// Gift wrap, net.
    GiftNet = "gift-wrap-vat-excl-amount",
    /// Gift wrap, rate.
    GiftRate = "gift-wrap-vat-rate",
    /// Promotion on the gift wrap, gross.
    GiftPromoGross = "gift-promo-vat-incl-amount",
    /// Promotion on the gift wrap, VAT.
    GiftPromoVat = "gift-promo-vat-amount",
    /// Promotion on the gift wrap, net.
    GiftPromoNet = "gift-promo-vat-excl-amount",
    /// Promotion on the gift wrap, rate.
    GiftPromoRate = "gift-promo-vat-rate",
    /// Promotion on the gift wrap, number.
    GiftPromotionId = "gift-promotion-id",
    /// Shipping, gross.
    ShippingGross = "shipping-vat-incl-amount",
    /// Shipping, VAT.
    ShippingVat = "shipping-vat-amount",
    /// Shipping, net.
    ShippingNet = "shipping-vat-excl-amount",
    /// Shipping, rate.
    ShippingRate = "shipping-vat-rate",
    /// Promotion on the shipping, gross.
    ShippingPromoGross = "shipping-promo-vat-incl-amount",
    /// Promotion on the shipping, VAT.
    ShippingPromoVat = "shipping-promo-vat-amount",
    /// Promotion on the shipping, net.
    ShippingPromoNet = "shipping-promo-vat-excl-amount",
    /// Promotion on the shipping, rate.
    ShippingPromoRate = "shipping-promo-vat-rate",
    /// Promotion on the shipping, number.
    ShippingPromotionId = "ship-promotion-id",
    /// Whether the order came through Amazon Business.
    IsBusinessOrder = "is-business-order",
    /// Business price or standard price.
    PriceDesignation = "price-designation",
    /// The buyer's order number.
    PurchaseOrder = "purchase-order-number",
    /// The recipient.
    RecipientName = "recipient-name",
    /// Standard, expedited.
    ShipServiceLevel = "ship-service-level",
    /// `FBA` or `MFN`.
    FulfilledBy = "fulfilled-by",
    /// Ship-to, street.
    ShipAddress1 = "ship-address-1",
    /// Ship-to, street.
    ShipAddress2 = "ship-address-2",
    /// Ship-to, street.
    ShipAddress3 = "ship-address-3",
    /// Ship-to, city.
    ShipCity = "ship-city",
    /// Ship-to, state.
    ShipState = "ship-state",
    /// Ship-to, postal code.
    ShipPostalCode = "ship-postal-code",
    /// Ship-to, country.
    ShipCountry = "ship-country",
    /// Ship-to, telephone.
    ShipPhone = "ship-phone-number",
    /// Ship-from, country.
    ShipFromCountry = "ship-from-country",
    /// Ship-from, state.
    ShipFromState = "ship-from-state",
    /// Ship-from, city.
    ShipFromCity = "ship-from-city",
    /// Ship-from, postal code.
    ShipFromPostalCode = "ship-from-postal-code",
    /// The name on the bill.
    BillingName = "billing-name",
    /// Bill-to, street.
    BillAddress1 = "bill-address-1",
    /// Bill-to, street.
    BillAddress2 = "bill-address-2",
    /// Bill-to, street.
    BillAddress3 = "bill-address-3",
    /// Bill-to, city.
    BillCity = "bill-city",
    /// Bill-to, state.
    BillState = "bill-state",
    /// Bill-to, postal code.
    BillPostalCode = "bill-postal-code",
    /// Bill-to, country.
    BillCountry = "bill-country",
    /// Bill-to, telephone.
    BillPhone = "billing-phone-number",
    /// The buyer.
    BuyerName = "buyer-name",
    /// The buyer's company.
    BuyerCompany = "buyer-company-name",
    /// The item's number in other reports.
    LegacyOrderItemId = "legacy-customer-order-item-id",
    /// `PDF` or `XML`.
    RecommendedFormat = "recommended-invoice-format",
    /// What the buyer's registration is.
    BuyerRegistrationType = "buyer-tax-registration-type",
    /// Where the buyer's electronic invoices go.
    BuyerEInvoiceAccount = "buyer-e-invoice-account-id",
    /// Whether the buyer is established in the country of the registration.
    IsBuyerPresent = "is-buyer-physically-present",
    /// Whether the seller is established in the country of the registration.
    IsSellerPresent = "is-seller-physically-present",
    /// The sentence in Spanish.
    CitationEs = "citation-es",
    /// The sentence in Italian.
    CitationIt = "citation-it",
    /// The sentence in French.
    CitationFr = "citation-fr",
    /// The sentence in German.
    CitationDe = "citation-de",
    /// The sentence in English.
    CitationEn = "citation-en",
    /// Whether the goods left the European Union.
    Export = "export-outside-eu",
    /// Whether the document corrects another.
    IsCorrected = "is-invoice-corrected",
    /// The number of the original.
    OriginalNumber = "original-vat-invoice-number",
    /// What was corrected.
    CorrectionDetails = "invoice-correction-details",
    /// The scheme of the tax; in no report that is documented, understood where it comes.
    TaxScheme = "tax-reporting-scheme",
    /// Who owes the tax; in no report that is documented, understood where it comes.
    TaxResponsibility = "tax-collection-responsibility",
}

/// Other spellings: those of Amazon's description, where they differ from the header.
const OTHER_NAMES: [(&str, Field); 5] = [
    ("shipping-promotion-id", Field::ShippingPromotionId),
    ("bill-phone-number", Field::BillPhone),
    ("gift-wrap-promotion-id", Field::GiftPromotionId),
    ("citations-en", Field::CitationEn),
    ("marketplace", Field::Marketplace),
];

/// Without these no document can be made. Every header since 2019 has them.
pub const NEEDED: [Field; 10] = [
    Field::Marketplace,
    Field::OrderId,
    Field::ShippingId,
    Field::TransactionType,
    Field::ProductName,
    Field::Quantity,
    Field::Currency,
    Field::ItemGross,
    Field::ItemVat,
    Field::ItemNet,
];

/// Columns that are needed only by reports that have nothing else to tell what Amazon invoices itself.
const TELLS_ISSUER: [Field; 2] = [Field::IsAmazonInvoiced, Field::InvoiceStatus];

/// The column with this name, whatever its capitals and signs: `order-id`, `Order ID` and `OrderId` are one.
pub fn field_of(name: &str) -> Option<Field> {
    let plain = plain(name);
    let is = |other: &str| self::plain(other) == plain;
    let known = Field::ALL.iter().find(|field| is(field.name())).copied();
    known.or_else(|| OTHER_NAMES.iter().find(|(other, _)| is(other)).map(|(_, field)| *field))
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Where the columns of a header are.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// The known columns with their places.
    pub(super) places: Vec<(Field, usize)>,
    /// How many columns the header has.
    pub(super) count: usize,
    /// The least number of fields of a row: up to the last column that is needed.
    pub(super) least: usize,
    /// Columns that are not known.
    pub(super) unknown: Vec<String>,
}

impl Columns {
    /// Whether the names are a header of this report.
    pub(super) fn are_known(names: &[&str]) -> bool {
        let has = |field: Field| names.iter().any(|name| field_of(name) == Some(field));
        has(Field::OrderId) && has(Field::ShippingId) && has(Field::TransactionType) && has(Field::ItemGross)
    }

    pub(super) fn parse(names: &[&str]) -> Result<Self, Fault> {
        let mut columns = Self { count: names.len(), ..Self::default() };
        for (place, name) in names.iter().enumerate() {
            match field_of(name) {
                Some(field) if columns.place(field).is_some() => {
                    let fault = Fault::new(ErrorKind::BadHeader, "a column that is there twice", "each column once");
                    return Err(fault.in_column(field.name()));
                }
                Some(field) => columns.places.push((field, place)),
                // The line of the header may end with a separator.
                None if name.is_empty() && place + 1 == names.len() => {}
                None if name.is_empty() => columns.unknown.push(format!("column {}", place + 1)),
                None => columns.unknown.push(name.chars().take(80).collect()),
            }
        }
        for field in NEEDED {
            let place = columns.place(field).ok_or_else(|| lacks(field))?;
            columns.least = columns.least.max(place + 1);
        }
        if TELLS_ISSUER.iter().all(|field| columns.place(*field).is_none()) {
            return Err(lacks(Field::IsAmazonInvoiced));
        }
        Ok(columns)
    }

    fn place(&self, field: Field) -> Option<usize> {
        self.places.iter().find(|(each, _)| *each == field).map(|(_, place)| *place)
    }
}

fn lacks(field: Field) -> Fault {
    Fault::new(ErrorKind::BadHeader, "a header without it", "the column that every VAT invoice data report has")
        .in_column(field.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_by_its_name_and_by_the_spellings_of_xml() {
        for field in Field::ALL {
            assert_eq!(field_of(field.name()), Some(*field));
            assert_eq!(field_of(&field.name().to_uppercase().replace('-', "_")), Some(*field));
        }
        for (name, field) in [
            ("OrderId", Field::OrderId),
            ("Citation-en", Field::CitationEn),
            ("Is-invoice-corrected", Field::IsCorrected),
            ("shipping-promotion-id", Field::ShippingPromotionId),
            ("bill-phone-number", Field::BillPhone),
        ] {
            assert_eq!(field_of(name), Some(field), "{name}");
        }
        assert_eq!(field_of("colour"), None);
    }

    #[test]
    fn a_header_without_a_needed_column_names_it() {
        for lost in NEEDED {
            let names: Vec<&str> =
                Field::ALL.iter().filter(|field| **field != lost).map(|field| field.name()).collect();
            let error = Columns::parse(&names).unwrap_err().at("r", 1);
            assert_eq!((error.kind(), error.column()), (ErrorKind::BadHeader, Some(lost.name())));
        }
    }

    #[test]
    fn a_report_that_cannot_say_what_amazon_invoices_is_refused() {
        let names: Vec<&str> = NEEDED.iter().map(|field| field.name()).collect();
        assert_eq!(Columns::parse(&names).unwrap_err().at("r", 1).column(), Some("is-amazon-invoiced"));
    }
}
