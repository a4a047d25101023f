//! The fields of both APIs' invoices, from the official models: what is needed, and what each one takes.

/// An object: its name in Amazon's errors, and its fields.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) kind: Kind,
}

/// What a field takes.
#[derive(Debug)]
pub(crate) enum Kind {
    Text,
    /// A text of at most so many characters.
    Short(usize),
    /// One of these texts.
    Enum(&'static [&'static str]),
    DateTime,
    /// A text with a decimal number.
    Decimal,
    /// A whole number, not as a text.
    Integer,
    /// Any number, not as a text.
    Number,
    Object(&'static Shape),
    List(&'static Shape),
}

use Kind::{DateTime, Decimal, Enum, Integer, List, Number, Object, Short, Text};

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, required: true, kind }
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, kind }
}

const TAX_TYPES: &[&str] = &[
    "CESS",
    "CGST",
    "Consumption",
    "DomesticVAT",
    "GST",
    "IGST",
    "MutuallyDefined",
    "MwSt.",
    "PST",
    "SGST",
    "ST",
    "TVA",
    "UTGST",
    "VAT",
];
const WEIGHT_UNITS: &[&str] = &["GRAMS", "KILOGRAMS", "OUNCES", "POUNDS"];
const REGISTRATIONS: &[&str] = &["GST", "VAT"];

static MONEY: Shape = Shape { name: "money", fields: &[must("currencyCode", Text), must("amount", Decimal)] };

static TAX: Shape = Shape {
    name: "taxDetail",
    fields: &[
        must("taxType", Enum(TAX_TYPES)),
        may("taxRate", Decimal),
        must("taxAmount", Object(&MONEY)),
        may("taxableAmount", Object(&MONEY)),
    ],
};

/// An invoice of submitInvoices. Money is a text with its currency there too, although its model requires neither.
pub(crate) static RETAIL: Shape = Shape {
    name: "invoice",
    fields: &[
        must("invoiceType", Enum(&["CreditNote", "Invoice"])),
        must("id", Text),
        may("referenceNumber", Text),
        must("date", DateTime),
        must("remitToParty", Object(&retail::PARTY)),
        may("shipToParty", Object(&retail::PARTY)),
        may("shipFromParty", Object(&retail::PARTY)),
        may("billToParty", Object(&retail::PARTY)),
        may("paymentTerms", Object(&retail::TERMS)),
        must("invoiceTotal", Object(&MONEY)),
        may("taxDetails", List(&TAX)),
        may("additionalDetails", List(&retail::ADDITIONAL)),
        may("chargeDetails", List(&retail::CHARGE)),
        may("allowanceDetails", List(&retail::ALLOWANCE)),
        may("items", List(&retail::ITEM)),
    ],
};

mod retail {
    use super::{
        DateTime, Decimal, Enum, Integer, List, MONEY, Number, Object, REGISTRATIONS, Shape, Short, TAX, Text,
        WEIGHT_UNITS, may, must,
    };

    pub(super) static PARTY: Shape = Shape {
        name: "party",
        fields: &[
            must("partyId", Text),
            may("address", Object(&ADDRESS)),
            may("taxRegistrationDetails", List(&REGISTRATION)),
        ],
    };

    static ADDRESS: Shape = Shape {
        name: "address",
        fields: &[
            must("name", Text),
            must("addressLine1", Text),
            may("addressLine2", Text),
            may("addressLine3", Text),
            may("city", Text),
            may("county", Text),
            may("district", Text),
            may("stateOrRegion", Text),
            may("postalOrZipCode", Text),
            must("countryCode", Short(2)),
            may("phone", Text),
        ],
    };

    static REGISTRATION: Shape = Shape {
        name: "taxRegistrationDetail",
        fields: &[must("taxRegistrationType", Enum(REGISTRATIONS)), must("taxRegistrationNumber", Text)],
    };

    pub(super) static TERMS: Shape = Shape {
        name: "paymentTerms",
        fields: &[
            may(
                "type",
                Enum(&[
                    "Basic",
                    "EndOfMonth",
                    "FixedDate",
                    "LetterofCredit",
                    "PaymentDueUponReceiptOfInvoice",
                    "Proximo",
                ]),
            ),
            may("discountPercent", Decimal),
            may("discountDueDays", Number),
            may("netDueDays", Number),
        ],
    };

    pub(super) static ADDITIONAL: Shape = Shape {
        name: "additionalDetail",
        fields: &[must("type", Enum(&["CartonCount", "OCR", "SUR"])), must("detail", Text), may("languageCode", Text)],
    };

    pub(super) static CHARGE: Shape = Shape {
        name: "chargeDetail",
        fields: &[
            must(
                "type",
                Enum(&[
                    "CollectionAndRecyclingService",
                    "Duty",
                    "EnvironmentalProtectionService",
                    "Freight",
                    "InsuranceFee",
                    "InsurancePlacementCost",
                    "Packing",
                    "Service",
                    "SmallOrder",
                    "SpecialHandlingService",
                    "TaxCollectedAtSource",
                ]),
            ),
            may("description", Text),
            must("chargeAmount", Object(&MONEY)),
            may("taxDetails", List(&TAX)),
        ],
    };

    pub(super) static ALLOWANCE: Shape = Shape {
        name: "allowanceDetail",
        fields: &[
            must(
                "type",
                Enum(&[
                    "Defective",
                    "Discount",
                    "DiscountIncentive",
                    "Promotional",
                    "Special",
                    "UnsaleableMerchandise",
                ]),
            ),
            may("description", Text),
            must("allowanceAmount", Object(&MONEY)),
            may("taxDetails", List(&TAX)),
        ],
    };

    pub(super) static ITEM: Shape = Shape {
        name: "item",
        fields: &[
            must("itemSequenceNumber", Integer),
            may("amazonProductIdentifier", Text),
            may("vendorProductIdentifier", Text),
            must("invoicedQuantity", Object(&QUANTITY)),
            must("netCost", Object(&MONEY)),
            may("netCostUnitOfMeasure", Enum(WEIGHT_UNITS)),
            may("purchaseOrderNumber", Text),
            may("hsnCode", Text),
            may("creditNoteDetails", Object(&CREDIT_NOTE)),
            may("taxDetails", List(&TAX)),
            may("chargeDetails", List(&CHARGE)),
            may("allowanceDetails", List(&ALLOWANCE)),
        ],
    };

    static QUANTITY: Shape = Shape {
        name: "invoicedQuantity",
        fields: &[
            must("amount", Integer),
            must("unitOfMeasure", Enum(&["Cases", "Eaches"])),
            may("unitSize", Integer),
            may("totalWeight", Object(&WEIGHT)),
        ],
    };

    static WEIGHT: Shape =
        Shape { name: "totalWeight", fields: &[must("unitOfMeasure", Enum(WEIGHT_UNITS)), must("amount", Decimal)] };

    static CREDIT_NOTE: Shape = Shape {
        name: "creditNoteDetails",
        fields: &[
            may("referenceInvoiceNumber", Text),
            may("debitNoteNumber", Text),
            may("returnsReferenceNumber", Text),
            may("goodsReturnDate", DateTime),
            may("rmaId", Text),
            may("coopReferenceNumber", Text),
            may("consignorsReferenceNumber", Text),
        ],
    };
}

/// An invoice of submitInvoice.
pub(crate) static DIRECT_FULFILLMENT: Shape = Shape {
    name: "invoice",
    fields: &[
        must("invoiceNumber", Text),
        must("invoiceDate", DateTime),
        may("referenceNumber", Text),
        must("remitToParty", Object(&direct::PARTY)),
        must("shipFromParty", Object(&direct::PARTY)),
        may("billToParty", Object(&direct::PARTY)),
        may("shipToCountryCode", Text),
        may("paymentTermsCode", Text),
        must("invoiceTotal", Object(&MONEY)),
        may("taxTotals", List(&TAX)),
        may("additionalDetails", List(&direct::ADDITIONAL)),
        may("chargeDetails", List(&direct::CHARGE)),
        must("items", List(&direct::ITEM)),
    ],
};

mod direct {
    use super::{Enum, Integer, List, MONEY, Object, REGISTRATIONS, Shape, TAX, Text, may, must};

    pub(super) static PARTY: Shape = Shape {
        name: "party",
        fields: &[
            must("partyId", Text),
            may("address", Object(&ADDRESS)),
            may("taxRegistrationDetails", List(&REGISTRATION)),
        ],
    };

    static ADDRESS: Shape = Shape {
        name: "address",
        fields: &[
            must("name", Text),
            must("addressLine1", Text),
            may("addressLine2", Text),
            may("addressLine3", Text),
            must("city", Text),
            may("county", Text),
            may("district", Text),
            must("stateOrRegion", Text),
            must("postalCode", Text),
            must("countryCode", Text),
            may("phone", Text),
        ],
    };

    static REGISTRATION: Shape = Shape {
        name: "taxRegistrationDetail",
        fields: &[
            may("taxRegistrationType", Enum(REGISTRATIONS)),
            must("taxRegistrationNumber", Text),
            may("taxRegistrationAddress", Object(&ADDRESS)),
            may("taxRegistrationMessage", Text),
        ],
    };

    pub(super) static ADDITIONAL: Shape = Shape {
        name: "additionalDetail",
        fields: &[must("type", Enum(&["OCR", "SUR"])), must("detail", Text), may("languageCode", Text)],
    };

    pub(super) static CHARGE: Shape = Shape {
        name: "chargeDetail",
        fields: &[
            must(
                "type",
                Enum(&[
                    "FREIGHTOUT",
                    "FULFILLMENT",
                    "GIFTWRAP",
                    "LOADING",
                    "MARKETINGINSERT",
                    "PACKAGING",
                    "TAX_COLLECTED_AT_SOURCE",
                ]),
            ),
            must("chargeAmount", Object(&MONEY)),
            may("taxDetails", List(&TAX)),
        ],
    };

    pub(super) static ITEM: Shape = Shape {
        name: "item",
        fields: &[
            must("itemSequenceNumber", Text),
            may("buyerProductIdentifier", Text),
            may("vendorProductIdentifier", Text),
            must("invoicedQuantity", Object(&QUANTITY)),
            must("netCost", Object(&MONEY)),
            must("purchaseOrderNumber", Text),
            may("vendorOrderNumber", Text),
            may("hsnCode", Text),
            may("taxDetails", List(&TAX)),
            may("chargeDetails", List(&CHARGE)),
        ],
    };

    static QUANTITY: Shape =
        Shape { name: "invoicedQuantity", fields: &[must("amount", Integer), must("unitOfMeasure", Text)] };
}
