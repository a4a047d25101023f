//! Purchases that agree, made up at random: in any order they come to the same, and no amount of them can be changed
//! unseen.

use std::collections::BTreeMap;

use countinghouse_domain::job::Window;
use countinghouse_purchases::{Entry, Evidence, Fetched, LineInvoices, Outcome, Stored, Transaction, Verdict, prove};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::Answers;

/// The amounts of a line, in the smallest unit.
#[derive(Debug, Clone)]
struct Line {
    units: i64,
    price: i64,
    tax: i64,
    shipping: i64,
    gift_wrap: i64,
    fee: i64,
    discount: i64,
}

impl Line {
    fn principal(&self) -> i64 {
        self.units * (self.price + self.tax)
    }

    fn total(&self) -> i64 {
        self.principal() + self.shipping + self.gift_wrap + self.fee - self.discount
    }
}

fn line() -> impl Strategy<Value = Line> {
    // Discounts are larger than any change below, so that no change can look like one.
    let discount = prop_oneof![Just(0), 100_000_i64..200_000];
    let amounts = (1_i64..4, 200_000_i64..900_000, 0_i64..50_000, 0_i64..2_000, 0_i64..900, 0_i64..300, discount);
    amounts.prop_map(|(units, price, tax, shipping, gift_wrap, fee, discount)| Line {
        units,
        price,
        tax,
        shipping,
        gift_wrap,
        fee,
        discount,
    })
}

/// How a refund writes its amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refund {
    Negative,
    WithoutSign,
}

/// One purchase: what was bought, how it was paid and written, and whether it was given back.
#[derive(Debug, Clone)]
struct Purchase {
    lines: Vec<Line>,
    /// 1 to 3 transactions that pay it together.
    parts: i64,
    is_japan: bool,
    refund: Option<Refund>,
    /// Whether a discount is written negative.
    is_discount_negative: bool,
}

fn purchase() -> impl Strategy<Value = Purchase> {
    let refund = prop_oneof![Just(None), Just(Some(Refund::Negative)), Just(Some(Refund::WithoutSign))];
    (prop::collection::vec(line(), 1..4), 1_i64..4, refund, any::<[bool; 2]>()).prop_map(
        |(lines, parts, refund, [is_japan, is_discount_negative])| Purchase {
            lines,
            parts,
            is_japan,
            refund,
            is_discount_negative,
        },
    )
}

/// Writes a purchase as Amazon does.
struct Writer<'a> {
    purchase: &'a Purchase,
    number: usize,
}

impl Writer<'_> {
    fn money(&self, amount: i64) -> Value {
        if self.purchase.is_japan {
            json!({"currencyCode": "JPY", "amount": amount.to_string()})
        } else {
            json!({"currencyCode": "USD", "amount": Decimal::new(amount, 2).to_string()})
        }
    }

    fn order(&self) -> String {
        format!("503-{}", self.number)
    }

    fn item(&self, place: usize) -> String {
        format!("{}{place:04}", self.number)
    }

    fn transaction(&self, id: &str, kind: &str, amount: i64, sign: i64, associated: &[Value]) -> Value {
        let discount = if self.purchase.is_discount_negative { -1 } else { 1 };
        let line = |(place, line): (usize, &Line)| {
            let money = |amount: i64| self.money(sign * amount);
            json!({
                "orderId": self.order(), "orderLineItemId": self.item(place), "shipmentId": "S1",
                "itemQuantity": line.units,
                "principalAmount": money(line.principal()), "shippingCharge": money(line.shipping),
                "giftWrappingCharge": money(line.gift_wrap), "regulatoryFee": money(line.fee),
                "discount": money(discount * line.discount), "tax": money(0), "totalAmount": money(line.total()),
            })
        };
        json!({
            "transactionId": id, "transactionType": kind, "amount": self.money(amount),
            "feedDate": "2026-11-21T10:00:00Z", "associatedTransactionDetails": associated,
            "transactionLineItems": self.purchase.lines.iter().enumerate().map(line).collect::<Vec<_>>(),
        })
    }

    fn transactions(&self) -> Vec<Value> {
        let whole: i64 = self.purchase.lines.iter().map(Line::total).sum();
        let parts = self.purchase.parts;
        let ids: Vec<String> = (0..parts).map(|part| format!("CHARGE-{}-{part}", self.number)).collect();
        let share = whole / (parts + 1);
        let mut transactions = Vec::new();
        for (place, id) in ids.iter().enumerate() {
            let amount = if place == 0 { whole - (parts - 1) * share } else { share };
            let others = ids.iter().filter(|other| *other != id);
            let associated: Vec<Value> = others.map(|other| json!({"associatedTransactionId": other})).collect();
            transactions.push(self.transaction(id, "CHARGE", amount, 1, &associated));
        }
        if let Some(refund) = self.purchase.refund {
            let sign = if refund == Refund::WithoutSign { 1 } else { -1 };
            let id = format!("REFUND-{}", self.number);
            transactions.push(self.transaction(&id, "REFUND", sign * whole, sign, &[]));
        }
        transactions
    }

    fn tax(&self, exclusive: i64, tax: i64) -> Value {
        json!({"rate": "0.1", "inclusiveTotal": self.money(exclusive + tax), "exclusiveTotal": self.money(exclusive),
               "amount": self.money(tax)})
    }

    fn invoice(&self, number: &str, kind: &str) -> Value {
        let whole: i64 = self.purchase.lines.iter().map(Line::total).sum();
        let item = |(place, line): (usize, &Line)| {
            let share = |number: i64, units: i64| {
                json!({"orderLineItemId": self.item(place), "lineNumber": number, "units": units,
                       "unitPrice": self.money(line.price), "taxAmount": self.money(units * line.tax)})
            };
            let fee = |kind: &str, amount: i64| {
                json!({"feeType": kind, "tax": self.tax(amount - amount / 11, amount / 11), "apportionment":
                    [{"associatedOrderLineItemId": self.item(place), "units": 1,
                      "unitTaxExclusiveFee": self.money(amount - amount / 11), "unitTaxAmount": self.money(amount / 11)}]})
            };
            let shares: Vec<Value> =
                if line.units > 1 { vec![share(1, 1), share(2, line.units - 1)] } else { vec![share(1, 1)] };
            json!({
                "taxRate": "0.1", "unit": line.units, "unitTaxInclusivePrice": self.money(line.price + line.tax),
                "unitTaxExclusivePrice": self.money(line.price), "unitTaxAmount": self.money(line.tax),
                "totalAmount": self.money(line.principal() - line.discount), "discount": self.money(-line.discount),
                "apportionment": shares,
                "fees": [fee("SHIPPING", line.shipping), fee("GIFTWRAPPING", line.gift_wrap), fee("OTHER", line.fee)],
            })
        };
        json!({
            "invoiceNumber": number, "invoiceDate": "2026-11-21T10:00:00Z", "invoiceType": kind,
            "currencyCode": "JPY", "invoiceTotal": whole.to_string(), "tax": [self.tax(whole - whole / 11, whole / 11)],
            "transactionDataItems": self.purchase.lines.iter().enumerate().map(item).collect::<Vec<_>>(),
            "fees": [{"feeType": "SHIPPING", "tax": self.tax(150_000, 15_000), "discount": self.money(-165_000),
                      "apportionment": [{"taxExclusiveFee": self.money(150_000), "taxAmount": self.money(15_000)}]}],
        })
    }

    fn answers(&self) -> Vec<Value> {
        let number = format!("N-{}", self.number);
        let mut invoices = if self.purchase.is_japan {
            vec![self.invoice(&number, "STANDARD")]
        } else {
            vec![json!({"invoiceNumber": number, "invoiceDate": "2026-11-21T10:00:00Z"})]
        };
        if self.purchase.is_japan && self.purchase.refund.is_some() {
            invoices.push(self.invoice(&format!("C-{}", self.number), "CREDIT_MEMO"));
        }
        let answer = |place| {
            json!({"orderLineItem": {"orderId": self.order(), "orderLineItemId": self.item(place), "shipmentId": "S1"},
                   "invoiceDetails": invoices})
        };
        (0..self.purchase.lines.len()).map(answer).collect()
    }
}

/// Both answers of the API in one object.
fn answers(purchases: &[Purchase]) -> Value {
    let writers: Vec<Writer> =
        purchases.iter().enumerate().map(|(number, purchase)| Writer { purchase, number }).collect();
    json!({
        "transactions": writers.iter().flat_map(Writer::transactions).collect::<Vec<_>>(),
        "invoiceDetailsByOrderLineItems": writers.iter().flat_map(Writer::answers).collect::<Vec<_>>(),
    })
}

/// Where amounts stand, as JSON pointers. The price of one unit of a transaction's line is in no sum.
fn amounts(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let place = format!("{place}/{name}");
                if field.is_string() && matches!(name.as_str(), "amount" | "invoiceTotal") {
                    found.push(place);
                } else {
                    amounts(field, &place, found);
                }
            }
        }
        Value::Array(entries) => {
            for (number, entry) in entries.iter().enumerate() {
                amounts(entry, &format!("{place}/{number}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn states(outcomes: &BTreeMap<String, Outcome>) -> Vec<&'static str> {
    outcomes.values().map(|outcome| outcome.verdict.name()).collect()
}

proptest! {
    #[test]
    fn purchases_that_agree_are_reconciled(purchases in prop::collection::vec(purchase(), 1..4)) {
        let answers = Answers::of(&answers(&purchases).to_string());
        prop_assert_eq!(&answers.errors, &Vec::<String>::new());
        for (id, outcome) in answers.evidence().reconcile() {
            prop_assert_eq!(&outcome.verdict, &Verdict::Reconciled, "{}: {}", id, outcome.verdict);
            prop_assert_eq!(outcome.charges.is_empty(), id.starts_with("CHARGE"));
        }
    }

    #[test]
    fn no_amount_can_be_changed_unseen(
        purchase in purchase(), place: prop::sample::Index, change in prop_oneof![-5_000_i64..0, 1_i64..5_000],
    ) {
        let mut value = answers(&[purchase]);
        let mut places = Vec::new();
        amounts(&value, "", &mut places);
        let place = place.get(&places);
        let amount = value.pointer_mut(place).unwrap();
        let before: Decimal = amount.as_str().unwrap().parse().unwrap();
        let after = before + Decimal::new(change, before.scale());
        // Signs of refunds, of discounts and inside invoices are a matter of writing.
        prop_assume!(after != -before);
        *amount = Value::String(after.to_string());
        let answers = Answers::of(&value.to_string());
        let states = states(&answers.evidence().reconcile()).join(" ");
        prop_assert!(states.contains(Verdict::DIFFERS), "{place} from {before} to {after}: {states}");
    }

    #[test]
    fn order_and_repetitions_change_nothing(
        purchases in prop::collection::vec(purchase(), 1..4),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        page in 1_usize..7, seed: u64,
    ) {
        let mut answers = Answers::of(&answers(&purchases).to_string());
        // Some transactions were authorised with another amount before, and some lines had no invoice.
        let mut earlier: Vec<Transaction> = answers.transactions.iter().step_by(3).cloned().collect();
        for transaction in &mut earlier {
            transaction.amount.amount += Decimal::ONE;
            transaction.feed_date = Some("2026-11-21T09:00:00Z".parse().unwrap());
        }
        let empty: Vec<LineInvoices> =
            answers.invoices.iter().step_by(2).cloned().map(|each| LineInvoices { invoices: Vec::new(), ..each }).collect();
        answers.transactions.extend(earlier);
        answers.invoices.extend(empty);
        let once = answers.evidence().reconcile();
        let whole = proof(&answers.transactions, page, &once);

        answers.transactions.extend(picks.iter().map(|pick| pick.get(&answers.transactions).clone()).collect::<Vec<_>>());
        answers.invoices.extend(picks.iter().map(|pick| pick.get(&answers.invoices).clone()).collect::<Vec<_>>());
        shuffle(&mut answers.transactions, seed);
        shuffle(&mut answers.invoices, seed);
        let again = answers.evidence().reconcile();
        prop_assert_eq!(&again, &once);
        prop_assert!(states(&again).iter().all(|state| *state == Verdict::RECONCILED));
        let repeated = proof(&answers.transactions, page, &again);
        prop_assert_eq!((&repeated.sums, &repeated.states, &repeated.hash), (&whole.sums, &whole.states, &whole.hash));
        prop_assert!(repeated.is_proven() && whole.is_proven());
    }
}

/// The proof of a window whose pages hold these transactions, when the latest word on each is stored.
fn proof(
    transactions: &[Transaction],
    page: usize,
    outcomes: &BTreeMap<String, Outcome>,
) -> countinghouse_purchases::Proof {
    let window = Window { from: "2026-11-21T00:00:00Z".parse().unwrap(), to: "2026-11-22T00:00:00Z".parse().unwrap() };
    let mut fetched = Fetched::default();
    for page in transactions.chunks(page) {
        fetched.add_page(page.iter().map(Entry::of), 0);
    }
    let mut latest: BTreeMap<&str, &Transaction> = BTreeMap::new();
    for transaction in transactions {
        let known = latest.entry(&transaction.transaction_id).or_insert(transaction);
        if transaction.supersedes(known) {
            *known = transaction;
        }
    }
    let stored = latest.values().map(|transaction| Stored {
        entry: Entry::of(transaction),
        feed_date: transaction.feed_date,
        state: outcomes[&transaction.transaction_id].verdict.name().to_owned(),
    });
    prove(window, &fetched, stored)
}

/// Mixes a list up.
fn shuffle<T>(list: &mut [T], mut seed: u64) {
    for place in (1..list.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.swap(place, usize::try_from(seed >> 33).unwrap() % (place + 1));
    }
}

#[test]
fn nothing_follows_from_nothing() {
    assert!(Evidence::default().reconcile().is_empty());
}
