//! From due to accepted, and what comes in between.

use std::time::Duration;

use countinghouse_domain::document::DocumentKind;
use countinghouse_store::{
    Hint, MadeFrom, NextStep, NumberRequest, ObjectNews, OriginalInvoice, OwnInvoiceObjects, OwnInvoices,
    StoredOwnInvoice, profile_key,
};
use countinghouse_vat_invoices::number::{Place, SeriesPattern};
use countinghouse_vat_invoices::state::{MOST_UPLOADS, Refusal, State};

use super::{DUE, Row, at, made, made_from, next, object, seller, tell};
use crate::{Case, World};

pub(super) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        a_document_goes_from_due_to_accepted_and_leaves_every_step,
        what_amazon_refuses_is_made_again_under_its_number,
        what_passes_is_uploaded_again_after_the_next_report_only,
        an_upload_whose_answer_was_lost_waits_for_the_reports_and_goes_out_again_when_nothing_arrived,
        what_amazon_issues_is_not_ours_and_what_was_due_becomes_void,
        what_cannot_be_made_waits_for_a_person_and_the_next_report_tries_again,
        an_older_report_changes_nothing_and_the_same_says_the_same,
        of_two_who_upload_one_is_first,
        a_refund_is_never_taken_for_its_shipment,
        files_are_stored_once_and_read_as_they_were,
        a_person_tries_again_by_what_amazon_refused_and_finds_a_document_by_any_of_its_names,
    ]
}

async fn store(aws: &World) -> OwnInvoices {
    OwnInvoices::new(aws.dynamodb(), aws.table("own-invoices").await)
}

async fn stored(invoices: &OwnInvoices, document: &str) -> StoredOwnInvoice {
    invoices.get(&seller(), document).await.unwrap().unwrap()
}

async fn number(invoices: &OwnInvoices, document: &str) {
    let pattern: SeriesPattern = SeriesPattern::DEFAULT.parse().unwrap();
    let place = Place { year: 2026, marketplace: "DE".into(), country: "DE".into(), kind: DocumentKind::Invoice };
    let (issued_on, made_from) = ("2026-11-22".parse().unwrap(), made_from());
    let request = NumberRequest { pattern: &pattern, place: &place, issued_on, made_from: &made_from };
    invoices.allocate(&seller(), document, &request, Duration::from_mins(1), at(1)).await.unwrap();
}

/// A document that is issued.
async fn issue(invoices: &OwnInvoices, document: &str) {
    number(invoices, document).await;
    assert!(invoices.issued(&seller(), document, &made(), &made_from(), at(1)).await.unwrap());
}

/// A document whose feed Amazon reads.
async fn upload(invoices: &OwnInvoices, document: &str, feed: &str, hour: i64) {
    let begun = invoices.upload_begun(&seller(), document, at(hour)).await.unwrap().unwrap();
    let upload = begun.standing.uploads;
    assert!(invoices.feed_created(&seller(), document, upload, feed, at(hour)).await.unwrap());
}

fn refusal(code: u32, message: &str) -> Hint {
    Hint::Refused(Refusal { code: Some(code), message: message.to_owned() })
}

async fn a_document_goes_from_due_to_accepted_and_leaves_every_step(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let (document, told) = tell(&invoices, &DUE, 0).await;
    assert_eq!((document.as_str(), told.next, told.state), ("shipment S1", NextStep::Issue, Some(State::Due)));
    issue(&invoices, &document).await;
    upload(&invoices, &document, "F1", 2).await;
    assert_eq!(invoices.document_of_feed(&seller, "F1").await.unwrap().as_deref(), Some("shipment S1"));
    let looked_at = invoices.to_look_at(&seller, at(2)).await.unwrap();
    assert_eq!(looked_at.iter().map(|each| each.key.as_str()).collect::<Vec<_>>(), ["shipment S1"]);
    invoices.looked(&seller, &document, at(5)).await.unwrap();
    assert!(invoices.to_look_at(&seller, at(5)).await.unwrap().is_empty(), "not again at once");
    let stages = invoices.stages().await.unwrap();
    let stage = stages.iter().find(|stage| stage.state == State::Processing).unwrap();
    assert_eq!((stage.count, stage.oldest_due_since), (1, Some(at(0))));
    let standing = invoices.hint(&seller, &document, "F1", &Hint::Taken, at(6)).await.unwrap().unwrap();
    assert_eq!(standing.state, State::Processing, "only the report says accepted");
    assert!(invoices.in_flight(&seller).await.unwrap().is_empty());
    let accepted = Row { status: "InvoiceUploaded", number: "INV-2026-DE-000001", ..DUE };
    assert_eq!(tell(&invoices, &accepted, 9).await.1.state, Some(State::Accepted));
    let stored = stored(&invoices, &document).await;
    let steps: Vec<_> = stored.history.iter().map(|step| step.state.name()).collect();
    assert_eq!(steps, ["due", "issued", "uploading", "processing", "accepted"]);
    assert_eq!((stored.total.amount, stored.total_vat.amount), ("49.90".parse().unwrap(), "7.97".parse().unwrap()));
    assert!(invoices.stages().await.unwrap().iter().all(|stage| stage.count == 0));
}

async fn what_amazon_refuses_is_made_again_under_its_number(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let (document, _) = tell(&invoices, &DUE, 0).await;
    issue(&invoices, &document).await;
    upload(&invoices, &document, "F1", 2).await;
    let words = "The total amount 49.91 does not match the amount 49.90";
    let rejected = Row { status: "InvoiceRejected", words, number: "INV-2026-DE-000001", ..DUE };
    let (_, told) = tell(&invoices, &rejected, 9).await;
    assert_eq!((told.state, told.next), (Some(State::Rejected), NextStep::Issue));
    let from = MadeFrom { due: object("newer"), ..made_from() };
    assert!(invoices.issued(&seller, &document, &made(), &from, at(11)).await.unwrap());
    let again = stored(&invoices, &document).await;
    let numbering = again.numbering.unwrap();
    assert_eq!((numbering.running, numbering.made_from), (1, from));
    assert_eq!(again.standing.refusal.unwrap().known().name, "TotalAmountDiffers");
    upload(&invoices, &document, "F2", 12).await;
    assert!(invoices.hint(&seller, &document, "F1", &Hint::Taken, at(13)).await.unwrap().is_none(), "an old feed");
    let accepted = Row { status: "InvoiceUploaded", ..rejected };
    assert_eq!(tell(&invoices, &accepted, 21).await.1.state, Some(State::Accepted));
    assert_eq!(stored(&invoices, &document).await.standing.refusal, None);
}

async fn what_passes_is_uploaded_again_after_the_next_report_only(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let (document, _) = tell(&invoices, &DUE, 0).await;
    issue(&invoices, &document).await;
    upload(&invoices, &document, "F1", 2).await;
    let hint = refusal(79_517, "Invalid order");
    let standing = invoices.hint(&seller, &document, "F1", &hint, at(3)).await.unwrap().unwrap();
    assert_eq!(standing.state, State::Rejected);
    assert_eq!(next(&invoices, &DUE, 2).await, NextStep::Nothing, "the report is older than the refusal");
    assert_eq!(next(&invoices, &DUE, 9).await, NextStep::Upload);
    let person = refusal(79_509, "closed beta");
    upload(&invoices, &document, "F2", 10).await;
    let standing = invoices.hint(&seller, &document, "F2", &person, at(11)).await.unwrap().unwrap();
    assert_eq!(standing.state, State::NeedsPerson);
    assert_eq!(invoices.needing_attention().await.unwrap().len(), 1);
    assert_eq!(
        invoices.try_again(&seller, &document, "the setting is changed", at(12)).await.unwrap(),
        NextStep::Upload
    );
    assert_eq!(stored(&invoices, &document).await.standing.state, State::Issued);
}

async fn an_upload_whose_answer_was_lost_waits_for_the_reports_and_goes_out_again_when_nothing_arrived(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let (document, _) = tell(&invoices, &DUE, 0).await;
    issue(&invoices, &document).await;
    let begun = invoices.upload_begun(&seller, &document, at(2)).await.unwrap().unwrap();
    assert_eq!(invoices.to_look_at(&seller, at(3)).await.unwrap().len(), 1, "nobody says how it ended");
    let upload = begun.standing.uploads;
    assert!(invoices.answer_lost(&seller, &document, upload, "timeout", at(3)).await.unwrap());
    assert!(invoices.to_look_at(&seller, at(9)).await.unwrap().is_empty());
    assert_eq!(next(&invoices, &DUE, 8).await, NextStep::Nothing, "Amazon may have it");
    let (_, told) = tell(&invoices, &DUE, 15).await;
    assert_eq!((told.state, told.next), (Some(State::Issued), NextStep::Upload));
    assert!(!invoices.feed_created(&seller, &document, upload + 1, "F9", at(16)).await.unwrap());
    let processing = Row { status: "InvoiceProcessing", ..DUE };
    invoices.upload_begun(&seller, &document, at(17)).await.unwrap().unwrap();
    assert_eq!(tell(&invoices, &processing, 19).await.1.state, Some(State::Processing), "found by the report");
}

async fn what_amazon_issues_is_not_ours_and_what_was_due_becomes_void(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let amazons = Row { shipment: "S2", status: "InvoiceCreatedByAmazon", ..DUE };
    let (document, told) = tell(&invoices, &amazons, 0).await;
    assert_eq!((told.next, told.state), (NextStep::Nothing, None));
    assert_eq!(invoices.get(&seller, &document).await.unwrap(), None);
    let (document, _) = tell(&invoices, &DUE, 0).await;
    let (_, told) = tell(&invoices, &Row { shipment: "S1", ..amazons }, 9).await;
    assert_eq!((told.next, told.state), (NextStep::Nothing, Some(State::Cancelled)));
    assert_eq!(next(&invoices, &DUE, 12).await, NextStep::Nothing, "void is void");
    assert_eq!(stored(&invoices, &document).await.numbering, None);
    let numbered = Row { shipment: "S3", ..DUE };
    let (document, _) = tell(&invoices, &numbered, 0).await;
    number(&invoices, &document).await;
    let (_, told) = tell(&invoices, &Row { shipment: "S3", ..amazons }, 9).await;
    assert_eq!(told.state, Some(State::NeedsPerson), "it has a number");
}

async fn what_cannot_be_made_waits_for_a_person_and_the_next_report_tries_again(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let (document, _) = tell(&invoices, &DUE, 0).await;
    assert!(invoices.cannot_be_made(&seller, &document, "the profile is missing", at(2)).await.unwrap());
    let waiting = invoices.needing_attention().await.unwrap();
    assert_eq!(waiting[0].note.as_deref(), Some("the profile is missing"));
    assert_eq!(waiting[0].due_since, at(0));
    let (_, told) = tell(&invoices, &DUE, 9).await;
    assert_eq!((told.state, told.next), (Some(State::Due), NextStep::Issue));
    let untaxed = Row { shipment: "S5", status: "NoTaxCalculated", ..DUE };
    let (document, told) = tell(&invoices, &untaxed, 0).await;
    assert_eq!((told.state, told.next), (Some(State::NeedsPerson), NextStep::Nothing));
    let why = stored(&invoices, &document).await.note.unwrap();
    assert!(why.contains("Amazon calculated no tax"), "{why}");
    assert_eq!(invoices.try_again(&seller, &document, "VAT number entered", at(2)).await.unwrap(), NextStep::Issue);
    assert_eq!(stored(&invoices, &document).await.standing.state, State::Due);
}

async fn an_older_report_changes_nothing_and_the_same_says_the_same(aws: World) {
    let invoices = store(&aws).await;
    let (document, first) = tell(&invoices, &DUE, 5).await;
    let before = stored(&invoices, &document).await;
    let (_, same) = tell(&invoices, &DUE, 5).await;
    assert_eq!((same.next, same.state), (first.next, first.state));
    assert_eq!(stored(&invoices, &document).await.history, before.history);
    let older = Row { status: "InvoiceUploaded", ..DUE };
    assert_eq!(tell(&invoices, &older, 4).await.1.next, NextStep::Nothing);
    assert_eq!(stored(&invoices, &document).await.standing, before.standing);
}

async fn of_two_who_upload_one_is_first(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let (document, _) = tell(&invoices, &DUE, 0).await;
    assert!(invoices.upload_begun(&seller, &document, at(1)).await.unwrap().is_none(), "it is not made");
    issue(&invoices, &document).await;
    let many = (0..8).map(|_| {
        let (invoices, seller, document) = (invoices.clone(), seller.clone(), document.clone());
        tokio::spawn(async move { invoices.upload_begun(&seller, &document, at(2)).await.unwrap().is_some() })
    });
    let mut firsts = 0;
    for each in many.collect::<Vec<_>>() {
        firsts += u32::from(each.await.unwrap());
    }
    assert_eq!(firsts, 1);
    assert!(invoices.upload_failed(&seller, &document, 1, "connection refused", at(3)).await.unwrap());
    assert_eq!(stored(&invoices, &document).await.standing.state, State::Issued);
}

async fn a_refund_is_never_taken_for_its_shipment(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let refund = Row { transaction: "amzn1:crow:1", status: "CreditNotePending", ..DUE };
    let (document, told) = tell(&invoices, &refund, 0).await;
    assert_eq!((document.as_str(), told.next), ("transaction amzn1:crow:1", NextStep::Issue));
    assert_eq!(invoices.original(&seller, "S1").await.unwrap(), OriginalInvoice::Unknown);
    let (shipment, _) = tell(&invoices, &DUE, 0).await;
    assert_eq!(invoices.original(&seller, "S1").await.unwrap(), OriginalInvoice::WithoutNumber(State::Due));
    number(&invoices, &shipment).await;
    let original = invoices.original(&seller, "S1").await.unwrap();
    let (number, issued_on) = ("INV-2026-DE-000001".to_owned(), Some("2026-11-22".parse().unwrap()));
    assert_eq!(original, OriginalInvoice::Numbered { number, issued_on });
    assert_eq!(invoices.list(&seller).await.unwrap().len(), 2);
}

async fn files_are_stored_once_and_read_as_they_were(aws: World) {
    let (bucket, seller) = (aws.bucket().await, seller());
    let client = aws.s3();
    let enabled = aws_sdk_s3::types::BucketVersioningStatus::Enabled;
    let versioning = aws_sdk_s3::types::VersioningConfiguration::builder().status(enabled).build();
    client.put_bucket_versioning().bucket(&bucket).versioning_configuration(versioning).send().await.unwrap();
    let objects = OwnInvoiceObjects::new(client.clone(), bucket.as_str());
    let document = DUE.read();
    let first = objects.put_due(&seller, &document).await.unwrap();
    assert_eq!(objects.put_due(&seller, &document).await.unwrap(), first, "one version");
    let rejected = Row { status: "InvoiceRejected", ..DUE }.read();
    let second = objects.put_due(&seller, &rejected).await.unwrap();
    assert_ne!(second.version, first.version);
    assert_eq!(objects.due(&first).await.unwrap(), document);
    assert_eq!(objects.due(&second).await.unwrap(), rejected);

    let key = profile_key(&seller);
    assert_eq!(objects.if_changed(&key, None).await.unwrap(), ObjectNews::Missing);
    let put = client.put_object().bucket(&bucket).key(&key).body(b"one".to_vec().into());
    put.send().await.unwrap();
    let ObjectNews::Changed { etag, object, bytes } = objects.if_changed(&key, None).await.unwrap() else {
        panic!("it is there");
    };
    assert_eq!(bytes, b"one");
    assert_eq!(objects.if_changed(&key, Some(&etag)).await.unwrap(), ObjectNews::Same);
    let put = client.put_object().bucket(&bucket).key(&key).body(b"two".to_vec().into());
    put.send().await.unwrap();
    assert!(matches!(objects.if_changed(&key, Some(&etag)).await.unwrap(), ObjectNews::Changed { .. }));
    assert_eq!(objects.bytes(&object).await.unwrap(), b"one", "as it was");
}

async fn a_person_tries_again_by_what_amazon_refused_and_finds_a_document_by_any_of_its_names(aws: World) {
    let (invoices, seller) = (store(&aws).await, seller());
    let (document, _) = tell(&invoices, &DUE, 0).await;
    assert_eq!(invoices.try_again(&seller, &document, "now", at(1)).await.unwrap(), NextStep::Issue, "it is due");
    issue(&invoices, &document).await;
    assert_eq!(invoices.try_again(&seller, &document, "now", at(1)).await.unwrap(), NextStep::Upload, "it is issued");
    let steps = stored(&invoices, &document).await.history.len();

    // Refused for what is in it, until a person must look: it is made again under its number.
    let wrong = refusal(79_503, "not pdf");
    for upload in 1..=MOST_UPLOADS {
        let feed = format!("F{upload}");
        self::upload(&invoices, &document, &feed, 2).await;
        invoices.hint(&seller, &document, &feed, &wrong, at(3)).await.unwrap();
    }
    assert_eq!(stored(&invoices, &document).await.standing.state, State::NeedsPerson);
    assert_eq!(invoices.try_again(&seller, &document, "mended", at(4)).await.unwrap(), NextStep::Issue);
    let again = stored(&invoices, &document).await;
    assert_eq!((again.standing.state, again.standing.uploads), (State::Rejected, 0));
    assert!(again.history.len() > steps && again.history.last().unwrap().note.as_deref() == Some("mended"));
    assert!(invoices.issued(&seller, &document, &made(), &made_from(), at(5)).await.unwrap(), "under its number");

    // What is at Amazon is left alone.
    upload(&invoices, &document, "F9", 6).await;
    assert_eq!(invoices.try_again(&seller, &document, "now", at(7)).await.unwrap(), NextStep::Nothing);

    let number = again.numbering.unwrap().number.to_string();
    for name in [document.as_str(), number.as_str(), again.shipping_id.as_str(), again.order_id.as_str()] {
        let found = invoices.find(&seller, name).await.unwrap();
        assert_eq!(found.iter().map(|each| each.key.as_str()).collect::<Vec<_>>(), [document.as_str()], "{name}");
    }
    for name in ["", "series INV-2026-DE-#", "nobody"] {
        assert!(invoices.find(&seller, name).await.unwrap().is_empty(), "{name}");
    }
}
