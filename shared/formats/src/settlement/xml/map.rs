//! The elements of the XML report in the words of the V2 layout.
//!
//! No real file is publicly to be had: the structure is that of the readers of four other systems (FORMATS.md A.7).

use countinghouse_domain::money::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::node::Node;
use crate::date::Dates;
use crate::error::{ErrorKind, Fault};
use crate::number::Decimals;

/// One amount with texts of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    pub(super) transaction_type: String,
    pub(super) amount_type: &'static str,
    pub(super) amount_description: String,
    pub(super) amount: Decimal,
    pub(super) order_id: String,
    pub(super) merchant_order_id: String,
    pub(super) adjustment_id: String,
    pub(super) shipment_id: String,
    pub(super) marketplace_name: String,
    pub(super) fulfillment_id: String,
    pub(super) posted_at: Option<Timestamp>,
    pub(super) order_item_code: String,
    pub(super) merchant_order_item_id: String,
    pub(super) merchant_adjustment_item_id: String,
    pub(super) sku: String,
    pub(super) quantity: Option<i64>,
    pub(super) promotion_id: String,
}

/// A fault with the line of its element.
#[derive(Debug)]
pub(super) struct Misfit {
    pub(super) line: u64,
    pub(super) fault: Fault,
}

impl Misfit {
    pub(super) fn at(node: &Node) -> impl FnOnce(Fault) -> Self + '_ {
        |fault| Self { line: node.line, fault }
    }
}

/// Turns groups into amounts.
#[derive(Debug)]
pub(super) struct Mapper {
    pub(super) currency: Currency,
    pub(super) decimals: Decimals,
    pub(super) dates: Dates,
    /// Elements that are not known and hold no amount, each once.
    pub(super) unknown: Vec<String>,
}

/// More names of unknown elements than are kept.
const MAX_UNKNOWN: usize = 100;

/// Groups that are built like an order, with their transaction-type in V2.
const ORDER_LIKE: [(&str, &str); 4] = [
    ("Order", "Order"),
    ("Refund", "Refund"),
    ("GuaranteeClaim", "A-to-z Guarantee Refund"),
    ("Chargeback", "Chargeback Refund"),
];

/// Elements of lists of amounts, with their amount-type in V2.
const LISTS: [(&str, &str); 12] = [
    ("ItemPrice", "ItemPrice"),
    ("ItemPriceAdjustments", "ItemPrice"),
    ("ItemFees", "ItemFees"),
    ("ItemFeeAdjustments", "ItemFees"),
    ("ShipmentFees", "ShipmentFees"),
    ("ShipmentFeeAdjustments", "ShipmentFees"),
    ("OrderFees", "OrderFees"),
    ("OrderFeeAdjustments", "OrderFees"),
    ("ItemTaxWithheld", "ItemWithheldTax"),
    ("ItemWithheldTax", "ItemWithheldTax"),
    ("DirectPayment", "DirectPayment"),
    ("DirectPaymentAdjustments", "DirectPayment"),
];

impl Mapper {
    /// The amounts of a group, in the order of the file.
    pub(super) fn map(&mut self, group: &Node, entries: &mut Vec<Entry>) -> Result<(), Misfit> {
        if let Some((_, transaction_type)) = ORDER_LIKE.iter().find(|(name, _)| *group.name == **name) {
            let context = Entry { transaction_type: (*transaction_type).to_owned(), ..Entry::default() };
            return self.order_part(group, context, entries);
        }
        match &*group.name {
            "OtherTransaction" => self.other_transaction(group, entries),
            "AdvertisingTransactionDetails" => self.advertising(group, entries),
            "Retrocharge" => self.retrocharge(group, entries),
            "SellerDealPayment" => self.payment_with_fee(group, "DealFee", "SellerDealPayment", entries),
            "SellerCouponPayment" => self.payment_with_fee(group, "CouponFee", "CouponRedemptionFee", entries),
            _ => self.unknown(group),
        }
    }

    /// An order, its fulfillment or its item: texts for all amounts in it, lists of amounts, and smaller parts.
    fn order_part(&mut self, part: &Node, mut context: Entry, entries: &mut Vec<Entry>) -> Result<(), Misfit> {
        // A date may stand after the fees that it dates.
        self.take_texts(part, &mut context)?;
        let posted = part.child("Fulfillment").and_then(|fulfillment| fulfillment.child("PostedDate"));
        if let (None, Some(posted)) = (context.posted_at, posted) {
            context.posted_at = self.date(posted)?;
        }
        for child in &part.children {
            if let Some((_, amount_type)) = LISTS.iter().find(|(name, _)| *child.name == **name) {
                for component in &child.children {
                    self.component(component, amount_type, &context, entries)?;
                }
                continue;
            }
            match &*child.name {
                "Fulfillment" | "Item" | "AdjustedItem" => self.order_part(child, context.clone(), entries)?,
                "Promotion" | "PromotionAdjustment" => {
                    let promotion_id = child.child_text("MerchantPromotionID").to_owned();
                    let context = Entry { promotion_id, ..context.clone() };
                    self.component(child, "Promotion", &context, entries)?;
                }
                name if is_text(name) => {}
                _ => self.unknown(child)?,
            }
        }
        Ok(())
    }

    fn take_texts(&mut self, part: &Node, context: &mut Entry) -> Result<(), Misfit> {
        for child in &part.children {
            let text = || child.text.trim().to_owned();
            match &*child.name {
                "AmazonOrderID" => context.order_id = text(),
                "MerchantOrderID" => context.merchant_order_id = text(),
                "ShipmentID" => context.shipment_id = text(),
                "AdjustmentID" => context.adjustment_id = text(),
                "MarketplaceName" => context.marketplace_name = text(),
                "MerchantFulfillmentID" => context.fulfillment_id = text(),
                "AmazonOrderItemCode" => context.order_item_code = text(),
                "MerchantOrderItemID" => context.merchant_order_item_id = text(),
                "MerchantAdjustmentItemID" => context.merchant_adjustment_item_id = text(),
                "SKU" => context.sku = text(),
                "Quantity" => context.quantity = quantity(child)?,
                "PostedDate" => context.posted_at = self.date(child)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A type and an amount.
    fn component(
        &mut self,
        component: &Node,
        amount_type: &'static str,
        context: &Entry,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Misfit> {
        let amount = self.amount_of(component, "Amount")?;
        let amount_description = component.child_text("Type").to_owned();
        entries.push(Entry { amount_type, amount_description, amount, ..context.clone() });
        let known = |name: &str| matches!(name, "Type" | "Amount" | "MerchantPromotionID");
        component.children.iter().filter(|child| !known(&child.name)).try_for_each(|child| self.unknown(child))
    }

    /// An event of the account. Its amount is the whole; items, where they add up to it, say which goods it is for.
    fn other_transaction(&mut self, group: &Node, entries: &mut Vec<Entry>) -> Result<(), Misfit> {
        let context = self.event(group, group.child_text("TransactionType"))?;
        let amount = self.amount_of(group, "Amount")?;
        let mut items = Vec::new();
        let mut sum = Some(Decimal::ZERO);
        for child in &group.children {
            match &*child.name {
                "OtherTransactionItem" => {
                    let mut item = context.clone();
                    self.take_texts(child, &mut item)?;
                    item.amount = self.amount_of(child, "Amount")?;
                    sum = sum.and_then(|sum| sum.checked_add(item.amount));
                    items.push(item);
                }
                // Part of the amount.
                "Fees" | "Amount" => {}
                name if is_text(name) || is_event_text(name) => {}
                _ => self.unknown(child)?,
            }
        }
        if !items.is_empty() && sum == Some(amount) {
            entries.append(&mut items);
        } else {
            entries.push(Entry { amount, ..context });
        }
        Ok(())
    }

    /// Advertising: V2 has one amount with the tax in it.
    fn advertising(&mut self, group: &Node, entries: &mut Vec<Entry>) -> Result<(), Misfit> {
        let context = Entry {
            amount_type: "Cost of Advertising",
            amount_description: "TransactionTotalAmount".to_owned(),
            ..self.event(group, "ServiceFee")?
        };
        let amount = self.amount_of(group, "TransactionAmount")?;
        if group.child("BaseAmount").is_some() {
            let base = self.amount_of(group, "BaseAmount")?;
            let tax = match group.child("TaxAmount") {
                Some(_) => self.amount_of(group, "TaxAmount")?,
                None => Decimal::ZERO,
            };
            if base.checked_add(tax) != Some(amount) {
                let expected = "BaseAmount and TaxAmount to add up to it";
                let text = group.child_text("TransactionAmount");
                let fault = Fault::value(ErrorKind::BadAmount, "TransactionAmount", text, expected);
                return Err(Misfit::at(group)(fault));
            }
        }
        entries.push(Entry { amount, ..context });
        let known = |name: &str| is_event_text(name) || is_text(name) || name.ends_with("Amount");
        group.children.iter().filter(|child| !known(&child.name)).try_for_each(|child| self.unknown(child))
    }

    /// Tax that is charged again: an element for each tax.
    fn retrocharge(&mut self, group: &Node, entries: &mut Vec<Entry>) -> Result<(), Misfit> {
        let transaction_type = match group.child_text("TransactionType") {
            text if text.starts_with("Refund") => "Refund_Retrocharge",
            _ => "Order_Retrocharge",
        };
        let mut context = Entry { transaction_type: transaction_type.to_owned(), ..Entry::default() };
        self.take_texts(group, &mut context)?;
        for child in &group.children {
            let (amount_type, description) = match &*child.name {
                "BaseTax" => ("ItemPrice", "Tax"),
                "ShippingTax" => ("ItemPrice", "ShippingTax"),
                name if name.starts_with("MarketplaceFacilitator") || name.starts_with("LowValueGoods") => {
                    ("ItemWithheldTax", name)
                }
                name if is_text(name) || is_event_text(name) => continue,
                _ => {
                    self.unknown(child)?;
                    continue;
                }
            };
            let value = child.child("Amount").unwrap_or(child);
            let (amount, amount_description) = (self.amount(value)?, description.to_owned());
            entries.push(Entry { amount_type, amount_description, amount, ..context.clone() });
        }
        Ok(())
    }

    /// A payment for a deal or for coupons: its fee is the amount.
    fn payment_with_fee(
        &mut self,
        group: &Node,
        fee: &str,
        default_type: &str,
        entries: &mut Vec<Entry>,
    ) -> Result<(), Misfit> {
        let transaction_type = Some(group.child_text("TransactionType")).filter(|text| !text.is_empty());
        let context = self.event(group, transaction_type.unwrap_or(default_type))?;
        let mut amounts = 0_usize;
        for child in &group.children {
            if *child.name == *fee {
                let amount = self.amount_of(child, "Amount")?;
                entries.push(Entry { amount, ..context.clone() });
                amounts = amounts.saturating_add(1);
            } else if child.may_hold_an_amount() {
                self.unknown(child)?;
            }
        }
        if amounts == 0 {
            return Err(Misfit::at(group)(no_amount(fee)));
        }
        Ok(())
    }

    /// An event of the account, named as V1 names it: the name is the transaction-type and the description.
    fn event(&mut self, group: &Node, name: &str) -> Result<Entry, Misfit> {
        let mut context = Entry {
            transaction_type: name.to_owned(),
            amount_type: "other-transaction",
            amount_description: name.to_owned(),
            ..Entry::default()
        };
        self.take_texts(group, &mut context)?;
        Ok(context)
    }

    fn amount_of(&mut self, node: &Node, name: &'static str) -> Result<Decimal, Misfit> {
        match node.child(name) {
            Some(amount) => self.amount(amount),
            None => Err(Misfit::at(node)(no_amount(name))),
        }
    }

    fn amount(&mut self, node: &Node) -> Result<Decimal, Misfit> {
        if let Some(currency) = node.currency.as_deref().filter(|currency| *currency != self.currency.code()) {
            let expected = format!("{}, as in TotalAmount", self.currency);
            return Err(Misfit::at(node)(Fault::value(ErrorKind::BadCurrency, &node.name, currency, expected)));
        }
        self.decimals.parse(&node.name, node.text.trim().as_bytes()).map_err(Misfit::at(node))
    }

    fn date(&mut self, node: &Node) -> Result<Option<Timestamp>, Misfit> {
        match node.text.trim() {
            "" => Ok(None),
            text => self.dates.parse(&node.name, text.as_bytes()).map(Some).map_err(Misfit::at(node)),
        }
    }

    /// An element that is not known: an error if it may hold money, otherwise noted.
    fn unknown(&mut self, node: &Node) -> Result<(), Misfit> {
        if node.may_hold_an_amount() {
            let found = "an element that is not known and may hold an amount";
            let fault = Fault::new(ErrorKind::BadXml, found, "the elements of a settlement report");
            return Err(Misfit::at(node)(fault.in_column(&node.name)));
        }
        if self.unknown.len() < MAX_UNKNOWN && !self.unknown.iter().any(|name| **name == *node.name) {
            self.unknown.push(node.name.chars().take(80).collect());
        }
        Ok(())
    }
}

fn no_amount(name: &str) -> Fault {
    Fault::new(ErrorKind::BadAmount, "no amount", "an amount").in_column(name)
}

/// Texts of orders and their parts, taken by `take_texts`.
fn is_text(name: &str) -> bool {
    const TEXTS: [&str; 12] = [
        "AmazonOrderID",
        "MerchantOrderID",
        "ShipmentID",
        "AdjustmentID",
        "MarketplaceName",
        "MerchantFulfillmentID",
        "AmazonOrderItemCode",
        "MerchantOrderItemID",
        "MerchantAdjustmentItemID",
        "SKU",
        "Quantity",
        "PostedDate",
    ];
    TEXTS.contains(&name)
}

/// Texts of events that are read elsewhere or say nothing that is booked.
fn is_event_text(name: &str) -> bool {
    matches!(name, "TransactionType" | "TransactionID" | "TransactionName" | "InvoiceId")
}

fn quantity(node: &Node) -> Result<Option<i64>, Misfit> {
    match node.text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|error: std::num::ParseIntError| {
            let fault = Fault::value(ErrorKind::BadNumber, "Quantity", text, "a whole number");
            Misfit::at(node)(fault.caused_by(error))
        }),
    }
}
