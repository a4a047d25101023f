//! The names of everything that a check can tell, each with what it means and where it comes from.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! names {
    ($(#[$doc:meta])* pub enum $enum:ident { $($name:ident, $wire:literal, $source:literal, $description:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $enum {
            $(#[doc = $description] $name,)*
        }

        impl $enum {
            /// All of them, in the order of the README's table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable name, for example in metrics and in `vendor check --json`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }

            /// What it means, for a person.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$name => $description,)* }
            }

            /// Where it comes from: `model` (Amazon's model of the API), `requirements` (Amazon's business
            /// requirements), `table` (Amazon's table of countries), `ours` (judged by us, see the README).
            pub const fn source(self) -> &'static str {
                match self { $(Self::$name => $source,)* }
            }
        }

        impl fmt::Display for $enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl Serialize for $enum {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

names! {
    /// The rules. Who breaks one is rejected.
    pub enum Rule {
        UnknownField, "unknown-field", "model", "A field is one of Amazon's model; the nearest known name is suggested.";
        RepeatedField, "repeated-field", "model", "A field is there once.";
        RequiredField, "required-field", "model", "What the model requires is there and not blank.";
        WrongType, "wrong-type", "model", "A value has the type of the model.";
        IntegerFormat, "integer-format", "model", "An integer is a whole number below 1,000,000,000.";
        DecimalFormat, "decimal-format", "model", "An amount, rate or weight has the form of the model's Decimal.";
        DecimalRange, "decimal-range", "ours", "A decimal is below 1,000,000,000,000 and has at most 6 decimals.";
        DateTimeFormat, "date-time-format", "model", "A date is a date-time of RFC 3339, with its offset.";
        EnumValue, "enum-value", "model", "A value is one of the model's enumeration; the nearest is suggested.";
        CountryCode, "country-code", "model", "A country is two capital letters of ISO 3166-1.";
        CurrencyCode, "currency-code", "model", "A currency is three capital letters of ISO 4217.";
        InvoiceId, "invoice-id", "ours", "An invoice's id has 1 to 255 characters, no control characters, no space at its ends.";
        InvoiceIdReused, "invoice-id-reused", "requirements", "An invoice's id is unique and never used again.";
        DateInFuture, "date-in-future", "table", "A date is now or before.";
        Items, "items", "requirements", "An invoice has items, for its total is their sum.";
        ItemSequence, "item-sequence", "model", "Each item has a number of its own.";
        ProductIdentifier, "product-identifier", "table", "An item has Amazon's identifier, the vendor's, or both.";
        Quantity, "quantity", "model", "A quantity and a case size are greater than zero.";
        NetCost, "net-cost", "model", "A net cost is greater than zero.";
        NegativeAmount, "negative-amount", "ours", "A total, tax, charge or allowance is not negative.";
        TotalZero, "total-zero", "requirements", "The total is not zero.";
        Currency, "currency", "ours", "All amounts are in the currency of the total; those of a `DomesticVAT` may be in another one.";
        PurchaseOrder, "purchase-order", "table", "Each item of an invoice names its purchase order.";
        PurchaseOrderFormat, "purchase-order-format", "model", "A purchase order's number has 8 letters or digits.";
        WeightPriced, "weight-priced", "requirements", "An item priced by weight has both totalWeight and netCostUnitOfMeasure, in one unit.";
        PaymentTerms, "payment-terms", "ours", "A discount is 0 to 100 percent, and days are not negative.";
        PartyMissing, "party-missing", "table", "The parties that the country's rules require are there, with their address.";
        AddressIncomplete, "address-incomplete", "requirements", "Every address is complete: it names the city.";
        CountryUnknown, "country-unknown", "ours", "A party names its country, for it decides which rules apply.";
        HsnLetters, "hsn-letters", "model", "An HSN code has no letters.";
        CreditNoteRegion, "credit-note-region", "table", "Credit notes are for Europe; elsewhere the type is Invoice.";
        CreditNoteReferences, "credit-note-references", "table", "Each item of a credit note has the references of its kind: invoice, return or COOP.";
        CreditNoteOneInvoice, "credit-note-one-invoice", "model", "A credit note refers to one invoice.";
        IndiaOneOrder, "india-one-order", "table", "India: all items are of one purchase order.";
        IndiaHsn, "india-hsn", "table", "India: each item has an HSN code of at most 8 digits; dots are not counted.";
        IndiaReferenceNumber, "india-reference-number", "table", "India: referenceNumber is the Invoice Reference Number (IRN).";
        IndiaGstId, "india-gst-id", "table", "India: remit-to, ship-from and bill-to have a 15-character GST id whose check character is right.";
        IndiaState, "india-state", "table", "India: ship-from and ship-to name their state by its ISO code.";
        IndiaTaxMissing, "india-tax-missing", "table", "India: the header and each item have tax details.";
        IndiaTaxTypes, "india-tax-types", "table", "India: all taxes of an invoice are SGST and CGST, UTGST and CGST, or IGST, with or without CESS.";
        EuropeTaxType, "europe-tax-type", "table", "Europe: the tax type is sent, also where the tax is zero.";
        TaxRegistrationType, "tax-registration-type", "table", "Europe and North America: the registration is a VAT number, but for a vendor from a country with GST.";
        DomesticVatRate, "domestic-vat-rate", "table", "`DomesticVAT` has the rate of a tax of type VAT, `MwSt.` or TVA beside it.";
        PolishSplitPayment, "polish-split-payment", "table", "Polish split payment: type SUR, languageCode PL and the text as Amazon writes it.";
        DirectFulfillmentIndia, "direct-fulfillment-india", "requirements", "Direct fulfillment invoices are not for India.";
        Total, "total", "requirements", "The total is the sum of items and charges less allowances, with or without tax.";
        TaxSum, "tax-sum", "requirements", "The tax of the lines is the tax of the header.";
        TaxAmount, "tax-amount", "ours", "A tax amount is its rate of the amount that it taxes.";
        TaxableAmount, "taxable-amount", "ours", "A taxable amount is the amount that the tax is on.";
        ChargeSum, "charge-sum", "model", "The charges of the header are the sum of those of the lines, by type.";
        AllowanceSum, "allowance-sum", "model", "The allowances of the header are the sum of those of the lines, by type.";
        HeaderItemized, "header-itemized", "requirements", "Charges and allowances of the lines are itemised at the header too.";
    }
}

names! {
    /// What a warning is about: tolerances that were used, and what Amazon does not use.
    pub enum Notice {
        NumberAsText, "number-as-text", "model", "A number was written as text; the number is sent.";
        AmountAsNumber, "amount-as-number", "model", "An amount was written as a JSON number; its digits are sent as text.";
        NumberForText, "number-for-text", "model", "A text was written as a number; its digits are sent as text.";
        NullLeftOut, "null-left-out", "model", "A field was null; it is not sent.";
        EmptyLeftOut, "empty-left-out", "model", "A field was blank; it is not sent.";
        TaxTypeGs, "tax-type-gs", "model", "Tax type GS, as in Amazon's example, was taken as GST.";
        TaxRateFraction, "tax-rate-fraction", "model", "Tax rates were written as fractions, 0.19 for 19 percent, as in Amazon's example.";
        Rounding, "rounding", "ours", "Amounts differ by no more than rounding explains.";
        TaxOnLinesOnly, "tax-on-lines-only", "requirements", "The lines have tax, the header has none.";
        TaxUnproven, "tax-unproven", "ours", "A tax has no rate, no counterpart and is not in the total, so nothing proves it.";
        InvoiceRepeated, "invoice-repeated", "requirements", "The same invoice was already there; it is submitted once.";
        NotUsed, "not-used", "table", "Amazon does not use this field in this region.";
        NoCountryTable, "no-country-table", "table", "Amazon publishes no rules for this country; only the general rules were checked.";
        PartyAddressMissing, "party-address-missing", "table", "Amazon expects the address beside the code of a ship-from or ship-to party.";
        BillToDiffers, "bill-to-differs", "table", "India: bill-to and ship-to are one party, so both should carry the same details.";
        GstIdAsVat, "gst-id-as-vat", "table", "A GST id was given with registration type VAT, as in Amazon's example.";
        GstRegistration, "gst-registration", "ours", "The vendor has a GST registration, and its country has GST; Amazon asks for a VAT number.";
        IrnForm, "irn-form", "ours", "An IRN has 64 hexadecimal digits; this reference number has another form.";
        VatNumberForm, "vat-number-form", "ours", "This does not look like a VAT number.";
        TaxTypeRegion, "tax-type-region", "ours", "This tax type belongs to another region.";
        PurchaseOrderLength, "purchase-order-length", "model", "A direct fulfillment order's number has not 8 letters or digits.";
        PaymentTermsOdd, "payment-terms-odd", "ours", "The payment terms contradict themselves.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_stable_kebab_case_and_unique() {
        let names = Rule::ALL.iter().map(|rule| rule.name()).chain(Notice::ALL.iter().map(|notice| notice.name()));
        let mut seen = HashSet::new();
        for name in names {
            assert!(seen.insert(name), "{name} twice");
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
        }
    }

    #[test]
    fn every_rule_says_where_it_comes_from() {
        let sources = ["model", "requirements", "table", "ours"];
        for (description, source) in Rule::ALL
            .iter()
            .map(|rule| (rule.description(), rule.source()))
            .chain(Notice::ALL.iter().map(|notice| (notice.description(), notice.source())))
        {
            assert!(sources.contains(&source) && description.ends_with('.'), "{description}");
        }
    }

    #[test]
    fn the_readme_lists_every_rule_and_every_warning_as_they_are() {
        let readme = include_str!("../README.md");
        for (name, source, description) in Rule::ALL
            .iter()
            .map(|rule| (rule.name(), rule.source(), rule.description()))
            .chain(Notice::ALL.iter().map(|notice| (notice.name(), notice.source(), notice.description())))
        {
            assert!(readme.contains(&format!("| `{name}` | {source} | {description} |")), "{name}");
        }
    }
}
