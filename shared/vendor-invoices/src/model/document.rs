//! The invoice, its items and their amounts.

use countinghouse_domain::money::Currency;
use rust_decimal::Decimal;

use super::fields::wire_object;
use super::kinds::{
    AdditionalDetailType, AllowanceType, ChargeType, InvoiceType, PaymentTermsType, TaxType, WeightUnit,
};
use super::party::PartyIdentification;
use super::text::{Country, DateTime, ItemSequence, UnitOfMeasure};

wire_object! {
    /// An invoice or credit note: `Invoice` of retail procurement, `InvoiceDetail` of direct fulfillment.
    pub struct InvoiceFields {
        /// Whether it is an invoice or a credit note.
        one invoice_type: InvoiceType, retail must "invoiceType", direct none;
        /// The number of the invoice or credit note.
        one id: String, retail must "id", direct must "invoiceNumber";
        /// A further number, in India the IRN.
        one reference_number: String, retail may "referenceNumber", direct may "referenceNumber";
        /// When it was made out.
        one date: DateTime, retail must "date", direct must "invoiceDate";
        /// Who receives the payment.
        one remit_to_party: PartyIdentification, retail must "remitToParty", direct must "remitToParty";
        /// Who receives the goods.
        one ship_to_party: PartyIdentification, retail may "shipToParty", direct none;
        /// Who sends the goods.
        one ship_from_party: PartyIdentification, retail may "shipFromParty", direct must "shipFromParty";
        /// Who is billed.
        one bill_to_party: PartyIdentification, retail may "billToParty", direct may "billToParty";
        /// The country of the customer.
        one ship_to_country: Country, retail none, direct may "shipToCountryCode";
        /// The terms of payment.
        one payment_terms: PaymentTerms, retail may "paymentTerms", direct none;
        /// The terms of payment, as a code.
        one payment_terms_code: String, retail none, direct may "paymentTermsCode";
        /// The total.
        one invoice_total: MoneyFields, retail must "invoiceTotal", direct must "invoiceTotal";
        /// The taxes of all items.
        many tax_details: TaxDetails, retail may "taxDetails", direct may "taxTotals";
        /// Further details.
        many additional_details: AdditionalDetails, retail may "additionalDetails", direct may "additionalDetails";
        /// The charges of all items.
        many charge_details: ChargeDetails, retail may "chargeDetails", direct may "chargeDetails";
        /// The allowances of all items.
        many allowance_details: AllowanceDetails, retail may "allowanceDetails", direct none;
        /// The items.
        many items: InvoiceItem, retail may "items", direct must "items";
    }

    /// An item.
    pub struct InvoiceItem {
        /// Its number.
        one item_sequence_number: ItemSequence,
            retail must "itemSequenceNumber", direct must "itemSequenceNumber";
        /// Amazon's identifier (ASIN).
        one amazon_product_identifier: String,
            retail may "amazonProductIdentifier", direct may "buyerProductIdentifier";
        /// The vendor's identifier.
        one vendor_product_identifier: String,
            retail may "vendorProductIdentifier", direct may "vendorProductIdentifier";
        /// How much is invoiced.
        one invoiced_quantity: ItemQuantity, retail must "invoicedQuantity", direct must "invoicedQuantity";
        /// The price of one unit, or of one unit of weight, without tax.
        one net_cost: MoneyFields, retail must "netCost", direct must "netCost";
        /// The unit of weight of a price by weight.
        one net_cost_unit_of_measure: WeightUnit, retail may "netCostUnitOfMeasure", direct none;
        /// Amazon's purchase order.
        one purchase_order_number: String, retail may "purchaseOrderNumber", direct must "purchaseOrderNumber";
        /// The vendor's number of the order.
        one vendor_order_number: String, retail none, direct may "vendorOrderNumber";
        /// The code of the Harmonized System of Nomenclature.
        one hsn_code: String, retail may "hsnCode", direct may "hsnCode";
        /// The references of a credit note.
        one credit_note_details: CreditNoteDetails, retail may "creditNoteDetails", direct none;
        /// The taxes of the item.
        many tax_details: TaxDetails, retail may "taxDetails", direct may "taxDetails";
        /// The charges of the item.
        many charge_details: ChargeDetails, retail may "chargeDetails", direct may "chargeDetails";
        /// The allowances of the item.
        many allowance_details: AllowanceDetails, retail may "allowanceDetails", direct none;
    }

    /// A quantity.
    pub struct ItemQuantity {
        /// How many.
        one amount: i64, retail must "amount", direct must "amount";
        /// Of what.
        one unit_of_measure: UnitOfMeasure, retail must "unitOfMeasure", direct must "unitOfMeasure";
        /// How many are in a case.
        one unit_size: i64, retail may "unitSize", direct none;
        /// What all of it weighs, for items sold by weight.
        one total_weight: TotalWeight, retail may "totalWeight", direct none;
    }

    /// A weight.
    pub struct TotalWeight {
        /// Its unit.
        one unit_of_measure: WeightUnit, retail must "unitOfMeasure", direct none;
        /// How much.
        one amount: Decimal, retail must "amount", direct none;
    }

    /// An amount of money. The model of retail procurement requires neither field, but without both it says nothing.
    pub struct MoneyFields {
        /// The currency.
        one currency: Currency, retail must "currencyCode", direct must "currencyCode";
        /// The amount.
        one amount: Decimal, retail must "amount", direct must "amount";
    }

    /// A tax.
    pub struct TaxDetails {
        /// Which tax.
        one tax_type: TaxType, retail must "taxType", direct must "taxType";
        /// Its rate in percent.
        one tax_rate: Decimal, retail may "taxRate", direct may "taxRate";
        /// How much it is.
        one tax_amount: MoneyFields, retail must "taxAmount", direct must "taxAmount";
        /// What it is on.
        one taxable_amount: MoneyFields, retail may "taxableAmount", direct may "taxableAmount";
    }

    /// A charge.
    pub struct ChargeDetails {
        /// Its kind.
        one kind: ChargeType, retail must "type", direct must "type";
        /// In words.
        one description: String, retail may "description", direct none;
        /// How much it is, without tax.
        one amount: MoneyFields, retail must "chargeAmount", direct must "chargeAmount";
        /// The taxes on it.
        many tax_details: TaxDetails, retail may "taxDetails", direct may "taxDetails";
    }

    /// An allowance, which is deducted.
    pub struct AllowanceDetails {
        /// Its kind.
        one kind: AllowanceType, retail must "type", direct none;
        /// In words.
        one description: String, retail may "description", direct none;
        /// How much it is, without tax.
        one amount: MoneyFields, retail must "allowanceAmount", direct none;
        /// The taxes on it.
        many tax_details: TaxDetails, retail may "taxDetails", direct none;
    }

    /// A further detail.
    pub struct AdditionalDetails {
        /// Its kind.
        one kind: AdditionalDetailType, retail must "type", direct must "type";
        /// The text.
        one detail: String, retail must "detail", direct must "detail";
        /// The language of the text.
        one language_code: String, retail may "languageCode", direct may "languageCode";
    }

    /// The terms of payment, counted from the date of the invoice.
    pub struct PaymentTerms {
        /// Their kind.
        one kind: PaymentTermsType, retail may "type", direct none;
        /// The discount in percent.
        one discount_percent: Decimal, retail may "discountPercent", direct none;
        /// For how many days the discount is given.
        one discount_due_days: i64, retail may "discountDueDays", direct none;
        /// After how many days the total is due.
        one net_due_days: i64, retail may "netDueDays", direct none;
    }

    /// What a credit note refers to.
    pub struct CreditNoteDetails {
        /// The invoice that is credited.
        one reference_invoice_number: String, retail may "referenceInvoiceNumber", direct none;
        /// Amazon's debit note.
        one debit_note_number: String, retail may "debitNoteNumber", direct none;
        /// The notice of a return.
        one returns_reference_number: String, retail may "returnsReferenceNumber", direct none;
        /// When the return was received.
        one goods_return_date: DateTime, retail may "goodsReturnDate", direct none;
        /// The authorisation of a return.
        one rma_id: String, retail may "rmaId", direct none;
        /// The COOP agreement.
        one coop_reference_number: String, retail may "coopReferenceNumber", direct none;
        /// Amazon's VRET number.
        one consignors_reference_number: String, retail may "consignorsReferenceNumber", direct none;
    }
}

/// What charges and allowances have in common.
pub trait Adjustment {
    /// The kind's name in retail procurement, or else in direct fulfillment.
    fn kind_name(&self) -> Option<&'static str>;
    /// The amount without tax.
    fn amount(&self) -> Option<&MoneyFields>;
    /// The taxes on it.
    fn taxes(&self) -> &[TaxDetails];
}

impl Adjustment for ChargeDetails {
    fn kind_name(&self) -> Option<&'static str> {
        self.kind.and_then(|kind| crate::api::Api::ALL.into_iter().find_map(|api| kind.name(api)))
    }

    fn amount(&self) -> Option<&MoneyFields> {
        self.amount.as_ref()
    }

    fn taxes(&self) -> &[TaxDetails] {
        &self.tax_details
    }
}

impl Adjustment for AllowanceDetails {
    fn kind_name(&self) -> Option<&'static str> {
        self.kind.and_then(|kind| kind.name(crate::api::Api::Retail))
    }

    fn amount(&self) -> Option<&MoneyFields> {
        self.amount.as_ref()
    }

    fn taxes(&self) -> &[TaxDetails] {
        &self.tax_details
    }
}
