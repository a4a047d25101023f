//! The bytes of a document, one piece after the other and unchanged.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use url::Url;

use crate::answer::Answer;
use crate::client::Seller;
use crate::documents::ReportDocument;
use crate::error::{AmazonError, Call, Failure};
use crate::exchange::{Attempts, Cause};
use crate::retry::Outcome;
use crate::transport::{NoReply, retry_after};

/// Enough of a refusal to see its code.
const LARGEST_REFUSAL_BYTES: usize = 16 * 1024;

/// A document on its way: a stream of its bytes, as they are stored at Amazon.
///
/// The stream ends with an error if fewer bytes arrive than were announced. Where Amazon announces no length and
/// does not send in chunks, a cut cannot be told from the end; the reader of the document then finds it.
pub struct Download {
    content_length: Option<u64>,
    charset: Option<String>,
    received_bytes: u64,
    ended: bool,
    body: BoxStream<'static, Result<Bytes, reqwest::Error>>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("content_length", &self.content_length)
            .field("charset", &self.charset)
            .field("received_bytes", &self.received_bytes)
            .finish_non_exhaustive()
    }
}

impl Download {
    fn of(response: reqwest::Response) -> Self {
        Self {
            content_length: content_length(response.headers()),
            charset: charset(response.headers()),
            received_bytes: 0,
            ended: false,
            body: response.bytes_stream().boxed(),
        }
    }

    /// How many bytes are announced.
    pub const fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// The charset that the `Content-Type` declares, for example `Cp1252`.
    pub fn charset(&self) -> Option<&str> {
        self.charset.as_deref()
    }

    /// How many bytes have arrived.
    pub const fn received_bytes(&self) -> u64 {
        self.received_bytes
    }

    /// The next piece, or none at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, AmazonError> {
        self.next().await.transpose()
    }

    fn interrupted(&self, source: Option<Failure>) -> AmazonError {
        AmazonError::Interrupted { received_bytes: self.received_bytes, expected_bytes: self.content_length, source }
    }
}

impl Stream for Download {
    type Item = Result<Bytes, AmazonError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let item = match ready!(self.body.poll_next_unpin(context)) {
            Some(Ok(bytes)) => {
                let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.received_bytes = self.received_bytes.saturating_add(length);
                return Poll::Ready(Some(Ok(bytes)));
            }
            Some(Err(error)) => Some(Err(self.interrupted(Some(error.without_url().into())))),
            None if self.content_length.is_some_and(|length| length != self.received_bytes) => {
                Some(Err(self.interrupted(None)))
            }
            None => None,
        };
        self.ended = true;
        Poll::Ready(item)
    }
}

impl Seller {
    /// Begins to download a document. No token is sent: the address is enough.
    pub async fn download(&self, document: &ReportDocument) -> Result<Download, AmazonError> {
        self.open(&document.url).await
    }

    pub(crate) async fn open(&self, address: &Url) -> Result<Download, AmazonError> {
        let mut attempts = Attempts::new(&self.amazon.config.retry, true);
        loop {
            let (outcome, cause) = match self.amazon.transport.open(address.clone()).await {
                Ok(response) if response.status().as_u16() == 200 => return Ok(Download::of(response)),
                Ok(response) => refusal(response).await?,
                Err(NoReply::NotSent(error)) => (Outcome::NotSent, Cause::failed(error)),
                Err(NoReply::Lost(error)) => (Outcome::Lost, Cause::failed(error)),
                Err(NoReply::Broken(error)) => {
                    let what = "the request could not be built";
                    return Err(AmazonError::unexpected_because(Call::Download, what, error));
                }
            };
            if attempts.give_up_after(outcome).await.is_some() {
                return Err(cause.unavailable(Call::Download));
            }
        }
    }
}

/// Sorts an answer that is not the document: an error, or an outcome that may pass.
async fn refusal(mut response: reqwest::Response) -> Result<(Outcome, Cause), AmazonError> {
    let (status, call) = (response.status(), Call::Download);
    let retry_after = retry_after(response.headers());
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST_REFUSAL_BYTES {
            break;
        }
    }
    let answer = Answer::of_documents(status, &body);
    let is_old = matches!(answer.code.as_deref(), Some("ExpiredToken" | "RequestTimeTooSkewed"));
    match answer.status {
        // The store says 403 for an address that has expired, and 400 if the key that signed it has.
        403 | 410 => Err(AmazonError::LinkExpired),
        400 if is_old => Err(AmazonError::LinkExpired),
        404 => Err(AmazonError::NotFound { call, answer: Box::new(answer) }),
        status @ (429 | 500..) => Ok((Outcome::Answered { status, retry_after }, Cause::answered(answer, retry_after))),
        400..=499 => Err(AmazonError::BadRequest { call, answer: Box::new(answer) }),
        other => Err(AmazonError::unexpected(call, format!("an answer of status {other}"))),
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The charset of a `Content-Type` such as `text/plain; charset="Cp1252"`.
fn charset(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let found = value.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:+".contains(&byte);
    ((1..=40).contains(&found.len()) && found.bytes().all(plain)).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_charset_is_read_from_the_content_type() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, value.parse().unwrap());
            charset(&headers)
        };
        assert_eq!(of("text/plain; charset=Cp1252").as_deref(), Some("Cp1252"));
        assert_eq!(of("text/plain;a=b; Charset=\"Shift_JIS\"").as_deref(), Some("Shift_JIS"));
        assert_eq!(of("text/plain;charset= UTF-8 ").as_deref(), Some("UTF-8"));
        for none in ["text/plain", "text/plain; charset=", "text/plain; charset=a b", "charset=x"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
