//! The items as a person sees them.

use countinghouse_formats::{Hints, Limits};
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::documents::{DocumentIndex, Documents};
use countinghouse_vat_invoices::state::{Event, Refusal, Standing, State, after};
use countinghouse_vat_invoices::vidr::VidrReader;
use jiff::{SignedDuration, Timestamp};

use super::item::{self, Move};
use super::key::own_document_key;
use super::model::{Feed, Hint, MadeDocument, MadeFrom, Numbering, ObjectVersion, ReportedDocument};
use super::read;
use crate::Item;
use crate::item::ItemBuilder;
use crate::testing::plain;

const REPORT: &[u8] = include_bytes!("../../../../tests/fixtures/vidr/credit-notes.txt");

fn at(minutes: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    noon.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

fn document() -> DueDocument {
    let open = || VidrReader::open(REPORT, Hints::named("credit-notes.txt"), Limits::default()).unwrap();
    let (index, _source) = DocumentIndex::read(open()).unwrap();
    let mut documents = Documents::new(open(), &index, None);
    std::iter::from_fn(|| documents.next_document().unwrap()).find(|each| own_document_key(each) == SHIPMENT).unwrap()
}

const SHIPMENT: &str = "shipment 409303258";

fn object(key: &str) -> ObjectVersion {
    let sha256 = "2c26b46b68ffc68ff99b453c1d304134".to_owned();
    ObjectVersion { key: format!("own-invoices/A3TH9S8BH6GOGM/{key}"), version: Some("3HL4kqtJvj".to_owned()), sha256 }
}

fn numbering() -> Numbering {
    let made_from = MadeFrom {
        due: object("due/shipment-409303258.json"),
        profile: object("profile.toml"),
        logo: Some(object("logo.svg")),
    };
    Numbering {
        number: "DE-2026-000017".parse().unwrap(),
        series: "DE-2026-#".to_owned(),
        running: 17,
        issued_on: "2026-11-22".parse().unwrap(),
        given_at: at(1),
        made_from,
    }
}

/// A document's item after an event.
fn moved(there: Item, standing: &Standing, event: &Event, note: Option<&str>, minutes: i64) -> (Item, Standing) {
    let next = after(standing, event, at(minutes)).unwrap();
    let mut item = ItemBuilder::edit(there);
    item::step(&mut item, &Move { before: Some(standing.state), standing: &next, note }, at(minutes));
    (item.take(), next)
}

/// Due, issued, uploaded, and refused by Amazon.
fn refused() -> Item {
    let (seller, document) = ("A3TH9S8BH6GOGM".parse().unwrap(), document());
    let stored = Some(object("due/shipment-409303258.json"));
    let told = ReportedDocument { seller: &seller, document: &document, stored, made_at: at(0) };
    let due = Standing { state: State::Due, since: at(0), uploads: 0, refusal: None };
    let new = item::new(&told, &Move { before: None, standing: &due, note: None }, at(0));
    let numbering = numbering();
    let made = MadeDocument {
        pdf: object("issued/DE-2026-000017.pdf"),
        xml: object("issued/DE-2026-000017.xml"),
        xml_kind: "factur-x".to_owned(),
        pages: 1,
        language: "de".to_owned(),
        notes: Vec::new(),
    };
    let mut item = ItemBuilder::edit(item::numbered(new, &numbering));
    item::made(&mut item, &made, &numbering.made_from, at(1));
    let (issued, standing) = moved(item.take(), &due, &Event::Issued, None, 1);
    let (uploading, standing) = moved(issued, &standing, &Event::UploadBegun, None, 2);
    let mut item = ItemBuilder::edit(uploading);
    item::feed(&mut item, &feed());
    let (processing, standing) = moved(item.take(), &standing, &Event::FeedCreated, None, 2);
    let message = "The total amount 49.91 does not match the amount 49.90".to_owned();
    let refusal = Refusal { code: None, message: message.clone() };
    let event = Event::Refused(refusal.clone());
    let (refused, _) = moved(processing, &standing, &event, Some(&message), 5);
    let mut item = ItemBuilder::edit(refused);
    item::hint(&mut item, &Hint::Refused(refusal), at(5));
    item.take()
}

fn feed() -> Feed {
    Feed { feed_id: "53347018502".to_owned(), upload: 1, created_at: at(2), hint: None }
}

#[test]
fn a_document_that_amazon_refused_is_an_item_that_a_person_can_read() {
    let item = refused();
    insta::assert_json_snapshot!(plain(&item));
    let read = read::invoice(&item).unwrap();
    assert_eq!((read.standing.state, read.numbering), (State::Rejected, Some(numbering())));
    assert_eq!(read.history.len(), 5);
}

#[test]
fn nothing_of_an_item_names_the_buyer() {
    let (text, document) = (format!("{:?}", refused()), document());
    let address = document.invoice_address();
    let personal = [document.invoice_name(), &address.city, &address.postal_code].into_iter().chain(&address.lines);
    let said: Vec<_> = personal.map(|each| each.expose().to_owned()).filter(|each| !each.is_empty()).collect();
    assert!(said.len() > 2, "{said:?}");
    assert!(said.iter().all(|each| !text.contains(each.as_str())), "{said:?}");
}

#[test]
fn what_lies_beside_a_document_are_items_that_a_person_can_read() {
    let seller = "A3TH9S8BH6GOGM".parse().unwrap();
    let void = item::cancelled_number(item::register(&seller, SHIPMENT, &numbering()), "Amazon issues it", at(9));
    insta::assert_json_snapshot!([
        plain(&item::series(None, &seller, "DE-2026-#", 17, at(1))),
        plain(&void),
        plain(&item::register_elsewhere(&seller, "shipment 1", "RE 2026/11", at(1))),
        plain(&item::feed_pointer(&seller, SHIPMENT, &feed())),
    ]);
}
