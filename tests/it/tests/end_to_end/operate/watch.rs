//! The real stack watches itself: its functions are deployed, its logs are read, and what they say is held against the
//! alarms, the books and the documentation.

use std::collections::BTreeSet;
use std::rc::Rc;

use countinghouse_domain::job::JobState;
use countinghouse_it::alarms::firing;
use countinghouse_it::cases;
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::{Suite, root};
use countinghouse_runtime::metrics::Metric;
use fake_amazon::NotificationMode;
use rust_decimal::Decimal;
use serde_json::Value;

cases![the_deployed_stack_measures_itself_and_says_nothing_that_is_not_documented];

async fn the_deployed_stack_measures_itself_and_says_nothing_that_is_not_documented(suite: Rc<Suite>) {
    let stack = &suite.deploy("it-watch", &[], calm()).await;
    stack.notify(NotificationMode::Never);
    let (story, european) = (Story::of_today(), Seller::european(stack).await);
    let own = |seller: &Seller, name: &str| seller.own_settlement(&story.text(name));
    for name in ["eu/settlement-1.txt", "eu/settlement-2.txt", "eu/settlement-gbp.txt"] {
        let text = own(&european, name);
        european.close(stack, &text);
        stack.poll().await;
        stack.until_settled(&european, settlement_id(&text)).await;
    }
    european.add_vat_rows(stack, &story.text("eu/vat.csv"));
    stack.request_vat(&european.id).await;
    stack.poll().await;
    stack.until_vat_job(&european, JobState::Booked).await;

    let answer = stack.run_schedule("watch-books").await;
    assert_eq!((&answer["accounts"], &answer["needing_a_person"]), (&1.into(), &0.into()), "{answer}");
    let lines = stack.all_logs().await;
    let firing_now = firing(&stack.name, &lines);
    assert!(firing_now.is_empty(), "all is well: {firing_now:?}");
    the_balance_is_what_the_settlement_says(&story, &european, &lines);

    // A fee that no rule knows.
    let american = Seller::american(stack).await;
    let text = own(&american, "us/settlement-2.txt");
    american.close(stack, &text);
    stack.poll().await;
    stack.until_settled(&american, settlement_id(&text)).await;
    let answer = stack.run_schedule("watch-books").await;
    assert_eq!((&answer["accounts"], &answer["needing_a_person"]), (&2.into(), &1.into()), "{answer}");
    let lines = stack.all_logs().await;
    let names: Vec<_> = firing(&stack.name, &lines).into_keys().collect();
    assert_eq!(names, ["settlements-needing-a-person", "unclassified-rows"], "and nothing else is wrong");
    assert!(firing("it", &lines).is_empty(), "these are not the metrics of another stack");
    every_line_is_documented(stack, &lines);
}

/// The newest line of a seller and currency.
fn measured(lines: &[String], seller: &Seller, currency: &str) -> Value {
    let mut found = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let is_it = |line: &Value| line["Seller"] == seller.id.as_str() && line["Currency"] == currency;
    found.rfind(is_it).unwrap_or_else(|| panic!("{} has no balance in {currency}", seller.id))
}

fn the_balance_is_what_the_settlement_says(story: &Story, seller: &Seller, lines: &[String]) {
    for (currency, name) in [("EUR", "eu/settlement-2.txt"), ("GBP", "eu/settlement-gbp.txt")] {
        let line = measured(lines, seller, currency);
        let amount = |metric: Metric| line[metric.name()].to_string().parse::<Decimal>().unwrap();
        let text = seller.own_settlement(&story.text(name));
        let total = text.lines().nth(1).unwrap().split('\t').nth(4).unwrap().replace(',', ".");
        assert_eq!(line["settlement_id"], settlement_id(&text));
        assert_eq!(amount(Metric::BalancePayout), -total.parse::<Decimal>().unwrap(), "the total was paid out");
        let moved = [Metric::BalanceOpening, Metric::BalanceIn, Metric::BalanceOut, Metric::BalancePayout].map(amount);
        assert_eq!(moved.iter().sum::<Decimal>(), amount(Metric::BalanceClosing), "{line}");
        // What is left is what Amazon holds back: the file has a row for it, or not.
        let held = text.lines().find(|row| row.contains("Current Reserve Amount"));
        let held = held.map_or("0".to_owned(), |row| row.split('\t').nth(14).unwrap_or_default().replace(',', "."));
        assert_eq!(amount(Metric::BalanceReserve), held.parse::<Decimal>().unwrap().abs(), "{currency}: {line}");
        assert_eq!(amount(Metric::BalanceClosing), amount(Metric::BalanceReserve));
    }
}

/// Every line is one JSON object whose fields `docs/observability.md` names; Lambda's own lines are not ours.
fn every_line_is_documented(stack: &Stack, lines: &[String]) {
    let page = std::fs::read_to_string(root().join("docs/observability.md")).unwrap();
    let table = page.split("## Log lines").nth(1).unwrap();
    let cells = table.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split(" | ").next());
    let mut documented: BTreeSet<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    documented.extend(Metric::ALL.iter().map(|metric| metric.name()));
    let mut read = 0;
    for line in
        lines.iter().filter(|line| !["START ", "END ", "REPORT ", "INIT_"].iter().any(|own| line.starts_with(own)))
    {
        let object: serde_json::Map<String, Value> =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let unknown: Vec<_> = object.keys().filter(|name| !documented.contains(name.as_str())).collect();
        assert!(unknown.is_empty(), "docs/observability.md does not name {unknown:?}: {line}");
        if object.contains_key("_aws") {
            assert_eq!(object["Stack"], stack.name.as_str(), "{line}");
        } else {
            assert!(object["timestamp"].is_string() && object["level"].is_string(), "{line}");
        }
        read += 1;
    }
    assert!(read > 10, "the functions have said something");
}
