//! Charges, refunds and over-refunds with their line items.

use std::collections::BTreeMap;

use countinghouse_domain::money::Money;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::model::OrderLineItem;
use crate::model::entry::{read, subject, to_json};
use crate::wire::{Read, ReadError, object, words};

words! {
    /// The type of a transaction.
    TransactionType {
        /// A positive transaction amount: money that was paid, or authorised.
        Charge = "CHARGE",
        /// A negative transaction amount: money that came back.
        Refund = "REFUND",
        /// An additional refund, beyond what the charge was.
        Overrefund = "OVERREFUND",
    }
}

object! {
    /// A transaction. Required are its identifier, its type and its amount, without which nothing can be booked;
    /// Amazon's model promises none of its fields.
    Transaction {
        /// Amazon's identifier, unique.
        transaction_id: String = "transactionId",
        /// Charge, refund or over-refund.
        transaction_type: TransactionType = "transactionType",
        /// What was charged. Where that is not settled yet, what was authorised: it may change.
        amount: Money = "amount",
        /// When it happened.
        transaction_date: Option<Timestamp> = "transactionDate",
        /// Since when Amazon tells of it; windows are asked for by this date.
        feed_date: Option<Timestamp> = "feedDate",
        /// Where the items were bought.
        marketplace_id: Option<String> = "marketplaceId",
        /// Amazon's identifier of the charge; newer model only.
        charge_identifier: Option<String> = "chargeIdentifier",
        /// The number of the invoice, without its date; newer model only.
        invoice_number: Option<String> = "invoiceNumber",
        /// The tax rate of shipping, as written, for example `0.00`.
        ship_tax_rate: Option<String> = "shipTaxRate",
        /// The tax rate of gift wrapping, as written.
        gift_wrap_tax_rate: Option<String> = "giftWrapTaxRate",
        /// The legal entity of the company that the order is for.
        legal_entity_name: Option<String> = "legalEntityName",
        /// The department of the company that the order is for.
        purchasing_customer_group_name: Option<String> = "purchasingCustomerGroupName",
        /// Credit card, pay by invoice, bank account …
        payment_instrument_type: Option<String> = "paymentInstrumentType",
        /// The last four digits of its number.
        payment_instrument_last_4_digits: Option<String> = "paymentInstrumentLast4Digits",
        /// Who bought: personal.
        buyer: Option<Customer> = "buyer",
        /// Whose payment instrument it is: personal.
        payer: Option<Customer> = "payer",
        /// The transactions that belong with this one, for example the other parts of a payment that was split over
        /// several instruments.
        associated: Vec<AssociatedTransaction> = "associatedTransactionDetails",
        /// Its line items.
        lines: Vec<LineItem> = "transactionLineItems",
    }
}

object! {
    /// A person with a role in a transaction.
    Customer {
        /// Amazon's identifier of the account.
        id: Option<String> = "id",
        /// The name.
        name: Option<String> = "name",
        /// The e-mail address.
        email: Option<String> = "email",
    }
}

object! {
    /// A transaction that belongs with this one.
    AssociatedTransaction {
        /// Its identifier.
        transaction_id: String = "associatedTransactionId",
    }
}

object! {
    /// One item of a transaction.
    LineItem {
        /// Why it was refunded.
        refund_reason: Option<String> = "refundReason",
        /// What was charged for the item: its principal plus or minus any additional charges or credits.
        total_amount: Option<Money> = "totalAmount",
        /// What was charged before additional charges and credits.
        principal_amount: Option<Money> = "principalAmount",
        /// The shipping charge.
        shipping_charge: Option<Money> = "shippingCharge",
        /// The regulatory fee.
        regulatory_fee: Option<Money> = "regulatoryFee",
        /// The gift wrapping charge.
        gift_wrapping_charge: Option<Money> = "giftWrappingCharge",
        /// The discount; Amazon's own example writes it as a negative amount.
        discount: Option<Money> = "discount",
        /// The tax.
        tax: Option<Money> = "tax",
        /// The price of one unit.
        unit_price: Option<Money> = "unitPrice",
        /// The tax rate, as written.
        tax_rate: Option<String> = "taxRate",
        /// The order.
        order_id: Option<String> = "orderId",
        /// The code of the item in the United Nations Standard Products and Services Code.
        unspsc: Option<String> = "unspsc",
        /// Amazon's identifier of the line of the order.
        order_line_item_id: Option<String> = "orderLineItemId",
        /// The buyer's purchase order.
        purchase_order_number: Option<String> = "purchaseOrderNumber",
        /// The line of the buyer's purchase order.
        purchase_order_line_item_id: Option<String> = "purchaseOrderLineItemId",
        /// The item at Amazon.
        asin: Option<String> = "asin",
        /// Its title.
        product_title: Option<String> = "productTitle",
        /// How many.
        item_quantity: Option<i64> = "itemQuantity",
        /// The shipment.
        shipment_id: Option<String> = "shipmentId",
        /// When it was shipped.
        shipment_date: Option<Timestamp> = "shipmentDate",
        /// The legal name of the seller.
        merchant_legal_name: Option<String> = "merchantLegalName",
        /// The buyer's budget.
        budget_id: Option<String> = "budgetId",
        /// What the company asks for at the checkout, for example a cost centre.
        business_order_info: BTreeMap<String, String> = "businessOrderInfo",
    }
}

object! {
    /// The persons of a transaction, to be kept apart from it and not for ever.
    People {
        /// Who bought.
        buyer: Option<Customer> = "buyer",
        /// Whose payment instrument it is.
        payer: Option<Customer> = "payer",
    }
}

impl Transaction {
    /// Reads a transaction from its JSON.
    pub fn from_json(json: &str) -> Result<Read<Self>, ReadError> {
        read(json, |raw| subject(raw, "transactionId", "transaction"))
    }

    /// The transaction as Amazon writes it, with everything in it; [`from_json`](Self::from_json) reads it back.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// Takes the persons out of it.
    pub fn take_people(&mut self) -> People {
        People { buyer: self.buyer.take(), payer: self.payer.take(), other: BTreeMap::new() }
    }

    /// What it is known by, apart from its identifier: the SHA-256 of [`to_json`](Self::to_json), in hex. Take it
    /// before the persons are taken out.
    pub fn content_hash(&self) -> String {
        hex::encode(Sha256::digest(self.to_json().as_bytes()))
    }

    /// Since when it is known, for its age: Amazon's feed date, or else its own date.
    pub fn known_since(&self) -> Option<Timestamp> {
        self.feed_date.or(self.transaction_date)
    }

    /// Whether this is the later word on the same transaction (an authorised amount may change when it is settled):
    /// the one with the later feed date, then with the later date, then by content, so that any two readers in any
    /// order choose the same.
    pub fn supersedes(&self, other: &Self) -> bool {
        let rank = |each: &Self| (each.feed_date, each.transaction_date, each.to_json());
        rank(self) > rank(other)
    }

    /// The line items that invoices can be asked for, each once.
    pub fn order_line_items(&self) -> Vec<OrderLineItem> {
        let mut items: Vec<OrderLineItem> = self.lines.iter().filter_map(LineItem::order_line_item).collect();
        items.sort();
        items.dedup();
        items
    }
}

impl LineItem {
    /// What an invoice is asked for with; none where Amazon has not given all three identifiers.
    pub fn order_line_item(&self) -> Option<OrderLineItem> {
        Some(OrderLineItem {
            order_id: self.order_id.clone()?,
            order_line_item_id: self.order_line_item_id.clone()?,
            shipment_id: self.shipment_id.clone()?,
        })
    }
}

impl People {
    /// Whether nobody is named.
    pub const fn is_empty(&self) -> bool {
        self.buyer.is_none() && self.payer.is_none()
    }

    /// The persons as JSON, with Amazon's names.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// Reads them back.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        read(json, |_raw| None).map(|read| read.value)
    }
}
