//! Invoices. In North America and Europe Amazon gives a number and a date, in Japan the whole invoice.

use countinghouse_domain::money::Money;
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::wire::{object, words};

words! {
    /// Whether it is an invoice or a credit memo; Japan only.
    InvoiceType {
        /// An invoice, for products or services provided.
        Standard = "STANDARD",
        /// A credit memo, for a refund.
        CreditMemo = "CREDIT_MEMO",
    }
}

words! {
    /// What a fee is for.
    FeeType {
        /// Shipping.
        Shipping = "SHIPPING",
        /// Gift wrapping.
        GiftWrapping = "GIFTWRAPPING",
        /// Anything else, for example cash on delivery.
        Other = "OTHER",
    }
}

object! {
    /// An invoice or credit memo. Nothing is required: Amazon answers with a detail that says nothing while there is
    /// no invoice yet, and leaves out members that its model promises.
    InvoiceDetail {
        /// Its number.
        invoice_number: Option<String> = "invoiceNumber",
        /// When it was issued.
        invoice_date: Option<Timestamp> = "invoiceDate",
        /// The invoice that this one is consolidated into, where orders are.
        consolidated: Option<ConsolidatedInvoice> = "consolidatedInvoiceDetails",
        /// Invoice or credit memo. Japan only, as is all that follows.
        invoice_type: Option<InvoiceType> = "invoiceType",
        /// The invoice that a credit memo corrects.
        associated_invoice_number: Option<String> = "associatedInvoiceNumber",
        /// Its date.
        associated_invoice_date: Option<Timestamp> = "associatedInvoiceDate",
        /// Who issued it.
        invoice_issuer: Option<InvoiceIssuer> = "invoiceIssuer",
        /// To whom it was issued: personal.
        bill_to_address: Option<PostalAddress> = "billToAddress",
        /// The original seller.
        seller_information: Option<SellerInformation> = "sellerInformation",
        /// When the order was placed.
        order_date: Option<Timestamp> = "orderDate",
        /// The currency of the total, as written.
        currency_code: Option<String> = "currencyCode",
        /// All charges: products, taxes and fees. Amazon's own example writes that of a credit memo positive.
        invoice_total: Option<Decimal> = "invoiceTotal",
        /// The totals for each tax rate.
        tax: Vec<TaxTotals> = "tax",
        /// The items.
        items: Vec<InvoiceItem> = "transactionDataItems",
        /// Fees of the whole invoice.
        fees: Vec<InvoiceFee> = "fees",
    }
}

object! {
    /// The invoice that several are consolidated into.
    ConsolidatedInvoice {
        /// Its number; the word `Pending` until it is made; nothing where invoices are not consolidated.
        invoice_number: Option<String> = "invoiceNumber",
    }
}

object! {
    /// Who issued an invoice.
    InvoiceIssuer {
        /// The name.
        name: Option<String> = "name",
        /// The tax registration number.
        registration_number: Option<String> = "registrationNumber",
    }
}

object! {
    /// Who sold the products.
    SellerInformation {
        /// The name.
        name: Option<String> = "name",
        /// The tax registration number.
        registration_number: Option<String> = "registrationNumber",
    }
}

object! {
    /// To whom an invoice was issued.
    PostalAddress {
        /// The full name.
        full_name: Option<String> = "fullName",
        /// The phone number.
        phone_number: Option<String> = "phoneNumber",
        /// The company.
        company_name: Option<String> = "companyName",
        /// The first line.
        address_line_1: Option<String> = "addressLine1",
        /// The second line.
        address_line_2: Option<String> = "addressLine2",
        /// The city.
        city: Option<String> = "city",
        /// The state or region.
        state_or_region: Option<String> = "stateOrRegion",
        /// The postal code.
        postal_code: Option<String> = "postalCode",
        /// The country, two letters of ISO 3166.
        country_code: Option<String> = "countryCode",
    }
}

object! {
    /// Totals of one tax rate, or the tax of a fee.
    TaxTotals {
        /// The rate, as written, for example `0.1`.
        rate: Option<String> = "rate",
        /// With tax.
        inclusive_total: Option<Money> = "inclusiveTotal",
        /// Without tax.
        exclusive_total: Option<Money> = "exclusiveTotal",
        /// The tax.
        amount: Option<Money> = "amount",
    }
}

object! {
    /// An item of an invoice.
    InvoiceItem {
        /// The tax rate, as written.
        tax_rate: Option<String> = "taxRate",
        /// How many.
        unit: Option<i64> = "unit",
        /// The item at Amazon.
        asin: Option<String> = "asin",
        /// Its title.
        title: Option<String> = "title",
        /// The price of one unit with tax.
        unit_tax_inclusive_price: Option<Money> = "unitTaxInclusivePrice",
        /// The price of one unit without tax.
        unit_tax_exclusive_price: Option<Money> = "unitTaxExclusivePrice",
        /// The tax of one unit.
        unit_tax_amount: Option<Money> = "unitTaxAmount",
        /// All units, with discounts and tax.
        total_amount: Option<Money> = "totalAmount",
        /// The discount.
        discount: Option<Money> = "discount",
        /// How the amounts are spread over the lines of the order.
        apportionment: Vec<ItemShare> = "apportionment",
        /// Fees of this item.
        fees: Vec<ItemFee> = "fees",
    }
}

object! {
    /// The share of a line of the order in an item of an invoice.
    ItemShare {
        /// The line of the order.
        order_line_item_id: Option<String> = "orderLineItemId",
        /// The number of the share.
        line_number: Option<i64> = "lineNumber",
        /// How many units have this price.
        units: Option<i64> = "units",
        /// The price of one unit.
        unit_price: Option<Money> = "unitPrice",
        /// The whole tax of the share.
        tax_amount: Option<Money> = "taxAmount",
    }
}

object! {
    /// A fee of an item.
    ItemFee {
        /// What it is for.
        fee_type: Option<FeeType> = "feeType",
        /// The fee and its tax.
        tax: Option<TaxTotals> = "tax",
        /// The discount on it; Amazon's own example writes it negative.
        discount: Option<Money> = "discount",
        /// How it is spread over the lines of the order.
        apportionment: Vec<ItemFeeShare> = "apportionment",
    }
}

object! {
    /// The share of a line of the order in a fee of an item.
    ItemFeeShare {
        /// The line of the order.
        associated_order_line_item_id: Option<String> = "associatedOrderLineItemId",
        /// How many units have this fee.
        units: Option<i64> = "units",
        /// The fee of one unit without tax.
        unit_tax_exclusive_fee: Option<Money> = "unitTaxExclusiveFee",
        /// The tax of one unit.
        unit_tax_amount: Option<Money> = "unitTaxAmount",
    }
}

object! {
    /// A fee of a whole invoice.
    InvoiceFee {
        /// What it is for.
        fee_type: Option<FeeType> = "feeType",
        /// The fee and its tax.
        tax: Option<TaxTotals> = "tax",
        /// The discount on it; Amazon's own example writes it negative.
        discount: Option<Money> = "discount",
        /// How it is spread over tax rates.
        apportionment: Vec<InvoiceFeeShare> = "apportionment",
    }
}

object! {
    /// A share of a fee of a whole invoice.
    InvoiceFeeShare {
        /// The fee without tax.
        tax_exclusive_fee: Option<Money> = "taxExclusiveFee",
        /// Its tax.
        tax_amount: Option<Money> = "taxAmount",
    }
}
