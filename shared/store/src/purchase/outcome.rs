//! What was found out about a transaction, on its header: reconciled, open or differing, and why.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::ids::SellerId;
use countinghouse_domain::money::Money;
use countinghouse_purchases::{Booked, Difference, Missing, Outcome, TransactionType};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::keys::{HEADER, KEYS, of_account, purchase_key};
use super::scene::{Member, Scene};
use crate::Item;
use crate::item::{Fields, ItemBuilder};

/// So many differences or missing things are listed; all of them are counted.
const MOST_LISTED: usize = 50;

/// The state of a transaction that waits for an invoice beyond the deadline, in the index by state.
pub(super) const OVERDUE: &str = "overdue";
/// The attributes that are made here, but for `state_changed_at`.
const NAMES: [&str; 13] = [
    "state",
    "account_state",
    "since",
    "booked_amount",
    "invoice_numbers",
    "invoice_overdue",
    "purchase_id",
    "charge_ids",
    "differences",
    "difference_count",
    "missing",
    "missing_count",
    "difference",
];

/// The header of a member with its outcome; none where the stored one says the same.
pub(super) fn judged(
    account: &SellerId,
    member: &Member,
    outcome: &Outcome,
    header: Item,
    now: Timestamp,
) -> Option<Item> {
    let made = attributes(account, member, outcome);
    if member.header.as_ref() == Some(&header) && NAMES.iter().all(|name| header.get(*name) == made.get(*name)) {
        return None;
    }
    let changed = header.get("state") != made.get("state");
    let mut item = ItemBuilder::edit(header);
    for name in NAMES {
        item.remove(name);
    }
    for (name, value) in made {
        item.value(&name, value);
    }
    if changed {
        item.time("state_changed_at", now);
    }
    Some(item.take())
}

fn attributes(account: &SellerId, member: &Member, outcome: &Outcome) -> Item {
    let verdict = &outcome.verdict;
    let is_overdue = member.questions.iter().any(|question| question.is_overdue);
    let mut item = ItemBuilder::new();
    item.text("state", verdict.name())
        .decimal("booked_amount", Booked::of(&member.transaction).amount.amount.normalize())
        .text("purchase_id", outcome.purchase.as_str())
        .texts("charge_ids", outcome.charges.iter().take(MOST_LISTED))
        .texts("invoice_numbers", invoice_numbers(member).into_iter().take(MOST_LISTED));
    if is_overdue {
        item.flag("invoice_overdue", true);
    }
    if verdict.name() != "reconciled" {
        let state = if is_overdue && verdict.differences().is_empty() { OVERDUE } else { verdict.name() };
        let since = member.transaction.known_since().unwrap_or(member.first_seen_at);
        item.text("account_state", of_account(account, state)).text("since", since.to_string());
    }
    let (differences, missing) = (verdict.differences(), verdict.missing());
    if !differences.is_empty() {
        item.number("difference_count", differences.len());
        item.value("differences", list(differences.iter().map(difference)));
        let by = differences.iter().find_map(Difference::by);
        item.text_if("difference", by.map(|by| Money::new(by.amount.normalize(), by.currency)));
    }
    if !missing.is_empty() {
        item.number("missing_count", missing.len());
        item.value("missing", list(missing.iter().map(missing_thing)));
    }
    item.take()
}

fn list(maps: impl Iterator<Item = Item>) -> AttributeValue {
    AttributeValue::L(maps.take(MOST_LISTED).map(AttributeValue::M).collect())
}

fn difference(difference: &Difference) -> Item {
    let mut map = ItemBuilder::new();
    map.text("what", difference.kind.name())
        .text("where", difference.place.as_str())
        .text("text", difference.to_string());
    let amounts = [("expected", Some(difference.expected)), ("found", Some(difference.found)), ("by", difference.by())];
    for (name, amount) in amounts {
        if let Some(amount) = amount {
            map.decimal(name, amount.amount.normalize()).text("currency", amount.currency.code());
        }
    }
    map.take()
}

fn missing_thing(missing: &Missing) -> Item {
    ItemBuilder::new().text("what", missing.name()).text("text", missing.to_string()).take()
}

fn invoice_numbers(member: &Member) -> BTreeSet<String> {
    let invoices = member.questions.iter().flat_map(|question| &question.invoices);
    invoices.filter_map(|invoice| invoice.number()).map(str::to_owned).collect()
}

/// The purchases of a scene that have more than one transaction, and the keys of those that have become part of
/// another.
pub(super) fn purchases(scene: &Scene, outcomes: &BTreeMap<String, Outcome>) -> (Vec<Item>, Vec<String>) {
    let mut members: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut former: BTreeSet<&str> = BTreeSet::new();
    for (id, outcome) in outcomes {
        members.entry(outcome.purchase.as_str()).or_default().push(id);
        let header = scene.members.get(id).and_then(|member| member.header.as_ref());
        let known = header.and_then(|header| Fields::of(header, KEYS).text_if("purchase_id").ok().flatten());
        former.extend(known.filter(|known| *known != outcome.purchase));
    }
    former.retain(|id| !members.contains_key(id));
    let items = members.iter().filter_map(|(purchase, ids)| purchase_item(scene, outcomes, purchase, ids)).collect();
    (items, former.into_iter().map(|id| purchase_key(&scene.account, id)).collect())
}

fn purchase_item(scene: &Scene, outcomes: &BTreeMap<String, Outcome>, purchase: &str, ids: &[&str]) -> Option<Item> {
    let known: Vec<&Member> = ids.iter().filter_map(|id| scene.members.get(*id)).collect();
    let named = known.iter().flat_map(|member| &member.transaction.associated);
    let named: BTreeSet<&str> = named.map(|each| each.transaction_id.as_str()).collect();
    let missing: Vec<&str> = named.into_iter().filter(|id| !scene.members.contains_key(*id)).collect();
    if ids.len().saturating_add(missing.len()) < 2 {
        return None;
    }
    let states = ids.iter().filter_map(|id| outcomes.get(*id)).map(|outcome| outcome.verdict.name());
    // By name, a difference comes before what is open, and that before what is reconciled.
    let state = states.min().unwrap_or("open");
    let orders = known.iter().flat_map(|member| &member.transaction.lines).filter_map(|line| line.order_id.as_deref());
    let orders: BTreeSet<&str> = orders.collect();
    let mut item = ItemBuilder::new();
    item.text("purchase", purchase_key(&scene.account, purchase))
        .text("part", HEADER)
        .text("account", scene.account.as_str())
        .text("purchase_id", purchase)
        .text("state", state)
        .number("transaction_count", ids.len())
        .texts("transaction_ids", ids)
        .texts("missing_transaction_ids", missing)
        .texts("order_ids", orders.into_iter().take(MOST_LISTED))
        .map("sums", sums(&known));
    Some(item.take())
}

/// What the transactions come to: by currency, and in each by type.
fn sums(members: &[&Member]) -> Item {
    let mut sums: BTreeMap<String, BTreeMap<&str, Decimal>> = BTreeMap::new();
    for member in members {
        let amount = Booked::of(&member.transaction).amount;
        let of_currency = sums.entry(amount.currency.code().to_owned()).or_default();
        let kind = match &member.transaction.transaction_type {
            TransactionType::Charge => "charges",
            TransactionType::Refund => "refunds",
            TransactionType::Overrefund => "over_refunds",
            TransactionType::Unknown(_) => "unknown",
        };
        for name in [kind, "net"] {
            let sum = of_currency.entry(name).or_default();
            *sum = sum.saturating_add(amount.amount);
        }
    }
    let map = |of_currency: BTreeMap<&str, Decimal>| {
        let mut map = ItemBuilder::new();
        for (name, sum) in of_currency {
            map.decimal(name, sum.normalize());
        }
        AttributeValue::M(map.take())
    };
    sums.into_iter().map(|(currency, of_currency)| (currency, map(of_currency))).collect()
}
