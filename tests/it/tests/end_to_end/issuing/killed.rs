//! The function is killed at every call of AWS, and at random while two hundred are at it.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::Stack;
use countinghouse_it::suite::Suite;
use countinghouse_vat_invoices::state::State;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::bench::{
    bytes, ground, handle, invoices, issuer, message, messages, noon, put_profile, report, sample_document, stored,
};
use crate::deaths::survives;

cases![
    two_hundred_issued_at_once_by_functions_that_die_at_random_have_no_gap_and_no_twin,
    issue_invoices_killed_anywhere_makes_the_same_bytes_under_one_number,
];

const SHIPMENT: &str = "shipment 409303258";

async fn two_hundred_issued_at_once_by_functions_that_die_at_random_have_no_gap_and_no_twin(suite: Rc<Suite>) {
    const DOCUMENTS: u64 = 200;
    let stack = Rc::new(ground(&suite, "it-issue-many").await);
    let seller = "A3TH9S8BH6GOGM";
    put_profile(&stack, seller).await;
    let mut due = sample_document("credit-notes.txt", SHIPMENT);
    let mut documents = Vec::new();
    for number in 0..DOCUMENTS {
        due.shipping_id = format!("4{number:08}");
        due.transaction_id.clone_from(&due.shipping_id);
        documents.push(report(&stack, seller, &due, noon()).await);
    }
    // One process for each document: only tables, bucket and queues are shared. Fonts are the same bytes for all, and
    // loaded once to spare the machine.
    let renderer = issuer(&stack, &stack.aws, noon()).renderer;
    let processes = documents.iter().cloned().zip(1_u64..).map(|(document, number)| {
        let (stack, renderer) = (Rc::clone(&stack), Arc::clone(&renderer));
        tokio::task::spawn_local(async move {
            let mut deaths = 0;
            // SQS brings a message five times.
            for life in [53 * number % 1_009, 241 * number % 4_001, 300_000, 300_000, 300_000] {
                let mut process = issuer(&stack, &stack.aws, noon());
                process.renderer = Arc::clone(&renderer);
                let message = message("A3TH9S8BH6GOGM", &document);
                let run = handle(&process, &message);
                match tokio::time::timeout(Duration::from_millis(life), Box::pin(run)).await {
                    Ok(false) => return deaths,
                    // What failed comes again, as SQS would bring it.
                    Ok(true) | Err(_) => deaths += 1,
                }
            }
            panic!("{document} was not issued");
        })
    });
    let mut deaths = 0;
    for process in processes.collect::<Vec<_>>() {
        deaths += process.await.unwrap();
    }
    assert!(deaths > 20, "only {deaths} died");
    let mut running = BTreeSet::new();
    for document in &documents {
        let stored = stored(&stack, seller, document).await;
        assert_eq!(stored.standing.state, State::Issued, "{document}: {:?}", stored.note);
        let numbering = stored.numbering.unwrap();
        assert!(running.insert(numbering.running), "{} was given twice", numbering.number);
        assert!(bytes(&stack, &stored.made.unwrap().pdf).await.starts_with(b"%PDF"));
    }
    assert_eq!(running, (1..=DOCUMENTS).collect(), "a gap");
    assert_eq!(invoices(&stack).register(&seller.parse().unwrap()).await.unwrap().len(), documents.len());
    let uploads = messages(&stack, "InvoiceUploadsQueueUrl").await;
    let uploads: BTreeSet<_> = uploads.iter().map(|upload| upload["document"].as_str().unwrap()).collect();
    assert_eq!(uploads, documents.iter().map(String::as_str).collect(), "each is handed on");
}

async fn issue_invoices_killed_anywhere_makes_the_same_bytes_under_one_number(suite: Rc<Suite>) {
    survives(
        &suite,
        "it-killed-issue",
        async |stack: &Stack, seller: &Seller| {
            put_profile(stack, &seller.id).await;
            report(stack, &seller.id, &sample_document("credit-notes.txt", SHIPMENT), noon()).await
        },
        async |stack: &Stack, aws: &SdkConfig, seller: &Seller, document: &String, now: Timestamp| {
            let _outcome = handle(&issuer(stack, aws, now), &message(&seller.id, document)).await;
        },
        async |stack: &Stack, seller: &Seller, document: &String| {
            let stored = stored(stack, &seller.id, document).await;
            let made = stored.made.unwrap();
            let pdf = bytes(stack, &made.pdf).await;
            let numbering = stored.numbering.unwrap();
            let handed_on: BTreeSet<String> = messages(stack, "InvoiceUploadsQueueUrl")
                .await
                .iter()
                .filter(|upload| upload["seller_id"] == seller.id.as_str())
                .map(|upload| upload["document"].to_string())
                .collect();
            json!({
                "state": stored.standing.state.name(),
                "steps": stored.history.iter().map(|step| step.state.name()).collect::<Vec<_>>(),
                "number": numbering.number,
                "issued_on": numbering.issued_on.to_string(),
                "pdf": made.pdf.sha256,
                "pdf_bytes": pdf.len(),
                "xml": made.xml.sha256,
                "next": invoices(stack).next_number(&stored.seller, &numbering.series).await.unwrap(),
                "register": invoices(stack).register(&stored.seller).await.unwrap().len(),
                "handed_on": Value::from(handed_on.into_iter().collect::<Vec<_>>()),
            })
        },
    )
    .await;
}
