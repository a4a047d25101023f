//! The items of the table of payments.

use countinghouse_domain::payment::{Classification, Derived, Direction, PaymentType};
use countinghouse_domain::settlement::SettlementAmount;

use super::model::{Payment, PaymentContext, PaymentItem, line_key, part_of};
use crate::item::{Fields, ItemBuilder};
use crate::schema::PAYMENTS_BY_ORDER;
use crate::size::{item_bytes, write_units};
use crate::{Item, StoreError};

/// The sort key of the derived payment; it sorts before every line.
pub(super) const DERIVED: &str = "derived payout";
/// More attributes than any payment has.
const ATTRIBUTES: usize = 28;

/// The item of one amount.
///
/// It keeps every text that the row has, whatever its length: a usual item is 400 to 800 bytes, and only a text
/// longer than any seen in a real file makes it larger than the 1,024 bytes of one write unit. Such an item is
/// written whole and costs a second unit ([`super::Written::above_one_unit`] counts them); nothing is cut off.
pub fn payment_item(
    context: &PaymentContext,
    amount: &SettlementAmount<'_>,
    classification: Classification,
) -> PaymentItem {
    let mut item = ItemBuilder::with_capacity(ATTRIBUTES);
    common(&mut item, context, part_of(amount.line))
        .text("line", line_key(amount.line, amount.part))
        .text("type", classification.payment_type.name())
        .text("category", classification.category)
        .text("direction", Direction::of(amount.amount).name())
        .decimal("amount", amount.amount)
        .text("transaction_type", amount.transaction_type)
        .text("amount_type", amount.amount_type)
        .text("amount_description", amount.amount_description)
        .text("order_id", amount.order_id)
        .text("merchant_order_id", amount.merchant_order_id)
        .text("adjustment_id", amount.adjustment_id)
        .text("shipment_id", amount.shipment_id)
        .text("marketplace", amount.marketplace_name)
        .text("fulfillment", amount.fulfillment_id)
        .text("order_item_code", amount.order_item_code)
        .text("merchant_order_item_id", amount.merchant_order_item_id)
        .text("merchant_adjustment_item_id", amount.merchant_adjustment_item_id)
        .text("sku", amount.sku)
        .number_if("quantity", amount.quantity)
        .text("promotion_id", amount.promotion_id);
    if let Some(posted_at) = amount.posted_at {
        item.time("posted_at", posted_at);
    }
    PaymentItem { line: amount.line, item: item.take() }
}

/// The item of the row that closes the account: `derived payout`, in part 00.
pub fn derived_item(context: &PaymentContext, derived: &Derived) -> PaymentItem {
    let mut item = ItemBuilder::with_capacity(ATTRIBUTES);
    common(&mut item, context, 0)
        .text("line", DERIVED)
        .text("type", derived.payment_type.name())
        .text("category", derived.category)
        .text("direction", Direction::of(derived.amount).name())
        .decimal("amount", derived.amount)
        .time("posted_at", derived.posted_at)
        .flag("derived", true);
    PaymentItem { line: 0, item: item.take() }
}

fn common<'a>(item: &'a mut ItemBuilder, context: &PaymentContext, part: u64) -> &'a mut ItemBuilder {
    let partition = usize::try_from(part).ok().and_then(|part| context.partitions.get(part));
    item.text("settlement", partition.map_or("", String::as_str))
        .text("seller", context.seller.as_str())
        .text("report_id", context.report_id.as_str())
        .text("currency", context.currency.as_str())
}

/// What writing a payment costs: the item, and its entry in the index by order where it has an order.
pub fn payment_write_units(item: &Item) -> usize {
    let table = write_units(item_bytes(item));
    if !(item.contains_key("order_id") && item.contains_key("posted_at")) {
        return table;
    }
    let kept = |name: &str| {
        matches!(name, "settlement" | "line" | "order_id" | "posted_at") || PAYMENTS_BY_ORDER.contains(&name)
    };
    let entry: Item =
        item.iter().filter(|(name, _)| kept(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    table.saturating_add(write_units(item_bytes(&entry)))
}

impl PaymentItem {
    /// The payment as the table would answer it once it is written.
    pub fn as_stored(&self) -> Result<Payment, StoreError> {
        read(&Fields::of(&self.item, super::KEYS))
    }
}

/// Reads a payment.
pub(super) fn read(fields: &Fields<'_>) -> Result<Payment, StoreError> {
    let text = |name| fields.text_if(name).map(|text| text.unwrap_or_default().to_owned());
    let (line, part, derived) = read_line(fields)?;
    Ok(Payment {
        settlement_id: read_settlement(fields)?,
        line,
        part,
        derived,
        seller: fields.parse("seller", "a seller id")?,
        report_id: fields.parse("report_id", "a report id")?,
        payment_type: PaymentType::from_name(fields.text("type")?)
            .ok_or_else(|| fields.fault("type", "a type of payment"))?,
        category: text("category")?,
        direction: match fields.text("direction")? {
            "IN" => Direction::In,
            "OUT" => Direction::Out,
            _ => return Err(fields.fault("direction", "IN or OUT")),
        },
        amount: fields.number("amount")?,
        currency: fields.parse("currency", "a currency of ISO 4217")?,
        transaction_type: text("transaction_type")?,
        amount_type: text("amount_type")?,
        amount_description: text("amount_description")?,
        posted_at: fields.time_if("posted_at")?,
        order_id: text("order_id")?,
        merchant_order_id: text("merchant_order_id")?,
        adjustment_id: text("adjustment_id")?,
        shipment_id: text("shipment_id")?,
        marketplace: text("marketplace")?,
        fulfillment: text("fulfillment")?,
        order_item_code: text("order_item_code")?,
        merchant_order_item_id: text("merchant_order_item_id")?,
        merchant_adjustment_item_id: text("merchant_adjustment_item_id")?,
        sku: text("sku")?,
        quantity: fields.number_if("quantity")?,
        promotion_id: text("promotion_id")?,
    })
}

fn read_settlement(fields: &Fields<'_>) -> Result<countinghouse_domain::ids::SettlementId, StoreError> {
    let fault = || fields.fault("settlement", "`settlement <id> part <nn>`");
    let key = fields.text("settlement")?.strip_prefix("settlement ").ok_or_else(fault)?;
    let (id, _part) = key.split_once(" part ").ok_or_else(fault)?;
    id.parse().map_err(|_invalid| fault())
}

fn read_line(fields: &Fields<'_>) -> Result<(u64, u8, bool), StoreError> {
    let key = fields.text("line")?;
    if key == DERIVED {
        return Ok((0, 1, true));
    }
    let fault = || fields.fault("line", "`line <number>` or `derived payout`");
    let key = key.strip_prefix("line ").ok_or_else(fault)?;
    let (line, part) = key.split_once('.').unwrap_or((key, "1"));
    let line = line.parse().map_err(|_other| fault())?;
    Ok((line, part.parse().map_err(|_other| fault())?, false))
}

#[cfg(test)]
pub(crate) mod tests {
    use countinghouse_domain::money::Currency;

    use super::*;
    use crate::testing::plain;

    pub(crate) fn context() -> PaymentContext {
        let seller = "A3TH9S8BH6GOGM".parse().unwrap();
        PaymentContext::new(&seller, &"23874397121".parse().unwrap(), Currency::EUR, &"50011020300".parse().unwrap())
    }

    fn full() -> SettlementAmount<'static> {
        SettlementAmount {
            transaction_type: "Order",
            amount_type: "Promotion",
            amount_description: "Shipping",
            order_id: "305-1234567-7654321",
            merchant_order_id: "305-1234567-7654321",
            adjustment_id: "amzn1:crow:HhqTzJzWQp+3sR/5y8Bd0w",
            shipment_id: "DRGC8lFbB",
            marketplace_name: "Amazon.de",
            fulfillment_id: "AFN",
            posted_at: Some("2026-07-03T05:07:18Z".parse().unwrap()),
            order_item_code: "04488191799396",
            merchant_order_item_id: "CONSUMER-2025821-20216-0",
            merchant_adjustment_item_id: "1754546548001862332",
            sku: "ART-0042-BLUE-XXL",
            quantity: Some(2),
            promotion_id: "PAWS-V2-78923749-2839-free shipping, 3. quarter",
            ..SettlementAmount::empty(2_042, "-3.99".parse().unwrap())
        }
    }

    const PROMOTION: Classification =
        Classification { payment_type: PaymentType::CustomerPayment, category: "promotion_shipping" };

    #[test]
    fn a_payment_is_an_item_that_a_person_can_read() {
        insta::assert_json_snapshot!(plain(&payment_item(&context(), &full(), PROMOTION).item));
    }

    #[test]
    fn a_payment_with_nothing_but_an_amount_has_no_empty_attributes() {
        let amount = SettlementAmount { part: 2, ..SettlementAmount::empty(7, "0.00".parse().unwrap()) };
        insta::assert_json_snapshot!(plain(&payment_item(&context(), &amount, PROMOTION).item));
    }

    #[test]
    fn the_derived_payout_stands_before_the_lines() {
        let derived = Derived {
            payment_type: PaymentType::Payout,
            category: "payout",
            amount: "-1016.08".parse().unwrap(),
            posted_at: "2026-07-19T05:07:18Z".parse().unwrap(),
        };
        let item = derived_item(&context(), &derived).item;
        insta::assert_json_snapshot!(plain(&item));
        let read = read(&Fields::of(&item, super::super::KEYS)).unwrap();
        assert!(read.derived && DERIVED < line_key(1, 1).as_str());
    }

    #[test]
    fn a_payment_reads_as_it_was_written() {
        let amount = full();
        let item = payment_item(&context(), &amount, PROMOTION).item;
        let payment = read(&Fields::of(&item, super::super::KEYS)).unwrap();
        assert_eq!((payment.line, payment.part, payment.derived), (2_042, 1, false));
        assert_eq!(payment.settlement_id.as_str(), "23874397121");
        assert_eq!(payment.amount, amount.amount);
        assert_eq!(payment.direction, Direction::Out);
        assert_eq!(payment.order_item_code, amount.order_item_code);
        assert_eq!(payment.promotion_id, amount.promotion_id);
        assert_eq!((payment.quantity, payment.posted_at), (amount.quantity, amount.posted_at));
    }

    #[test]
    fn a_payment_with_every_text_costs_one_unit_and_one_for_its_order() {
        let item = payment_item(&context(), &full(), PROMOTION).item;
        assert!(item_bytes(&item) < 1_024, "{} bytes", item_bytes(&item));
        assert_eq!(payment_write_units(&item), 2);
        let without_order = SettlementAmount { order_id: "", ..full() };
        assert_eq!(payment_write_units(&payment_item(&context(), &without_order, PROMOTION).item), 1);
    }

    #[test]
    fn a_text_of_unusual_length_is_kept_whole() {
        let long = "ü".repeat(2_000);
        let amount = SettlementAmount { promotion_id: &long, ..full() };
        let item = payment_item(&context(), &amount, PROMOTION).item;
        assert_eq!(read(&Fields::of(&item, super::super::KEYS)).unwrap().promotion_id, long);
        assert_eq!(write_units(item_bytes(&item)), 5);
    }
}
