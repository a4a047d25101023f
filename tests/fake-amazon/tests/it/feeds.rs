//! Own invoices: upload, feed, processing report, and the report whose statuses change with it.

use fake_amazon::{
    Content, Fault, FaultKind, FeedOutcome, FeedResult, FeedSettings, Operation, RateSettings, Scenario, VIDR_FLAT,
    VIDR_XML, VidrRows,
};
use serde_json::{Value, json};

use crate::support::{Answer, Client, DE, EU, gunzipped, read, scenario, workspace};

/// Where documents are made.
pub(crate) const DOCUMENTS: &str = "/feeds/2021-06-30/documents";
/// Where feeds are made.
pub(crate) const FEEDS: &str = "/feeds/2021-06-30/feeds";
const REPORTS: &str = "/reports/2021-06-30/reports";
const PDF: &[u8] = b"%PDF-1.7 an invoice";
const ROWS: &str = "marketplace-id\torder-id\tshipping-id\ttransaction-id\ttransaction-type\tinvoice-number\t\
    invoice-status\tinvoice-status-description\tis-amazon-invoiced\torder-date\titem-vat-incl-amount\titem-vat-amount\t\
    shipping-vat-incl-amount\tshipping-vat-amount\titem-promo-vat-incl-amount\titem-promo-vat-amount\n\
    DE\tO1\tS1\tS1\tSHIPMENT\t\tInvoicePending\t\tFALSE\t2026-11-20\t119.00\t19.00\t5.95\t0.95\t-11.90\t-1.90\n\
    DE\tO1\tS1\tT1\tREFUND\t\tCreditNotePending\t\tFALSE\t2026-11-20\t119.00\t19.00\t\t\t\t\n\
    DE\tO2\tS2\tS2\tSHIPMENT\t\tInvoiceCreatedByAmazon\t\tTRUE\t2026-11-20\t10.00\t1.60\t\t\t\t\n";

/// The scenario of the other tests with documents that are due.
pub(crate) fn with_documents() -> Scenario {
    let mut scenario = scenario();
    scenario.sellers[0].vidr_rows = vec![VidrRows { content: Content::text(ROWS), available_after_ms: 0 }];
    scenario
}

/// The options of an upload for the shipment.
pub(crate) fn invoice(number: &str) -> Value {
    json!({"metadata:shippingid": "S1", "metadata:invoicenumber": number,
        "metadata:totalamount": "113.05", "metadata:totalvatamount": "18.05"})
}

async fn start(scenario: Scenario) -> (Client, String) {
    let client = Client::start(scenario).await;
    let token = client.token(EU).await;
    (client, token)
}

async fn made(client: &Client, token: &str) -> (String, String) {
    let answer = client.call(token, "POST", DOCUMENTS, Some(&json!({"contentType": "application/pdf"}))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
    (text("feedDocumentId"), text("url"))
}

async fn put(client: &Client, url: &str, content_type: &str, bytes: &'static [u8]) -> Answer {
    read(client.http.put(url).header("content-type", content_type).body(bytes)).await.unwrap()
}

async fn feed(client: &Client, token: &str, document_id: &str, options: &Value) -> Answer {
    let body = json!({"feedType": "UPLOAD_VAT_INVOICE", "marketplaceIds": [DE], "inputFeedDocumentId": document_id,
        "feedOptions": options});
    client.call(token, "POST", FEEDS, Some(&body)).await
}

/// Uploads a PDF, makes a feed of it, and gives the feed's id.
async fn upload(client: &Client, token: &str, options: &Value) -> String {
    let (document_id, url) = made(client, token).await;
    assert_eq!(put(client, &url, "application/pdf", PDF).await.status, 200);
    let answer = feed(client, token, &document_id, options).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()["feedId"].as_str().unwrap().to_owned()
}

/// The processing report of a feed that is done.
async fn report(client: &Client, token: &str, feed_id: &str) -> String {
    let found = client.get(token, &format!("{FEEDS}/{feed_id}")).await.json();
    assert_eq!(found["processingStatus"], "DONE", "{found}");
    let id = found["resultFeedDocumentId"].as_str().unwrap();
    let document = client.get(token, &format!("{DOCUMENTS}/{id}")).await.json();
    assert_eq!(document["compressionAlgorithm"], "GZIP");
    let bytes = client.download(document["url"].as_str().unwrap()).await.bytes;
    String::from_utf8(gunzipped(&bytes).unwrap()).unwrap()
}

/// The rows of the report as (shipping-id, transaction-type, status, number); empty if it was cancelled.
async fn vidr(client: &Client, token: &str, options: Value) -> Vec<[String; 4]> {
    let body = json!({"reportType": VIDR_FLAT, "marketplaceIds": [DE], "dataStartTime": "2026-11-01T00:00:00Z",
        "dataEndTime": "2026-11-22T00:00:00Z", "reportOptions": options});
    let created = client.call(token, "POST", REPORTS, Some(&body)).await;
    assert_eq!(created.status, 202, "{}", created.text());
    client.server.advance_ms(3_000).await;
    let report = client.report(token, created.json()["reportId"].as_str().unwrap()).await;
    let Some(document_id) = report["reportDocumentId"].as_str() else { return Vec::new() };
    let url = client.url(token, document_id).await;
    let text = String::from_utf8(gunzipped(&client.download(&url).await.bytes).unwrap()).unwrap();
    let field = |line: &str, place: usize| line.split('\t').nth(place).unwrap().to_owned();
    text.lines().skip(1).map(|line| [2, 4, 6, 5].map(|place| field(line, place))).collect()
}

fn pending() -> Value {
    json!({"ReportOption=pendingInvoices": "true"})
}

fn all() -> Value {
    json!({"ReportOption=All": "true"})
}

#[tokio::test]
async fn an_invoice_goes_from_pending_over_processing_to_uploaded() {
    let (client, token) = start(with_documents()).await;
    let statuses = async |options: Value| -> Vec<String> {
        vidr(&client, &token, options).await.into_iter().map(|[_, _, status, _]| status).collect()
    };
    assert_eq!(statuses(pending()).await, ["InvoicePending", "CreditNotePending"]);
    client.server.set_feeds(FeedSettings { queue_ms: 0, processing_ms: 10_000, ..FeedSettings::default() });
    let feed_id = upload(&client, &token, &invoice("INV-1")).await;
    let expected = ["InvoiceProcessing", "CreditNotePending", "InvoiceCreatedByAmazon"];
    assert_eq!(statuses(all()).await, expected);
    client.server.advance_ms(10_000).await;
    assert!(report(&client, &token, &feed_id).await.contains("Number of records successful\t\t1\n"));
    assert_eq!(statuses(pending()).await, ["CreditNotePending"]);
    let rows = vidr(&client, &token, all()).await;
    assert_eq!(rows[0], ["S1", "SHIPMENT", "InvoiceUploaded", "INV-1"]);
    let credit = json!({"metadata:shippingid": "S1", "metadata:invoicenumber": "CN-1", "metadata:totalamount": "119",
        "metadata:totalvatamount": "19.0", "metadata:documenttype": "CreditNote", "metadata:transactionid": "T1"});
    upload(&client, &token, &credit).await;
    client.server.advance_ms(10_000).await;
    assert_eq!(statuses(pending()).await, [""; 0]);
    assert_eq!(client.server.uploaded(EU, &feed_id).unwrap(), PDF);
    let documents = client.server.vat_documents(EU).unwrap();
    assert_eq!((documents[1].status.as_str(), documents[1].uploads), ("CreditNoteUploaded", 1));
}

#[tokio::test]
async fn a_wrong_amount_is_rejected_and_the_right_one_accepted_under_the_same_number() {
    let (client, token) = start(with_documents()).await;
    let mut options = invoice("INV-1");
    options["metadata:totalamount"] = json!("113.06");
    let feed_id = upload(&client, &token, &options).await;
    client.server.advance_ms(3_000).await;
    let text = report(&client, &token, &feed_id).await;
    assert!(text.contains("\t79551\tError\tThe total amount 113.06 does not match the amount 113.05"), "{text}");
    let rows = vidr(&client, &token, all()).await;
    assert_eq!(rows[0], ["S1", "SHIPMENT", "InvoiceRejected", "INV-1"]);
    assert_eq!(vidr(&client, &token, pending()).await.len(), 1, "rejected is not pending");
    upload(&client, &token, &invoice("INV-1")).await;
    client.server.advance_ms(3_000).await;
    let documents = client.server.vat_documents(EU).unwrap();
    assert_eq!((documents[0].status.as_str(), documents[0].uploads), ("InvoiceUploaded", 2));
}

#[tokio::test]
async fn the_url_takes_one_content_type_and_lives_five_minutes() {
    let (client, token) = start(with_documents()).await;
    let (_, url) = made(&client, &token).await;
    let refused = put(&client, &url, "application/octet-stream", PDF).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("SignatureDoesNotMatch"));
    assert_eq!(put(&client, &format!("{url}x"), "application/pdf", PDF).await.status, 403);
    client.server.advance_ms(299_999).await;
    assert_eq!(put(&client, &url, "application/pdf", PDF).await.status, 200);
    client.server.advance_ms(1).await;
    let refused = put(&client, &url, "application/pdf", PDF).await;
    assert!(refused.status == 403 && refused.text().contains("Request has expired"), "{}", refused.text());
}

#[tokio::test]
async fn uploads_go_wrong_on_demand() {
    for (kind, status, arrives) in [
        (FaultKind::UrlExpired, Some(403), false),
        (FaultKind::Unavailable, Some(503), false),
        (FaultKind::InternalErrorAfter, Some(500), true),
        (FaultKind::LostAnswer, None, true),
        (FaultKind::LostRequest, None, false),
    ] {
        let (client, token) = start(with_documents()).await;
        let (document_id, url) = made(&client, &token).await;
        client.server.add_fault(Fault::next(Operation::UploadDocument, kind.clone())).unwrap();
        let sending = client.http.put(&url).header("content-type", "application/pdf").body(PDF);
        assert_eq!(read(sending).await.ok().map(|answer| answer.status), status, "{kind:?}");
        feed(&client, &token, &document_id, &invoice("INV-1")).await;
        client.server.advance_ms(3_000).await;
        let code = client.server.feeds(None)[0].error_code;
        assert_eq!(code, if arrives { None } else { Some(79_540) }, "{kind:?}");
    }
}

#[tokio::test]
async fn keys_without_their_prefix_are_not_seen() {
    let (client, token) = start(with_documents()).await;
    let plain =
        json!({"shippingid": "S1", "invoicenumber": "INV-1", "totalamount": "113.05", "totalvatamount": "18.05"});
    let feed_id = upload(&client, &token, &plain).await;
    client.server.advance_ms(3_000).await;
    let text = report(&client, &token, &feed_id).await;
    assert!(text.ends_with(
        "1\t\t79513\tError\tPlease provide metadata:shippingid or metadata:orderid,metadata:invoicenumber,\
         metadata:totalamount,metadata:totalvatamount\n"
    ));
    assert_eq!(client.server.vat_documents(EU).unwrap()[0].status, "InvoicePending");
}

#[tokio::test]
async fn the_feed_has_its_own_pace_and_the_api_its_rate() {
    let mut scenario = with_documents();
    scenario.rates = RateSettings::default();
    let (client, token) = start(scenario).await;
    let (document_id, _) = made(&client, &token).await;
    let first = feed(&client, &token, &document_id, &invoice("INV-1")).await;
    assert_eq!((first.status, first.header("x-amzn-ratelimit-limit")), (202, Some("0.0083")));
    assert_eq!(feed(&client, &token, &document_id, &invoice("INV-2")).await.status, 429);
    client.server.advance_ms(3_000).await;
    assert_eq!(feed(&client, &token, &document_id, &invoice("INV-2")).await.status, 202);
    for _ in 0..12 {
        client.server.advance_ms(3_000).await;
        assert_eq!(feed(&client, &token, &document_id, &invoice("INV-3")).await.status, 202);
    }
    client.server.advance_ms(3_000).await;
    assert_eq!(feed(&client, &token, &document_id, &invoice("INV-3")).await.status, 429, "the burst is used up");
}

#[tokio::test]
async fn an_end_is_forced_over_http() {
    let (client, token) = start(with_documents()).await;
    let wish = json!({"invoice_number": "INV-1", "result": {"rejected_later": {"message": "Not readable"}}});
    assert_eq!(client.admin("POST", "/feeds/outcomes", Some(&wish)).await.status, 200);
    client.server.add_feed_outcome(FeedOutcome::next(FeedResult::Fatal).about("INV-2"));
    let feed_id = upload(&client, &token, &invoice("INV-1")).await;
    client.server.advance_ms(3_000).await;
    assert!(report(&client, &token, &feed_id).await.contains("successful\t\t1\n"), "the feed says nothing of it");
    let documents = client.admin("GET", &format!("/vat-documents?seller_id={EU}"), None).await.json();
    let first = &documents["documents"][0];
    assert_eq!((&first["status"], &first["description"]), (&json!("InvoiceRejected"), &json!("Not readable")));
    let feed_id = upload(&client, &token, &invoice("INV-2")).await;
    client.server.advance_ms(3_000).await;
    let found = client.get(&token, &format!("{FEEDS}/{feed_id}")).await.json();
    assert_eq!((&found["processingStatus"], found.get("resultFeedDocumentId")), (&json!("FATAL"), None));
    assert_eq!(client.server.vat_documents(EU).unwrap()[0].status, "InvoicePending");
    let feeds = client.admin("GET", "/feeds", None).await.json();
    assert_eq!(feeds["feeds"][1]["options"]["metadata:invoicenumber"], "INV-2");
    let path = format!("/feeds/{feed_id}/upload?seller_id={EU}");
    assert_eq!(client.admin("GET", &path, None).await.bytes, PDF);
}

#[tokio::test]
async fn the_result_is_told_later_than_the_feed() {
    let (client, token) = start(with_documents()).await;
    client.server.set_feeds(FeedSettings { decision_ms: 3_600_000, ..FeedSettings::default() });
    upload(&client, &token, &invoice("INV-1")).await;
    client.server.advance_ms(3_000).await;
    let status = || client.server.vat_documents(EU).unwrap()[0].status.clone();
    assert_eq!((client.server.feeds(None)[0].processing_status, status()), ("DONE", "InvoiceProcessing".to_owned()));
    client.server.advance_ms(3_600_000).await;
    assert_eq!(status(), "InvoiceUploaded");
}

#[tokio::test]
async fn a_seller_who_is_not_enrolled_or_has_no_role_is_refused() {
    let mut scenario = with_documents();
    scenario.sellers[0].no_own_invoices = true;
    scenario.sellers[1].roles = Some(Vec::new());
    let (client, token) = start(scenario).await;
    let feed_id = upload(&client, &token, &invoice("INV-1")).await;
    client.server.advance_ms(3_000).await;
    assert!(report(&client, &token, &feed_id).await.contains("\t79509\tError\t"));
    let other = client.token(crate::support::US).await;
    let (document_id, _) = made(&client, &other).await;
    let refused = feed(&client, &other, &document_id, &invoice("INV-1")).await;
    assert_eq!((refused.status, refused.error().2.as_str()), (403, "Access to the resource is forbidden"));
}

#[tokio::test]
async fn the_report_is_checked_as_amazon_does() {
    let (client, token) = start(with_documents()).await;
    let ask = async |options: Value, from: Option<&str>| {
        let mut body = json!({"reportType": VIDR_XML, "marketplaceIds": [DE], "reportOptions": options});
        if let Some(from) = from {
            body["dataStartTime"] = json!(from);
            body["dataEndTime"] = json!("2026-11-22T00:00:00Z");
        }
        client.call(&token, "POST", REPORTS, Some(&body)).await
    };
    let message = ask(all(), Some("2026-10-01T00:00:00Z")).await.error().2;
    assert_eq!(message, "The maximum date range for ReportOptions All is 30 days.");
    assert_eq!(ask(all(), None).await.status, 400);
    let created = ask(json!({"all": "true"}), None).await;
    assert_eq!(created.status, 202, "another key is not looked at");
    client.server.advance_ms(3_000).await;
    let report = client.report(&token, created.json()["reportId"].as_str().unwrap()).await;
    let url = client.url(&token, report["reportDocumentId"].as_str().unwrap()).await;
    let text = String::from_utf8(gunzipped(&client.download(&url).await.bytes).unwrap()).unwrap();
    assert_eq!(text.matches("<Row>").count(), 2, "pending ones only: {text}");
    assert!(text.contains("<shipping-id>S1</shipping-id>"));
}

#[tokio::test]
async fn shipments_that_are_made_up_are_accepted_with_their_own_totals() {
    let (client, token) = start(scenario()).await;
    let wish = json!({"seller_id": EU, "shipments": 40, "refund_percent": 50});
    let rows = client.admin("POST", "/shipments", Some(&wish)).await.json()["rows"].as_u64().unwrap();
    assert!(rows > 50, "{rows}");
    let due: Vec<_> =
        client.server.vat_documents(EU).unwrap().into_iter().filter(|one| one.status.ends_with("Pending")).collect();
    for (number, document) in due.iter().enumerate() {
        let mut options = json!({"metadata:shippingid": document.shipping_id,
            "metadata:invoicenumber": format!("N-{number}"), "metadata:totalamount": document.total_amount,
            "metadata:totalvatamount": document.total_vat_amount});
        if document.transaction_type != "SHIPMENT" {
            options["metadata:documenttype"] = json!("CreditNote");
            options["metadata:transactionid"] = json!(document.transaction_id);
        }
        let (document_id, url) = made(&client, &token).await;
        put(&client, &url, "application/pdf", PDF).await;
        let marketplace = match document.marketplace.as_str() {
            "UK" => "A1F83G8C2ARO7P",
            "FR" => "A13V1IB3VIYZZH",
            _ => DE,
        };
        let body = json!({"feedType": "UPLOAD_VAT_INVOICE", "marketplaceIds": [marketplace],
            "inputFeedDocumentId": document_id, "feedOptions": options});
        assert_eq!(client.call(&token, "POST", FEEDS, Some(&body)).await.status, 202);
    }
    client.server.advance_ms(3_000).await;
    let left = client.server.vat_documents(EU).unwrap();
    assert!(left.iter().all(|one| !one.status.ends_with("Pending") && !one.status.ends_with("Rejected")));
    assert!(due.iter().any(|one| one.transaction_type != "SHIPMENT"));
}

/// What the reader of these reports takes a file for, document by document.
fn expected(name: &str) -> Vec<(String, String)> {
    let file = workspace().join(format!("tests/fixtures/vidr/{name}.expected.json"));
    let whole: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let documents = whole["documents"].as_array().unwrap().iter().map(|one| {
        let text = |field: &str| one[field].as_str().unwrap();
        (text("transaction").to_owned(), text("total").split(' ').next().unwrap().to_owned())
    });
    let mut documents: Vec<_> = documents.collect();
    documents.sort();
    documents
}

#[tokio::test]
async fn totals_are_those_that_a_reader_of_the_report_finds() {
    for name in ["charges", "credit-notes", "across-borders", "sample", "sixty-lines", "statuses", "business"] {
        let (client, _) = start(scenario()).await;
        let file = workspace().join(format!("tests/fixtures/vidr/{name}.txt"));
        let rows = VidrRows { content: Content::file(file, None), available_after_ms: 0 };
        client.server.add_vidr_rows(EU, &rows).unwrap();
        let documents = client.server.vat_documents(EU).unwrap().into_iter();
        let mut found: Vec<_> = documents.map(|one| (one.transaction_id, one.total_amount)).collect();
        found.sort();
        assert_eq!(found, expected(name), "{name}");
    }
}
