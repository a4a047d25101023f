//! The enumerations of both models.

use serde_json::Value;

use super::fields::wire_enum;
use super::{Style, Wire};
use crate::form::Form;
use crate::nearest::nearest;
use crate::node::Node;
use crate::note::shown;
use crate::rule::{Notice, Rule};

wire_enum! {
    /// What the document is. Direct fulfillment has invoices only.
    pub enum InvoiceType {
        /// An invoice.
        Invoice retail "Invoice";
        /// A credit note.
        CreditNote retail "CreditNote";
    }

    /// A tax.
    pub enum TaxType {
        /// India's central goods and services tax.
        Cgst both "CGST";
        /// India's goods and services tax of a state.
        Sgst both "SGST";
        /// India's cess.
        Cess both "CESS";
        /// India's goods and services tax of a union territory.
        Utgst both "UTGST";
        /// India's integrated goods and services tax, between states.
        Igst both "IGST";
        /// German value-added tax.
        MwSt both "MwSt.";
        /// Canadian provincial sales tax.
        Pst both "PST";
        /// French value-added tax.
        Tva both "TVA";
        /// Value-added tax.
        Vat both "VAT";
        /// Goods and services tax.
        Gst both "GST";
        /// Sales tax.
        St both "ST";
        /// Consumption tax.
        Consumption both "Consumption";
        /// A tax that Amazon and the vendor agreed on.
        MutuallyDefined both "MutuallyDefined";
        /// Value-added tax in the local currency, beside that in the invoice's.
        DomesticVat both "DomesticVAT";
    }

    /// What a tax registration number is.
    pub enum TaxRegistrationType {
        /// A number for value-added tax.
        Vat both "VAT";
        /// A number for goods and services tax.
        Gst both "GST";
    }

    /// A charge.
    pub enum ChargeType {
        /// Freight.
        Freight retail "Freight";
        /// Packing.
        Packing retail "Packing";
        /// Duty.
        Duty retail "Duty";
        /// A service fee.
        Service retail "Service";
        /// A fee for a small order.
        SmallOrder retail "SmallOrder";
        /// The cost of placing an insurance.
        InsurancePlacementCost retail "InsurancePlacementCost";
        /// An insurance fee.
        InsuranceFee retail "InsuranceFee";
        /// Special handling.
        SpecialHandlingService retail "SpecialHandlingService";
        /// Collection and recycling.
        CollectionAndRecyclingService retail "CollectionAndRecyclingService";
        /// Environmental protection.
        EnvironmentalProtectionService retail "EnvironmentalProtectionService";
        /// Tax collected at source.
        TaxCollectedAtSource retail "TaxCollectedAtSource" direct "TAX_COLLECTED_AT_SOURCE";
        /// Gift wrap.
        GiftWrap direct "GIFTWRAP";
        /// Fulfillment.
        Fulfillment direct "FULFILLMENT";
        /// Advertisements put in.
        MarketingInsert direct "MARKETINGINSERT";
        /// Packaging.
        Packaging direct "PACKAGING";
        /// Loading.
        Loading direct "LOADING";
        /// Freight to the customer.
        FreightOut direct "FREIGHTOUT";
    }

    /// An allowance, which is deducted. Direct fulfillment has none.
    pub enum AllowanceType {
        /// A discount.
        Discount retail "Discount";
        /// An incentive.
        DiscountIncentive retail "DiscountIncentive";
        /// For defective goods.
        Defective retail "Defective";
        /// For a promotion.
        Promotional retail "Promotional";
        /// For goods that cannot be sold.
        UnsaleableMerchandise retail "UnsaleableMerchandise";
        /// A special allowance.
        Special retail "Special";
    }

    /// The kind of an additional detail.
    pub enum AdditionalDetailType {
        /// A text about a tax on something already taxed; also the text of the Polish split payment.
        Sur both "SUR";
        /// OCR, a reference for payments.
        Ocr both "OCR";
        /// The number of cartons.
        CartonCount retail "CartonCount";
    }

    /// Terms of payment.
    pub enum PaymentTermsType {
        /// What buyer and seller agreed on.
        Basic retail "Basic";
        /// Paid at the end of the month.
        EndOfMonth retail "EndOfMonth";
        /// Paid on a fixed date.
        FixedDate retail "FixedDate";
        /// Paid at the end of the following month.
        Proximo retail "Proximo";
        /// Paid on receipt.
        PaymentDueUponReceiptOfInvoice retail "PaymentDueUponReceiptOfInvoice";
        /// A letter of credit.
        LetterOfCredit retail "LetterofCredit";
    }

    /// A unit of weight.
    pub enum WeightUnit {
        /// Pounds.
        Pounds retail "POUNDS";
        /// Ounces.
        Ounces retail "OUNCES";
        /// Grams.
        Grams retail "GRAMS";
        /// Kilograms.
        Kilograms retail "KILOGRAMS";
    }
}

impl TaxType {
    /// Amazon's own example of a Canadian invoice has this for GST.
    const GST_IN_AMAZONS_EXAMPLE: &str = "GS";

    /// Whether it is one of India's goods and services taxes.
    pub const fn is_indian(self) -> bool {
        matches!(self, Self::Cgst | Self::Sgst | Self::Cess | Self::Utgst | Self::Igst)
    }

    /// Whether it is the value added tax of a European country, by any of its names.
    pub const fn is_vat(self) -> bool {
        matches!(self, Self::Vat | Self::MwSt | Self::Tva)
    }

    /// The name, which is the same in both APIs.
    pub fn text(self) -> &'static str {
        self.name(crate::api::Api::Retail).unwrap_or("another tax")
    }
}

macro_rules! wire_value {
    ($($enum:ident),*) => {$(
        impl Wire for $enum {
            const EXPECTED: &'static str = "a value of the enumeration";

            fn read(node: &Node, form: &mut Form) -> Option<Self> {
                let api = form.api;
                let names = Self::ALL.iter().filter_map(|value| value.name(api));
                named(node, form, names, |name| Self::named(name, api))
            }

            fn write(&self, style: Style) -> Value {
                Value::from(self.name(style.api).unwrap_or_default())
            }
        }
    )*};
}

wire_value!(
    InvoiceType,
    TaxRegistrationType,
    ChargeType,
    AllowanceType,
    AdditionalDetailType,
    PaymentTermsType,
    WeightUnit
);

impl Wire for TaxType {
    const EXPECTED: &'static str = "a tax type";

    fn read(node: &Node, form: &mut Form) -> Option<Self> {
        if matches!(node, Node::Text(text) if text == Self::GST_IN_AMAZONS_EXAMPLE) {
            form.warning(Notice::TaxTypeGs, "tax type GS is not in Amazon's model; GST is sent");
            return Some(Self::Gst);
        }
        let api = form.api;
        let names = Self::ALL.iter().filter_map(|value| value.name(api));
        named(node, form, names, |name| Self::named(name, api))
    }

    fn write(&self, style: Style) -> Value {
        Value::from(self.name(style.api).unwrap_or_default())
    }
}

/// The value of a name; another name is a violation that suggests the nearest.
pub(super) fn named<'k, T>(
    node: &Node,
    form: &mut Form,
    names: impl Iterator<Item = &'k str>,
    value: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    let Node::Text(name) = node else {
        form.wrong_type("a text", node);
        return None;
    };
    let found = value(name);
    if found.is_none() {
        let names: Vec<&str> = names.collect();
        let mut expected = format!("one of {}", names.join(", "));
        if let Some(meant) = nearest(name, names) {
            expected.push_str("; perhaps ");
            expected.push_str(meant);
        }
        form.violation(Rule::EnumValue, expected, shown(name));
    }
    found
}
