//! What is wrong in the books: reports, settlements, invoices, purchases, accounts.

use std::collections::BTreeMap;
use std::rc::Rc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use countinghouse_domain::job::JobState;
use countinghouse_domain::report::ReportType;
use countinghouse_domain::time::{Clock as _, SystemClock};
use countinghouse_domain::vendor::InvoiceStatus;
use countinghouse_it::cases;
use countinghouse_it::operator::run;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use countinghouse_it::vendor::{file, retail};
use countinghouse_store::{Facts, Flows, Found, Origin, profile_key};
use fake_amazon::{Fault, FaultKind, Operation};
use jiff::SignedDuration;

use super::ward::{Ward, days_ago, whole};

cases![what_is_wrong_in_the_books_is_found_alone_with_its_cure];

async fn what_is_wrong_in_the_books_is_found_alone_with_its_cure(suite: Rc<Suite>) {
    let ward = Ward::healthy(&suite, "it-doctor-books").await;
    settlements(&ward).await;
    stuck(&ward).await;
    last_run(&ward).await;
    // From here on nothing is polled: Amazon still has the report that cannot be read.
    quarantine(&ward).await;
    accounts(&ward).await;
    own_invoices(&ward).await;
    vendor_invoices(&ward).await;
    purchases(&ward).await;
}

/// The keys of an item, and what is set or, where there is no value, taken away.
struct Change<'a> {
    table: &'a str,
    key: [(&'a str, &'a str); 2],
    set: Vec<(&'a str, Option<AttributeValue>)>,
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn change(ward: &Ward, change: Change<'_>) {
    let client = Client::new(&ward.stack.aws);
    let mut request = client.update_item().table_name(ward.stack.output(change.table));
    for (name, value) in change.key {
        request = request.key(name, text(value));
    }
    let (mut sets, mut removes) = (Vec::new(), Vec::new());
    for (number, (name, value)) in change.set.into_iter().enumerate() {
        request = request.expression_attribute_names(format!("#n{number}"), name);
        match value {
            Some(value) => {
                request = request.expression_attribute_values(format!(":v{number}"), value);
                sets.push(format!("#n{number} = :v{number}"));
            }
            None => removes.push(format!("#n{number}")),
        }
    }
    let part =
        |verb: &str, all: &[String]| if all.is_empty() { String::new() } else { format!("{verb} {} ", all.join(", ")) };
    let expression = part("SET", &sets) + &part("REMOVE", &removes);
    request.update_expression(expression).send().await.unwrap();
}

async fn delete(ward: &Ward, table: &str, key: [(&str, &str); 2]) {
    let mut request = Client::new(&ward.stack.aws).delete_item().table_name(ward.stack.output(table));
    for (name, value) in key {
        request = request.key(name, text(value));
    }
    request.send().await.unwrap();
}

async fn settlements(ward: &Ward) {
    let (seller, id) = (ward.seller.id.as_str(), ward.settlement.as_str());
    let item = format!("settlement {id}");
    let status = |status: &'static str, reasons: &[&str], difference: &str| Change {
        table: "SettlementsTableName",
        key: [("seller", seller), ("settlement", &item)],
        set: vec![
            ("status", Some(text(status))),
            ("attention", (!reasons.is_empty()).then(|| text("open"))),
            ("reasons", Some(AttributeValue::L(reasons.iter().map(|reason| text(reason)).collect()))),
            ("difference", Some(AttributeValue::N(difference.to_owned()))),
        ],
    };
    change(ward, status("unproven", &["unproven"], "0.05")).await;
    let cure = format!("countinghouse replay --account {seller} --settlement {id}");
    let found = ward.finds("a settlement is not proven", &[("settlement-proof", seller)], &cure).await;
    assert!(found[0].text.contains(&format!("settlement {id} is not proven")), "{}", found[0].text);
    assert!(found[0].text.contains("0.05 GBP") || found[0].text.contains("0.05 EUR"), "{}", found[0].text);
    change(ward, status("proven", &["unclassified"], "0")).await;
    ward.finds("an amount is not classified", &[("unclassified", seller)], "rules.txt").await;
    change(ward, status("proven", &["gap"], "0")).await;
    let cure = format!("countinghouse backfill --account {seller} --from ");
    ward.finds("a settlement is missing", &[("settlement-gap", seller)], &cure).await;
    change(ward, status("proven", &[], "0")).await;
    ward.is_well("the settlement is proven").await;
}

async fn stuck(ward: &Ward) {
    let found = Found {
        report_id: "990000000001".parse().unwrap(),
        report_type: ReportType::SETTLEMENT_V2,
        state: JobState::Processing,
        origin: Origin::Notification,
        window: None,
        marketplaces: Vec::new(),
        facts: Facts::default(),
    };
    let seven_hours_ago = whole(SystemClock.now() - SignedDuration::from_hours(7));
    ward.jobs().discovered(&ward.seller.id.parse().unwrap(), &found, seven_hours_ago).await.unwrap();
    let cure = format!("aws logs tail /aws/lambda/{}-poll-jobs --since 6h", ward.stack.name);
    let defects = ward.finds("a report stands still", &[("jobs", &ward.seller.id)], &cure).await;
    let expected =
        "report 990000000001 (GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2) is processing and has made no step for 7 h";
    assert_eq!(defects[0].text, expected);
    delete(ward, "JobsTableName", [("seller", &ward.seller.id), ("job", "report 990000000001")]).await;
    ward.is_well("the report is gone").await;
}

async fn quarantine(ward: &Ward) {
    let good = ward.seller.own_settlement(&Story::of_today().text("eu/settlement-1.txt"));
    let report = ward.seller.close(&ward.stack, &good.replacen("74,79", "74,7x", 1));
    ward.stack.poll().await;
    ward.stack.until_job(&ward.seller, &report, JobState::Quarantined).await;
    let cure = format!("countinghouse redrive --quarantined --account {}", ward.seller.id);
    let found = ward.finds("a report cannot be read", &[("quarantine", &ward.seller.id)], &cure).await;
    assert!(found[0].text.contains(&report) && found[0].text.contains("column amount"), "{}", found[0].text);
    delete(ward, "JobsTableName", [("seller", &ward.seller.id), ("job", &format!("report {report}"))]).await;
    ward.is_well("the report is gone").await;
}

async fn accounts(ward: &Ward) {
    let sellers = ward.sellers();
    let right = sellers.get(&ward.seller.id.parse().unwrap()).await.unwrap().unwrap();
    let cure = format!("countinghouse connect seller {} --again", ward.seller.id);
    let mut wrong = right.clone();
    wrong.marketplace_ids.clear();
    sellers.put(&wrong).await.unwrap();
    ward.finds("an account has no marketplaces", &[("account", &ward.seller.id)], &cure).await;
    wrong.marketplace_ids = vec!["ATVPDKIKX0DER".parse().unwrap()];
    sellers.put(&wrong).await.unwrap();
    let found = ward.finds("a marketplace is in another region", &[("account", &ward.seller.id)], &cure).await;
    assert!(found[0].text.contains("(US) belongs to the region na"), "{}", found[0].text);
    let idle = countinghouse_store::Seller { flows: Flows::default(), ..right.clone() };
    sellers.put(&idle).await.unwrap();
    ward.finds("an account is connected for nothing", &[("account", &ward.seller.id)], &cure).await;
    let silent = countinghouse_store::Seller { connected_at: days_ago(40), ..right.clone() };
    sellers.put(&silent).await.unwrap();
    ward.is_well("it has settlements, so it is not silent").await;
    sellers.put(&right).await.unwrap();
}

/// poll-jobs asked for the seller's reports last five hours ago.
async fn last_run(ward: &Ward) {
    let id = ward.seller.id.as_str();
    let key = [("seller", id), ("operation", "getReports")];
    let five_hours_ago = whole(SystemClock.now() - SignedDuration::from_hours(5)).to_string();
    let set =
        vec![("updated_at", Some(text(&five_hours_ago))), ("micro_tokens", Some(AttributeValue::N("0".to_owned())))];
    change(ward, Change { table: "RateBudgetsTableName", key, set }).await;
    let of = format!("{id} poll-jobs");
    let cure = format!("aws logs tail /aws/lambda/{}-poll-jobs", ward.stack.name);
    let found = ward.finds("poll-jobs has not run for hours", &[("last-run", &of)], &cure).await;
    assert!(found[0].text.contains("UTC only, 5 h ago"), "{}", found[0].text);
    ward.stack.poll().await;
    ward.is_well("poll-jobs has run").await;
}

async fn own_invoices(ward: &Ward) {
    let (bucket, key) = (ward.stack.output("ReportsBucketName"), profile_key(&ward.seller.id.parse().unwrap()));
    ward.s3().delete_object().bucket(bucket).key(&key).send().await.unwrap();
    ward.finds(
        "the profile is missing",
        &[("invoice-profile", &ward.seller.id)],
        "countinghouse profile put profile.toml",
    )
    .await;
    ward.s3().put_object().bucket(bucket).key(&key).send().await.unwrap();

    let since = (whole(SystemClock.now() - SignedDuration::from_hours(21))).to_string();
    let due: BTreeMap<&str, AttributeValue> = [
        ("seller", text(&ward.seller.id)),
        ("document", text("shipment DR-1")),
        ("kind", text("invoice")),
        ("currency", text("EUR")),
        ("total_amount", AttributeValue::N("10".to_owned())),
        ("total_vat_amount", AttributeValue::N("1".to_owned())),
        ("state", text("due")),
        ("attention", text("due")),
        ("since", text(&since)),
        ("due_since", text(&since)),
        ("reported_at", text(&since)),
    ]
    .into();
    let put = Client::new(&ward.stack.aws).put_item().table_name(ward.stack.output("OwnInvoicesTableName"));
    let put = due.into_iter().fold(put, |put, (name, value)| put.item(name, value));
    put.send().await.unwrap();
    let cure = format!("countinghouse invoices status --account {}", ward.seller.id);
    let found = ward.finds("an own invoice is late", &[("own-invoices", &ward.seller.id)], &cure).await;
    assert!(found[0].text.contains("the oldest for 21 h: shipment DR-1 is due"), "{}", found[0].text);
    let key = [("seller", ward.seller.id.as_str()), ("document", "shipment DR-1")];
    let set = vec![("state", Some(text("needs_person"))), ("attention", Some(text("needs_person")))];
    change(ward, Change { table: "OwnInvoicesTableName", key, set }).await;
    ward.finds("an own invoice needs a person", &[("own-invoices", &ward.seller.id)], &cure).await;
    delete(ward, "OwnInvoicesTableName", key).await;
    ward.is_well("no own invoice is late").await;
}

async fn vendor_invoices(ward: &Ward) {
    let id = ward.vendor.id.as_str();
    ward.vendor.fault(&ward.stack, Fault::next(Operation::SubmitInvoices, FaultKind::LostAnswer));
    ward.vendor.put(&ward.stack, "incoming", "lost.json", file(&[retail("DR-9")])).await;
    ward.vendor.until(&ward.stack, "DR-9", InvoiceStatus::AnswerLost).await;
    let cure = format!("countinghouse vendor resolve DR-9 --account {id} --accepted --stack {}", ward.stack.name);
    let found = ward.finds("an answer is lost", &[("vendor-invoices", id)], &cure).await;
    assert_eq!(found[0].result, "broken");
    // The cure, as it stands.
    let said = run(&ward.stack, &["vendor", "resolve", "DR-9", "--account", id, "--accepted"]).await;
    assert_eq!(said.code, 0, "{}", said.stderr);
    ward.is_well("a person has resolved it").await;
}

async fn purchases(ward: &Ward) {
    let id = ward.buyer.id.as_str();
    let windows = ward.stack.purchases().windows(&id.parse().unwrap()).await.unwrap();
    let (partition, part) = (format!("{id} windows"), format!("window {}", windows[3].window));
    let state = |state: &str| Change {
        table: "PurchasesTableName",
        key: [("purchase", &partition), ("part", &part)],
        set: vec![("state", Some(text(state)))],
    };
    change(ward, state("unproven")).await;
    let cure = format!("countinghouse purchases status --account {id}");
    ward.finds("a day of purchases is not proven", &[("purchases", id)], &cure).await;
    change(ward, state("proven")).await;
    ward.is_well("every day is proven").await;
}
