//! Line items: amounts that add up, and how Amazon writes them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::LineKey;
use super::super::money::{Currency, rate_text, share};
use super::super::random::Random;
use super::market::{self, Market, Product};

/// The amounts of a line item, in the smallest unit. The discount is negative, as in Amazon's own example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) principal: i64,
    pub(crate) discount: i64,
    pub(crate) shipping: i64,
    pub(crate) gift_wrap: i64,
    pub(crate) regulatory_fee: i64,
    /// Of each unit, rounded, and of the discount.
    pub(crate) item_tax: i64,
    pub(crate) shipping_tax: i64,
    pub(crate) gift_wrap_tax: i64,
}

impl Amounts {
    pub(crate) fn tax(&self) -> i64 {
        self.item_tax + self.shipping_tax + self.gift_wrap_tax
    }

    pub(crate) fn total(&self) -> i64 {
        self.principal + self.discount + self.shipping + self.gift_wrap + self.regulatory_fee + self.tax()
    }

    fn each(self, mut change: impl FnMut(i64) -> i64) -> Self {
        Self {
            principal: change(self.principal),
            discount: change(self.discount),
            shipping: change(self.shipping),
            gift_wrap: change(self.gift_wrap),
            regulatory_fee: change(self.regulatory_fee),
            item_tax: change(self.item_tax),
            shipping_tax: change(self.shipping_tax),
            gift_wrap_tax: change(self.gift_wrap_tax),
        }
    }

    /// The same money on its way back.
    pub(crate) fn negated(self) -> Self {
        self.each(|amount| -amount)
    }

    /// A part of each amount, and the rest of each.
    pub(crate) fn parted(self, ten_thousandths: i64) -> (Self, Self) {
        let part = self.each(|amount| share(amount, ten_thousandths));
        let rest = Self {
            principal: self.principal - part.principal,
            discount: self.discount - part.discount,
            shipping: self.shipping - part.shipping,
            gift_wrap: self.gift_wrap - part.gift_wrap,
            regulatory_fee: self.regulatory_fee - part.regulatory_fee,
            item_tax: self.item_tax - part.item_tax,
            shipping_tax: self.shipping_tax - part.shipping_tax,
            gift_wrap_tax: self.gift_wrap_tax - part.gift_wrap_tax,
        };
        (part, rest)
    }
}

/// A line item of an order.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) key: LineKey,
    /// Without a shipment, invoices cannot be asked for.
    pub(crate) shipped: bool,
    pub(crate) product: Product,
    pub(crate) quantity: i64,
    pub(crate) unit_price: i64,
    /// In ten-thousandths.
    pub(crate) rate: i64,
    pub(crate) amounts: Amounts,
    pub(crate) reason: Option<&'static str>,
    /// How what is zero is written: not at all, as null, or as an amount of zero.
    style: i64,
    purchase_order: Option<String>,
    merchant: &'static str,
    budget: bool,
}

impl Line {
    /// A line item that is bought.
    pub(crate) fn bought(key: LineKey, shipped: bool, market: Market, random: &mut Random) -> Self {
        let product = market::a_product(random);
        let unit_price = if market.currency.decimals == 0 { product.price * 3 / 2 } else { product.price };
        let quantity = if random.percent(10) { random.between(6, 40) } else { random.between(1, 4) };
        let rate = random.pick(market.rates, 0);
        let mut amounts = Amounts { principal: unit_price * quantity, ..Amounts::default() };
        if random.percent(20) {
            amounts.discount = -share(amounts.principal, random.between(300, 2_000));
        }
        if random.percent(25) {
            amounts.shipping = random.between(199, 1_499);
        }
        if random.percent(5) {
            amounts.gift_wrap = random.between(150, 499);
        }
        // Japan's invoices have no place for such a fee.
        if !market.whole_invoices && random.percent(5) {
            amounts.regulatory_fee = random.between(5, 250);
        }
        amounts.item_tax = quantity * share(unit_price, rate) + share(amounts.discount, rate);
        amounts.shipping_tax = share(amounts.shipping, rate);
        amounts.gift_wrap_tax = share(amounts.gift_wrap, rate);
        Self {
            key,
            shipped,
            product,
            quantity,
            unit_price,
            rate,
            amounts,
            reason: None,
            style: random.between(0, 2),
            purchase_order: random.percent(60).then(|| format!("PO-{:06}", random.between(1, 999_999))),
            merchant: random.pick(market::MERCHANTS, "Example Trading GmbH"),
            budget: random.percent(15),
        }
    }

    /// So many of its units go back, or all of it with its shipping and everything.
    pub(crate) fn returned(&self, units: i64, reason: &'static str) -> Self {
        let amounts = if units >= self.quantity {
            self.amounts
        } else {
            let principal = self.unit_price * units;
            let discount = self.amounts.discount * units / self.quantity;
            let item_tax = units * self.unit_tax() + share(discount, self.rate);
            Amounts { principal, discount, item_tax, ..Amounts::default() }
        };
        Self { quantity: units.min(self.quantity), amounts, reason: Some(reason), ..self.clone() }
    }

    /// An additional refund of so much, without tax.
    pub(crate) fn conceded(&self, principal: i64, reason: &'static str) -> Self {
        let amounts = Amounts { principal, ..Amounts::default() };
        Self { amounts, quantity: 1, unit_price: principal, rate: 0, reason: Some(reason), ..self.clone() }
    }

    /// The tax of one unit before the discount.
    pub(crate) fn unit_tax(&self) -> i64 {
        share(self.unit_price, self.rate)
    }

    /// The same line item with other amounts.
    pub(crate) fn with(&self, amounts: Amounts) -> Self {
        Self { amounts, ..self.clone() }
    }

    /// As getTransactions shows it.
    pub(crate) fn to_json(&self, currency: Currency, shipped_at: Timestamp) -> Value {
        let amounts = &self.amounts;
        let mut body = json!({
            "totalAmount": currency.money(amounts.total()),
            "principalAmount": currency.money(amounts.principal),
            "tax": currency.money(amounts.tax()),
            "unitPrice": currency.money(self.unit_price),
            "taxRate": rate_text(self.rate),
            "orderId": self.key.order_id,
            "orderLineItemId": self.key.order_line_item_id,
            "asin": self.product.asin,
            "productTitle": self.product.title,
            "unspsc": self.product.unspsc,
            "itemQuantity": self.quantity,
            "merchantLegalName": self.merchant,
        });
        let Some(object) = body.as_object_mut() else { return body };
        for (name, amount) in [
            ("shippingCharge", amounts.shipping),
            ("giftWrappingCharge", amounts.gift_wrap),
            ("regulatoryFee", amounts.regulatory_fee),
            ("discount", amounts.discount),
        ] {
            let shown = if amount == 0 { self.nothing(currency) } else { Some(currency.money(amount)) };
            insert(object, name, shown);
        }
        if self.shipped {
            insert(object, "shipmentId", Some(json!(self.key.shipment_id)));
            insert(object, "shipmentDate", Some(json!(shipped_at)));
        } else {
            insert(object, "shipmentId", self.absent());
        }
        insert(
            object,
            "purchaseOrderNumber",
            self.purchase_order.as_ref().map(|text| json!(text)).or_else(|| self.absent()),
        );
        insert(object, "purchaseOrderLineItemId", self.purchase_order.as_ref().map(|_| json!("1")));
        insert(object, "refundReason", self.reason.map(|text| json!(text)).or_else(|| self.absent()));
        insert(object, "budgetId", if self.budget { Some(json!("budget-2026")) } else { self.absent() });
        if self.budget {
            insert(object, "businessOrderInfo", Some(json!({"Cost center": "4711", "GL code": ""})));
        }
        body
    }

    fn nothing(&self, currency: Currency) -> Option<Value> {
        if self.style == 2 { Some(currency.money(0)) } else { self.absent() }
    }

    fn absent(&self) -> Option<Value> {
        (self.style == 1).then_some(Value::Null)
    }
}

fn insert(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value);
    }
}
