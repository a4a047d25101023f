//! Documents behind their URLs: signature and expiry as S3 has them, and the ways a download goes wrong.

use std::io::{self, Read, Write};
use std::time::Duration;

use axum::body::Body as HttpBody;
use bytes::Bytes;
use flate2::Compression as Level;
use flate2::write::GzEncoder;
use futures_util::stream;
use http::{HeaderMap, Response};
use jiff::Timestamp;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::clock::pause;
use crate::content::Body;
use crate::faults::FaultKind;
use crate::gate::{Query, header, status_code};
use crate::operations::Operation;
use crate::report::Document;
use crate::world::{CallRecord, IssuedUrl, World};

const PIECE_BYTES: usize = 256 * 1_024;

/// What a request for a document gets: the document with a fault, or a refusal of S3.
#[derive(Debug)]
pub(crate) enum Download {
    Serve {
        document: Document,
        content_encoding: bool,
        fault: Option<FaultKind>,
    },
    Refuse(Refusal),
    /// The connection is closed without an answer.
    Drop,
}

/// An error of S3, which speaks XML.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: &'static str,
    details: String,
}

pub(crate) fn refusal(status: u16, code: &'static str, message: &'static str, details: &str) -> Refusal {
    Refusal { status, code, message, details: details.to_owned() }
}

/// Checks a request for a document, and takes a fault for it.
pub(crate) fn open(world: &mut World, key: &str, query: &str, headers: &HeaderMap, now: Timestamp) -> Download {
    let query = Query::parse(query);
    let signature = query.get("X-Amz-Signature").unwrap_or_default();
    let url = world.urls.get(signature).filter(|url| url.key == key).cloned();
    let fault = url
        .as_ref()
        .and_then(|url| world.faults.take(Operation::DownloadDocument, Some(&url.seller_id), Some(&url.document_id)));
    let download = match url {
        Some(url) => served(world, &url, signature, headers, fault.clone(), now),
        None => Download::Refuse(refusal(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. \
                Check your key and signing method.",
            "",
        )),
    };
    let url = world.urls.get(signature);
    world.calls.push(CallRecord {
        at: now,
        operation: Operation::DownloadDocument,
        seller_id: url.map(|url| url.seller_id.clone()),
        subject: url.map(|url| url.document_id.clone()),
        status: match &download {
            Download::Serve { .. } | Download::Drop => 200,
            Download::Refuse(refusal) => refusal.status,
        },
        fault: fault.map(|fault| format!("{fault:?}")),
    });
    download
}

fn served(
    world: &mut World,
    url: &IssuedUrl,
    signature: &str,
    headers: &HeaderMap,
    fault: Option<FaultKind>,
    now: Timestamp,
) -> Download {
    let expires = matches!(fault, Some(FaultKind::UrlExpired | FaultKind::Cut { expire_url: true, .. }));
    if let (true, Some(known)) = (expires, world.urls.get_mut(signature)) {
        known.expires_at = now;
    }
    if let Some(refusal) = refused(url, headers, fault.as_ref(), now) {
        return Download::Refuse(refusal);
    }
    if fault == Some(FaultKind::LostAnswer) {
        return Download::Drop;
    }
    let document = world.sellers.get(&url.seller_id).and_then(|seller| seller.document(&url.document_id));
    match document {
        Some(document) => Download::Serve { document, content_encoding: url.content_encoding, fault },
        None => Download::Refuse(refusal(404, "NoSuchKey", "The specified key does not exist.", "")),
    }
}

pub(crate) fn refused(
    url: &IssuedUrl,
    headers: &HeaderMap,
    fault: Option<&FaultKind>,
    now: Timestamp,
) -> Option<Refusal> {
    if header(headers, "authorization").is_some() {
        let message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query \
            string parameter or the Authorization header should be specified";
        return Some(refusal(400, "InvalidArgument", message, ""));
    }
    if header(headers, "x-amz-access-token").is_some() {
        let message = "There were headers present in the request which were not signed";
        let details = "<HeadersNotSigned>x-amz-access-token</HeadersNotSigned>";
        return Some(refusal(403, "AccessDenied", message, details));
    }
    if url.expires_at <= now || fault == Some(&FaultKind::UrlExpired) {
        let lifetime_s = url.expires_at.duration_since(url.issued_at).as_secs();
        let details = format!(
            "<X-Amz-Expires>{lifetime_s}</X-Amz-Expires><Expires>{}</Expires><ServerTime>{now}</ServerTime>",
            url.expires_at
        );
        return Some(refusal(403, "AccessDenied", "Request has expired", &details));
    }
    match fault {
        Some(FaultKind::InternalError) => {
            Some(refusal(500, "InternalError", "We encountered an internal error. Please try again.", ""))
        }
        Some(FaultKind::Unavailable | FaultKind::Throttled) => {
            Some(refusal(503, "SlowDown", "Please reduce your request rate.", ""))
        }
        _ => None,
    }
}

impl Refusal {
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// As HTTP.
    pub(crate) fn response(&self) -> Response<HttpBody> {
        let Self { status, code, message, details } = self;
        let request_id = Uuid::new_v4().simple().to_string().to_uppercase();
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{details}\
             <RequestId>{request_id}</RequestId><HostId>{request_id}</HostId></Error>"
        );
        let mut response = Response::new(HttpBody::from(xml));
        *response.status_mut() = status_code(*status);
        set(&mut response, "content-type", "application/xml");
        set(&mut response, "x-amz-request-id", &request_id);
        response
    }
}

fn set(response: &mut Response<HttpBody>, name: &'static str, value: &str) {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(name, value);
    }
}

/// Serves a document in pieces, and lets the fault happen.
pub(crate) async fn respond(
    document: Document,
    content_encoding: bool,
    fault: Option<FaultKind>,
) -> Response<HttpBody> {
    if let Some(FaultKind::Delay { delay_ms }) = fault {
        pause(Duration::from_millis(delay_ms)).await;
    }
    let charset = match &fault {
        Some(FaultKind::WrongCharset { charset }) => Some(charset.clone()),
        _ => document.body.charset.clone(),
    };
    let opened = match &fault {
        Some(FaultKind::GzipBomb { decompressed_bytes }) => Ok((bomb(*decompressed_bytes), None)),
        _ => pieces(document.body.body).await,
    };
    let Ok((pieces, length)) = opened else {
        return refusal(500, "InternalError", "The document's file cannot be read.", "").response();
    };
    let kept = if let Some(FaultKind::TruncatedGzip { keep_bytes }) = fault { Some(keep_bytes) } else { None };
    let length = length.map(|length| kept.map_or(length, |kept| kept.min(length)));
    let mut response = Response::new(HttpBody::from_stream(limited(pieces, kept, fault)));
    let media = charset.map_or_else(|| "text/plain".to_owned(), |charset| format!("text/plain;charset={charset}"));
    set(&mut response, "content-type", &media);
    if let Some(length) = length {
        set(&mut response, "content-length", &length.to_string());
    }
    if content_encoding {
        set(&mut response, "content-encoding", "gzip");
    }
    response
}

/// Where the bytes of a body come from.
enum Pieces {
    Memory(Bytes),
    File(tokio::fs::File),
    Channel(mpsc::Receiver<io::Result<Bytes>>),
}

impl Pieces {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        match self {
            Self::Memory(bytes) => {
                let piece = bytes.split_to(bytes.len().min(PIECE_BYTES));
                (!piece.is_empty()).then_some(Ok(piece))
            }
            Self::File(file) => {
                let mut piece = bytes::BytesMut::with_capacity(PIECE_BYTES);
                match file.read_buf(&mut piece).await {
                    Ok(0) => None,
                    Ok(_) => Some(Ok(piece.freeze())),
                    Err(error) => Some(Err(error)),
                }
            }
            Self::Channel(pieces) => pieces.recv().await,
        }
    }
}

async fn pieces(body: Body) -> io::Result<(Pieces, Option<u64>)> {
    match body {
        Body::Bytes(bytes) => {
            let length = u64::try_from(bytes.len()).ok();
            Ok((Pieces::Memory(bytes), length))
        }
        Body::File { path, compress: false } => {
            let file = tokio::fs::File::open(&path).await?;
            let length = file.metadata().await?.len();
            Ok((Pieces::File(file), Some(length)))
        }
        Body::File { path, compress: true } => {
            let mut file = std::fs::File::open(&path)?;
            let copying = compressed(move |encoder| io::copy(&mut file, encoder).map(drop));
            Ok((Pieces::Channel(copying), None))
        }
    }
}

/// A gzip that unpacks to so many zeros (the digit, so that it reads as one endless field).
fn bomb(decompressed_bytes: u64) -> Pieces {
    let write = move |encoder: &mut GzEncoder<Sender>| {
        io::copy(&mut io::repeat(b'0').take(decompressed_bytes), encoder).map(drop)
    };
    Pieces::Channel(compressed(write))
}

/// Runs a writer on a thread of its own and hands over what it compresses, piece by piece.
fn compressed(
    write: impl FnOnce(&mut GzEncoder<Sender>) -> io::Result<()> + Send + 'static,
) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(4);
    tokio::task::spawn_blocking(move || {
        let errors = sender.clone();
        let mut encoder = GzEncoder::new(Sender { sender, piece: Vec::new() }, Level::fast());
        let written = write(&mut encoder).and_then(|()| encoder.finish()).and_then(|mut rest| rest.flush());
        if let Err(error) = written {
            // The client has gone, or is told that the file cannot be read.
            let _ = errors.blocking_send(Err(error));
        }
    });
    receiver
}

/// Collects compressed bytes and sends them in pieces.
struct Sender {
    sender: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Sender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.sender.blocking_send(Ok(piece)).map_err(|_gone| io::ErrorKind::BrokenPipe.into())
    }
}

/// A body on its way out.
struct Flow {
    pieces: Pieces,
    held: Bytes,
    fault: Option<FaultKind>,
    /// Bytes until the end (of a truncated body) or the cut.
    left: Option<u64>,
}

fn limited(
    pieces: Pieces,
    kept: Option<u64>,
    fault: Option<FaultKind>,
) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    let cut = if let Some(FaultKind::Cut { after_bytes, .. }) = &fault { Some(*after_bytes) } else { None };
    let flow = Flow { pieces, held: Bytes::new(), fault, left: kept.or(cut) };
    stream::unfold(Some(flow), |flow| async {
        let mut flow = flow?;
        let piece = flow.next().await?;
        let flow = piece.is_ok().then_some(flow);
        Some((piece, flow))
    })
}

impl Flow {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.left == Some(0) {
            return self.end().await;
        }
        if self.held.is_empty() {
            match self.pieces.next().await? {
                Ok(piece) => self.held = piece,
                Err(error) => return Some(Err(error)),
            }
        }
        let mut size = self.held.len();
        if let Some(FaultKind::Slow { chunk_bytes, delay_ms }) = self.fault {
            pause(Duration::from_millis(delay_ms)).await;
            size = size.min(chunk_bytes.max(1));
        }
        if let Some(left) = &mut self.left {
            size = size.min(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= u64::try_from(size).unwrap_or(*left);
        }
        Some(Ok(self.held.split_to(size)))
    }

    /// After the last byte that is let through: a cut breaks the connection, a truncated body just ends.
    async fn end(&self) -> Option<io::Result<Bytes>> {
        if !matches!(self.fault, Some(FaultKind::Cut { .. })) {
            return None;
        }
        // Waiting lets the bytes before the cut out of the server's buffer.
        pause(Duration::from_millis(5)).await;
        Some(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}
