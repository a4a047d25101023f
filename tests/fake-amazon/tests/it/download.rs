//! Documents behind their URLs.

use std::io::Write;

use fake_amazon::{Content, Fault, FaultKind, Operation};

use crate::support::{Client, EU, gunzipped, read, scenario};

const TEXT: &str = "settlement-id\tamount\n1\t10,00\n";

async fn with_document(content: Content) -> (Client, String, String) {
    let client = Client::start(scenario()).await;
    let token = client.token(EU).await;
    let (_, document_id) = client.settled(&token, content).await;
    (client, token, document_id)
}

async fn broken(content: Content, fault: FaultKind) -> (Client, String) {
    let (client, token, document_id) = with_document(content).await;
    client.server.add_fault(Fault::next(Operation::DownloadDocument, fault)).unwrap();
    let url = client.url(&token, &document_id).await;
    (client, url)
}

#[tokio::test]
async fn a_document_is_gzip_and_declares_its_charset() {
    for (charset, expected) in [
        (Some("ISO-8859-1"), Some("text/plain;charset=ISO-8859-1")),
        (Some("windows-1252"), Some("text/plain;charset=windows-1252")),
        (Some("UTF-8"), Some("text/plain;charset=UTF-8")),
        (Some("Shift_JIS"), Some("text/plain;charset=Shift_JIS")),
        (None, Some("text/plain")),
    ] {
        let content = Content { charset: charset.map(str::to_owned), ..Content::text(TEXT) };
        let (client, token, document_id) = with_document(content).await;
        let answer = client.download(&client.url(&token, &document_id).await).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, expected));
        assert_eq!(answer.header("content-length").unwrap(), answer.bytes.len().to_string());
        assert_eq!(answer.header("content-encoding"), None);
        assert_eq!(gunzipped(&answer.bytes).unwrap(), TEXT.as_bytes());
    }
}

#[tokio::test]
async fn a_document_without_compression_says_nothing_of_it() {
    let (client, token, document_id) = with_document(Content::text(TEXT).uncompressed()).await;
    let answer = client.document(&token, &document_id).await.json();
    assert_eq!(answer.get("compressionAlgorithm"), None);
    assert_eq!(client.download(answer["url"].as_str().unwrap()).await.text(), TEXT);
}

#[tokio::test]
async fn the_content_encoding_header_is_sent_if_it_is_asked_for() {
    let (client, token, document_id) = with_document(Content::text(TEXT)).await;
    let path = format!("/reports/2021-06-30/documents/{document_id}?enableContentEncodingUrlHeader=true");
    let url = client.get(&token, &path).await.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(client.download(&url).await.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn a_url_expires_after_five_minutes() {
    let (client, token, document_id) = with_document(Content::text(TEXT)).await;
    let url = client.url(&token, &document_id).await;
    client.server.advance_ms(299_999).await;
    assert_eq!(client.download(&url).await.status, 200);
    client.server.advance_ms(1).await;
    let refused = client.download(&url).await;
    assert_eq!((refused.status, refused.header("content-type")), (403, Some("application/xml")));
    let xml = refused.text();
    assert!(xml.contains("<Code>AccessDenied</Code><Message>Request has expired</Message>"), "{xml}");
    assert!(xml.contains("<X-Amz-Expires>300</X-Amz-Expires>"), "{xml}");
    assert_eq!(client.download(&client.url(&token, &document_id).await).await.status, 200, "a new URL works");
}

#[tokio::test]
async fn a_url_takes_neither_another_signature_nor_tokens() {
    let (client, token, document_id) = with_document(Content::text(TEXT)).await;
    let url = client.url(&token, &document_id).await;
    let forged = client.download(&format!("{url}0")).await;
    assert_eq!(forged.status, 403);
    assert!(forged.text().contains("SignatureDoesNotMatch"));
    let with_token = read(client.http.get(&url).header("x-amz-access-token", &token)).await.unwrap();
    assert_eq!(with_token.status, 403);
    assert_eq!(read(client.http.get(&url).bearer_auth(&token)).await.unwrap().status, 400);
}

#[tokio::test]
async fn a_big_file_is_streamed_and_compressed_on_the_way() {
    let mut file = tempfile();
    let line = "0123456789\n".repeat(1_000);
    for _ in 0..500 {
        file.1.write_all(line.as_bytes()).unwrap();
    }
    let (client, token, document_id) = with_document(Content::file(&file.0, Some("UTF-8"))).await;
    let answer = client.download(&client.url(&token, &document_id).await).await;
    assert_eq!(gunzipped(&answer.bytes).unwrap().len(), 500 * line.len());
    let (client, token, document_id) = with_document(Content::file(&file.0, None).uncompressed()).await;
    let answer = client.download(&client.url(&token, &document_id).await).await;
    assert_eq!(answer.bytes.len(), 500 * line.len());
    std::fs::remove_file(&file.0).unwrap();
}

fn tempfile() -> (std::path::PathBuf, std::fs::File) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("document-{}.txt", std::process::id()));
    let file = std::fs::File::create(&path).unwrap();
    (path, file)
}

#[tokio::test]
async fn a_url_that_expires_before_the_download_stays_expired() {
    let (client, url) = broken(Content::text(TEXT), FaultKind::UrlExpired).await;
    assert_eq!(client.download(&url).await.status, 403);
    assert_eq!(client.download(&url).await.status, 403);
}

#[tokio::test]
async fn a_cut_lets_the_promised_bytes_through_and_breaks_the_connection() {
    let fault = FaultKind::Cut { after_bytes: 100_000, expire_url: true };
    let (client, url) = broken(Content::text("x".repeat(1_000_000)).uncompressed(), fault).await;
    let mut response = client.http.get(&url).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.content_length()), (200, Some(1_000_000)));
    let mut received = 0;
    let broken = loop {
        match response.chunk().await {
            Ok(Some(piece)) => received += piece.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken);
    assert_eq!(received, 100_000);
    assert_eq!(client.download(&url).await.status, 403, "the URL expired during the download");
}

#[tokio::test]
async fn a_truncated_gzip_is_a_whole_answer_that_cannot_be_unpacked() {
    let (client, url) = broken(Content::text(TEXT), FaultKind::TruncatedGzip { keep_bytes: 20 }).await;
    let answer = client.download(&url).await;
    assert_eq!((answer.status, answer.bytes.len(), answer.header("content-length")), (200, 20, Some("20")));
    assert!(gunzipped(&answer.bytes).is_err());
    assert!(gunzipped(&client.download(&url).await.bytes).is_ok(), "the next download is whole");
}

#[tokio::test]
async fn a_gzip_bomb_is_small_on_the_wire() {
    let size = 50_000_000;
    let (client, url) = broken(Content::text(TEXT), FaultKind::GzipBomb { decompressed_bytes: size }).await;
    let answer = client.download(&url).await;
    assert!(answer.bytes.len() < 500_000, "{}", answer.bytes.len());
    assert_eq!(gunzipped(&answer.bytes).unwrap().len(), usize::try_from(size).unwrap());
}

#[tokio::test]
async fn a_wrong_charset_is_declared_while_the_bytes_stay() {
    let fault = FaultKind::WrongCharset { charset: "Shift_JIS".to_owned() };
    let (client, url) = broken(Content::text(TEXT), fault).await;
    let answer = client.download(&url).await;
    assert_eq!(answer.header("content-type"), Some("text/plain;charset=Shift_JIS"));
    assert_eq!(gunzipped(&answer.bytes).unwrap(), TEXT.as_bytes());
}

#[tokio::test]
async fn a_slow_body_is_whole_in_the_end() {
    let (client, url) = broken(Content::text(TEXT), FaultKind::Slow { chunk_bytes: 10, delay_ms: 1 }).await;
    assert_eq!(gunzipped(&client.download(&url).await.bytes).unwrap(), TEXT.as_bytes());
}
