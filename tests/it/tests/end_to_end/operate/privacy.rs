//! Nothing that is personal or secret is ever logged: every flow runs, and fails, with unmistakable values planted wherever
//! a name, an address, a registration, a token, a secret or a signed address can stand; then every line of every log is
//! searched for each of them.

mod planted;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::rc::Rc;

use countinghouse_domain::job::JobState;
use countinghouse_domain::vendor::InvoiceStatus;
use countinghouse_it::buyer::Buyer;
use countinghouse_it::cases;
use countinghouse_it::operator::run;
use countinghouse_it::seller::{Seller, client_id, settlement_id};
use countinghouse_it::stack::{Stack, calm};
use countinghouse_it::story::Story;
use countinghouse_it::suite::{Suite, root};
use countinghouse_it::vendor::{Vendor, file};
use countinghouse_it::wait::{until, until_within};
use fake_amazon::{
    AddedInvoice, ApplicationConfig, Content, Fault, FaultKind, Operation, Region, VendorOutcome, VidrRows,
};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::own_invoices::desk::{issuing, issuing_seller, reports_are_over};
use planted::{Planted, leaks, new_secret, purchase, vat_report, vendor_invoice, vidr};

cases![no_log_shows_a_name_an_address_a_registration_a_token_a_secret_or_a_signed_address];

const APPLICATION: &str = "privacy";

async fn no_log_shows_a_name_an_address_a_registration_a_token_a_secret_or_a_signed_address(suite: Rc<Suite>) {
    // Everything that the functions can say is heard.
    let parameters = [
        ("LogLevel", "trace"),
        ("NotificationsVisibilitySeconds", "2"),
        ("ClientSecretsVisibilitySeconds", "30"),
        ("BookingsVisibilitySeconds", "30"),
        ("DownloadsVisibilitySeconds", "30"),
        ("VendorSubmissionsVisibilitySeconds", "30"),
    ];
    let stack = suite.deploy("it-privacy", &parameters, calm()).await;
    let mut planted = Planted::default();
    sold(&stack, &mut planted).await;
    issued(&stack, &mut planted).await;
    billed(&stack, &mut planted).await;
    bought(&stack, &mut planted).await;
    rotated(&stack, &mut planted).await;
    poisoned(&stack, &mut planted).await;
    stack.run_schedule("watch-books").await;
    let said = commands(&stack, &planted).await;

    let mut lines = Vec::new();
    for function in functions() {
        let log = stack.logs(&function).await;
        assert!(!log.is_empty(), "{function} has not run");
        lines.extend(log.into_iter().map(|line| (function.clone(), line)));
    }
    assert!(lines.iter().any(|(_, line)| line.contains("_aws")), "metrics are among them");
    lines.extend(said);
    lines.extend(names_and_attributes(&stack).await);
    let found = leaks(&planted, &lines);
    assert!(found.is_empty(), "{} lines show what they must not:\n{}", found.len(), found.join("\n"));

    every_value_is_where_it_belongs(&stack, &planted).await;
    a_leak_would_have_been_found(&planted, lines);
}

fn functions() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("functions")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

/// A VAT report that is booked and one that cannot be read, a settlement, downloads that fail, a seller who took the
/// authorisation back.
async fn sold(stack: &Stack, planted: &mut Planted) {
    let (seller, broken) = (Seller::european(stack).await, Seller::european(stack).await);
    let revoked = Seller::european(stack).await;
    let report = Story::of_today().text("eu/vat.csv");
    seller.add_vat_rows(stack, &vat_report(&report, planted, false));
    broken.add_vat_rows(stack, &vat_report(&report, planted, true));
    for kind in [FaultKind::UrlExpired, FaultKind::InternalError] {
        seller.fault(stack, Fault::next(Operation::DownloadDocument, kind));
    }
    seller.fault(stack, Fault::next(Operation::GetReportDocument, FaultKind::TokenExpired));
    stack.amazon.set_revoked(&revoked.id, true).unwrap();
    let text = seller.own_settlement(&Story::checked_in().text("eu/settlement-gbp.txt"));
    seller.close(stack, &text);
    for each in [&seller, &broken] {
        stack.request_vat(&each.id).await;
    }
    // Whoever took the authorisation back makes a run fail, and is told of in the log.
    let order = json!({"version": 1, "seller_id": revoked.id});
    stack.invoke(&format!("{}-create-reports", stack.name), order).await.unwrap_err();
    let _whatever_comes_of_it = stack.invoke(&format!("{}-poll-jobs", stack.name), json!({"version": 1})).await;
    revoked.disconnect(stack).await;
    stack.poll().await;
    stack.until_settled(&seller, settlement_id(&text)).await;
    until("the good report is booked and the bad one is not", async || {
        stack.poll().await;
        let states =
            async |seller: &Seller| stack.jobs_of(seller).await.into_iter().map(|job| job.state).collect::<Vec<_>>();
        let is_over = |state: &JobState| matches!(state, JobState::Booked | JobState::Cancelled);
        let good = states(&seller).await;
        let bad = states(&broken).await;
        (!good.is_empty() && good.iter().all(is_over) && bad.contains(&JobState::Quarantined)).then_some(())
    })
    .await;
}

/// An own invoice that is made and uploaded, and one that cannot be made: its seller has no profile.
async fn issued(stack: &Stack, planted: &mut Planted) {
    let sellers = [issuing_seller(stack, "A1PRIVACYISSUER").await, issuing(stack, "A2PRIVACYISSUER").await];
    for seller in &sellers {
        let content = Content::text(vidr(planted));
        stack.amazon.add_vidr_rows(&seller.id, &VidrRows { content, ..VidrRows::default() }).unwrap();
        let requested = stack.request_vat(&seller.id).await["requested"].as_u64().unwrap();
        stack.poll().await;
        reports_are_over(stack, seller, usize::try_from(requested).unwrap()).await;
    }
    until_within(std::time::Duration::from_mins(2), "one is uploaded, one needs a person", async || {
        stack.poll().await;
        let items = stack.items("OwnInvoicesTableName").await;
        let states: BTreeSet<_> = items.iter().filter_map(|item| item["state"].as_str()).map(str::to_owned).collect();
        (states.contains("processing") && states.contains("needs_person")).then_some(())
    })
    .await;
}

/// Vendor invoices: one that Amazon accepts, one that it refuses in words that repeat the invoice, one that breaks rules,
/// and a file that cannot be read.
async fn billed(stack: &Stack, planted: &mut Planted) {
    let vendor = Vendor::connect(stack).await;
    let (good, refused) = (vendor_invoice("PRIV-1", planted), vendor_invoice("PRIV-2", planted));
    let mut wrong = vendor_invoice("PRIV-3", planted);
    wrong["billToParty"]["address"]["countryCode"] = planted.text("country code").into();
    let message = format!("The value '{}' of element 'name' is not valid.", planted.text("words of Amazon's"));
    vendor.will(stack, "PRIV-2", VendorOutcome::failure("InvalidInput", &message));
    vendor.put(stack, "incoming", "good.json", file(&[good, refused, wrong])).await;
    let cut = format!("{{\"invoices\":[{{\"id\":\"{}\",", planted.text("unreadable invoice"));
    vendor.put(stack, "incoming", "cut.json", cut).await;
    for id in ["PRIV-1", "PRIV-2"] {
        vendor.until_taken(stack, id).await;
    }
    until("Amazon has said what becomes of them", async || {
        stack.poll().await;
        let failed = vendor.invoice(stack, "PRIV-2").await.is_some_and(|each| each.status == InvoiceStatus::Failed);
        let rejected = vendor.invoice(stack, "PRIV-3").await.is_some_and(|each| each.status == InvoiceStatus::Rejected);
        (failed && rejected).then_some(())
    })
    .await;
    until("the file is looked at", async || {
        vendor.items(stack).await.iter().any(|item| item["status"] == "unreadable").then_some(())
    })
    .await;
}

/// A purchase with its buyer and its invoice, and one that cannot be read.
async fn bought(stack: &Stack, planted: &mut Planted) {
    let buyer = Buyer::named(stack, "PRIVACY-BUYER", Region::Eu).await;
    let (transaction, detail, unreadable) = purchase(planted);
    buyer.buys_exactly(stack, transaction);
    buyer.buys_exactly(stack, unreadable);
    let invoice = AddedInvoice {
        order_id: "P1".to_owned(),
        order_line_item_id: "L1".to_owned(),
        shipment_id: "S1".to_owned(),
        detail,
        pending: None,
        appears_after_ms: 0,
    };
    stack.amazon.add_invoice(&buyer.id, invoice).unwrap();
    buyer.fault(stack, Fault::next(Operation::GetTransactions, FaultKind::InternalError));
    stack.run_schedule("pull-purchases").await;
    until("the purchase, its invoice and what cannot be read are there", async || {
        let items = buyer.items(stack).await;
        let has = |start: &str| items.iter().any(|item| item["purchase"].as_str().unwrap_or_default().contains(start));
        (has(" invoice ") && has(" unreadable ")).then_some(())
    })
    .await;
}

/// A client secret that is replaced, one for an application that nobody knows, and one in the wrong queue.
async fn rotated(stack: &Stack, planted: &mut Planted) {
    let seller = Seller::of_application(stack, APPLICATION).await;
    stack.amazon.set_application(ApplicationConfig {
        client_id: client_id(APPLICATION),
        rotation_queue_arn: Some(stack.output("ClientSecretsQueueArn").to_owned()),
        ..ApplicationConfig::default()
    });
    let said = run(stack, &["rotate", "--application", APPLICATION, "--wait", "--minutes", "1"]).await;
    assert_eq!(said.code, 0, "{}", said.stderr);
    planted.known("client secret", stack.amazon.client_secret(&seller.id).unwrap().expose());
    for (queue, client) in [("ClientSecretsQueueUrl", "nobody"), ("NotificationsQueueUrl", "somebody")] {
        stack.send(queue, new_secret(&client_id(client), planted)).await;
    }
    until("both have failed", async || {
        let log = stack.logs("rotate-secrets").await;
        let failed = log.iter().filter(|line| line.contains("unknown_application")).count();
        (failed >= 2).then_some(())
    })
    .await;
}

/// Messages that nobody can read.
async fn poisoned(stack: &Stack, planted: &mut Planted) {
    let queues =
        ["Notifications", "Downloads", "Bookings", "VendorSubmissions", "InvoiceIssues", "InvoiceUploads", "Purchases"];
    for queue in queues {
        let body = format!("{{\"version\":1,\"name\":\"{}", planted.passing("poison"));
        stack.send(&format!("{queue}QueueUrl"), body).await;
    }
    until("each was looked at", async || {
        let mut failed = 0;
        for function in functions() {
            failed += usize::from(stack.logs(&function).await.iter().any(|line| line.contains("message failed")));
        }
        (failed >= queues.len()).then_some(())
    })
    .await;
}

/// What the operator's commands say while they look at all this.
async fn commands(stack: &Stack, planted: &Planted) -> Vec<(String, String)> {
    let order = planted.order();
    let commands: [&[&str]; 10] = [
        &["doctor"],
        &["status"],
        &["status", "--json"],
        &["rotate", "--status"],
        &["rotate", "--status", "--json"],
        &["rotate", "--application", APPLICATION],
        &["forget", "--order", &order],
        &["invoices", "status"],
        &["purchases", "status"],
        &["replay", "--all", "--json"],
    ];
    let mut lines = Vec::new();
    for command in commands {
        let said = run(stack, command).await;
        let name = format!("countinghouse {}", command.join(" "));
        assert!(!said.stdout.is_empty() || !said.stderr.is_empty(), "{name} says nothing");
        lines.extend(said.stdout.lines().chain(said.stderr.lines()).map(|line| (name.clone(), line.to_owned())));
    }
    lines
}

/// The names of all queues, and what is told of dead letters beside their contents.
async fn names_and_attributes(stack: &Stack) -> Vec<(String, String)> {
    let sqs = aws_sdk_sqs::Client::new(&stack.aws);
    let mut lines = Vec::new();
    for (name, url) in stack.outputs.iter().filter(|(name, _)| name.ends_with("QueueUrl") || name.ends_with("DlqUrl")) {
        lines.push((name.clone(), url.clone()));
        if name.ends_with("DlqUrl") {
            let received = sqs
                .receive_message()
                .queue_url(url)
                .max_number_of_messages(10)
                .message_attribute_names("All")
                .message_system_attribute_names(aws_sdk_sqs::types::MessageSystemAttributeName::All);
            for letter in received.send().await.unwrap().messages.unwrap_or_default() {
                lines.push((name.clone(), format!("{:?} {:?}", letter.attributes, letter.message_attributes)));
                // The one for secrets shows nothing at all.
                lines.extend(letter.body.filter(|_| name == "ClientSecretsDlqUrl").map(|body| (name.clone(), body)));
            }
        }
    }
    lines
}

/// The values did go in: each of those that are stored is in a table or in the bucket.
async fn every_value_is_where_it_belongs(stack: &Stack, planted: &Planted) {
    let mut stored = String::new();
    for table in ["Documents", "OwnInvoices", "VendorInvoices", "Purchases"] {
        for item in stack.items(&format!("{table}TableName")).await {
            stored.push_str(&item.to_string());
        }
    }
    let s3 = aws_sdk_s3::Client::new(&stack.aws);
    let mut pages = s3.list_objects_v2().bucket(stack.output("ReportsBucketName")).into_paginator().send();
    while let Some(page) = pages.next().await {
        for object in page.unwrap().contents() {
            let bytes = stack.object(object.key().unwrap()).await;
            let mut unpacked = Vec::new();
            let is_packed = bytes.starts_with(&[0x1f, 0x8b]);
            let read = is_packed.then(|| GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).unwrap());
            stored.push_str(&String::from_utf8_lossy(if read.is_some() { &unpacked } else { &bytes }));
        }
    }
    let missing: Vec<_> = planted.stored().filter(|(_, value)| !stored.contains(*value)).collect();
    assert!(missing.is_empty(), "these never went in: {missing:?}");
    assert!(planted.stored().count() > 60, "{}", planted.stored().count());
}

/// A log line with any of the values, or with the shape of a token, is found.
fn a_leak_would_have_been_found(planted: &Planted, mut lines: Vec<(String, String)>) {
    let said = |text: &str| ("control".to_owned(), format!("{{\"message\":\"a line with {text} in it\"}}"));
    for (what, value) in planted.all() {
        assert_eq!(leaks(planted, &[said(value)]).len(), 1, "{what} would not be found");
    }
    let (_, value) = planted.all().next().unwrap();
    lines.insert(lines.len() / 2, said(value));
    assert_eq!(leaks(planted, &lines).len(), 1, "one line among all");
    for shape in ["Atza|abc", "Atzr|abc", "amzn1.oa2-cs.v1.abc", "https://x.example/?X-Amz-Signature=abc"] {
        assert_eq!(leaks(planted, &[said(shape)]).len(), 1, "{shape} would not be found");
    }
}
