//! Fetching documents: links that expire, connections that break, files that are not what they should be.

use std::rc::Rc;

use countinghouse_domain::job::JobState;
use countinghouse_it::cases;
use countinghouse_it::seller::{Seller, settlement_id};
use countinghouse_it::stack::Stack;
use countinghouse_it::story::Story;
use countinghouse_it::suite::Suite;
use fake_amazon::{Content, Fault, FaultKind, Operation};

cases![
    an_expired_link_is_asked_for_again,
    a_connection_cut_in_mid_document_is_fetched_whole,
    a_link_that_expires_during_the_download_is_asked_for_again,
    a_truncated_gzip_is_quarantined_and_nothing_is_written,
    a_gzip_bomb_is_quarantined_and_nothing_is_written,
    a_wrong_charset_never_damages_a_text,
    the_bytes_in_the_bucket_are_amazons,
];

fn first(seller: &Seller) -> (String, String) {
    let text = seller.own_settlement(&Story::checked_in().text("eu/settlement-1.txt"));
    (settlement_id(&text).to_owned(), text)
}

/// Downloads go wrong in this way, and the settlement is proven all the same.
async fn survives(suite: Rc<Suite>, fault: FaultKind) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = first(&seller);
    let report = seller.close_content(stack, Content::text(text).uncompressed());
    seller.fault(stack, Fault::next(Operation::DownloadDocument, fault));
    stack.poll().await;
    let settled = stack.until_settled(&seller, &id).await;
    assert_eq!(settled.status().name(), "proven");
    stack.until_job(&seller, &report, JobState::Booked).await;
    assert!(seller.calls(stack, Operation::GetReportDocument) >= 2, "the document was asked for again");
    seller.disconnect(stack).await;
}

async fn an_expired_link_is_asked_for_again(suite: Rc<Suite>) {
    survives(suite, FaultKind::UrlExpired).await;
}

async fn a_connection_cut_in_mid_document_is_fetched_whole(suite: Rc<Suite>) {
    survives(suite, FaultKind::Cut { after_bytes: 3_000, expire_url: false }).await;
}

async fn a_link_that_expires_during_the_download_is_asked_for_again(suite: Rc<Suite>) {
    survives(suite, FaultKind::Cut { after_bytes: 3_000, expire_url: true }).await;
}

/// The document is not what it should be: the job says so, and the books are as before.
async fn is_quarantined(suite: Rc<Suite>, fault: FaultKind, expected: &str) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = first(&seller);
    let report = seller.close(stack, &text);
    seller.fault(stack, Fault::next(Operation::DownloadDocument, fault));
    stack.poll().await;
    let job = stack.until_job(&seller, &report, JobState::Quarantined).await;
    let reason = job.facts.reason.unwrap_or_default();
    assert!(reason.contains(expected) && reason.contains(&report), "{reason}");
    nothing_is_written(stack, &seller, &id).await;
    seller.disconnect(stack).await;
}

pub(crate) async fn nothing_is_written(stack: &Stack, seller: &Seller, settlement_id: &str) {
    assert!(stack.payments_of(settlement_id).await.is_empty());
    assert!(stack.settlement(seller, settlement_id).await.is_none_or(|settled| settled.proof.is_none()));
}

async fn a_truncated_gzip_is_quarantined_and_nothing_is_written(suite: Rc<Suite>) {
    is_quarantined(suite, FaultKind::TruncatedGzip { keep_bytes: 700 }, "gzip").await;
}

async fn a_gzip_bomb_is_quarantined_and_nothing_is_written(suite: Rc<Suite>) {
    is_quarantined(suite, FaultKind::GzipBomb { decompressed_bytes: 200_000_000 }, "").await;
}

async fn a_wrong_charset_never_damages_a_text(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (id, text) = first(&seller);
    // A promotion with an umlaut, in UTF-8, behind an address that declares Shift_JIS.
    let text = text.replace("Coupon LK-AUTUMN 5 %", "Gutschein für Gäste");
    let report = seller.close(stack, &text);
    let wrong = FaultKind::WrongCharset { charset: "Shift_JIS".to_owned() };
    seller.fault(stack, Fault::next(Operation::DownloadDocument, wrong));
    stack.poll().await;
    let ended = countinghouse_it::wait::until("the report is booked or quarantined", async || {
        let job = stack.job(&seller, &report).await?;
        matches!(job.state, JobState::Booked | JobState::Quarantined).then_some(job)
    })
    .await;
    if ended.state == JobState::Quarantined {
        nothing_is_written(stack, &seller, &id).await;
    } else {
        // Booked: then as it was meant.
        let payments = stack.payments_of(&id).await;
        let promotions: Vec<_> =
            payments.iter().map(|each| &each.promotion_id).filter(|text| text.starts_with("Gut")).collect();
        assert_eq!(promotions, ["Gutschein für Gäste"; 2]);
        assert_eq!(stack.settlement(&seller, &id).await.unwrap().status().name(), "proven");
    }
    seller.disconnect(stack).await;
}

async fn the_bytes_in_the_bucket_are_amazons(suite: Rc<Suite>) {
    let stack = suite.stack().await;
    let seller = Seller::european(stack).await;
    let (_, text) = first(&seller);
    let report = seller.close_content(stack, Content::text(text.as_str()).uncompressed());
    stack.poll().await;
    let job = stack.until_job(&seller, &report, JobState::Booked).await;
    let key = job.facts.object_key.unwrap();
    assert_eq!(key, format!("reports/{}/GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2/{report}", seller.id));
    let s3 = aws_sdk_s3::Client::new(&stack.aws);
    let object = s3.get_object().bucket(stack.output("ReportsBucketName")).key(key).send().await.unwrap();
    let metadata = object.metadata.clone().unwrap();
    assert_eq!(metadata.get("charset").map(String::as_str), Some("UTF-8"));
    assert_eq!(metadata.get("report-id"), Some(&report));
    let body = object.body.collect().await.unwrap().into_bytes();
    assert_eq!(job.facts.bytes, Some(u64::try_from(body.len()).unwrap()));
    assert_eq!(body, text.as_bytes());
    seller.disconnect(stack).await;
}
