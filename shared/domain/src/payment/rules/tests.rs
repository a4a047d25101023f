//! The table is sound, and it knows what is known.

use rust_decimal::Decimal;

use super::lookup::{self, Triple};
use super::*;
use crate::settlement::SettlementAmount;

/// Every triple of `known.txt` with the type that an accountant expects.
fn known() -> Vec<([&'static str; 3], PaymentType)> {
    let mut expected = None;
    let mut known = Vec::new();
    for line in include_str!("known.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            expected = Some(PaymentType::from_name(name).unwrap());
            continue;
        }
        let columns: Vec<Vec<_>> = line.split(" / ").map(|column| column.split(" · ").collect()).collect();
        let [transaction_types, amount_types, descriptions] = columns.try_into().unwrap();
        for &transaction_type in &transaction_types {
            for &amount_type in &amount_types {
                for &description in &descriptions {
                    known.push(([transaction_type, amount_type, description], expected.unwrap()));
                }
            }
        }
    }
    known
}

#[test]
fn every_known_amount_has_the_type_that_an_accountant_expects() {
    let known = known();
    assert!(known.len() > 450, "only {} triples were read", known.len());
    let wrong: Vec<_> = known
        .iter()
        .filter_map(|([transaction_type, amount_type, description], expected)| {
            let found = Rules::built_in().classify(transaction_type, amount_type, description);
            (found.payment_type != *expected)
                .then(|| format!("{transaction_type} / {amount_type} / {description}: {found:?}, not {expected}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_name_that_is_known_is_in_the_table() {
    let unlisted: Vec<_> = known()
        .into_iter()
        .filter(|(texts, _)| !texts.iter().any(|text| text.contains("nobody has seen") || *text == "Any"))
        .filter(|([one, two, three], _)| Rules::built_in().classify(one, two, three).is_unlisted())
        .collect();
    assert!(unlisted.is_empty(), "{unlisted:#?}");
}

fn covers(wide: &Pattern, narrow: &Pattern) -> bool {
    match (wide, narrow) {
        (Pattern::Any, _) => true,
        (Pattern::Prefix(beginning), Pattern::Prefix(text) | Pattern::Exact(text)) => text.starts_with(&**beginning),
        (Pattern::Exact(left), Pattern::Exact(right)) => left == right,
        (Pattern::Prefix(_) | Pattern::Exact(_), _) => false,
    }
}

type Places = [Pattern; 3];

fn all_cover(wide: &Places, narrow: &Places) -> bool {
    wide.iter().zip(narrow).all(|(wide, narrow)| covers(wide, narrow))
}

fn expanded(rule: &Rule) -> Vec<Places> {
    let [first, second, third] = &rule.patterns;
    let mut all = Vec::new();
    for one in first {
        for two in second {
            all.extend(third.iter().map(|three| [one.clone(), two.clone(), three.clone()]));
        }
    }
    all
}

/// The pairs of rules that match one triple, and neither of which is more specific in every column.
fn rivals(rules: &Rules) -> Vec<String> {
    let overlap = |left: &Pattern, right: &Pattern| covers(left, right) || covers(right, left);
    let rules: Vec<_> = rules.iter().map(|rule| (rule, expanded(rule))).collect();
    let mut rivals = Vec::new();
    for (index, (one, ones)) in rules.iter().enumerate() {
        for (other, others) in rules.iter().skip(index.saturating_add(1)) {
            let unresolved =
                ones.iter().flat_map(|left| others.iter().map(move |right| (left, right))).find(|(left, right)| {
                    left.iter().zip(right.iter()).all(|(left, right)| overlap(left, right))
                        && all_cover(left, right) == all_cover(right, left)
                });
            if let Some((left, right)) = unresolved {
                rivals.push(format!("lines {} and {}: {left:?} and {right:?}", one.line, other.line));
            }
        }
    }
    rivals
}

#[test]
fn of_two_rules_that_overlap_one_is_more_specific_in_every_column() {
    let rivals = rivals(Rules::built_in());
    assert!(rivals.is_empty(), "{rivals:#?}");
}

#[test]
fn rules_that_cross_are_found() {
    let crossing =
        "Order  *  Tax  customer_payment  sales_tax\nOrder  ItemPrice  *  customer_payment  sales_principal\n";
    let twice = "Order  a | b  Tax  customer_payment  sales_tax\nOrder  B | c  T a x  customer_payment  sales_tax\n";
    for table in [crossing, twice] {
        assert_eq!(rivals(&Rules::parse(table).unwrap()).len(), 1, "{table}");
    }
}

#[test]
fn every_rule_can_be_reached() {
    let witness = |pattern: &Pattern| match pattern {
        Pattern::Any => "§ any".to_owned(),
        Pattern::Prefix(beginning) => format!("{beginning}§ more"),
        Pattern::Exact(text) => text.to_string(),
    };
    for rule in Rules::built_in().iter() {
        for places in expanded(rule) {
            let [one, two, three] = places.each_ref().map(witness);
            let found = lookup::find(&Rules::built_in().rules, &Triple::new(&one, &two, &three)).unwrap();
            assert_eq!(found.line, rule.line, "{one} / {two} / {three}");
        }
    }
}

#[test]
fn a_name_that_nobody_has_seen_is_visible_in_its_category() {
    // A `*` in the last column stands for a name. These rules may leave it open, for their first columns say
    // all there is to say; every other rule admits in its category that it does not know the name.
    let complete = [
        "advertising",
        "coupon_fee",
        "deal_fee",
        "vine_fee",
        "review_program_fee",
        "inbound_transport",
        "customer_return_fee",
        "inbound_defect_fee",
        "capacity_reservation_fee",
        "grade_and_resell_fee",
        "premium_services_fee",
        "shipping_label",
        "easy_ship_fee",
        "item_fee_adjustment",
        "refunded_item_fee_adjustment",
        "fee_adjustment",
        "safe_t_reimbursement",
        "general_adjustment",
        "buyer_recharge",
        "seller_rewards",
        "commingling_vat",
        "debt_adjustment",
        "income_tax",
        "retrocharge_withheld_tax",
    ];
    for rule in Rules::built_in().iter().filter(|rule| rule.patterns[2].contains(&Pattern::Any)) {
        let Classification { payment_type, category } = rule.classification;
        assert!(
            category.starts_with("unlisted_") || complete.contains(&category),
            "line {}: {payment_type} {category}",
            rule.line
        );
    }
    assert!(Rules::built_in().classify("Order", "ItemFees", "Brand new fee").is_unlisted());
    assert!(!Rules::built_in().classify("Order", "ItemFees", "Commission").is_unlisted());
}

#[test]
fn a_category_belongs_to_one_type() {
    let mut types = std::collections::BTreeMap::new();
    for rule in Rules::built_in().iter() {
        let Classification { payment_type, category } = rule.classification;
        let first = *types.entry(category).or_insert(payment_type);
        assert_eq!(first, payment_type, "line {}: {category}", rule.line);
    }
}

#[test]
fn the_parts_of_a_fee_and_its_reversal_have_the_category_of_the_fee() {
    let category = |texts: [&str; 3]| Rules::built_in().classify(texts[0], texts[1], texts[2]).category;
    for texts in [
        ["Storage Fee", "other-transaction", "Storage Fee"],
        ["Storage Fee - Reversal", "other-transaction", "Storage Fee - Reversal"],
        ["other-transaction - Reversal", "other-transaction", "Storage Fee"],
        ["FBAFees", "FBA Inventory Storage Fee", "Base fee"],
        ["FBA Inventory Storage Fee", "other-transaction", "FBA Inventory Storage Fee"],
    ] {
        assert_eq!(category(texts), "storage_fee", "{texts:?}");
    }
}

#[test]
fn a_broken_table_is_refused_with_its_line() {
    for (table, line, problem) in [
        ("\nOrder  ItemPrice", 2, "the amount-description is missing"),
        ("Order  ItemPrice  Tax  income  sales", 1, "there is no such type"),
        ("Order  <prices>  Tax  payout  sales", 1, "this set is not defined above"),
        ("Order  ItemPrice |  Tax  payout  sales", 1, "an empty text is written (none)"),
        ("Order  ItemPrice  Tax  payout  Sales tax", 1, "a category is written in lower case with `_`"),
        (
            "Order  ItemPrice  Tax  payout  sales  note  more",
            1,
            "a column too many: only single blanks stand within a column",
        ),
        ("set <a> = b\nset <a> = c", 2, "this set is defined twice"),
        ("set <a>", 1, "a set is written `set <name> = a | b`"),
        ("  | b", 1, "a line that begins with `|` continues a set"),
    ] {
        assert_eq!(Rules::parse(table).unwrap_err(), TableError { line, problem }, "{table}");
    }
}

fn amount(texts: [&str; 3]) -> SettlementAmount<'_> {
    let [transaction_type, amount_type, amount_description] = texts;
    SettlementAmount { transaction_type, amount_type, amount_description, ..SettlementAmount::empty(1, Decimal::ONE) }
}

#[test]
fn the_classifier_answers_as_the_table_does_also_from_memory() {
    let mut classifier = Classifier::new();
    for _again in 0..2 {
        for ([transaction_type, amount_type, description], expected) in known() {
            let found = classifier.classify(&amount([transaction_type, amount_type, description]));
            assert_eq!(found.payment_type, expected, "{transaction_type} / {amount_type} / {description}");
        }
    }
}

#[test]
fn texts_that_read_alike_when_joined_are_told_apart() {
    let mut classifier = Classifier::new();
    assert_eq!(classifier.classify(&amount(["Order", "ItemFees", "Commission"])).category, "commission");
    assert_eq!(classifier.classify(&amount(["OrderItem", "Fees", "Commission"])), Classification::UNCLASSIFIED);
    assert_eq!(classifier.classify(&amount(["Order", "ItemFees", "Commission"])).category, "commission");
}

#[test]
fn a_file_full_of_ids_does_not_fill_the_memory() {
    let mut classifier = Classifier::new();
    for number in 0..10_000 {
        let description = format!("Transfer of funds unsuccessful: {number}");
        let found = classifier.classify(&amount(["other-transaction", "other-transaction", &description]));
        assert_eq!(found.category, "failed_transfer");
        assert!(classifier.remembered() <= 4_096);
    }
    let long = "x".repeat(100_000);
    classifier.classify(&amount([&long, "ItemFees", "Commission"]));
    assert!(classifier.remembered_bytes() < 4_096 * 600);
}
