//! Purchases that are made up: orders, their charges and refunds, and their invoices.

mod documents;
mod lines;
mod market;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::config::{Purchases, RefundAmounts};
use super::random::Random;
use super::truth::{PurchasesTruth, TruthDifference, TruthInvoice};
use super::{Entry, Invoice, LineKey};
use crate::clock::plus_ms;
use crate::marketplaces::Region;
use crate::reply::put;
use documents::Paper;
use lines::Line;
use market::Market;

const DAY_MS: i64 = 24 * 3_600_000;

/// What was made up.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) entries: Vec<Entry>,
    pub(super) invoices: Vec<(LineKey, Invoice)>,
    pub(super) truth: PurchasesTruth,
}

/// Makes purchases up: exactly as many transactions as are asked for.
pub(super) fn make(region: Region, wish: &Purchases, now: Timestamp) -> Made {
    let days = i64::from(wish.days.max(1));
    let maker = Maker {
        wish,
        region,
        now,
        from: wish.from.unwrap_or_else(|| plus_ms(now, -days * DAY_MS)),
        span_ms: days * DAY_MS,
        random: Random::new(wish.seed),
        made: Made { entries: Vec::new(), invoices: Vec::new(), truth: PurchasesTruth::default() },
        number: 0,
    };
    maker.run()
}

struct Maker<'w> {
    wish: &'w Purchases,
    region: Region,
    now: Timestamp,
    from: Timestamp,
    span_ms: i64,
    random: Random,
    made: Made,
    number: u64,
}

/// A transaction before it is written.
struct Draft<'l> {
    transaction_type: &'static str,
    id: String,
    at: Timestamp,
    lines: &'l [Line],
    associated: Vec<String>,
    invoice_number: Option<String>,
}

/// A charge that was made, for its refund.
struct Charged {
    id: String,
    at: Timestamp,
    lines: Vec<Line>,
    invoice: Option<(String, Timestamp)>,
}

impl Maker<'_> {
    fn run(mut self) -> Made {
        let mut left_to_differ = self.wish.differing;
        while self.left() > 0 {
            let market = market::one(self.region, &mut self.random);
            let differs = left_to_differ > 0;
            let charges = self.order(market, differs);
            left_to_differ -= usize::from(differs);
            for charge in &charges {
                // What does not add up, or was paid in parts, is not refunded: a test shall see one thing at a time.
                if charges.len() == 1 && !differs {
                    self.after(market, charge);
                }
            }
        }
        self.made.truth.complete(self.now);
        self.made.truth.write_sums();
        self.made
    }

    fn left(&self) -> usize {
        self.wish.transactions - self.made.entries.len()
    }

    fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    fn id(&mut self) -> String {
        let number = self.next_number();
        format!("amzn1.transaction.{:08x}{:016x}.{number}", self.wish.seed, self.random.next())
    }

    /// An order with its one, two or three charges.
    fn order(&mut self, market: Market, differs: bool) -> Vec<Charged> {
        let at = plus_ms(self.from, self.random.between(0, self.span_ms - 1));
        let lines = self.lines(market);
        // One shipment, one invoice, however it is paid.
        let invoice = self.invoice(market, &lines, at, None);
        let parts = if self.left() > 1 && !differs && self.random.percent(self.wish.split_percent) {
            self.split(lines)
        } else {
            vec![lines]
        };
        let ids: Vec<_> = parts.iter().map(|_| self.id()).collect();
        if parts.len() > 1 {
            self.made.truth.split += parts.len();
        }
        let mut charges = Vec::new();
        for (id, lines) in ids.iter().zip(parts) {
            let associated = ids.iter().filter(|other| *other != id).cloned().collect();
            let invoice_number = invoice.as_ref().map(|(number, _)| number.clone());
            let draft =
                Draft { transaction_type: "CHARGE", id: id.clone(), at, lines: &lines, associated, invoice_number };
            self.write(market, &draft, differs);
            charges.push(Charged { id: id.clone(), at, lines, invoice: invoice.clone() });
        }
        charges
    }

    fn lines(&mut self, market: Market) -> Vec<Line> {
        let number = self.next_number();
        let order_id =
            format!("{}-{:07}-{:07}", market.order_prefix, self.random.between(1_000_000, 9_999_999), number);
        let shipped = !self.random.percent(self.wish.without_shipment_percent);
        let count = if self.random.percent(60) { 1 } else { self.random.between(2, 5) };
        let shipment_id = format!("D{:09X}", self.random.between(0, 0xfff_ffff));
        let line = |place: i64| {
            let key = LineKey {
                order_id: order_id.clone(),
                order_line_item_id: format!("{number}{place:02}"),
                shipment_id: shipment_id.clone(),
            };
            Line::bought(key, shipped, market, &mut self.random)
        };
        (1..=count).map(line).collect()
    }

    /// Parts of an order that are paid with different instruments: whole line items, or parts of a single one.
    fn split(&mut self, mut lines: Vec<Line>) -> Vec<Vec<Line>> {
        if lines.len() >= 3 && self.left() > 2 {
            let last = lines.split_off(2);
            let second = lines.split_off(1);
            return vec![lines, second, last];
        }
        if lines.len() >= 2 {
            let second = lines.split_off(1);
            return vec![lines, second];
        }
        let ten_thousandths = self.random.between(1_000, 9_000);
        let parted = |line: &Line| line.amounts.parted(ten_thousandths);
        let first = lines.iter().map(|line| line.with(parted(line).0)).collect();
        let second = lines.iter().map(|line| line.with(parted(line).1)).collect();
        vec![first, second]
    }

    /// A refund of some of it, and perhaps an additional one.
    fn after(&mut self, market: Market, charge: &Charged) {
        if self.left() > 0 && self.random.percent(self.wish.refund_percent) {
            let reason = self.random.pick(market::REASONS, "Customer return");
            let Some(line) = charge.lines.first() else { return };
            let units = self.random.between(1, line.quantity);
            self.give_back(market, charge, "REFUND", &line.returned(units, reason));
        }
        if self.left() > 0 && self.random.percent(self.wish.overrefund_percent) {
            let Some(line) = charge.lines.first() else { return };
            let principal = self.random.between(100, 900);
            self.give_back(market, charge, "OVERREFUND", &line.conceded(principal, "Goodwill"));
        }
    }

    fn give_back(&mut self, market: Market, charge: &Charged, transaction_type: &'static str, line: &Line) {
        let last = plus_ms(self.from, self.span_ms - 1);
        let at = plus_ms(charge.at, self.random.between(DAY_MS, 10 * DAY_MS)).min(last).max(charge.at);
        // Half of the refunds name their charge; the others have only its order and line item.
        let associated = if self.random.percent(50) { vec![charge.id.clone()] } else { Vec::new() };
        let positive = vec![line.clone()];
        let memo = charge.invoice.is_some().then(|| self.invoice(market, &positive, at, charge.invoice.as_ref()));
        let invoice_number = memo.flatten().map(|(number, _)| number);
        let negative = vec![line.with(line.amounts.negated())];
        let lines = if self.wish.refunds == RefundAmounts::Negative { &negative } else { &positive };
        let id = self.id();
        let draft = Draft { transaction_type, id, at, lines, associated, invoice_number };
        self.write(market, &draft, false);
    }

    /// Writes a transaction, and counts it.
    fn write(&mut self, market: Market, draft: &Draft<'_>, differs: bool) {
        let currency = market.currency;
        let sum: i64 = draft.lines.iter().map(|line| line.amounts.total()).sum();
        let refunded = draft.transaction_type != "CHARGE";
        let by = if differs { self.random.between(1, 250) } else { 0 };
        let amount =
            by + if refunded && self.wish.refunds == RefundAmounts::NegativeWithPositiveLines { -sum } else { sum };
        if differs {
            let (by, currency) = (currency.text(by), currency.code.to_owned());
            self.made.truth.differing.push(TruthDifference { transaction_id: draft.id.clone(), by, currency });
        }
        let feed_date = self.feed_date(draft.at);
        let lines: Vec<_> = draft.lines.iter().map(|line| line.to_json(currency, draft.at)).collect();
        let mut body = json!({
            "marketplaceId": market.marketplace_id,
            "transactionDate": draft.at,
            "feedDate": feed_date,
            "transactionType": draft.transaction_type,
            "transactionId": draft.id,
            "amount": currency.money(amount),
            "transactionLineItems": lines,
        });
        self.decorate(&mut body, draft);
        self.made.truth.count(currency, draft.transaction_type, amount);
        self.made.truth.line_items += draft.lines.len();
        self.made.truth.without_shipment += draft.lines.iter().filter(|line| !line.shipped).count();
        let mut visible_at = feed_date;
        if self.random.percent(self.wish.held_percent) {
            visible_at = feed_date.max(plus_ms(self.now, self.wish.held_ms));
            self.made.truth.held += 1;
        }
        self.made.truth.feed(feed_date, visible_at);
        self.made.entries.push(Entry { transaction: body, feed_date, visible_at });
    }

    /// Hours after the transaction; for some, days.
    fn feed_date(&mut self, at: Timestamp) -> Timestamp {
        let hours = self.random.between(600_000, 6 * 3_600_000);
        let late = self.random.percent(self.wish.late_percent);
        let days = if late { self.random.between(1, i64::from(self.wish.late_days.max(1))) } else { 0 };
        self.made.truth.late += usize::from(late);
        plus_ms(at, hours + days * DAY_MS)
    }

    /// Everything that no sum depends on.
    fn decorate(&mut self, body: &mut Value, draft: &Draft<'_>) {
        let (instrument, numbered) = self.random.pick(market::INSTRUMENTS, ("Visa", true));
        let (entity, group) = self.random.pick(market::GROUPS, ("Example Holding SE", "IT"));
        let (name, email) = self.random.pick(market::PEOPLE, ("Erika Beispiel", "erika.beispiel@example.com"));
        let digits = numbered.then(|| format!("{:04}", self.random.between(0, 9_999)));
        let person = json!({"id": format!("amzn1.account.{}", name.len()), "name": name, "email": email});
        let payer = if self.random.percent(50) { person.clone() } else { Value::Null };
        let invoice_number = draft.invoice_number.as_ref().filter(|_| self.random.percent(30));
        let associated: Vec<_> = draft.associated.iter().map(|id| json!({"associatedTransactionId": id})).collect();
        for (name, value) in [
            ("paymentInstrumentType", json!(instrument)),
            ("paymentInstrumentLast4Digits", json!(digits)),
            ("legalEntityName", json!(entity)),
            ("purchasingCustomerGroupName", json!(group)),
            ("buyer", person),
            ("payer", payer),
            ("shipTaxRate", json!("0.00")),
            ("giftWrapTaxRate", Value::Null),
        ] {
            put(body, name, value);
        }
        if !associated.is_empty() || self.random.percent(50) {
            put(body, "associatedTransactionDetails", json!(associated));
        }
        if let Some(number) = invoice_number {
            put(body, "invoiceNumber", json!(number));
        }
        if self.random.percent(self.wish.new_fields_percent) {
            put(body, "settlementPreference", json!({"currency": "XXX", "weight": 0.1, "tags": ["new"]}));
            if let Some(line) = body.pointer_mut("/transactionLineItems/0") {
                put(line, "carbonFootprint", json!({"kilograms": "0.50"}));
            }
        }
    }

    /// The invoice of line items, or their credit memo; tells its number and date if there will be one.
    fn invoice(
        &mut self,
        market: Market,
        lines: &[Line],
        at: Timestamp,
        corrects: Option<&(String, Timestamp)>,
    ) -> Option<(String, Timestamp)> {
        if !lines.iter().all(|line| line.shipped) {
            return None;
        }
        let exists = !self.random.percent(self.wish.invoices_never_percent);
        let number =
            format!("{}-{}-2026-{}", market.country, if corrects.is_some() { "CM" } else { "INV" }, self.next_number());
        let consolidated = exists && corrects.is_none() && self.random.percent(self.wish.consolidated_percent);
        let later = consolidated || self.random.percent(self.wish.invoices_later_percent);
        let from = if later { plus_ms(self.now, self.wish.invoices_later_ms) } else { self.now };
        let consolidated = consolidated.then(|| format!("{}-CON-2026-{}", market.country, self.number));
        let paper = Paper {
            number: number.clone(),
            date: plus_ms(at, 3_600_000),
            corrects: corrects.cloned(),
            consolidated,
            lines: lines.iter().collect(),
            nulls: self.random.percent(50),
        };
        for line in lines {
            self.made.truth.invoices.push(TruthInvoice {
                order_id: line.key.order_id.clone(),
                order_line_item_id: line.key.order_line_item_id.clone(),
                shipment_id: line.key.shipment_id.clone(),
                invoice_number: exists.then(|| number.clone()),
                consolidated_number: paper.consolidated.clone(),
                from: exists.then_some(from),
            });
            if exists {
                let detail = paper.to_json(market, at);
                let pending = paper.consolidated.is_some().then(|| paper.pending());
                self.made.invoices.push((line.key.clone(), Invoice { from, detail, pending }));
            }
        }
        if exists {
            self.made.truth.complete(from);
        }
        exists.then_some((number, paper.date))
    }
}
