//! The columns of the CSV format: one table that the reader, the template and the documentation share.

use std::sync::OnceLock;

use crate::Api;

/// What stands in the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text that is taken as it is.
    Text,
    /// A whole number, sent as a JSON number.
    Whole,
    /// A whole number that direct fulfillment wants as text.
    Sequence,
    /// A decimal number, sent as text with all its digits.
    Decimal,
    /// An amount of money; its currency is that of the invoice unless the group has a currency of its own.
    Amount,
    /// A day or a moment.
    Date,
    /// The currency of the amounts of one group, where it is another than the invoice's.
    Currency,
}

impl Kind {
    /// How the documentation calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole | Self::Sequence => "whole number",
            Self::Decimal => "number",
            Self::Amount => "amount",
            Self::Date => "date",
            Self::Currency => "currency",
        }
    }
}

/// One column, or one family of columns that differ by a number.
///
/// In `name` a `#` stands for the number of a repeated group, 1 to 99: `tax_#_type` is `tax_1_type`,
/// `tax_2_type` and so on. In the places a `#` is the same group, and `*` is the item of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name in the header, for example `tax_#_rate`.
    pub name: String,
    /// Where it goes in a retail invoice, for example `items/*/taxDetails/#/taxRate`.
    pub retail: Option<String>,
    /// Where it goes in a direct fulfillment invoice.
    pub direct_fulfillment: Option<String>,
    /// What stands in it.
    pub kind: Kind,
    /// What it means, in words.
    pub meaning: &'static str,
}

impl Column {
    /// Where it goes in an invoice of this API. A column that only the other API has keeps its place there, so that
    /// the check refuses the member by its name.
    pub fn place(&self, api: Api) -> Option<&str> {
        let (first, second) = match api {
            Api::Retail => (&self.retail, &self.direct_fulfillment),
            Api::DirectFulfillment => (&self.direct_fulfillment, &self.retail),
        };
        first.as_deref().or(second.as_deref())
    }

    /// Whether it belongs to the line's item; otherwise it belongs to the invoice.
    pub fn is_of_item(&self) -> bool {
        [&self.retail, &self.direct_fulfillment].into_iter().flatten().any(|place| place.starts_with("items/"))
    }
}

/// The columns that are no part of the invoice but say how to read its lines.
pub(super) const API: &str = "api";
pub(super) const CURRENCY: &str = "currency";
pub(super) const INVOICE_ID: &str = "invoice_id";

/// Every column, in the order of the template.
pub fn columns() -> &'static [Column] {
    static COLUMNS: OnceLock<Vec<Column>> = OnceLock::new();
    COLUMNS.get_or_init(all)
}

fn all() -> Vec<Column> {
    let mut list = List::default();
    list.invoice();
    for (party, path) in [("remit_to", "remitToParty"), ("bill_to", "billToParty"), ("ship_from", "shipFromParty")] {
        list.party(party, path, true);
    }
    list.party("ship_to", "shipToParty", false);
    list.item();
    list.0
}

#[derive(Default)]
struct List(Vec<Column>);

/// The same place in both APIs.
const SAME: Option<&str> = Some("=");

impl List {
    /// Adds a column; `direct` is `SAME` where direct fulfillment calls it as retail does.
    fn add(
        &mut self,
        name: impl Into<String>,
        kind: Kind,
        retail: Option<&str>,
        direct: Option<&str>,
        meaning: &'static str,
    ) {
        let direct = if direct == SAME { retail } else { direct };
        let owned = |place: Option<&str>| place.map(ToOwned::to_owned);
        self.0.push(Column {
            name: name.into(),
            retail: owned(retail),
            direct_fulfillment: owned(direct),
            kind,
            meaning,
        });
    }

    fn invoice(&mut self) {
        use Kind::{Amount, Date, Decimal, Text, Whole};
        self.add(API, Text, None, None, "retail or direct-fulfillment; must be there");
        self.add("invoice_type", Text, Some("invoiceType"), None, "Invoice or CreditNote");
        self.add(INVOICE_ID, Text, Some("id"), Some("invoiceNumber"), "the invoice's number; must be there");
        self.add("invoice_date", Date, Some("date"), Some("invoiceDate"), "2026-11-20, 20.11.2026 or with a time");
        self.add("reference_number", Text, Some("referenceNumber"), SAME, "India: the IRN, 64 characters");
        self.add(CURRENCY, Text, None, None, "the currency of every amount of the invoice, for example EUR");
        self.add("total", Amount, Some("invoiceTotal"), SAME, "the invoice's total");
        self.taxes("total_tax", "taxDetails", Some("taxTotals"));
        self.charges("total_charge", "chargeDetails", "charge", "chargeAmount", true);
        self.charges("total_allowance", "allowanceDetails", "allowance", "allowanceAmount", false);
        self.add("payment_terms_type", Text, Some("paymentTerms/type"), None, "for example Basic");
        self.add(
            "payment_terms_discount_percent",
            Decimal,
            Some("paymentTerms/discountPercent"),
            None,
            "per cent off when paid early",
        );
        self.add(
            "payment_terms_discount_days",
            Whole,
            Some("paymentTerms/discountDueDays"),
            None,
            "days until the discount ends",
        );
        self.add("payment_terms_net_days", Whole, Some("paymentTerms/netDueDays"), None, "days until it is due");
        self.add("payment_terms_code", Text, None, Some("paymentTermsCode"), "the terms agreed with Amazon");
        self.add("detail_#_type", Text, Some("additionalDetails/#/type"), SAME, "SUR, OCR or CartonCount");
        self.add("detail_#_text", Text, Some("additionalDetails/#/detail"), SAME, "an additional detail, in words");
        self.add("detail_#_language", Text, Some("additionalDetails/#/languageCode"), SAME, "its language: PL");
    }

    fn party(&mut self, name: &str, path: &str, in_direct: bool) {
        use Kind::Text;
        let place = |field: &str| format!("{path}/{field}");
        let (id, tax) = (place("partyId"), |field: &str| place(&format!("taxRegistrationDetails/#/{field}")));
        let direct = |field: String| in_direct.then_some(field);
        self.add(format!("{name}_id"), Text, Some(&id), direct(id.clone()).as_deref(), "the party's code");
        self.address(name, Some(path), in_direct.then_some(path), "address");
        for (field, key, meaning) in [
            ("type", "taxRegistrationType", "VAT or GST"),
            ("number", "taxRegistrationNumber", "the VAT or GST number"),
        ] {
            let key = tax(key);
            let direct = direct(key.clone());
            self.add(format!("{name}_tax_#_{field}"), Text, Some(&key), direct.as_deref(), meaning);
        }
        if in_direct {
            let message = tax("taxRegistrationMessage");
            self.add(format!("{name}_tax_#_message"), Text, None, Some(&message), "a remark about the tax number");
            let registration = format!("{path}/taxRegistrationDetails/#");
            self.address(&format!("{name}_tax_#"), None, Some(&registration), "taxRegistrationAddress");
        }
    }

    /// An address; retail and direct fulfillment call the postal code differently.
    fn address(&mut self, name: &str, retail: Option<&str>, direct: Option<&str>, key: &str) {
        for (field, retail_key, direct_key, meaning) in [
            ("name", "name", "name", "name of the business"),
            ("address_1", "addressLine1", "addressLine1", "street"),
            ("address_2", "addressLine2", "addressLine2", "street, second line"),
            ("address_3", "addressLine3", "addressLine3", "street, third line"),
            ("city", "city", "city", "city"),
            ("county", "county", "county", "county"),
            ("district", "district", "district", "district"),
            ("state", "stateOrRegion", "stateOrRegion", "state or region, its ISO code"),
            ("postal_code", "postalOrZipCode", "postalCode", "postal code"),
            ("country", "countryCode", "countryCode", "country, two letters"),
            ("phone", "phone", "phone", "telephone"),
        ] {
            let place = |path: Option<&str>, field: &str| path.map(|path| format!("{path}/{key}/{field}"));
            let mut direct = place(direct, direct_key);
            if direct.is_none() && (name, field) == ("ship_to", "country") {
                direct = Some("shipToCountryCode".to_owned());
            }
            let retail = place(retail, retail_key);
            self.add(format!("{name}_{field}"), Kind::Text, retail.as_deref(), direct.as_deref(), meaning);
        }
    }

    fn item(&mut self) {
        use Kind::{Amount, Date, Decimal, Sequence, Text, Whole};
        let mut item = |name: &str, kind, retail: Option<&str>, direct: Option<&str>, meaning| {
            let place = |key: Option<&str>| key.map(|key| format!("items/*/{key}"));
            let direct = if direct == SAME { retail } else { direct };
            self.add(name, kind, place(retail).as_deref(), place(direct).as_deref(), meaning);
        };
        item(
            "item_number",
            Sequence,
            Some("itemSequenceNumber"),
            SAME,
            "1, 2, 3 …; counted where the column is missing",
        );
        let product = Some("buyerProductIdentifier");
        item("amazon_product_id", Text, Some("amazonProductIdentifier"), product, "the ASIN, as in the order");
        item("vendor_product_id", Text, Some("vendorProductIdentifier"), SAME, "your own number of the product");
        item("quantity", Whole, Some("invoicedQuantity/amount"), SAME, "how many are invoiced");
        item("unit", Text, Some("invoicedQuantity/unitOfMeasure"), SAME, "Cases or Eaches");
        item("unit_size", Whole, Some("invoicedQuantity/unitSize"), None, "how many are in a case");
        item("total_weight", Decimal, Some("invoicedQuantity/totalWeight/amount"), None, "for items priced by weight");
        let unit = Some("invoicedQuantity/totalWeight/unitOfMeasure");
        item("weight_unit", Text, unit, None, "POUNDS, OUNCES, GRAMS or KILOGRAMS");
        item("net_cost", Amount, Some("netCost"), SAME, "the price of one unit without tax");
        item("net_cost_unit", Text, Some("netCostUnitOfMeasure"), None, "the weight that the price is for");
        item("purchase_order", Text, Some("purchaseOrderNumber"), SAME, "Amazon's order number, 8 characters");
        item("vendor_order_number", Text, None, Some("vendorOrderNumber"), "your own number of the order");
        item("hsn_code", Text, Some("hsnCode"), SAME, "India: up to 8 digits");
        for (name, key, kind, meaning) in [
            ("invoice_number", "referenceInvoiceNumber", Text, "credit note: the invoice that it corrects"),
            ("debit_note_number", "debitNoteNumber", Text, "credit note: Amazon's debit note"),
            ("returns_number", "returnsReferenceNumber", Text, "credit note: Amazon's number of the return"),
            ("goods_return_date", "goodsReturnDate", Date, "credit note: when the goods were returned"),
            ("rma_id", "rmaId", Text, "credit note: the return's authorisation"),
            ("coop_number", "coopReferenceNumber", Text, "credit note: the co-operative agreement"),
            ("consignor_number", "consignorsReferenceNumber", Text, "credit note: the consignor's reference"),
        ] {
            let place = format!("creditNoteDetails/{key}");
            item(&format!("credit_{name}"), kind, Some(&place), None, meaning);
        }
        self.taxes("tax", "items/*/taxDetails", Some("items/*/taxDetails"));
        self.charges("charge", "items/*/chargeDetails", "charge", "chargeAmount", true);
        self.charges("allowance", "items/*/allowanceDetails", "allowance", "allowanceAmount", false);
    }

    fn taxes(&mut self, name: &str, retail: &str, direct: Option<&str>) {
        use Kind::{Amount, Currency, Decimal, Text};
        for (field, key, kind, meaning) in [
            ("type", "taxType", Text, "for example VAT, CGST, IGST"),
            ("rate", "taxRate", Decimal, "per cent"),
            ("amount", "taxAmount", Amount, "the tax"),
            ("taxable_amount", "taxableAmount", Amount, "what it is calculated from"),
        ] {
            let (retail, direct) = (format!("{retail}/#/{key}"), direct.map(|path| format!("{path}/#/{key}")));
            self.add(format!("{name}_#_{field}"), kind, Some(&retail), direct.as_deref(), meaning);
        }
        let retail = format!("{retail}/#");
        let direct = direct.map(|path| format!("{path}/#"));
        let meaning = "the currency of this tax, where it is another than the invoice's (DomesticVAT)";
        self.add(format!("{name}_#_currency"), Currency, Some(&retail), direct.as_deref(), meaning);
    }

    /// Charges, or allowances, which direct fulfillment does not have.
    fn charges(&mut self, name: &str, path: &str, what: &'static str, amount: &str, in_direct: bool) {
        use Kind::{Amount, Text};
        let (kind, words) = match what {
            "charge" => ("for example Freight; direct fulfillment: FREIGHTOUT", "the charge without tax"),
            _ => ("for example Discount", "the allowance without tax, a positive number"),
        };
        let place = |key: &str| format!("{path}/#/{key}");
        let direct = |key: &str| in_direct.then(|| place(key));
        self.add(format!("{name}_#_type"), Text, Some(&place("type")), direct("type").as_deref(), kind);
        self.add(format!("{name}_#_description"), Text, Some(&place("description")), None, "in words");
        self.add(format!("{name}_#_amount"), Amount, Some(&place(amount)), direct(amount).as_deref(), words);
        self.taxes(&format!("{name}_#_tax"), &place("taxDetails"), direct("taxDetails").as_deref());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_and_no_place_is_given_twice() {
        let mut names = BTreeSet::new();
        let mut places = [BTreeSet::new(), BTreeSet::new()];
        for column in columns() {
            assert!(names.insert(&column.name), "{}", column.name);
            let both = [&column.retail, &column.direct_fulfillment];
            for (places, place) in places.iter_mut().zip(both) {
                assert!(place.as_ref().is_none_or(|place| places.insert(place)), "{}", column.name);
            }
        }
    }

    #[test]
    fn a_name_has_as_many_numbers_as_its_places() {
        for column in columns() {
            let numbers = |text: &str| text.matches('#').count();
            for place in [&column.retail, &column.direct_fulfillment].into_iter().flatten() {
                assert_eq!(numbers(place), numbers(&column.name), "{}", column.name);
            }
        }
    }
}
