//! `countinghouse invoices` and `countinghouse profile`, as a person uses them on the real stack.

use std::rc::Rc;
use std::time::Duration;

use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::cases;
use countinghouse_it::operator::{Said, run};
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::Stack;
use countinghouse_it::suite::{Suite, root};
use countinghouse_it::wait::{until, until_within};
use countinghouse_store::{OwnInvoices, StoredOwnInvoice};
use countinghouse_vat_invoices::state::State;
use fake_amazon::{FeedOutcome, FeedResult, Shipments};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::desk::{ask_for_all, issuing, issuing_seller, reports_are_over, stored};

cases![
    what_amazon_refused_is_tried_again_or_made_void_by_a_person,
    a_profile_is_stored_a_series_goes_on_and_what_waited_is_made,
];

/// One upload in three seconds is all that Amazon takes.
const UPLOADS: Duration = Duration::from_mins(2);

/// So many shipments in Germany that are due.
fn shipments(stack: &Stack, seller: &Seller, seed: u64, shipments: usize) {
    let all_ours =
        Shipments { amazon_invoiced_percent: 0, no_tax_percent: 0, refund_percent: 0, ..Shipments::default() };
    stack.amazon.generate_shipments(&seller.id, &Shipments { seed, shipments, ..all_ours }).unwrap();
}

/// Amazon's reports are asked for and read.
async fn report(stack: &Stack, seller: &Seller) {
    assert_eq!(stack.request_vat(&seller.id).await["requested"], 4);
    stack.poll().await;
    reports_are_over(stack, seller, 4).await;
}

async fn all(stack: &Stack, seller: &Seller) -> Vec<StoredOwnInvoice> {
    let mut all = Vec::new();
    for document in stack.amazon.vat_documents(&seller.id).unwrap() {
        all.extend(stored(stack, seller, &document).await);
    }
    all
}

fn number(invoice: &StoredOwnInvoice) -> String {
    invoice.numbering.as_ref().unwrap().number.to_string()
}

async fn invoices(stack: &Stack, seller: &Seller, arguments: &[&str]) -> Said {
    run(stack, &[&["invoices"], arguments, &["--account", &seller.id]].concat()).await
}

async fn a_profile_is_stored_a_series_goes_on_and_what_waited_is_made(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = issuing(stack, "A3OWNINVOICES").await;
    shipments(stack, &seller, 51, 1);
    report(stack, &seller).await;
    until("it needs a person", async || {
        let waits = all(stack, &seller).await.iter().all(|each| each.standing.state == State::NeedsPerson);
        // Each of the reports has told of it; what other cases' credit notes wait for does not matter.
        let issues = stack.counts("InvoiceIssuesQueueUrl").await;
        (waits && issues.waiting == 0 && issues.in_hand == 0).then_some(())
    })
    .await;
    let said = invoices(stack, &seller, &["status"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    for expected in ["needs person", "the profile is missing", "countinghouse profile put", "try-again", "due for"] {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }

    let year = SystemClock.now().to_zoned(TimeZone::UTC).year();
    let series = format!("DE-{year}-#");
    let said = invoices(stack, &seller, &["continue-series", &series, "41", "--yes"]).await;
    assert!(said.code == 1 && said.stderr.contains("has no profile"), "nobody knows its series: {said:?}");

    // A profile is checked before it is stored.
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("seller.toml");
    std::fs::write(&broken, "[seller]\nname = \"Linden\"\ncontry = \"DE\"\n").unwrap();
    let said = run(stack, &["profile", "put", broken.to_str().unwrap(), "--account", &seller.id]).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stderr.contains("line 3") && said.stderr.contains("perhaps `country` is meant"), "{}", said.stderr);
    let good = root().join("shared/invoicing/profiles/sample.toml");
    let said = run(stack, &["profile", "put", good.to_str().unwrap(), "--account", &seller.id]).await;
    assert_eq!(said.code, 0, "{said:?}");
    for expected in
        ["Linden & Kiesel", "own-invoices/A3OWNINVOICES/profile.toml", "sample-logo.svg", "1 document needs"]
    {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }

    // Another program gave 41 numbers before.
    let said = invoices(stack, &seller, &["continue-series", &format!("INV-{year}-#"), "41", "--yes"]).await;
    assert!(said.code == 1 && said.stderr.contains(&format!("only {series} (pattern")), "{said:?}");
    let said = invoices(stack, &seller, &["continue-series", &series, "41"]).await;
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "nobody has said yes: {said:?}");
    assert!(
        said.stderr.contains("is 1 now, and will be 42") && said.stderr.contains("nothing was changed"),
        "{said:?}"
    );
    let said = invoices(stack, &seller, &["continue-series", &series, "41", "--yes"]).await;
    assert_eq!((said.code, said.stdout.trim()), (0, format!("{series}: the next running number is 42").as_str()));
    let said = invoices(stack, &seller, &["continue-series", &series, "7", "--yes"]).await;
    assert!(said.code == 2 && said.stderr.contains("never goes back"), "{said:?}");

    let said = invoices(stack, &seller, &["try-again", "--all", "--note", "the profile is there"]).await;
    assert!(said.code == 0 && said.stdout.contains("is being made"), "{said:?}");
    let made = until("it is made", async || {
        all(stack, &seller).await.pop().filter(|each| each.made.is_some() && each.standing.state != State::Due)
    })
    .await;
    assert_eq!(number(&made), format!("DE-{year}-000042"));
    let said = invoices(stack, &seller, &["continue-series", &series, "900", "--yes"]).await;
    assert!(said.code == 1 && said.stderr.contains(&format!("{} was given here", number(&made))), "no gap: {said:?}");

    // Found by its number, its shipment and its order.
    for name in [&number(&made), &made.shipping_id, &made.order_id, &made.key] {
        let said = invoices(stack, &seller, &["status", name]).await;
        assert_eq!(said.code, 0, "{name}: {said:?}");
        for expected in [number(&made).as_str(), "History (UTC)", "the profile is there", "s3://", "VAT"] {
            assert!(said.stdout.contains(expected), "{name}, {expected}: {}", said.stdout);
        }
    }
    let said = invoices(stack, &seller, &["status", &number(&made), "--json"]).await;
    let line: Value = serde_json::from_str(said.stdout.trim()).unwrap();
    assert_eq!((line["number"].as_str(), line["is_late"].as_bool()), (Some(number(&made).as_str()), Some(false)));
    assert_eq!(line["total_amount"], format!("{:.2}", made.total.amount));
    let said = invoices(stack, &seller, &["status", "NOBODY"]).await;
    assert!(said.code == 1 && said.stderr.contains("has no document `NOBODY`"), "{said:?}");
    // It is not with Amazon to its end: whoever disconnects the account is told before anything is done.
    let said = run(stack, &["disconnect", &seller.id, "--dry-run"]).await;
    assert!(said.stdout.contains("1 own invoice is not with Amazon to the end"), "{said:?}");
    seller.disconnect(stack).await;
}

async fn what_amazon_refused_is_tried_again_or_made_void_by_a_person(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = issuing_seller(stack, "A4OWNINVOICES").await;
    shipments(stack, &seller, 61, 2);
    for (code, message) in [(79_509, "You are in closed beta"), (79_525, "Amazon will generate invoice")] {
        let refused = FeedOutcome::next(FeedResult::Rejected { code, message: message.to_owned() });
        stack.amazon.add_feed_outcome(FeedOutcome { seller_id: Some(seller.id.clone()), ..refused });
    }
    report(stack, &seller).await;
    until_within(UPLOADS, "both are refused", async || {
        stack.poll().await;
        let all = all(stack, &seller).await;
        all.iter().all(|each| each.standing.state == State::NeedsPerson).then_some(())
    })
    .await;
    let all_of = all(stack, &seller).await;
    let with = |code| {
        let code_of = |each: &&StoredOwnInvoice| each.standing.refusal.as_ref().unwrap().code == Some(code);
        number(all_of.iter().find(code_of).unwrap())
    };
    let (setting, amazons) = (with(79_509), with(79_525));
    let said = invoices(stack, &seller, &["status"]).await;
    assert_eq!(said.code, 2, "{said:?}");
    for expected in
        ["79509 FeatureNotAvailable", "in Seller Central", "79525 AmazonGeneratesInvoice", "invoices cancel"]
    {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }

    // The setting is changed: what was refused for it goes out again, under its number, and the other does not.
    let said = invoices(stack, &seller, &["try-again", "--all", "--code", "79525"]).await;
    assert!(said.code == 0 && said.stdout.contains("Nothing of A4OWNINVOICES waits for that"), "{said:?}");
    let said = invoices(stack, &seller, &["try-again", &amazons]).await;
    assert!(said.code == 2 && said.stderr.contains("another try does not help"), "{said:?}");
    let said = invoices(stack, &seller, &["try-again", "--all"]).await;
    let again = format!("is being uploaded under its number {setting}");
    assert!(said.code == 0 && said.stdout.contains(&again) && said.stdout.lines().count() == 1, "{said:?}");
    until_within(UPLOADS, "it is uploaded again", async || {
        (stack.amazon.feeds(Some(&seller.id)).len() == 3).then_some(())
    })
    .await;

    // Amazon issues the other: it is void, and keeps its number.
    let said = invoices(stack, &seller, &["cancel", &amazons, "--reason", " ", "--yes"]).await;
    assert!(said.code == 1 && said.stderr.contains("--reason is empty"), "{said:?}");
    let said = invoices(stack, &seller, &["cancel", &amazons, "--reason", "Amazon issued it"]).await;
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "nobody has said yes: {said:?}");
    let refused = all_of.iter().find(|each| number(each) == amazons).unwrap();
    for expected in [amazons.as_str(), &refused.order_id, &format!("{:.2} EUR", refused.total.amount), "void for good"]
    {
        assert!(said.stderr.contains(expected), "{expected}: {}", said.stderr);
    }
    let cancel = ["cancel", &amazons, "--reason", "Amazon issued it", "--yes"];
    let said = invoices(stack, &seller, &cancel).await;
    assert!(said.code == 0 && said.stdout.contains(&format!("keeps its number {amazons}")), "{said:?}");
    let table = OwnInvoices::new(aws_sdk_dynamodb::Client::new(&stack.aws), stack.output("OwnInvoicesTableName"));
    let entry = table.registered(&seller.id.parse().unwrap(), &amazons).await.unwrap().unwrap();
    assert_eq!(entry.cancelled.as_deref(), Some("Amazon issued it"));
    let said = invoices(stack, &seller, &cancel).await;
    assert!(said.code == 0 && said.stdout.contains("void already"), "{said:?}");
    let said = invoices(stack, &seller, &["try-again", &amazons]).await;
    assert!(said.code == 2 && said.stderr.contains("nothing to try"), "{said:?}");

    // What Amazon has accepted is not made void.
    until("Amazon has read it", async || {
        stack.poll().await;
        let is_read = |each: &StoredOwnInvoice| {
            let has_hint = each.feed.as_ref().is_some_and(|feed| feed.hint.is_some());
            has_hint && each.standing.state == State::Processing
        };
        all(stack, &seller).await.iter().any(is_read).then_some(())
    })
    .await;
    ask_for_all(stack, &seller).await;
    reports_are_over(stack, &seller, 5).await;
    let said = invoices(stack, &seller, &["cancel", &setting, "--reason", "a mistake"]).await;
    assert!(said.code == 2 && said.stderr.contains("accepted by Amazon"), "{said:?}");
    let said = invoices(stack, &seller, &["status"]).await;
    assert_eq!(said.code, 0, "nothing needs a person any more: {said:?}");
    let said = invoices(stack, &seller, &["status", "--all"]).await;
    for expected in ["accepted", "cancelled", &setting, &amazons] {
        assert!(said.stdout.contains(expected), "{expected}: {}", said.stdout);
    }
    seller.disconnect(stack).await;
}
