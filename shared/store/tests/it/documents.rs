//! Invoices and credit notes.

use countinghouse_domain::document::{Amounts, Builder, Component, Document, Flag, Text, VatRow};
use countinghouse_domain::ids::{ReportId, SellerId};
use countinghouse_domain::money::Currency;
use countinghouse_store::{Documents, StoredDocument, Upsert};
use jiff::{SignedDuration, Timestamp};

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    crate::cases![aws;
        a_document_booked_again_changes_nothing,
        rows_that_come_in_a_later_report_extend_the_document,
        figures_that_change_keep_the_version_before,
        two_reports_at_once_lose_no_line,
        a_document_without_number_is_superseded_by_the_one_with,
        a_document_without_number_that_comes_late_is_superseded,
        a_document_of_thousands_of_lines_is_read_whole,
        documents_are_found_by_month_and_by_order,
        what_is_personal_does_not_come_back_after_it_has_expired,
        what_is_forgotten_does_not_come_back_by_any_report_and_the_figures_stay,
        a_report_that_is_booked_again_changes_what_was_shown_and_nothing_else,
        an_old_report_that_is_booked_again_does_not_undo_a_later_one,
    ]
}

fn now() -> Timestamp {
    "2026-11-22T04:00:00Z".parse().unwrap()
}

fn seller() -> SellerId {
    "A3TH9S8BH6GOGM".parse().unwrap()
}

fn report(number: u32) -> ReportId {
    format!("5001102030{number}").parse().unwrap()
}

fn row(line: u64, sku: &'static str, gross: &str) -> VatRow<'static> {
    let gross = gross.parse().unwrap();
    let price = Amounts { gross, vat: "0".parse().unwrap(), net: gross };
    let mut row = VatRow::empty(line, Currency::EUR)
        .with(Text::TransactionType, "SHIPMENT")
        .with(Text::InvoiceNumber, "DE6000000000AA")
        .with(Text::OrderId, "305-1234567-7654321")
        .with(Text::TransactionId, "DRGC8lFbB")
        .with(Text::ShipmentId, "DRGC8lFbB")
        .with(Text::Sku, sku)
        .with(Text::Responsibility, "Seller")
        .with(Text::ShipFromCountry, "DE")
        .with(Text::ShipToCountry, "DE")
        .with(Text::BuyerRegistration, "DE123456789")
        .with_amounts(Component::Item, price, Amounts::default());
    row.tax_rate = Some("0".parse().unwrap());
    row.quantity = Some(1);
    row.shipment_date = Some(jiff::civil::date(2026, 11, 20));
    row
}

fn document(rows: &[VatRow<'static>]) -> Document {
    let mut builder = Builder::new(&rows[0]).unwrap();
    for row in &rows[1..] {
        builder.add(row).unwrap();
    }
    builder.finish().unwrap()
}

async fn documents(aws: &World) -> Documents {
    Documents::new(aws.dynamodb(), aws.table("documents").await, 30)
}

async fn book(documents: &Documents, rows: &[VatRow<'static>], number: u32) -> Upsert {
    documents.upsert(&seller(), document(rows), &report(number), now()).await.unwrap()
}

async fn stored(documents: &Documents, rows: &[VatRow<'static>]) -> StoredDocument {
    documents.get(&seller(), &document(rows).key).await.unwrap().unwrap()
}

async fn a_document_booked_again_changes_nothing(aws: World) {
    let documents = documents(&aws).await;
    let rows = [row(2, "A", "11.90"), row(3, "B", "5.00")];
    assert_eq!(book(&documents, &rows, 1).await, Upsert::Created);
    let once = stored(&documents, &rows).await;
    assert_eq!(book(&documents, &rows, 1).await, Upsert::Same);
    // The same rows elsewhere in another report, in another order.
    let again = [row(90, "B", "5.0"), row(91, "A", "11.90")];
    assert_eq!(book(&documents, &again, 2).await, Upsert::Same);
    assert_eq!(stored(&documents, &rows).await, once);
    assert_eq!(once.report_ids, [report(1)]);
    assert_eq!(once.document.total.gross, "16.90".parse().unwrap());
}

async fn a_report_that_is_booked_again_changes_what_was_shown_and_nothing_else(aws: World) {
    let documents = documents(&aws).await;
    let (misread, right) = ([row(2, "A", "11.90")], [row(2, "A", "11.95")]);
    let again = vec![document(&right)];
    let new = documents.preview_many(&seller(), again.clone(), &report(1)).await.unwrap();
    assert_eq!((new[0].outcome, &new[0].before), (Upsert::Created, &None));
    book(&documents, &misread, 1).await;
    let booked = stored(&documents, &misread).await;

    let same = documents.preview_many(&seller(), vec![document(&misread)], &report(1)).await.unwrap();
    assert_eq!((same[0].outcome, &same[0].after), (Upsert::Same, &None));
    let shown = documents.preview_many(&seller(), again.clone(), &report(1)).await.unwrap().remove(0);
    assert_eq!(stored(&documents, &misread).await, booked, "a preview writes nothing");
    assert_eq!(shown.before.as_ref(), Some(&booked.document));

    let counts = documents.rebook_many(&seller(), again.clone(), &report(1), now()).await.unwrap();
    assert_eq!((counts.revised, counts.all()), (1, 1));
    let mended = stored(&documents, &right).await;
    assert_eq!(Some(&mended.document), shown.after.as_ref());
    assert_eq!(documents.revisions(&seller(), &mended.document.key).await.unwrap().len(), 1);
    let counts = documents.rebook_many(&seller(), again, &report(1), now()).await.unwrap();
    assert_eq!((counts.same, counts.all()), (1, 1));
}

async fn an_old_report_that_is_booked_again_does_not_undo_a_later_one(aws: World) {
    let documents = documents(&aws).await;
    let (old, new) = ([row(2, "A", "11.90")], [row(2, "A", "11.95")]);
    book(&documents, &old, 1).await;
    book(&documents, &new, 2).await;
    let revised = stored(&documents, &new).await;
    // Report 0 was never booked and is older than both; report 1 was.
    for number in [0, 1] {
        let counts = documents.rebook_many(&seller(), vec![document(&old)], &report(number), now()).await.unwrap();
        assert_eq!((counts.same, counts.all()), (1, 1), "report {number}");
    }
    assert_eq!(stored(&documents, &new).await, revised);
}

async fn rows_that_come_in_a_later_report_extend_the_document(aws: World) {
    let documents = documents(&aws).await;
    let (early, late) = ([row(2, "A", "11.90")], [row(2, "A", "11.90"), row(3, "B", "5.00")]);
    book(&documents, &early, 1).await;
    assert_eq!(book(&documents, &late, 2).await, Upsert::Extended);
    // The early report once more, and the late one.
    assert_eq!(book(&documents, &early, 1).await, Upsert::Same);
    assert_eq!(book(&documents, &late, 2).await, Upsert::Same);
    let extended = stored(&documents, &late).await;
    assert_eq!(extended.document.lines.len(), 2);
    assert_eq!(extended.document.total.gross, "16.90".parse().unwrap());
    assert_eq!(extended.report_ids, [report(1), report(2)]);
    let before = documents.revisions(&seller(), &extended.document.key).await.unwrap();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].document.total.gross, "11.90".parse().unwrap());

    // The other way round there is the same document.
    let other = documents_of(&aws, "otherwayround").await;
    book(&other, &late, 2).await;
    assert_eq!(book(&other, &early, 1).await, Upsert::Same);
    let whole = stored(&other, &late).await.document;
    assert_eq!(whole.fingerprint(), extended.document.fingerprint());
}

async fn documents_of(aws: &World, case: &str) -> Documents {
    documents(&aws.of_case(case)).await
}

async fn figures_that_change_keep_the_version_before(aws: World) {
    let documents = documents(&aws).await;
    book(&documents, &[row(2, "A", "11.90")], 1).await;
    for (number, gross) in [(2, "12.90"), (3, "13.90")] {
        let outcome = book(&documents, &[row(2, "A", gross)], number).await;
        assert!(matches!(outcome, Upsert::Revised { differences: 2 }), "{outcome:?}");
    }
    let revised = stored(&documents, &[row(2, "A", "13.90")]).await;
    assert_eq!(revised.document.total.gross, "13.90".parse().unwrap());
    assert_eq!(revised.revisions, 2);
    assert!(revised.document.flags.iter().any(|flag| matches!(flag, Flag::Revised { .. })));
    assert!(!revised.document.buyer.registration.is_empty());
    let before = documents.revisions(&seller(), &revised.document.key).await.unwrap();
    let totals: Vec<_> = before.iter().map(|each| each.document.total.gross.to_string()).collect();
    assert_eq!(totals, ["11.9", "12.9"]);
    assert!(before.iter().all(|each| each.document.buyer.registration.is_empty()));
}

async fn two_reports_at_once_lose_no_line(aws: World) {
    let documents = documents(&aws).await;
    let lines: [&[VatRow<'static>]; 4] =
        [&[row(2, "A", "1.00")], &[row(2, "B", "2.00")], &[row(2, "C", "4.00")], &[row(2, "D", "8.00")]];
    let all = (0..).zip(lines).map(|(number, rows)| book(&documents, rows, number));
    futures_util::future::join_all(all).await;
    let merged = stored(&documents, lines[0]).await;
    assert_eq!(merged.document.total.gross, "15.00".parse().unwrap());
    assert_eq!(merged.report_ids.len(), 4);
}

fn without_number(row: VatRow<'static>) -> VatRow<'static> {
    row.with(Text::InvoiceNumber, "")
}

async fn a_document_without_number_is_superseded_by_the_one_with(aws: World) {
    let documents = documents(&aws).await;
    let early = [without_number(row(2, "A", "11.90"))];
    let other = [without_number(row(3, "A", "7.00")).with(Text::TransactionId, "Other")];
    let late = [row(2, "A", "11.90")];
    book(&documents, &early, 1).await;
    book(&documents, &other, 1).await;
    assert_eq!(book(&documents, &late, 2).await, Upsert::Created);
    let superseded = stored(&documents, &early).await.superseded_by;
    assert_eq!(superseded.as_deref(), Some("A3TH9S8BH6GOGM invoice DE6000000000AA"));
    let month = documents.by_month(&seller(), "2026-11").await.unwrap();
    let gross: Vec<_> = month.iter().map(|each| each.document.total.gross.to_string()).collect();
    assert_eq!(gross, ["11.9", "7"], "the sale stands in the books once, and the other one still does");
}

async fn a_document_without_number_that_comes_late_is_superseded(aws: World) {
    let documents = documents(&aws).await;
    let late = [without_number(row(2, "A", "11.90"))];
    book(&documents, &[row(2, "A", "11.90")], 2).await;
    assert_eq!(book(&documents, &late, 1).await, Upsert::Superseded);
    assert_eq!(documents.by_month(&seller(), "2026-11").await.unwrap().len(), 1);
    assert!(stored(&documents, &late).await.superseded_by.is_some());
}

async fn a_document_of_thousands_of_lines_is_read_whole(aws: World) {
    let documents = documents(&aws).await;
    // More parts than one transaction takes.
    let mut rows: Vec<_> = (2..9_202).map(|line| row(line, format!("SKU-{line}").leak(), "1.00")).collect();
    assert_eq!(book(&documents, &rows, 1).await, Upsert::Created);
    assert_eq!(stored(&documents, &rows).await.document.lines.len(), 9_200);
    rows.push(row(9_202, "B", "0.50"));
    assert_eq!(book(&documents, &rows, 2).await, Upsert::Extended);
    let extended = stored(&documents, &rows).await;
    assert_eq!(extended.document.total.gross, "9200.50".parse().unwrap());
    assert_eq!(book(&documents, &rows, 2).await, Upsert::Same);
    let before = documents.revisions(&seller(), &extended.document.key).await.unwrap();
    assert_eq!(before[0].document.lines.len(), 9_200);
}

async fn documents_are_found_by_month_and_by_order(aws: World) {
    let documents = documents(&aws).await;
    let credit = row(2, "A", "-5.00").with(Text::TransactionType, "REFUND").with(Text::InvoiceNumber, "DE6CN");
    let mut december = row(3, "A", "7.00").with(Text::InvoiceNumber, "DE7").with(Text::OrderId, "305-0000000-0000000");
    december.shipment_date = Some(jiff::civil::date(2026, 12, 1));
    let many: Vec<_> = [row(2, "A", "11.90"), credit, december].into_iter().map(|row| document(&[row])).collect();
    let counts = documents.upsert_many(&seller(), many.clone(), &report(1), now()).await.unwrap();
    assert_eq!((counts.created, counts.all()), (3, 3));
    let counts = documents.upsert_many(&seller(), many, &report(1), now()).await.unwrap();
    assert_eq!((counts.same, counts.all()), (3, 3));

    let keys = |found: Vec<StoredDocument>| found.iter().map(|each| each.document.key.to_string()).collect::<Vec<_>>();
    let november = documents.by_month(&seller(), "2026-11").await.unwrap();
    assert_eq!(keys(november), ["invoice DE6000000000AA", "credit note DE6CN"]);
    assert_eq!(keys(documents.by_month(&seller(), "2026-12").await.unwrap()), ["invoice DE7"]);
    let order = documents.of_order(&seller(), "305-1234567-7654321").await.unwrap();
    assert_eq!(keys(order), ["invoice DE6000000000AA", "credit note DE6CN"]);
    assert!(documents.of_order(&"A2".parse().unwrap(), "305-1234567-7654321").await.unwrap().is_empty());
}

async fn what_is_personal_does_not_come_back_after_it_has_expired(aws: World) {
    let documents = documents(&aws).await;
    let rows = [row(2, "A", "11.90")];
    book(&documents, &rows, 1).await;
    assert!(!stored(&documents, &rows).await.document.buyer.registration.is_empty());
    // Months later, when the item has long expired, a later report says something new.
    let later = now() + SignedDuration::from_hours(24 * 60);
    let more = [row(2, "A", "11.90"), row(3, "B", "1.00")];
    let outcome = documents.upsert(&seller(), document(&more), &report(2), later).await.unwrap();
    assert_eq!(outcome, Upsert::Extended);
    let after = stored(&documents, &more).await.document;
    assert!(after.buyer.registration.is_empty());
    assert_eq!(after.total.gross, "12.90".parse().unwrap());
}

async fn what_is_forgotten_does_not_come_back_by_any_report_and_the_figures_stay(aws: World) {
    const ORDER: &str = "305-1234567-7654321";
    let documents = documents(&aws).await;
    let rows = [row(2, "A", "11.90")];
    let draft = [VatRow { ..row(2, "A", "11.90") }.with(Text::InvoiceNumber, "")];
    book(&documents, &draft, 1).await;
    book(&documents, &rows, 2).await;
    let before = stored(&documents, &rows).await;
    assert_eq!(before.document.buyer.registration.expose(), "DE123456789");

    let personal = documents.personal_of_order(&seller(), ORDER).await.unwrap();
    assert_eq!(personal.len(), 2, "the document that was replaced has it, too: {personal:?}");
    assert!(personal.iter().all(|item| item.attributes == ["buyer_registration"]), "{personal:?}");
    let removed = documents.forget_order(&seller(), ORDER, now()).await.unwrap();
    assert_eq!(removed, personal);
    assert_eq!(documents.forget_order(&seller(), ORDER, now()).await.unwrap(), []);
    assert_eq!(documents.personal_of_order(&seller(), ORDER).await.unwrap(), []);
    let after = stored(&documents, &rows).await;
    assert_eq!((after.forgotten_at, after.document.buyer.registration.expose()), (Some(now()), ""));
    assert_eq!((after.document.total, after.document.lines.len()), (before.document.total, 1));

    // The same report, one with another figure, and one that is booked again by order of a person.
    let changed = [row(2, "A", "11.95")];
    book(&documents, &rows, 2).await;
    assert!(matches!(book(&documents, &changed, 3).await, Upsert::Revised { .. }));
    documents.rebook_many(&seller(), vec![document(&changed)], &report(3), now()).await.unwrap();
    // A credit note of the order that comes for the first time, and an order that nobody has forgotten.
    let credit =
        [row(9, "A", "-11.90").with(Text::TransactionType, "REFUND").with(Text::InvoiceNumber, "DE6000000000AC")];
    let other = [row(9, "A", "5.00").with(Text::OrderId, "305-9").with(Text::InvoiceNumber, "DE6000000000AD")];
    assert_eq!(book(&documents, &credit, 3).await, Upsert::Created);
    assert_eq!(book(&documents, &other, 3).await, Upsert::Created);
    assert_eq!(documents.personal_of_order(&seller(), ORDER).await.unwrap(), []);
    for (rows, gross) in [(&changed, "11.95"), (&credit, "-11.90")] {
        let stored = stored(&documents, rows).await;
        assert_eq!(stored.forgotten_at, Some(now()));
        assert_eq!(stored.document.buyer.registration.expose(), "");
        assert_eq!(stored.document.total.gross, gross.parse().unwrap());
    }
    assert_eq!(stored(&documents, &other).await.document.buyer.registration.expose(), "DE123456789");
    // Another seller's order of the same number is another one.
    let stranger: SellerId = "A9OTHER".parse().unwrap();
    assert_eq!(documents.forgotten_at(&stranger, ORDER).await.unwrap(), None);
}
