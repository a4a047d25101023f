//! A buyer asks to be forgotten: what is personal goes and stays away, the amounts stay.

use std::rc::Rc;
use std::time::Duration;

use countinghouse_domain::job::JobState;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_it::cases;
use countinghouse_it::operator::run;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::Stack;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait::{until, until_within};
use countinghouse_store::{Job, StoredDocument};
use countinghouse_vat_invoices::state::State;
use fake_amazon::Shipments;
use jiff::SignedDuration;
use serde_json::json;

use crate::own_invoices::desk::{ask_for_all, issuing_seller, reports_are_over, stored};

cases![
    an_order_is_forgotten_and_no_later_report_and_no_replay_brings_it_back,
    an_own_invoice_is_forgotten_once_amazon_has_it_and_what_was_issued_is_kept_until_it_is_not_wanted,
];

const ORDER: &str = "302-4471920-8830157";
/// Where the buyer of that order lives.
const CITY: &str = "Hamburg";

/// One upload in three seconds is all that Amazon takes.
const UPLOADS: Duration = Duration::from_mins(2);

/// Asks for the VAT reports of so many days, as a person does, and waits until they are booked.
async fn book_days(stack: &Stack, seller: &Seller, days: i64) {
    let before = stack.jobs_of(seller).await.len();
    let from = SystemClock.now().checked_sub(SignedDuration::from_hours(days * 24)).unwrap();
    let from = from.strftime("%Y-%m-%dT00:00:00Z").to_string();
    let order = json!({"version": 1, "seller_id": seller.id, "from": from});
    let outcome = stack.invoke(&format!("{}-create-reports", stack.name), order).await.unwrap();
    let requested = usize::try_from(outcome["requested"].as_u64().unwrap()).unwrap();
    assert!(requested > 0, "{outcome}");
    let is_over = |job: &Job| matches!(job.state, JobState::Booked | JobState::Cancelled);
    until("the reports are booked", async || {
        stack.poll().await;
        let jobs = stack.jobs_of(seller).await;
        (jobs.len() == before + requested && jobs.iter().all(is_over)).then_some(())
    })
    .await;
}

async fn documents(stack: &Stack, seller: &Seller) -> Vec<StoredDocument> {
    stack.documents().of_order(&seller.id.parse().unwrap(), ORDER).await.unwrap()
}

fn city(document: &StoredDocument) -> &str {
    document.document.ship_to.city.expose()
}

/// The days that the story goes back.
const DAYS: i64 = 29;

async fn an_order_is_forgotten_and_no_later_report_and_no_replay_brings_it_back(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let report = Story::of_today().text("eu/vat.csv");
    let (header, rows) = report.split_once('\n').unwrap();
    let is_credit = |row: &&str| row.contains(ORDER) && row.contains(",REFUND,");
    let with_header = |rows: Vec<&str>| format!("{header}\n{}\n", rows.join("\n"));
    seller.add_vat_rows(stack, &with_header(rows.lines().filter(|row| !is_credit(row)).collect()));
    book_days(stack, &seller, DAYS).await;
    let before = documents(stack, &seller).await;
    assert_eq!((before.len(), city(&before[0])), (1, CITY));

    let forget = async |more: &[&str]| {
        run(stack, &[&["forget", "--order", ORDER, "--account", &seller.id], more].concat()).await
    };
    let shown = forget(&[]).await;
    assert_eq!(shown.code, 2, "{}", shown.stderr);
    assert!(shown.stdout.contains("ship_to_city") && shown.stderr.contains("give --yes"), "{shown:?}");
    assert!(!format!("{shown:?}").contains(CITY), "{shown:?}");
    assert_eq!(documents(stack, &seller).await, before, "nothing was removed");

    let done = forget(&["--yes"]).await;
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stderr.contains("in the bucket may name this buyer among others"), "{}", done.stderr);
    let again = forget(&["--yes"]).await;
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (0, "Nothing personal of this order is stored in a table, or as a file of its own.\n")
    );
    assert!(again.stderr.contains("the order was forgotten on "), "{}", again.stderr);
    let forgotten = documents(stack, &seller).await.remove(0);
    assert_eq!((city(&forgotten), forgotten.document.total), ("", before[0].document.total));
    assert_eq!(forgotten.document.lines.len(), before[0].document.lines.len());

    // A replay of the same bytes, and a later report that has the order's credit note, too.
    let replayed = run(stack, &["replay", "--all", "--account", &seller.id, "--yes"]).await;
    assert_eq!(replayed.code, 0, "{}", replayed.stderr);
    seller.add_vat_rows(stack, &with_header(rows.lines().filter(is_credit).collect()));
    book_days(stack, &seller, DAYS - 1).await;
    let later = documents(stack, &seller).await;
    assert_eq!(later.len(), 2, "{later:?}");
    assert!(later.iter().all(|document| city(document).is_empty() && document.forgotten_at.is_some()), "{later:?}");
    for item in stack.items("DocumentsTableName").await {
        let text = item.to_string();
        let is_ours = text.contains(&format!("\"{} invoice DE601009LK7QZI", seller.id));
        assert!(!is_ours || !text.contains(CITY), "{text}");
    }
    // Others live there, too, and are not forgotten.
    let others = stack.documents().of_order(&seller.id.parse().unwrap(), "302-7713305-1194426").await.unwrap();
    assert_eq!(city(&others[0]), "Leipzig");
    seller.disconnect(stack).await;
}

async fn an_own_invoice_is_forgotten_once_amazon_has_it_and_what_was_issued_is_kept_until_it_is_not_wanted(
    suite: Rc<Suite>,
) {
    let stack = suite.stack().await;
    let seller = issuing_seller(stack, "A2FORGETTING").await;
    let wish =
        Shipments { seed: 31, shipments: 1, refund_percent: 0, amazon_invoiced_percent: 0, ..Shipments::default() };
    stack.amazon.generate_shipments(&seller.id, &wish).unwrap();
    let requested = stack.request_vat(&seller.id).await["requested"].as_u64().unwrap();
    let mut reports = usize::try_from(requested).unwrap();
    stack.poll().await;
    reports_are_over(stack, &seller, reports).await;
    let document = stack.amazon.vat_documents(&seller.id).unwrap().remove(0);
    let order = document.order_id.as_str();
    let forget = async |more: &[&str]| {
        run(stack, &[&["forget", "--order", order, "--account", &seller.id], more].concat()).await
    };
    let known = until("it is known", async || stored(stack, &seller, &document).await).await;
    let early = forget(&["--yes"]).await;
    assert_eq!(early.code, 2, "{}", early.stderr);
    assert!(early.stderr.contains("is on its way to Amazon and needs the buyer's name"), "{}", early.stderr);

    until_within(UPLOADS, "it is uploaded", async || {
        stack.poll().await;
        let stored = stored(stack, &seller, &document).await.unwrap();
        stored.feed.is_some_and(|feed| feed.hint.is_some()).then_some(())
    })
    .await;
    ask_for_all(stack, &seller).await;
    reports += 1;
    reports_are_over(stack, &seller, reports).await;
    let accepted = stored(stack, &seller, &document).await.unwrap();
    assert_eq!(accepted.standing.state, State::Accepted, "{accepted:?}");

    let (due, made) = (accepted.due.clone().unwrap().key, accepted.made.clone().unwrap());
    assert_eq!(due, known.due.unwrap().key);
    let there = async |key: &str| versions(stack, key).await > 0;
    let done = forget(&["--yes"]).await;
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.contains(&due) && done.stderr.contains(&made.pdf.key), "{done:?}");
    assert!(!there(&due).await && there(&made.pdf.key).await && there(&made.xml.key).await);

    // The next report tells of it again; nothing that names the buyer is stored.
    ask_for_all(stack, &seller).await;
    reports += 1;
    reports_are_over(stack, &seller, reports).await;
    assert!(!there(&due).await);

    let all = forget(&["--also-invoices", "--yes"]).await;
    assert_eq!(all.code, 0, "{}", all.stderr);
    assert!(!there(&made.pdf.key).await && !there(&made.xml.key).await);
    let kept = stored(stack, &seller, &document).await.unwrap();
    assert_eq!((kept.total, kept.numbering), (accepted.total, accepted.numbering));
    seller.disconnect(stack).await;
}

/// How many versions and marks of deletion an object has.
async fn versions(stack: &Stack, key: &str) -> usize {
    let request = aws_sdk_s3::Client::new(&stack.aws).list_object_versions().bucket(stack.output("ReportsBucketName"));
    let answer = request.prefix(key).send().await.unwrap();
    answer.versions().len() + answer.delete_markers().len()
}
