//! getReportDocument: a URL that lives for minutes.

use std::fmt::Write as _;

use serde_json::json;
use uuid::Uuid;

use crate::clock::plus_ms;
use crate::gate::ApiCall;
use crate::reply::{Answer, Reply, put};
use crate::restricted::is_restricted;
use crate::world::{IssuedUrl, Principal, World};

/// getReportDocument.
pub(crate) fn get(world: &mut World, call: &ApiCall) -> Answer {
    let document_id = call.parameter(0).to_owned();
    let seller = super::seller(world, call)?;
    let document = seller.documents.get(&document_id);
    let document = document.ok_or_else(|| Reply::not_found("The report document was not found."))?;
    if is_restricted(&document.report_type) && !matches!(call.principal, Principal::Restricted { .. }) {
        return Err(Reply::unauthorized(""));
    }
    let gzip = document.body.gzip;
    let content_encoding = gzip && call.query.get("enableContentEncodingUrlHeader") == Some("true");
    let url = issue(world, call, "documents", &document_id, content_encoding);
    let mut body = json!({"reportDocumentId": document_id, "url": url});
    if gzip {
        put(&mut body, "compressionAlgorithm", json!("GZIP"));
    }
    Ok(Reply::json(200, body))
}

/// Makes a URL (of a document, or for an upload) that looks as S3's presigned ones do, and remembers it by its signature.
pub(crate) fn issue(
    world: &mut World,
    call: &ApiCall,
    folder: &str,
    document_id: &str,
    content_encoding: bool,
) -> String {
    let lifetime_ms = world.settings.lifetimes.document_url_ms;
    let key = Uuid::new_v4().to_string();
    let signature = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let mut url = format!("{}/{folder}/{key}?X-Amz-Algorithm=AWS4-HMAC-SHA256", world.base_url);
    let date = call.now.strftime("%Y%m%dT%H%M%SZ");
    let signed = if folder == "uploads" { "content-type%3Bhost" } else { "host" };
    let seconds = (lifetime_ms + 999) / 1_000;
    // Writing into a string does not fail.
    let _ = write!(url, "&X-Amz-Date={date}&X-Amz-SignedHeaders={signed}&X-Amz-Expires={seconds}");
    let _ = write!(url, "&X-Amz-Signature={signature}");
    world.urls.insert(
        signature,
        IssuedUrl {
            key,
            seller_id: call.seller_id().to_owned(),
            document_id: document_id.to_owned(),
            issued_at: call.now,
            expires_at: plus_ms(call.now, lifetime_ms),
            content_encoding,
        },
    );
    url
}
