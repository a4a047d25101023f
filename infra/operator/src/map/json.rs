//! The objects on standard output. Their field names are an interface: other programs read them.

use std::io::{self, Write};

use countinghouse_domain::document::{Amounts, Document, DocumentLine, Flag};
use countinghouse_domain::payment::{Classification, Derived, Direction};
use countinghouse_domain::settlement::{Chain, SettlementAmount, SettlementHeader, Subtotal};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::books::BookedSettlement;

/// Writes objects, one a line.
#[derive(Debug)]
pub(super) struct Output<W>(W);

impl<W: Write> Output<W> {
    pub(super) fn new(writer: W) -> Self {
        Self(writer)
    }

    /// Writes one object.
    pub(super) fn write(&mut self, object: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, object)?;
        self.0.write_all(b"\n")
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Payment<'a> {
    kind: &'static str,
    settlement_id: &'a str,
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<u8>,
    r#type: &'static str,
    category: &'a str,
    direction: Direction,
    amount: Decimal,
    currency: &'a str,
    transaction_type: Option<&'a str>,
    amount_type: Option<&'a str>,
    amount_description: Option<&'a str>,
    order_id: Option<&'a str>,
    sku: Option<&'a str>,
    quantity: Option<i64>,
    posted_at: Option<Timestamp>,
    marketplace: Option<&'a str>,
    derived: bool,
}

impl<'a> Payment<'a> {
    pub(super) fn new(header: &'a SettlementHeader, amount: &SettlementAmount<'a>, class: Classification) -> Self {
        Self {
            kind: "payment",
            settlement_id: header.settlement_id.as_str(),
            line: Some(amount.line),
            part: Some(amount.part).filter(|part| *part > 1),
            r#type: class.payment_type.name(),
            category: class.category,
            direction: Direction::of(amount.amount),
            amount: amount.amount,
            currency: header.currency.code(),
            transaction_type: present(amount.transaction_type),
            amount_type: present(amount.amount_type),
            amount_description: present(amount.amount_description),
            order_id: present(amount.order_id),
            sku: present(amount.sku),
            quantity: amount.quantity,
            posted_at: amount.posted_at,
            marketplace: present(amount.marketplace_name),
            derived: false,
        }
    }

    pub(super) fn derived(header: &'a SettlementHeader, derived: &Derived) -> Self {
        let class = Classification { payment_type: derived.payment_type, category: derived.category };
        let amount =
            SettlementAmount { posted_at: Some(derived.posted_at), ..SettlementAmount::empty(0, derived.amount) };
        Self { line: None, derived: true, ..Self::new(header, &amount, class) }
    }
}

fn present(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON object")]
pub(super) struct Settlement<'a> {
    kind: &'static str,
    settlement_id: &'a str,
    start: Timestamp,
    end: Timestamp,
    deposit_date: Timestamp,
    currency: &'a str,
    total_amount: Decimal,
    rows: u64,
    amounts: u64,
    sum: Decimal,
    difference: Decimal,
    status: &'static str,
    chain: &'a Chain,
    unclassified: u64,
    layout: &'static str,
    sha256: &'a str,
    #[serde(serialize_with = "subtotals")]
    by_type: Vec<(&'static str, Subtotal)>,
    #[serde(serialize_with = "subtotals")]
    by_category: Vec<(&'static str, Subtotal)>,
    report: &'a str,
}

impl<'a> Settlement<'a> {
    pub(super) fn new(booked: &'a BookedSettlement) -> Self {
        let BookedSettlement { header, proof, tally, .. } = booked;
        let scale = header.total_amount.scale();
        let shown = |(name, subtotal): (&'static str, Subtotal)| {
            (name, Subtotal { sum: with_decimals(subtotal.sum, scale), ..subtotal })
        };
        Self {
            kind: "settlement",
            settlement_id: header.settlement_id.as_str(),
            start: header.start,
            end: header.end,
            deposit_date: header.deposit_date,
            currency: header.currency.code(),
            total_amount: header.total_amount,
            rows: proof.evidence.rows,
            amounts: proof.amounts,
            sum: with_decimals(proof.sum, scale),
            difference: with_decimals(proof.difference, scale),
            status: proof.status.name(),
            chain: &booked.chain,
            unclassified: proof.unclassified,
            layout: proof.evidence.layout.name(),
            sha256: &proof.evidence.sha256,
            by_type: tally.by_type().map(|(payment_type, subtotal)| shown((payment_type.name(), subtotal))).collect(),
            by_category: tally.by_category().map(shown).collect(),
            report: &booked.report,
        }
    }
}

/// A sum with at least as many decimals as the file shows; the sum of nothing has none by itself.
pub(super) fn with_decimals(mut sum: Decimal, decimals: u32) -> Decimal {
    if sum.scale() < decimals {
        sum.rescale(decimals);
    }
    sum
}

fn subtotals<S: Serializer>(subtotals: &[(&'static str, Subtotal)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Value {
        count: u64,
        sum: Decimal,
    }
    let mut map = serializer.serialize_map(Some(subtotals.len()))?;
    for (name, Subtotal { count, sum }) in subtotals {
        map.serialize_entry(name, &Value { count: *count, sum: *sum })?;
    }
    map.end()
}

/// An invoice or a credit note. The buyer's data stays out of it: the output is for pipes and logs.
#[derive(Debug, Serialize)]
pub(super) struct DocumentObject<'a> {
    kind: &'static str,
    number: Option<&'a str>,
    transaction_id: Option<&'a str>,
    order_id: Option<&'a str>,
    issued_on: Option<Date>,
    currency: &'a str,
    gross: Decimal,
    net: Decimal,
    vat: Decimal,
    marketplace: Option<&'a str>,
    scheme: &'static str,
    reverse_charge: bool,
    export: bool,
    ship_from: Option<&'a str>,
    ship_to: Option<&'a str>,
    original_number: Option<&'a str>,
    lines: Vec<Line<'a>>,
    flags: Vec<Finding<'a>>,
    notes: Vec<Finding<'a>>,
    report: &'a str,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON object")]
struct Line<'a> {
    line: u64,
    transaction_type: Option<&'a str>,
    sku: Option<&'a str>,
    asin: Option<&'a str>,
    quantity: Option<i64>,
    rate: Option<Decimal>,
    gross: Decimal,
    net: Decimal,
    vat: Decimal,
    item: Amounts,
    shipping: Amounts,
    gift_wrap: Amounts,
    /// Negative on an invoice, and part of the three above.
    promotion: Amounts,
}

/// A flag with its own fields, and the sentence that a person reads.
#[derive(Debug, Serialize)]
struct Finding<'a> {
    #[serde(flatten)]
    flag: &'a Flag,
    text: String,
}

impl<'a> DocumentObject<'a> {
    /// Nothing if a sum of a line is beyond 28 digits, which the document itself has refused already.
    pub(super) fn new(document: &'a Document, report: &'a str) -> Self {
        let findings = |wanted: bool| {
            let chosen = document.flags.iter().filter(|flag| flag.needs_attention() == wanted);
            chosen.map(|flag| Finding { flag, text: flag.to_string() }).collect()
        };
        Self {
            kind: document.kind().name(),
            number: document.number(),
            transaction_id: document.lines.first().and_then(|line| present(&line.transaction_id)),
            order_id: present(&document.order_id),
            issued_on: document.issued_on,
            currency: document.currency.code(),
            gross: document.total.gross,
            net: document.total.net,
            vat: document.total.vat,
            marketplace: present(&document.marketplace),
            scheme: document.scheme.name(),
            reverse_charge: document.reverse_charge,
            export: document.export,
            ship_from: present(&document.ship_from.country),
            ship_to: present(&document.ship_to.country),
            original_number: present(&document.original_number),
            lines: document.lines.iter().map(Line::new).collect(),
            flags: findings(true),
            notes: findings(false),
            report,
        }
    }
}

impl<'a> Line<'a> {
    fn new(line: &'a DocumentLine) -> Self {
        let components = [&line.item, &line.shipping, &line.gift_wrap];
        // A line whose components cannot be summed has no document: the assembler refused it.
        let [item, shipping, gift_wrap] = components.map(|component| component.total().unwrap_or_default());
        let promotion = components
            .iter()
            .try_fold(Amounts::default(), |sum, component| sum.plus(component.promotion))
            .unwrap_or_default();
        Self {
            line: line.source_line,
            transaction_type: present(&line.transaction_type),
            sku: present(&line.sku),
            asin: present(&line.asin),
            quantity: line.quantity,
            rate: line.rate,
            gross: line.total.gross,
            net: line.total.net,
            vat: line.total.vat,
            item,
            shipping,
            gift_wrap,
            promotion,
        }
    }
}
