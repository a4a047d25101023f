//! Vendor invoices.

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::vendor::{InvoiceAttention, InvoiceStatus, VendorApi};
use countinghouse_store::{
    Attempt, FileCounts, InvoiceClaim, InvoiceFacts, ObjectPlace, OfferedInvoice, ReceivedFrom, RejectedInvoice,
    Rejection, Resolution, Resolved, SentBody, StoreError, StoredProblem, StoredViolation, TransactionNews,
    VendorInvoices, VendorObjects, message_key,
};
use jiff::{SignedDuration, Timestamp};
use std::io::Read as _;

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        of_many_who_claim_a_number_one_sends,
        the_same_again_is_known_and_another_is_refused_beside_it,
        a_dead_process_leaves_a_lost_answer_and_never_a_second_sending,
        an_outcome_that_comes_late_still_counts,
        a_failure_may_be_submitted_again_once_for_each_time_that_it_is_asked_for,
        an_answer_about_an_earlier_attempt_changes_nothing,
        a_rejected_number_is_free,
        what_needs_a_person_is_listed_until_somebody_has_seen_it,
        a_person_may_say_where_an_invoice_stands,
        only_what_is_due_is_looked_after,
        a_message_is_stored_once,
    ]
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn at(minutes: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

fn vendor() -> SellerId {
    "ACME".parse().unwrap()
}

async fn table(world: &World) -> VendorInvoices {
    VendorInvoices::new(world.dynamodb(), world.table("vendor-invoices").await)
}

fn received(file: &str) -> ReceivedFrom {
    let key = format!("vendor-invoices/ACME/incoming/{file}");
    ReceivedFrom { key, version: Some("v1".to_owned()), number: 1, line: 1 }
}

fn offer(id: &str, content: &str, file: &str) -> OfferedInvoice {
    OfferedInvoice {
        vendor: vendor(),
        invoice_id: id.to_owned(),
        api: VendorApi::Retail,
        content_hash: content.to_owned(),
        facts: InvoiceFacts { purchase_orders: vec!["S8672793".to_owned()], ..InvoiceFacts::default() },
        received: received(file),
        resubmit: false,
    }
}

fn body() -> SentBody {
    SentBody { key: "vendor-invoices/ACME/sent/1.json".to_owned(), version: None, sha256: "00".to_owned() }
}

async fn claimed(table: &VendorInvoices, offered: &OfferedInvoice) -> Attempt {
    let claim = table.claim(offered, now()).await.unwrap();
    let InvoiceClaim::Yours(attempt) = claim else { panic!("{claim:?}") };
    attempt
}

async fn sending(table: &VendorInvoices, offered: &OfferedInvoice) -> Attempt {
    let attempt = claimed(table, offered).await;
    assert!(table.sending(&attempt, &body(), now()).await.unwrap());
    attempt
}

async fn submitted(table: &VendorInvoices, offered: &OfferedInvoice) -> Attempt {
    let attempt = sending(table, offered).await;
    assert!(table.submitted(&attempt, &"t-1".parse().unwrap(), now()).await.unwrap());
    attempt
}

fn news(status: InvoiceStatus) -> TransactionNews {
    TransactionNews { transaction_id: "t-1".parse().unwrap(), status, problems: Vec::new(), note: None }
}

async fn of_many_who_claim_a_number_one_sends(world: World) {
    let table = table(&world).await;
    let mut tries = Vec::new();
    for _ in 0..8 {
        let table = table.clone();
        tries.push(tokio::spawn(async move {
            match table.claim(&offer("1", "a", "x.json"), now()).await.unwrap() {
                InvoiceClaim::Yours(attempt) => table.sending(&attempt, &body(), now()).await.unwrap(),
                InvoiceClaim::BeingSent => false,
                other @ (InvoiceClaim::Known(_) | InvoiceClaim::AnswerLost | InvoiceClaim::Refused(_)) => {
                    panic!("{other:?}")
                }
            }
        }));
    }
    let mut senders = 0;
    for each in tries {
        senders += usize::from(each.await.unwrap());
    }
    assert_eq!(senders, 1);
}

async fn the_same_again_is_known_and_another_is_refused_beside_it(world: World) {
    let table = table(&world).await;
    submitted(&table, &offer("1", "a", "x.json")).await;
    let before = table.get(&vendor(), "1").await.unwrap().unwrap();
    let again = table.claim(&offer("1", "a", "y.json"), at(1)).await.unwrap();
    assert_eq!(again, InvoiceClaim::Known(InvoiceStatus::Submitted));
    for _ in 0..2 {
        let other = table.claim(&offer("1", "b", "y.json"), at(1)).await.unwrap();
        assert_eq!(other, InvoiceClaim::Refused(InvoiceStatus::Submitted));
    }
    assert_eq!(table.get(&vendor(), "1").await.unwrap().unwrap(), before, "the first stays as it is");
    let shown = table.needing_attention(InvoiceAttention::NeedsAPerson).await.unwrap();
    assert_eq!(shown.len(), 1);
    assert!(shown[0].item.starts_with("refused 1 ") && shown[0].reason.contains("another invoice has this number"));
}

async fn a_dead_process_leaves_a_lost_answer_and_never_a_second_sending(world: World) {
    let table = table(&world).await;
    let offered = offer("1", "a", "x.json");
    sending(&table, &offered).await;
    assert_eq!(table.claim(&offered, at(14)).await.unwrap(), InvoiceClaim::BeingSent);
    assert!(!table.give_up_sending(&vendor(), "1", at(14)).await.unwrap());
    assert_eq!(table.claim(&offered, at(15)).await.unwrap(), InvoiceClaim::AnswerLost);
    assert!(!table.give_up_sending(&vendor(), "1", at(16)).await.unwrap(), "told once");
    let known = table.claim(&OfferedInvoice { resubmit: true, ..offer("1", "a", "y.json") }, at(20)).await.unwrap();
    assert_eq!(known, InvoiceClaim::Known(InvoiceStatus::AnswerLost));
}

async fn an_outcome_that_comes_late_still_counts(world: World) {
    let table = table(&world).await;
    let attempt = sending(&table, &offer("1", "a", "x.json")).await;
    assert!(table.give_up_sending(&vendor(), "1", at(15)).await.unwrap());
    assert!(table.submitted(&attempt, &"t-1".parse().unwrap(), at(16)).await.unwrap());
    let stored = table.get(&vendor(), "1").await.unwrap().unwrap();
    let steps: Vec<_> = stored.history.iter().map(|step| step.status.name()).collect();
    assert_eq!(steps, ["claimed", "sending", "answer_lost", "submitted"]);
    // Then nothing else: it is written down once.
    assert!(!table.answer_lost(&attempt, "late", at(17)).await.unwrap());
    assert!(!table.not_sent(&attempt, "late", at(17)).await.unwrap());
}

async fn a_failure_may_be_submitted_again_once_for_each_time_that_it_is_asked_for(world: World) {
    let table = table(&world).await;
    let first = sending(&table, &offer("1", "a", "x.json")).await;
    let problem = StoredProblem { code: "A".to_owned(), message: "b".to_owned(), details: None };
    table.failed(&first, &[problem], "refused", now()).await.unwrap();
    let known = table.claim(&offer("1", "a", "y.json"), now()).await.unwrap();
    assert_eq!(known, InvoiceClaim::Known(InvoiceStatus::Failed), "nobody asked for it");
    let refused = table.claim(&offer("1", "b", "y.json"), now()).await.unwrap();
    assert_eq!(refused, InvoiceClaim::Refused(InvoiceStatus::Failed));

    let again = OfferedInvoice { resubmit: true, ..offer("1", "b", "resubmit/y.json") };
    let second = sending(&table, &again).await;
    assert_eq!(second.number, 2);
    table.failed(&second, &[], "refused", now()).await.unwrap();
    let repeated = table.claim(&again, at(60)).await.unwrap();
    assert_eq!(repeated, InvoiceClaim::Known(InvoiceStatus::Failed), "the same message again asks for nothing new");
    let third = OfferedInvoice { resubmit: true, ..offer("1", "b", "resubmit/z.json") };
    assert_eq!(claimed(&table, &third).await.number, 3);
    let stored = table.get(&vendor(), "1").await.unwrap().unwrap();
    assert_eq!((stored.problems.len(), stored.transaction_id), (1, None), "what Amazon said before is kept");
}

async fn an_answer_about_an_earlier_attempt_changes_nothing(world: World) {
    let table = table(&world).await;
    let first = submitted(&table, &offer("1", "a", "x.json")).await;
    let failed = table.asked(&vendor(), "1", &news(InvoiceStatus::Failed), at(1)).await.unwrap();
    assert_eq!(failed, Some(InvoiceStatus::Failed));
    claimed(&table, &OfferedInvoice { resubmit: true, ..offer("1", "b", "y.json") }).await;
    assert_eq!(table.asked(&vendor(), "1", &news(InvoiceStatus::Accepted), at(2)).await.unwrap(), None);
    assert!(!table.submitted(&first, &"t-1".parse().unwrap(), at(2)).await.unwrap());
    assert_eq!(table.get(&vendor(), "1").await.unwrap().unwrap().status, InvoiceStatus::Claimed);
}

fn rejected(id: Option<&str>, pointer: &str) -> RejectedInvoice {
    RejectedInvoice {
        vendor: vendor(),
        invoice_id: id.map(str::to_owned),
        api: VendorApi::DirectFulfillment,
        facts: InvoiceFacts::default(),
        received: received("x.json"),
        violations: vec![StoredViolation {
            pointer: pointer.to_owned(),
            rule: "sum".to_owned(),
            expected: "405.50 USD".to_owned(),
            found: "405.49 USD".to_owned(),
            place: None,
        }],
    }
}

async fn a_rejected_number_is_free(world: World) {
    let table = table(&world).await;
    let wrong = rejected(Some("1"), "/invoiceTotal/amount");
    assert_eq!(table.rejected(&wrong, now()).await.unwrap(), Rejection::New);
    assert_eq!(table.rejected(&wrong, at(1)).await.unwrap(), Rejection::Known);
    assert_eq!(table.rejected(&rejected(Some("1"), "/items/0"), at(2)).await.unwrap(), Rejection::New);
    let attempt = submitted(&table, &offer("1", "a", "y.json")).await;
    assert_eq!(attempt.number, 1);
    let stored = table.get(&vendor(), "1").await.unwrap().unwrap();
    assert_eq!((stored.violations.len(), stored.api), (0, VendorApi::Retail));
    let beside = table.rejected(&wrong, at(3)).await.unwrap();
    assert_eq!(beside, Rejection::Beside(InvoiceStatus::Submitted));
    assert_eq!(table.list(&vendor()).await.unwrap().len(), 1, "one invoice, and beside it what was wrong");
}

async fn what_needs_a_person_is_listed_until_somebody_has_seen_it(world: World) {
    let table = table(&world).await;
    table.rejected(&rejected(None, "/id"), now()).await.unwrap();
    let key = "vendor-invoices/ACME/incoming/cut.json";
    table.file_unreadable(&vendor(), (key, None), "cut.json, line 7: it ends too early", at(1)).await.unwrap();
    table
        .file_read(&vendor(), ("vendor-invoices/ACME/incoming/x.json", None), FileCounts::default(), at(1))
        .await
        .unwrap();
    let shown = table.needing_attention(InvoiceAttention::NeedsAPerson).await.unwrap();
    let items: Vec<_> = shown.iter().map(|each| (each.item.as_str(), each.reason.as_str())).collect();
    assert_eq!(
        items,
        [
            ("without number vendor-invoices/ACME/incoming/x.json 00000001", "/id: 405.50 USD"),
            ("file vendor-invoices/ACME/incoming/cut.json", "cut.json, line 7: it ends too early"),
        ]
    );
    for each in shown {
        table.acknowledge(&vendor(), &each.item, "seen", at(2)).await.unwrap();
    }
    assert_eq!(table.needing_attention(InvoiceAttention::NeedsAPerson).await.unwrap(), []);
    let file = table.file(&vendor(), key).await.unwrap().unwrap();
    assert_eq!(file.unreadable.as_deref(), Some("cut.json, line 7: it ends too early"), "what it says stays");
    let missing = table.acknowledge(&vendor(), "file nowhere", "seen", now()).await.unwrap_err();
    assert!(matches!(missing, StoreError::Missing { .. }), "{missing:?}");
}

async fn a_person_may_say_where_an_invoice_stands(world: World) {
    let table = table(&world).await;
    let lost = sending(&table, &offer("1", "a", "x.json")).await;
    table.answer_lost(&lost, "no answer", now()).await.unwrap();
    let resolve =
        async |id: &'static str, word| table.resolve(&vendor(), id, word, "Vendor Central", at(1)).await.unwrap();
    assert_eq!(resolve("1", Resolution::Accepted).await, Resolved::Now(InvoiceStatus::Accepted));
    assert_eq!(resolve("1", Resolution::Accepted).await, Resolved::Already);
    assert_eq!(resolve("1", Resolution::Failed).await, Resolved::Now(InvoiceStatus::Failed), "told by mail later");
    assert_eq!(resolve("1", Resolution::Accepted).await, Resolved::NotFrom(InvoiceStatus::Failed));
    claimed(&table, &offer("2", "a", "x.json")).await;
    assert_eq!(resolve("2", Resolution::Accepted).await, Resolved::NotFrom(InvoiceStatus::Claimed));
}

async fn only_what_is_due_is_looked_after(world: World) {
    let table = table(&world).await;
    submitted(&table, &offer("1", "a", "x.json")).await;
    sending(&table, &offer("2", "a", "x.json")).await;
    claimed(&table, &offer("3", "a", "x.json")).await;
    let due = async |minutes| {
        let found = table.due(&vendor(), at(minutes)).await.unwrap();
        found.into_iter().map(|each| each.invoice_id).collect::<Vec<_>>()
    };
    assert_eq!(due(0).await, ["1"]);
    assert_eq!(due(15).await, ["1", "2"], "the longest overdue first");
    assert_eq!(table.in_flight(&vendor()).await.unwrap().len(), 2);
    assert_eq!(table.oldest_on_its_way().await.unwrap(), Some(now()));
    table.asked(&vendor(), "1", &news(InvoiceStatus::PresumedAcceptedUnverified), at(30)).await.unwrap();
    assert_eq!(due(31).await, ["2"]);
    assert_eq!(due(30 + 6 * 60).await, ["2", "1"], "asked again after six hours");
}

async fn a_message_is_stored_once(world: World) {
    let bucket = world.bucket().await;
    let objects = VendorObjects::new(world.s3());
    let key = message_key(&vendor(), "m-1", false);
    objects.put_message(&bucket, &key, b"first").await.unwrap();
    objects.put_message(&bucket, &key, b"second").await.unwrap();
    let place = ObjectPlace { bucket: bucket.clone(), key, version: None };
    let mut file = objects.open(&place).await.unwrap();
    let text = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        file.body.read_to_string(&mut text).unwrap();
        (text, file.resubmit, file.bytes)
    });
    assert_eq!(text.await.unwrap(), ("first".to_owned(), false, 5));
    let asking = world.s3().put_object().bucket(&bucket).key("x").metadata("resubmit", "true").send().await;
    asking.unwrap();
    let place = ObjectPlace { bucket, key: "x".to_owned(), version: None };
    assert!(objects.open(&place).await.unwrap().resubmit);
}
