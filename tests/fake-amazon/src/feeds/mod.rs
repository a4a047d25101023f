//! Feeds: documents that are uploaded, and how Amazon works on them.

pub(crate) mod admin;
mod amounts;
mod config;
mod handle;
pub(crate) mod judge;
mod list;
mod notify;
pub(crate) mod operations;
mod shipments;
pub(crate) mod upload;
pub(crate) mod vidr;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

pub use config::{FeedOutcome, FeedResult, FeedSettings};
pub use shipments::Shipments;
pub use vidr::{VIDR_FLAT, VIDR_XML, VatDocument, VidrError};

use crate::clock::plus_ms;
use crate::content::Content;
use crate::report::{Document, RETENTION_MS, Status};
use judge::{Complaint, Metadata, Upload, judge, processing_report};
use vidr::{Decision, Vidr};

/// The feed type of own invoices.
pub const UPLOAD_VAT_INVOICE: &str = "UPLOAD_VAT_INVOICE";
const FIRST_FEED_NUMBER: u64 = 23_485_934_001;

/// A document that was made for an upload.
#[derive(Clone, Debug)]
pub(crate) struct FeedDocument {
    pub(crate) content_type: String,
    pub(crate) bytes: Option<Bytes>,
    /// How often something was put there.
    pub(crate) puts: usize,
}

/// A feed, and how it will end.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    pub(crate) number: u64,
    pub(crate) kind: String,
    pub(crate) marketplace_ids: Vec<String>,
    pub(crate) input_document_id: String,
    pub(crate) options: BTreeMap<String, String>,
    pub(crate) created: Timestamp,
    pub(crate) started: Timestamp,
    pub(crate) finished: Timestamp,
    /// What it becomes instead of what it would.
    forced: Option<FeedResult>,
    pub(crate) end: Option<FeedEnd>,
}

/// How a feed ended.
#[derive(Clone, Debug)]
pub(crate) struct FeedEnd {
    pub(crate) status: Status,
    pub(crate) result_document_id: Option<String>,
    complaint: Option<Complaint>,
}

/// A feed as tests see it.
#[derive(Clone, Debug, Serialize)]
pub struct FeedRecord {
    /// Whose.
    pub seller_id: String,
    /// The feed.
    pub feed_id: String,
    /// Its type.
    pub feed_type: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its state.
    pub processing_status: &'static str,
    /// The marketplaces that it names.
    pub marketplace_ids: Vec<String>,
    /// Its options, as they came.
    pub options: BTreeMap<String, String>,
    /// How many bytes were uploaded for it; none if there was no upload.
    pub uploaded_bytes: Option<usize>,
    /// The code of the error in its report.
    pub error_code: Option<u32>,
    /// The text of the error in its report.
    pub error_message: Option<String>,
}

impl Feed {
    pub(crate) fn id(&self) -> String {
        self.number.to_string()
    }

    pub(crate) fn status(&self, now: Timestamp) -> Status {
        match &self.end {
            Some(end) => end.status,
            None if now < self.started => Status::InQueue,
            None => Status::InProgress,
        }
    }

    pub(crate) fn is_visible(&self, now: Timestamp) -> bool {
        now <= plus_ms(self.created, RETENTION_MS)
    }
}

/// A request for a feed, checked.
#[derive(Debug)]
pub(crate) struct NewFeed {
    pub(crate) kind: String,
    pub(crate) marketplace_ids: Vec<String>,
    pub(crate) input_document_id: String,
    pub(crate) options: BTreeMap<String, String>,
}

/// A seller's feeds and the documents that are due.
#[derive(Debug)]
pub(crate) struct FeedState {
    pub(crate) documents: HashMap<String, FeedDocument>,
    /// Processing reports.
    pub(crate) results: HashMap<String, Document>,
    pub(crate) feeds: BTreeMap<u64, Feed>,
    pub(crate) vidr: Vidr,
    pub(crate) pages: HashMap<String, list::FeedPage>,
    /// Feeds that have not ended.
    open: BTreeSet<u64>,
    last_upload: Option<Timestamp>,
    next_number: u64,
}

impl Default for FeedState {
    fn default() -> Self {
        Self {
            documents: HashMap::new(),
            results: HashMap::new(),
            feeds: BTreeMap::new(),
            vidr: Vidr::default(),
            pages: HashMap::new(),
            open: BTreeSet::new(),
            last_upload: None,
            next_number: FIRST_FEED_NUMBER,
        }
    }
}

impl FeedState {
    /// Makes shipments up, and tells how many rows.
    pub(crate) fn ship(
        &mut self,
        wish: &Shipments,
        marketplace_ids: &[String],
        now: Timestamp,
    ) -> Result<usize, VidrError> {
        let text = shipments::make(wish, marketplace_ids, now);
        self.vidr.add(&Bytes::from(text), now)
    }

    /// Whether the pace of own invoices allows another one now; counts it if so.
    pub(crate) fn keeps_pace(&mut self, settings: &FeedSettings, now: Timestamp) -> bool {
        let free = self.last_upload.is_none_or(|last| plus_ms(last, settings.pace_ms) <= now);
        if free {
            self.last_upload = Some(now);
        }
        free
    }

    /// Makes a feed, and gives its number.
    pub(crate) fn create(
        &mut self,
        settings: &FeedSettings,
        wish: NewFeed,
        forced: Option<FeedResult>,
        now: Timestamp,
    ) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        let started = plus_ms(now, settings.queue_ms);
        let feed = Feed {
            number,
            kind: wish.kind,
            marketplace_ids: wish.marketplace_ids,
            input_document_id: wish.input_document_id,
            options: wish.options,
            created: now,
            started,
            finished: plus_ms(started, settings.processing_ms),
            forced,
            end: None,
        };
        self.feeds.insert(number, feed);
        self.open.insert(number);
        number
    }

    /// Begins and ends the feeds whose time has come, and shows the statuses whose time has come.
    pub(crate) fn settle(&mut self, settings: &FeedSettings, enrolled: bool, region: &str, now: Timestamp) {
        for number in std::mem::take(&mut self.open) {
            let Some(mut feed) = self.feeds.remove(&number) else { continue };
            if feed.end.is_none() && feed.started <= now {
                self.begin(settings, enrolled, &feed);
            }
            if feed.end.is_none() && feed.finished <= now {
                let mut end = self.ended(settings, enrolled, &feed);
                if end.status == Status::Done {
                    let text = processing_report(end.complaint.as_ref());
                    end.result_document_id = self.store(&feed, region, text);
                }
                feed.end = Some(end);
            }
            if feed.end.is_none() {
                self.open.insert(number);
            }
            self.feeds.insert(number, feed);
        }
        self.vidr.settle(now);
    }

    /// The document of a feed is in processing as soon as the feed is.
    fn begin(&mut self, settings: &FeedSettings, enrolled: bool, feed: &Feed) {
        let (Ok(place) | Err((_, Some(place)))) = self.judged(settings, enrolled, feed) else { return };
        let number = Metadata::of(&feed.options, settings.any_case).get("invoicenumber").map(str::to_owned);
        if let Some(document) = self.vidr.documents.get_mut(place)
            && !document.status.ends_with("Processing")
        {
            document.show("Processing", "Amazon is processing the upload.");
            document.invoice_number = number;
        }
    }

    fn judged(
        &self,
        settings: &FeedSettings,
        enrolled: bool,
        feed: &Feed,
    ) -> Result<usize, (Complaint, Option<usize>)> {
        let metadata = Metadata::of(&feed.options, settings.any_case);
        let file = self.documents.get(&feed.input_document_id).and_then(|document| document.bytes.as_ref());
        judge(&self.vidr, &Upload { metadata: &metadata, marketplace_ids: &feed.marketplace_ids, file, enrolled })
    }

    fn ended(&mut self, settings: &FeedSettings, enrolled: bool, feed: &Feed) -> FeedEnd {
        let end = |status, complaint| FeedEnd { status, result_document_id: None, complaint };
        if feed.kind != UPLOAD_VAT_INVOICE {
            return end(Status::Done, None);
        }
        let at = plus_ms(feed.finished, settings.decision_ms);
        let verdict = self.judged(settings, enrolled, feed);
        match (&feed.forced, verdict) {
            (Some(FeedResult::Fatal), found) => {
                self.give_back(found.ok());
                end(Status::Fatal, None)
            }
            (Some(FeedResult::Cancelled), found) => {
                self.give_back(found.ok());
                end(Status::Cancelled, None)
            }
            (_, Err((complaint, place))) => {
                self.decide(place, feed, settings, at, "Rejected", &complaint.message);
                end(Status::Done, Some(complaint))
            }
            (Some(FeedResult::Rejected { code, message }), Ok(place)) => {
                self.decide(Some(place), feed, settings, at, "Rejected", message);
                end(Status::Done, Some(Complaint { code: *code, message: message.clone() }))
            }
            (Some(FeedResult::RejectedLater { message }), Ok(place)) => {
                self.decide(Some(place), feed, settings, at, "Rejected", message);
                end(Status::Done, None)
            }
            (Some(FeedResult::Processing), Ok(_)) => end(Status::Done, None),
            (None, Ok(place)) => {
                self.decide(Some(place), feed, settings, at, "Uploaded", "");
                end(Status::Done, None)
            }
        }
    }

    /// A feed that did nothing leaves its document pending.
    fn give_back(&mut self, place: Option<usize>) {
        if let Some(document) = place.and_then(|place| self.vidr.documents.get_mut(place)) {
            document.show("Pending", "");
            document.invoice_number = None;
        }
    }

    fn decide(
        &mut self,
        place: Option<usize>,
        feed: &Feed,
        settings: &FeedSettings,
        at: Timestamp,
        status: &str,
        description: &str,
    ) {
        let number = Metadata::of(&feed.options, settings.any_case).get("invoicenumber").map(str::to_owned);
        if let Some(document) = place.and_then(|place| self.vidr.documents.get_mut(place)) {
            document.uploads += 1;
            document.invoice_number = number;
            document.decision = Some(Decision { at, status: status.to_owned(), description: description.to_owned() });
        }
    }

    /// Keeps the processing report.
    fn store(&mut self, feed: &Feed, region: &str, text: String) -> Option<String> {
        let body = Content::text(text).body().ok()?;
        let id = format!("amzn1.tortuga.4.{region}.{}.R{}", uuid::Uuid::new_v4(), feed.number);
        self.results.insert(id.clone(), Document { report_type: feed.kind.clone(), body });
        Some(id)
    }

    /// What was uploaded for a feed.
    pub(crate) fn uploaded(&self, feed: &Feed) -> Option<&Bytes> {
        self.documents.get(&feed.input_document_id)?.bytes.as_ref()
    }

    /// A feed as tests see it.
    pub(crate) fn record(&self, seller_id: &str, feed: &Feed, now: Timestamp) -> FeedRecord {
        let complaint = feed.end.as_ref().and_then(|end| end.complaint.as_ref());
        FeedRecord {
            seller_id: seller_id.to_owned(),
            feed_id: feed.id(),
            feed_type: feed.kind.clone(),
            created: feed.created,
            processing_status: feed.status(now).as_str(),
            marketplace_ids: feed.marketplace_ids.clone(),
            options: feed.options.clone(),
            uploaded_bytes: self.uploaded(feed).map(Bytes::len),
            error_code: complaint.map(|complaint| complaint.code),
            error_message: complaint.map(|complaint| complaint.message.clone()),
        }
    }
}
