//! What is made, what waits, and what needs a person.

use std::rc::Rc;
use std::time::Duration;

use countinghouse_domain::document::DocumentKind;
use countinghouse_domain::ids::SellerId;
use countinghouse_it::cases;
use countinghouse_it::seller::Seller;
use countinghouse_it::stack::Stack;
use countinghouse_it::suite::Suite;
use countinghouse_it::wait::until;
use countinghouse_store::{MadeFrom, NextStep, NumberRequest, ObjectNews, ReportedDocument, profile_key};
use countinghouse_vat_invoices::number::Place;
use countinghouse_vat_invoices::state::State;
use countinghouse_vat_invoices::status::InvoiceStatus;
use jiff::SignedDuration;

use super::bench::{
    bytes, connect, ground, handle, invoices, issuer, message, messages, noon, objects, put, put_profile, report,
    sample_document, stored,
};

cases![
    a_due_document_becomes_a_pdf_in_the_bucket_on_the_real_stack,
    a_document_is_made_once_and_handed_on,
    a_document_that_got_its_number_is_finished_from_what_it_was_begun_with,
    a_credit_note_waits_for_its_original_and_names_it,
    a_credit_note_whose_original_never_comes_needs_a_person,
    what_cannot_be_made_uses_up_no_number_and_says_why,
    what_amazon_refused_is_made_again_under_its_number_and_day,
    a_seller_who_is_not_connected_for_own_invoices_gets_no_number,
];

const SELLER: &str = "A3TH9S8BH6GOGM";
const SHIPMENT: &str = "shipment 409303258";
const RETURN: &str = "transaction amzn1:crow:T0035kWaFSV6ymAlMHe4V";
const CREDIT_NOTES: &str = "credit-notes.txt";

fn text_of(xml: &[u8]) -> &str {
    std::str::from_utf8(xml).unwrap()
}

async fn a_due_document_becomes_a_pdf_in_the_bucket_on_the_real_stack(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    put_profile(stack, &seller.id).await;
    let document = report(stack, &seller.id, &sample_document(CREDIT_NOTES, SHIPMENT), noon()).await;
    stack.send("InvoiceIssuesQueueUrl", message(&seller.id, &document).to_string()).await;
    let made = until("the document is issued", async || stored(stack, &seller.id, &document).await.made).await;
    let pdf = bytes(stack, &made.pdf).await;
    assert!(pdf.starts_with(b"%PDF-1.7"), "{} bytes", pdf.len());
    assert!(made.pdf.version.is_some() && made.pdf.key.ends_with("/issued/DE-2026-000001.pdf"), "{:?}", made.pdf);
    assert!(text_of(&bytes(stack, &made.xml).await).contains("DE-2026-000001"));
}

async fn a_document_is_made_once_and_handed_on(suite: Rc<Suite>) {
    let stack = ground(&suite, "it-issue").await;
    put_profile(&stack, SELLER).await;
    let document = report(&stack, SELLER, &sample_document(CREDIT_NOTES, SHIPMENT), noon()).await;
    let (issuer, message) = (issuer(&stack, &stack.aws, noon()), message(SELLER, &document));
    assert!(!handle(&issuer, &message).await);
    let first = stored(&stack, SELLER, &document).await;
    assert_eq!(first.standing.state, State::Issued);
    let made = first.made.clone().unwrap();
    assert_eq!((made.pages, made.language.as_str(), made.xml_kind.as_str()), (1, "de", "factur-x"));
    assert!(!handle(&issuer, &message).await, "the same message again");
    assert_eq!(stored(&stack, SELLER, &document).await, first, "nothing changes");
    let uploads = messages(&stack, "InvoiceUploadsQueueUrl").await;
    assert!(!uploads.is_empty() && uploads.iter().all(|upload| *upload == message), "{uploads:?}");
}

async fn a_document_that_got_its_number_is_finished_from_what_it_was_begun_with(suite: Rc<Suite>) {
    let stack = ground(&suite, "it-issue-resumed").await;
    put_profile(&stack, SELLER).await;
    let due = sample_document(CREDIT_NOTES, SHIPMENT);
    let document = report(&stack, SELLER, &due, noon()).await;
    assert!(!handle(&issuer(&stack, &stack.aws, noon()), &message(SELLER, &document)).await);
    let first = stored(&stack, SELLER, &document).await;

    // The same for another seller, who dies with the number in hand. Then days pass, the profile is another one, and so is
    // what the report says.
    let other = "A2OTHERSELLER";
    put_profile(&stack, other).await;
    report(&stack, other, &due, noon()).await;
    let numbering = first.numbering.clone().unwrap();
    let (seller, from) = (other.parse().unwrap(), numbering.made_from);
    let there = stored(&stack, other, &document).await;
    let profile = profile_of(&stack, other).await;
    assert!(from.logo.is_some(), "the sample has a logo");
    let made_from = MadeFrom { due: there.due.unwrap(), ..profile };
    number(&stack, &seller, &document, &made_from).await;
    put(&stack, &profile_key(&seller), b"[seller]\nname = \"Another\"\n".to_vec()).await;
    let mut changed = due.clone();
    "another".clone_into(&mut changed.order_id);
    let stored_again = objects(&stack).put_due(&seller, &changed).await.unwrap();
    assert_ne!(stored_again.version, made_from.due.version);
    let days_later = noon().checked_add(SignedDuration::from_hours(72)).unwrap();
    assert!(!handle(&issuer(&stack, &stack.aws, days_later), &message(other, &document)).await);
    let second = stored(&stack, other, &document).await;
    assert_eq!(second.standing.state, State::Issued, "{:?}", second.note);
    let (first, second) = (first.made.unwrap(), second.made.unwrap());
    assert_eq!(first.pdf.sha256, second.pdf.sha256, "byte for byte");
    assert_eq!(first.xml.sha256, second.xml.sha256, "byte for byte");
}

/// The profile and the logo of a seller as they are now.
async fn profile_of(stack: &Stack, seller: &str) -> MadeFrom {
    let object = async |key: &str| match objects(stack).if_changed(key, None).await.unwrap() {
        ObjectNews::Changed { object, .. } => object,
        other @ (ObjectNews::Same | ObjectNews::Missing) => panic!("{key}: {other:?}"),
    };
    let profile = object(&profile_key(&seller.parse().unwrap())).await;
    let logo = object(&format!("own-invoices/{seller}/sample-logo.svg")).await;
    MadeFrom { due: profile.clone(), profile, logo: Some(logo) }
}

/// Gives a document the number that the function would give it, at noon.
async fn number(stack: &Stack, seller: &SellerId, document: &str, made_from: &MadeFrom) {
    let pattern = "{country}-{year}-{number:6}".parse().unwrap();
    let kind = DocumentKind::Invoice;
    let place = Place { year: 2026, marketplace: "DE".into(), country: "DE".into(), kind };
    let issued_on = "2026-11-22".parse().unwrap();
    let request = NumberRequest { pattern: &pattern, place: &place, issued_on, made_from };
    let patience = Duration::from_mins(1);
    invoices(stack).allocate(seller, document, &request, patience, noon()).await.unwrap();
}

async fn a_credit_note_waits_for_its_original_and_names_it(suite: Rc<Suite>) {
    let stack = ground(&suite, "it-issue-credit").await;
    put_profile(&stack, SELLER).await;
    let credit_note = report(&stack, SELLER, &sample_document(CREDIT_NOTES, RETURN), noon()).await;
    let issuer = issuer(&stack, &stack.aws, noon());
    assert!(!handle(&issuer, &message(SELLER, &credit_note)).await);
    assert_eq!(stored(&stack, SELLER, &credit_note).await.standing.state, State::Due);
    assert_eq!(stack.counts("InvoiceIssuesQueueUrl").await.delayed, 1, "it comes back later");
    let invoice = report(&stack, SELLER, &sample_document(CREDIT_NOTES, SHIPMENT), noon()).await;
    assert!(!handle(&issuer, &message(SELLER, &invoice)).await);
    let number = stored(&stack, SELLER, &invoice).await.numbering.unwrap().number;
    assert!(!handle(&issuer, &message(SELLER, &credit_note)).await);
    let credit_note = stored(&stack, SELLER, &credit_note).await;
    assert_ne!(credit_note.numbering.unwrap().number, number);
    let xml = bytes(&stack, &credit_note.made.unwrap().xml).await;
    assert!(text_of(&xml).contains(number.as_str()), "the credit note names the invoice");
}

async fn a_credit_note_whose_original_never_comes_needs_a_person(suite: Rc<Suite>) {
    let stack = ground(&suite, "it-issue-alone").await;
    put_profile(&stack, SELLER).await;
    let credit_note = report(&stack, SELLER, &sample_document(CREDIT_NOTES, RETURN), noon()).await;
    let mut message = message(SELLER, &credit_note);
    message["waits"] = 4.into();
    assert!(!handle(&issuer(&stack, &stack.aws, noon()), &message).await);
    let stored = stored(&stack, SELLER, &credit_note).await;
    assert_eq!(stored.standing.state, State::NeedsPerson);
    let why = stored.note.unwrap();
    assert!(why.contains("the invoice of shipment 409303258") && why.contains("backfill"), "{why}");
}

async fn what_cannot_be_made_uses_up_no_number_and_says_why(suite: Rc<Suite>) {
    let stack = ground(&suite, "it-issue-not").await;
    connect(&stack, SELLER, true).await;
    let due = sample_document(CREDIT_NOTES, SHIPMENT);
    let document = report(&stack, SELLER, &due, noon()).await;
    let (issuer, message) = (issuer(&stack, &stack.aws, noon()), message(SELLER, &document));
    assert!(!handle(&issuer, &message).await);
    let without = stored(&stack, SELLER, &document).await;
    assert_eq!((without.standing.state, without.numbering), (State::NeedsPerson, None));
    assert!(without.note.unwrap().contains("own-invoices/A3TH9S8BH6GOGM/profile.toml"));

    // A profile of another company: Amazon calculated with another number.
    let later = |hours| noon().checked_add(SignedDuration::from_hours(hours)).unwrap();
    let profile =
        std::fs::read_to_string(countinghouse_it::suite::root().join("shared/invoicing/profiles/example.toml"));
    let other = profile.unwrap().replace("DE = \"DE123456788\"", "DE = \"DE136695976\"");
    put(&stack, &profile_key(&SELLER.parse().unwrap()), other.clone().into_bytes()).await;
    report(&stack, SELLER, &due, later(1)).await;
    assert!(!handle(&issuer, &message).await);
    let refused = stored(&stack, SELLER, &document).await;
    assert!(refused.note.as_deref().unwrap_or_default().contains("DE136695976"), "{:?}", refused.note);
    assert_eq!(refused.numbering, None);

    // Mended: the function sees the new profile, and the first number is still free.
    let mended = other.replace("DE136695976", "DE123456788").into_bytes();
    put(&stack, &profile_key(&SELLER.parse().unwrap()), mended).await;
    report(&stack, SELLER, &due, later(2)).await;
    assert!(!handle(&issuer, &message).await);
    let made = stored(&stack, SELLER, &document).await;
    assert_eq!((made.standing.state, made.numbering.unwrap().running), (State::Issued, 1));
}

async fn what_amazon_refused_is_made_again_under_its_number_and_day(suite: Rc<Suite>) {
    let stack = ground(&suite, "it-issue-again").await;
    put_profile(&stack, SELLER).await;
    let due = sample_document(CREDIT_NOTES, SHIPMENT);
    let document = report(&stack, SELLER, &due, noon()).await;
    let message = message(SELLER, &document);
    assert!(!handle(&issuer(&stack, &stack.aws, noon()), &message).await);
    let first = stored(&stack, SELLER, &document).await;
    let (invoices, seller) = (invoices(&stack), SELLER.parse().unwrap());
    let begun = invoices.upload_begun(&seller, &document, noon()).await.unwrap().unwrap();
    invoices.feed_created(&seller, &document, begun.standing.uploads, "F1", noon()).await.unwrap();

    // The next report refuses it, and its data have changed.
    let mut refused = due.clone();
    refused.status = InvoiceStatus::of("InvoiceRejected");
    "The total amount does not match the amount of the shipment".clone_into(&mut refused.status_description);
    "Tischleuchte".clone_into(&mut refused.lines[0].title);
    let made_at = noon().checked_add(SignedDuration::from_hours(12)).unwrap();
    let stored_due = objects(&stack).put_due(&seller, &refused).await.unwrap();
    let told = ReportedDocument { seller: &seller, document: &refused, stored: Some(stored_due), made_at };
    assert_eq!(invoices.reported(&told, made_at).await.unwrap().next, NextStep::Issue);
    let next_day = noon().checked_add(SignedDuration::from_hours(24)).unwrap();
    assert!(!handle(&issuer(&stack, &stack.aws, next_day), &message).await);
    let second = stored(&stack, SELLER, &document).await;
    let (before, after) = (first.numbering.unwrap(), second.numbering.unwrap());
    assert_eq!((&before.number, before.issued_on), (&after.number, after.issued_on));
    assert_ne!(first.made.unwrap().pdf.sha256, second.made.as_ref().unwrap().pdf.sha256);
    assert_eq!(second.standing.state, State::Rejected, "until it is uploaded again");
    assert!(invoices.upload_begun(&seller, &document, next_day).await.unwrap().is_some());
}

async fn a_seller_who_is_not_connected_for_own_invoices_gets_no_number(suite: Rc<Suite>) {
    let stack = ground(&suite, "it-issue-off").await;
    put_profile(&stack, SELLER).await;
    let document = report(&stack, SELLER, &sample_document(CREDIT_NOTES, SHIPMENT), noon()).await;
    let (issuer, message) = (issuer(&stack, &stack.aws, noon()), message(SELLER, &document));
    connect(&stack, SELLER, false).await;
    assert!(!handle(&issuer, &message).await);
    let waiting = stored(&stack, SELLER, &document).await;
    assert_eq!((waiting.standing.state, waiting.numbering), (State::Due, None));
    connect(&stack, SELLER, true).await;
    assert!(!handle(&issuer, &message).await);
    assert_eq!(stored(&stack, SELLER, &document).await.numbering.unwrap().running, 1, "the first number was free");
}
