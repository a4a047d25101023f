//! The sums: what is explained, what is not, and that no single wrong amount slips through.

use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::testing::{
    ALL, AMERICA, CREDIT_NOTE, DIRECT, EUROPE, INDIA, amounts, changed, checked, every_wrong_amount_is_caught, find,
    json, violations, warnings, with,
};
use crate::{Checked, Node};

fn words(checked: &Checked) -> &str {
    &checked.reading.as_ref().unwrap().words
}

#[test]
fn the_reading_is_named_in_an_accountants_words() {
    for (base, expected) in [
        (EUROPE, "items 245 + tax 31 = 276 EUR; the total includes the tax; the lines state the tax of the whole line"),
        (CREDIT_NOTE, "items 50 + tax 9.50 = 59.50 EUR; the total includes the tax; the tax is only at the header"),
        (AMERICA, "items 150 + charges 25 - allowances 5 = 170 USD; no tax"),
        (
            INDIA,
            "items 1000.02 + tax 180 = 1180.02 INR; the total includes the tax; the lines state the tax of one unit",
        ),
        (
            DIRECT,
            "items 120 + charges 5 + tax 23.75 = 148.75 EUR; the total includes the tax; the lines state the tax of \
            the whole line; the header's tax includes that on charges and allowances; rates are fractions",
        ),
    ] {
        let checked = checked(&with(base, &[]));
        assert_eq!(words(&checked), expected);
        assert!(checked.reading.unwrap().explains);
    }
}

#[test]
fn a_total_that_no_reading_explains_is_shown_with_the_nearest_and_its_difference() {
    let checked = checked(&with(EUROPE, &[("/invoiceTotal/amount", "\"276.01\"")]));
    assert_eq!(violations(&checked), [("/invoiceTotal/amount", "total")]);
    let [violation] = &checked.violations[..] else { panic!() };
    assert_eq!(violation.expected, "items 245 + tax 31 = 276 EUR, by the nearest reading");
    assert_eq!(violation.found, "276.01 EUR, 0.01 more");
    let reading = checked.reading.unwrap();
    assert!(!reading.explains);
    assert!(reading.words.starts_with("nearest: ") && reading.words.ends_with("; the total differs by 0.01"));
    assert_eq!(reading.difference.to_string(), "0.01 EUR");
}

#[test]
fn the_total_may_be_without_the_tax() {
    let checked = checked(&with(EUROPE, &[("/invoiceTotal/amount", "\"245\"")]));
    assert_eq!(violations(&checked), []);
    assert!(words(&checked).contains("the total is without the tax of 31"));
}

#[test]
fn tax_may_stand_at_the_lines_only_with_a_warning() {
    let checked = checked(&with(EUROPE, &[("/taxDetails", "")]));
    assert_eq!(violations(&checked), []);
    assert_eq!(warnings(&checked), [("/items/0/taxDetails/0", "tax-on-lines-only")]);
    assert!(words(&checked).contains("the tax is only at the lines"));
}

#[test]
fn a_tax_that_nothing_proves_is_accepted_with_a_warning() {
    let tax = r#"[{"taxType": "VAT", "taxAmount": {"currencyCode": "EUR", "amount": "9.51"}}]"#;
    let changes = [("/taxDetails", tax), ("/invoiceTotal/amount", "\"50\"")];
    let checked = checked(&with(CREDIT_NOTE, &changes));
    assert_eq!(violations(&checked), []);
    assert_eq!(warnings(&checked), [("/taxDetails/0/taxAmount/amount", "tax-unproven")]);
}

#[test]
fn several_rates_at_the_header_only_are_told_apart_by_their_taxable_amounts() {
    let changes = [("/items/0/taxDetails", ""), ("/items/1/taxDetails", "")];
    assert_eq!(violations(&checked(&with(EUROPE, &changes))), []);
    let wrong = [changes[0], changes[1], ("/taxDetails/0/taxableAmount/amount", "\"126.00\"")];
    assert!(!checked(&with(EUROPE, &wrong)).accepted());
}

#[test]
fn lines_and_header_may_differ_by_rounding_where_rates_confirm_both() {
    // Three lines of 0.10 at 19 %: each 0.02 rounded, together 0.06 at the header by rate and by sum.
    let line = |number: u32, tax: &str| {
        format!(
            r#"{{"itemSequenceNumber": {number}, "vendorProductIdentifier": "a", "purchaseOrderNumber": "4QWERTY1",
            "invoicedQuantity": {{"amount": 1, "unitOfMeasure": "Eaches"}},
            "netCost": {{"currencyCode": "EUR", "amount": "0.07"}},
            "taxDetails": [{{"taxType": "VAT", {tax}}}]}}"#
        )
    };
    let with_rate = r#""taxRate": "19", "taxAmount": {"currencyCode": "EUR", "amount": "0.01"}"#;
    let invoice = |line_tax: &str, header: &str, total: &str| {
        let items = format!("[{}, {}, {}]", line(1, line_tax), line(2, line_tax), line(3, line_tax));
        let header = format!(r#"[{{"taxType": "VAT", {header}}}]"#);
        checked(&with(EUROPE, &[("/items", &items), ("/taxDetails", &header), ("/invoiceTotal/amount", total)]))
    };
    let rated =
        |amount: &str| format!(r#""taxRate": "19", "taxAmount": {{"currencyCode": "EUR", "amount": "{amount}"}}"#);
    // By its rate the header has 0.0399, by the lines 0.03.
    let by_rate = invoice(with_rate, &rated("0.04"), "\"0.25\"");
    assert_eq!(violations(&by_rate), []);
    assert_eq!(warnings(&by_rate), [("/taxDetails/0/taxAmount/amount", "rounding")]);
    let by_lines = invoice(with_rate, &rated("0.03"), "\"0.24\"");
    assert_eq!(violations(&by_lines), []);
    assert_eq!(warnings(&by_lines), [("/taxDetails/0/taxAmount/amount", "rounding")]);
    assert!(!invoice(with_rate, &rated("0.05"), "\"0.26\"").accepted());
    // Without rates nothing confirms a difference.
    let bare = r#""taxAmount": {"currencyCode": "EUR", "amount": "0.01"}"#;
    let bare_header = r#""taxAmount": {"currencyCode": "EUR", "amount": "0.04"}"#;
    assert!(!invoice(bare, bare_header, "\"0.25\"").accepted());
}

#[test]
fn a_price_with_more_decimals_than_the_currency_rounds_the_total_with_a_warning() {
    let changes = [("/items/0/netCost/amount", "\"15.0004\"")];
    let checked = checked(&with(AMERICA, &changes));
    assert_eq!(violations(&checked), []);
    assert_eq!(warnings(&checked), [("/invoiceTotal/amount", "rounding")]);
}

#[test]
fn charges_of_the_header_are_the_sum_of_the_lines() {
    let changes = [("/items/0/chargeDetails/0/chargeAmount/amount", "\"24.00\"")];
    assert_eq!(
        violations(&checked(&with(AMERICA, &changes))),
        [("/chargeDetails/0/chargeAmount/amount", "charge-sum")]
    );
}

#[test]
fn any_single_wrong_amount_in_the_examples_is_caught() {
    for base in ALL {
        every_wrong_amount_is_caught(&json(base));
    }
}

/// How a generated invoice states its tax.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent questions")]
struct Manner {
    with_rates: bool,
    taxable: bool,
    per_unit: bool,
    with_tax: bool,
    at_lines: bool,
    at_header: bool,
    /// Whether the header is the rate of all, or the sum of the lines.
    header_by_rate: bool,
    charge: bool,
    charge_tax_in_header: bool,
}

fn money(amount: Decimal) -> String {
    format!(r#"{{"currencyCode": "EUR", "amount": "{amount}"}}"#)
}

fn tax(rate: Decimal, amount: Decimal, taxable: Decimal, manner: Manner) -> String {
    let rate = if manner.with_rates { format!(r#""taxRate": "{rate}", "#) } else { String::new() };
    let taxable = if manner.taxable { format!(r#", "taxableAmount": {}"#, money(taxable)) } else { String::new() };
    format!(r#"[{{"taxType": "VAT", {rate}"taxAmount": {}{taxable}}}]"#, money(amount))
}

fn invoice(lines: &[(i64, i64)], rate: i64, manner: Manner) -> Node {
    let rate = Decimal::from(rate);
    let of = |base: Decimal| super::exact::rounded(base * rate / Decimal::ONE_HUNDRED, 2);
    let (mut items, mut goods, mut line_tax) = (Vec::new(), Decimal::ZERO, Decimal::ZERO);
    for (index, (quantity, cents)) in lines.iter().enumerate() {
        let (unit, quantity) = (Decimal::new(*cents, 2), Decimal::from(*quantity));
        let base = if manner.per_unit { unit } else { unit * quantity };
        goods += unit * quantity;
        line_tax += of(base) * if manner.per_unit { quantity } else { Decimal::ONE };
        let taxes = if manner.at_lines {
            format!(r#", "taxDetails": {}"#, tax(rate, of(base), base, manner))
        } else {
            String::new()
        };
        items.push(format!(
            r#"{{"itemSequenceNumber": {}, "vendorProductIdentifier": "a", "purchaseOrderNumber": "4QWERTY1",
            "invoicedQuantity": {{"amount": {quantity}, "unitOfMeasure": "Eaches"}}, "netCost": {}{taxes}}}"#,
            index + 1,
            money(unit),
        ));
    }
    let charge = if manner.charge { Decimal::new(1200, 2) } else { Decimal::ZERO };
    let in_header = manner.charge_tax_in_header;
    let header_base = if in_header { goods + charge } else { goods };
    let by_sum = line_tax + if in_header { of(charge) } else { Decimal::ZERO };
    let by_rate = manner.header_by_rate || !manner.at_lines;
    let header_tax = if by_rate { of(header_base) } else { by_sum };
    let all_tax = match (manner.at_header, in_header) {
        (true, true) => header_tax,
        (true, false) => header_tax + of(charge),
        (false, _) => line_tax + of(charge),
    };
    let total = goods + charge + if manner.with_tax { all_tax } else { Decimal::ZERO };
    let mut changes = vec![
        ("/items", format!("[{}]", items.join(","))),
        ("/invoiceTotal", money(total)),
        ("/taxDetails", if manner.at_header { tax(rate, header_tax, header_base, manner) } else { String::new() }),
    ];
    if manner.charge {
        let taxes = tax(rate, of(charge), charge, manner);
        let charge = format!(r#"[{{"type": "Freight", "chargeAmount": {}, "taxDetails": {taxes}}}]"#, money(charge));
        changes.push(("/chargeDetails", charge));
    }
    let changes: Vec<(&str, &str)> = changes.iter().map(|(pointer, value)| (*pointer, value.as_str())).collect();
    with(EUROPE, &changes)
}

/// Whether the tax of an amount is half a cent beside a whole one: people round it either way, and a sum may confirm
/// any of the two.
fn is_half(base: Decimal, rate: i64) -> bool {
    (base * Decimal::from(rate)).fract() == Decimal::new(5, 1)
}

#[test]
fn a_half_cent_is_rounded_up_unless_a_sum_confirms_that_it_is_not() {
    // 5 % of 120.09 is 6.0045, of 120.10 it is 6.005.
    let line = |tax: &str| {
        [
            ("/items/1/netCost/amount", "\"40.03\"".to_owned()),
            ("/items/1/taxDetails/0/taxAmount/amount", format!("\"{tax}\"")),
            ("/items/1/taxDetails/0/taxableAmount/amount", "\"120.09\"".to_owned()),
            ("/taxDetails/1/taxableAmount/amount", "\"120.09\"".to_owned()),
        ]
    };
    let of = |tax: &str, total: &str| {
        let mut changes = line(tax).to_vec();
        changes.push(("/taxDetails/1/taxAmount/amount", format!("\"{tax}\"")));
        changes.push(("/invoiceTotal/amount", format!("\"{total}\"")));
        let changes: Vec<_> = changes.iter().map(|(pointer, value)| (*pointer, value.as_str())).collect();
        checked(&with(EUROPE, &changes)).accepted()
    };
    assert!(of("6.00", "276.09"));
    assert!(!of("6.01", "276.10"));
    let half = [
        ("/items/1/invoicedQuantity/amount", "1"),
        ("/items/1/netCost/amount", "\"120.10\""),
        ("/items/1/taxDetails/0/taxableAmount/amount", "\"120.10\""),
        ("/taxDetails/1/taxableAmount/amount", "\"120.10\""),
    ];
    for (line, header, total, accepted) in [
        ("6.01", "6.01", "276.11", true),
        ("6.00", "6.00", "276.10", true),
        ("6.00", "6.01", "245.10", false),
        ("6.01", "6.00", "245.10", false),
    ] {
        let (line, header, total) = (format!("\"{line}\""), format!("\"{header}\""), format!("\"{total}\""));
        let mut changes = half.to_vec();
        changes.push(("/items/1/taxDetails/0/taxAmount/amount", &line));
        changes.push(("/taxDetails/1/taxAmount/amount", &header));
        changes.push(("/invoiceTotal/amount", &total));
        assert_eq!(checked(&with(EUROPE, &changes)).accepted(), accepted, "{line} {header} {total}");
    }
}

/// By how much the total and what it is made of move apart when the amount at this place grows by `delta`.
fn shift(pointer: &str, lines: &[(i64, i64)], delta: Decimal) -> Option<Decimal> {
    let line = |index: &str| lines[index.parse::<usize>().unwrap()];
    match pointer.split('/').skip(1).collect::<Vec<_>>()[..] {
        ["items", index, "invoicedQuantity", _] => Some(delta * Decimal::new(line(index).1, 2)),
        ["items", index, "netCost", _] => Some(delta * Decimal::from(line(index).0)),
        ["invoiceTotal", _] | ["chargeDetails", _, "chargeAmount", _] => Some(delta),
        _ => None,
    }
}

/// What the total has more with the tax than without it.
fn tax_of_all(lines: &[(i64, i64)], rate: i64, manner: Manner) -> Decimal {
    let total = |with_tax| {
        let mut node = invoice(lines, rate, Manner { with_tax, ..manner });
        let Node::Text(total) = find(&mut node, "/invoiceTotal/amount") else { panic!("the total is no text") };
        total.parse::<Decimal>().unwrap()
    };
    total(true) - total(false)
}

/// Manners in which each amount is confirmed by another one. Without rates the header is the sum of the lines; the
/// header alone needs a rate.
fn manners() -> impl Strategy<Value = Manner> {
    (any::<[bool; 8]>()).prop_map(
        |[rates, taxable, per_unit, with_tax, at_lines, header_by_rate, charge, in_header]| {
            // Without lines the header's tax is on everything at once.
            let with_rates = rates || !at_lines || charge;
            Manner {
                with_rates,
                taxable,
                per_unit: per_unit && at_lines,
                with_tax,
                at_lines,
                at_header: true,
                // Only a total with tax can tell a header by its rate from a wrong one.
                header_by_rate: header_by_rate && with_rates && with_tax,
                charge,
                charge_tax_in_header: charge && in_header,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_valid_invoice_passes_and_any_single_wrong_amount_is_caught(
        lines in prop::collection::vec((1_i64..40, 1_i64..500_000), 1..6),
        rate in prop::sample::select(vec![5_i64, 7, 19, 20, 27]),
        manner in manners(),
        at in any::<prop::sample::Index>(),
        change in prop_oneof![Just(1_i64), Just(-1), Just(100), 2_i64..1_000_000],
    ) {
        let bases = lines.iter().map(|(quantity, cents)| Decimal::new(if manner.per_unit { *cents } else { quantity * cents }, 2));
        prop_assume!(!bases.into_iter().any(|base| is_half(base, rate)));
        let node = invoice(&lines, rate, manner);
        let before = checked(&node);
        prop_assert!(before.accepted(), "{:#?}\n{:?}", before.violations, manner);
        let mut pointers = Vec::new();
        amounts(&node, "", &mut pointers);
        let pointer = at.get(&pointers);
        let is_number = matches!(find(&mut node.clone(), pointer), Node::Number(_));
        let delta = if is_number { Decimal::from(change) } else { Decimal::new(change, 2) };
        // Goods, charges or a total that move by exactly the tax make the other reading right: with the tax, or without.
        prop_assume!(shift(pointer, &lines, delta) != Some(tax_of_all(&lines, rate, manner)));
        let wrong = changed(&node, pointer, |amount| amount + delta);
        let after = checked(&wrong);
        prop_assert!(!after.accepted(), "{pointer} {delta}: {:?}\n{manner:?} {lines:?} {rate}", words(&after));
    }
}
