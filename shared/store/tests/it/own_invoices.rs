//! Own invoices: numbers, states and files.

mod life;
mod numbers;

use countinghouse_domain::ids::SellerId;
use countinghouse_formats::{Hints, Limits};
use countinghouse_store::{
    MadeDocument, MadeFrom, NextStep, ObjectVersion, OwnInvoices, ReportedDocument, Told, own_document_key,
};
use countinghouse_vat_invoices::document::DueDocument;
use countinghouse_vat_invoices::documents::{DocumentIndex, Documents};
use countinghouse_vat_invoices::vidr::VidrReader;
use jiff::{SignedDuration, Timestamp};

use crate::{Case, World};

pub(crate) fn cases(aws: &World) -> Vec<Case> {
    [life::cases(aws), numbers::cases(aws)].into_iter().flatten().collect()
}

fn seller() -> SellerId {
    "A3TH9S8BH6GOGM".parse().unwrap()
}

fn at(hour: i64) -> Timestamp {
    let start: Timestamp = "2026-11-22T04:00:00Z".parse().unwrap();
    start.checked_add(SignedDuration::from_hours(hour)).unwrap()
}

const HEADER: &str = "marketplace-id\torder-id\tshipping-id\ttransaction-id\ttransaction-type\tinvoice-status\tinvoice-status-description\tinvoice-number\tis-amazon-invoiced\tshipment-date\tship-from-country\tship-to-country\tproduct-name\tquantity-purchased\tcurrency\titem-vat-incl-amount\titem-vat-amount\titem-vat-excl-amount\titem-vat-rate\n";

/// One row of a report.
struct Row<'a> {
    shipment: &'a str,
    transaction: &'a str,
    status: &'a str,
    words: &'a str,
    number: &'a str,
}

const DUE: Row<'static> = Row { shipment: "S1", transaction: "", status: "InvoicePending", words: "", number: "" };

impl Row<'_> {
    fn read(&self) -> DueDocument {
        let Row { shipment, transaction, status, words, number } = self;
        let kind = if transaction.is_empty() { "SHIPMENT" } else { "REFUND" };
        let sign = if transaction.is_empty() { "" } else { "-" };
        let transaction = if transaction.is_empty() { shipment } else { transaction };
        let text = format!(
            "{HEADER}DE\t302-1\t{shipment}\t{transaction}\t{kind}\t{status}\t{words}\t{number}\tfalse\t17/05/2026\tDE\tDE\tLamp\t1\tEUR\t{sign}49.90\t{sign}7.97\t{sign}41.93\t0.19\n"
        );
        let open = || VidrReader::open(text.as_bytes(), Hints::named("vidr.txt"), Limits::default()).unwrap();
        let (index, _source) = DocumentIndex::read(open()).unwrap();
        Documents::new(open(), &index, None).next_document().unwrap().unwrap()
    }
}

fn object(name: &str) -> ObjectVersion {
    ObjectVersion { key: name.to_owned(), version: Some("1".to_owned()), sha256: "00".to_owned() }
}

fn made_from() -> MadeFrom {
    MadeFrom { due: object("due"), profile: object("profile.toml"), logo: None }
}

fn made() -> MadeDocument {
    MadeDocument {
        pdf: object("1.pdf"),
        xml: object("1.xml"),
        xml_kind: "factur-x".to_owned(),
        pages: 1,
        language: "de".to_owned(),
        notes: Vec::new(),
    }
}

/// Tells of a document in a report that was made `hour` hours after the beginning and is read an hour later.
async fn tell(invoices: &OwnInvoices, row: &Row<'_>, hour: i64) -> (String, Told) {
    let (document, seller) = (row.read(), seller());
    let stored = document.decision().makes().then(|| object("due"));
    let told = ReportedDocument { seller: &seller, document: &document, stored, made_at: at(hour) };
    (own_document_key(&document), invoices.reported(&told, at(hour + 1)).await.unwrap())
}

/// What to do next after a report.
async fn next(invoices: &OwnInvoices, row: &Row<'_>, hour: i64) -> NextStep {
    tell(invoices, row, hour).await.1.next
}
