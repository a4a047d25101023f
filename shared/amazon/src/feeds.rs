//! Feeds: bytes are handed over, a feed is made of them, and its processing report says what Amazon made of it.
//!
//! Source: Amazon's model feeds (2021-06-30) and its guide of that API. createFeed has no key that makes sending twice
//! harmless, and no list of feeds says which bytes a feed has. So the caller gets everything that may fail out of the way
//! first ([`Seller::ready_to_upload`], [`ReadyToUpload::deliver`]), writes down that it uploads, and makes the feed once
//! ([`ReadyToUpload::create`]).

use std::collections::BTreeMap;

use countinghouse_domain::ids::{FeedDocumentId, FeedId};
use countinghouse_domain::job::ProcessingStatus;
use countinghouse_domain::rate::Operation;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::answer::Answer;
use crate::client::Seller;
use crate::error::{AmazonError, Call};
use crate::exchange::{Attempts, Cause, Permit, made, read};
use crate::model::ReportStatus;
use crate::request::{ApiRequest, path_with_id};
use crate::retry::Outcome;
use crate::token::AccessToken;
use crate::transport::{NoReply, Outgoing, Reply};

const FEEDS: &str = "/feeds/2021-06-30/feeds";
const DOCUMENTS: &str = "/feeds/2021-06-30/documents";
/// The type of a feed with own invoices.
const OWN_INVOICES: &str = "UPLOAD_VAT_INVOICE";
/// A processing report has one line for each record that failed; ours have one record.
const LARGEST_REPORT_BYTES: usize = 4 * 1024 * 1024;
/// The address for the bytes lives five minutes; one that has expired is replaced once.
const PLACES: u32 = 2;

/// A feed to be made of bytes that were delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedRequest<'a> {
    /// The type, for example `UPLOAD_VAT_INVOICE`.
    pub feed_type: &'a str,
    /// The marketplaces, Amazon's identifiers.
    pub marketplace_ids: Vec<&'a str>,
    /// The bytes, from [`ReadyToUpload::deliver`].
    pub input_feed_document_id: &'a FeedDocumentId,
    /// What goes with them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub feed_options: BTreeMap<&'a str, &'a str>,
}

/// What came of making a feed.
#[derive(Debug)]
pub enum CreatedFeed {
    /// The feed is there.
    Created(FeedId),
    /// There is surely no feed: no connection, a rate limit, or a refusal.
    NotCreated(AmazonError),
    /// The request went out, and no clear answer came back: there may be a feed. Never send it again by itself.
    AnswerLost(AmazonError),
}

/// How a feed stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Its status. `DONE` says nothing about whether Amazon took what is in it.
    pub status: ReportStatus,
    /// Its processing report, for [`Seller::feed_report`].
    pub report: Option<FeedDocumentId>,
}

/// The right to upload one own invoice, with everything that it needs: both rate budgets are charged and the token is
/// there.
#[derive(Debug)]
pub struct ReadyToUpload<'a> {
    seller: &'a Seller,
    permit: Permit,
    token: AccessToken,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaceRequest<'a> {
    content_type: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    feed_document_id: FeedDocumentId,
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCreated {
    feed_id: FeedId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawFeed {
    processing_status: String,
    #[serde(default)]
    result_feed_document_id: Option<FeedDocumentId>,
}

#[derive(Deserialize)]
struct FoundReport {
    url: String,
}

impl Seller {
    /// Gets ready to upload one own invoice. An error here means that nothing was sent.
    pub async fn ready_to_upload(&self) -> Result<ReadyToUpload<'_>, AmazonError> {
        // The pace comes first: its permits are made again in seconds, those of createFeed in minutes.
        let _pace = self.permit(Operation::UploadVatInvoice).await?;
        let permit = self.permit(Operation::CreateFeed).await?;
        let token = self.amazon.token(&self.id, None).await?;
        Ok(ReadyToUpload { seller: self, permit, token })
    }

    /// Whether feeds with own invoices may be listed, and so be made: the list is asked for and thrown away.
    pub async fn check_feeds(&self) -> Result<(), AmazonError> {
        let mut request = ApiRequest::get(Operation::GetFeeds, FEEDS.to_owned());
        request.query = vec![("feedTypes", OWN_INVOICES.to_owned()), ("pageSize", "1".to_owned())];
        self.call(&request).await.map(|_reply| ())
    }

    /// How a feed stands.
    pub async fn feed(&self, id: &FeedId) -> Result<Feed, AmazonError> {
        let request = ApiRequest::get(Operation::GetFeed, path_with_id(FEEDS, id.as_str()));
        let reply = self.call(&request).await?;
        let raw = read::<RawFeed>(request.call(), &reply)?;
        let status = raw.processing_status.parse::<ProcessingStatus>().map_or_else(
            |_unknown| ReportStatus::Other(raw.processing_status.chars().take(40).collect()),
            ReportStatus::Known,
        );
        Ok(Feed { status, report: raw.result_feed_document_id })
    }

    /// The bytes of a feed's processing report, as Amazon stores them: they may be gzip.
    pub async fn feed_report(&self, id: &FeedDocumentId) -> Result<Vec<u8>, AmazonError> {
        let operation = Operation::GetFeedDocument;
        let request = ApiRequest::get(operation, path_with_id(DOCUMENTS, id.as_str()));
        let reply = self.call(&request).await?;
        let found: FoundReport = read(request.call(), &reply)?;
        let mut download = self.open(&self.signed_address(operation, &found.url)?).await?;
        let mut bytes = Vec::new();
        while let Some(chunk) = download.chunk().await? {
            if bytes.len().saturating_add(chunk.len()) > LARGEST_REPORT_BYTES {
                return Err(AmazonError::unexpected(Call::Download, "the processing report is too large"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    async fn place(&self, content_type: &str) -> Result<(FeedDocumentId, Url), AmazonError> {
        let operation = Operation::CreateFeedDocument;
        let request = ApiRequest::post(operation, DOCUMENTS.to_owned(), &PlaceRequest { content_type })?;
        let reply = self.call(&request).await?;
        let place: Place = read(request.call(), &reply)?;
        let address = self.signed_address(operation, &place.url)?;
        Ok((place.feed_document_id, address))
    }

    /// Puts bytes to their place. No token is sent: the address is enough. Doing it twice does no harm.
    async fn put(&self, address: &Url, content_type: &HeaderValue, bytes: &[u8]) -> Result<(), AmazonError> {
        let mut attempts = Attempts::new(&self.amazon.config.retry, true);
        loop {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type.clone())]);
            let (url, body) = (address.clone(), bytes.to_vec());
            let outgoing = Outgoing { method: Method::PUT, url, headers, body, is_repeatable: true };
            let (outcome, cause) = match self.amazon.transport.send(outgoing).await {
                Ok(reply) if reply.status.is_success() => return Ok(()),
                Ok(reply) => refusal(&reply)?,
                Err(NoReply::NotSent(error)) => (Outcome::NotSent, Cause::failed(error)),
                Err(NoReply::Lost(error)) => (Outcome::Lost, Cause::failed(error)),
                Err(NoReply::Broken(error)) => {
                    let what = "the request could not be built";
                    return Err(AmazonError::unexpected_because(Call::Upload, what, error));
                }
            };
            if attempts.give_up_after(outcome).await.is_some() {
                return Err(cause.unavailable(Call::Upload));
            }
        }
    }
}

/// Sorts an answer that is no success: an error, or an outcome that may pass.
fn refusal(reply: &Reply) -> Result<(Outcome, Cause), AmazonError> {
    let (answer, retry_after) = (Answer::of_documents(reply.status, &reply.body), reply.retry_after());
    match answer.status {
        // The store says 403 for an address that has expired.
        403 | 410 => Err(AmazonError::LinkExpired),
        status @ (408 | 429 | 500..) => {
            Ok((Outcome::Answered { status: status.max(500), retry_after }, Cause::answered(answer, retry_after)))
        }
        400..=499 => Err(AmazonError::BadRequest { call: Call::Upload, answer: Box::new(answer) }),
        other => Err(AmazonError::unexpected(Call::Upload, format!("an answer of status {other}"))),
    }
}

impl ReadyToUpload<'_> {
    /// Delivers the bytes: a place for them, and the bytes with the same content type. As long as no feed is made of
    /// them, Amazon does nothing with them.
    pub async fn deliver(&self, content_type: &'static str, bytes: &[u8]) -> Result<FeedDocumentId, AmazonError> {
        let header = HeaderValue::from_static(content_type);
        let mut places = 1;
        loop {
            let (id, address) = self.seller.place(content_type).await?;
            match self.seller.put(&address, &header, bytes).await {
                Err(AmazonError::LinkExpired) if places < PLACES => places = places.saturating_add(1),
                result => return result.map(|()| id),
            }
        }
    }

    /// Makes the feed, once. A connection that was not made is tried again, and so is a token that was refused: Amazon
    /// has not looked at the request then.
    pub async fn create(self, request: &FeedRequest<'_>) -> CreatedFeed {
        let Self { seller, permit, token } = self;
        let request = match ApiRequest::post(Operation::CreateFeed, FEEDS.to_owned(), request) {
            Ok(request) => request,
            Err(error) => return CreatedFeed::NotCreated(error),
        };
        let sent = match seller.call_with(&request, &token, permit).await {
            Ok(reply) => made::<RawCreated>(request.call(), &reply),
            Err(error) => Err(error),
        };
        match sent {
            Ok(created) => CreatedFeed::Created(created.feed_id),
            Err(error @ AmazonError::AnswerLost { .. }) => CreatedFeed::AnswerLost(error),
            Err(error) => CreatedFeed::NotCreated(error),
        }
    }
}
