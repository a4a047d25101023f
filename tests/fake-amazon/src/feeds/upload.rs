//! The upload of a document to its URL: as S3 takes it, for five minutes and with one content type.

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;

use crate::download::{Refusal, refusal, refused};
use crate::faults::FaultKind;
use crate::gate::{Query, header};
use crate::operations::Operation;
use crate::world::{CallRecord, World};

const MAX_UPLOAD_BYTES: usize = 10_485_760;

/// What an upload gets.
#[derive(Debug)]
pub(crate) enum Uploaded {
    /// It was taken, late perhaps.
    Taken {
        delay_ms: u64,
    },
    Refuse(Refusal),
    /// The connection is closed without an answer.
    Drop,
}

/// Takes an upload, and a fault for it.
pub(crate) fn put(
    world: &mut World,
    key: &str,
    query: &str,
    headers: &HeaderMap,
    bytes: &Bytes,
    now: Timestamp,
) -> Uploaded {
    let query = Query::parse(query);
    let signature = query.get("X-Amz-Signature").unwrap_or_default();
    let url = world.urls.get(signature).filter(|url| url.key == key).cloned();
    let fault = url
        .as_ref()
        .and_then(|url| world.faults.take(Operation::UploadDocument, Some(&url.seller_id), Some(&url.document_id)));
    if let (Some(FaultKind::UrlExpired), Some(known)) = (&fault, world.urls.get_mut(signature)) {
        known.expires_at = now;
    }
    let mismatch = || {
        let message = "The request signature we calculated does not match the signature you provided. \
            Check your key and signing method.";
        refusal(403, "SignatureDoesNotMatch", message, "")
    };
    let answer = match &url {
        None => Uploaded::Refuse(mismatch()),
        Some(url) => match refused(url, headers, fault.as_ref(), now) {
            Some(refusal) => Uploaded::Refuse(refusal),
            None if fault == Some(FaultKind::LostRequest) => Uploaded::Drop,
            None => match keep(world, &url.seller_id, &url.document_id, headers, bytes) {
                Kept::Yes => ended(fault.as_ref()),
                Kept::OtherType => Uploaded::Refuse(mismatch()),
                Kept::TooLarge => {
                    let message = "Your proposed upload exceeds the maximum allowed size";
                    Uploaded::Refuse(refusal(400, "EntityTooLarge", message, ""))
                }
            },
        },
    };
    world.calls.push(CallRecord {
        at: now,
        operation: Operation::UploadDocument,
        seller_id: url.as_ref().map(|url| url.seller_id.clone()),
        subject: url.map(|url| url.document_id),
        status: if let Uploaded::Refuse(refusal) = &answer { refusal.status() } else { 200 },
        fault: fault.map(|fault| format!("{fault:?}")),
    });
    answer
}

fn ended(fault: Option<&FaultKind>) -> Uploaded {
    match fault {
        Some(FaultKind::LostAnswer) => Uploaded::Drop,
        Some(FaultKind::InternalErrorAfter) => {
            let message = "We encountered an internal error. Please try again.";
            Uploaded::Refuse(refusal(500, "InternalError", message, ""))
        }
        Some(FaultKind::Delay { delay_ms }) => Uploaded::Taken { delay_ms: *delay_ms },
        _ => Uploaded::Taken { delay_ms: 0 },
    }
}

enum Kept {
    Yes,
    OtherType,
    TooLarge,
}

/// Keeps what was uploaded, if it has the content type that the document was made with: it is part of the signature.
fn keep(world: &mut World, seller_id: &str, document_id: &str, headers: &HeaderMap, bytes: &Bytes) -> Kept {
    let seller = world.sellers.get_mut(seller_id);
    let document = seller.and_then(|seller| seller.feeds.documents.get_mut(document_id));
    let Some(document) = document else { return Kept::OtherType };
    if header(headers, "content-type") != Some(document.content_type.as_str()) {
        return Kept::OtherType;
    }
    if bytes.len() > MAX_UPLOAD_BYTES {
        return Kept::TooLarge;
    }
    document.bytes = Some(bytes.clone());
    document.puts += 1;
    Kept::Yes
}
