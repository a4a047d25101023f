//! A seller: what Amazon has about them, and how their reports come to their end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use crate::business::BusinessState;
use crate::clock::plus_ms;
use crate::content::{Body, Content, DocumentBody};
use crate::feeds::{FeedSettings, FeedState};
use crate::report::{Document, End, Report, Source, Status};
use crate::scenario::SellerConfig;
use crate::vat::{self, VatBatch};
use crate::vendor::VendorState;

/// The first report number of every seller: ids are unique only together with the seller's id.
const FIRST_REPORT_NUMBER: u64 = 54_517_020_001;

/// A seller with everything that Amazon has about them.
#[derive(Debug)]
pub(crate) struct Seller {
    pub(crate) config: SellerConfig,
    pub(crate) reports: BTreeMap<u64, Report>,
    pub(crate) documents: HashMap<String, Document>,
    pub(crate) schedules: BTreeMap<u64, Schedule>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) vat: Vec<VatBatch>,
    pub(crate) vendor: VendorState,
    pub(crate) business: BusinessState,
    pub(crate) feeds: FeedState,
    open: BTreeSet<u64>,
    next_number: u64,
}

/// A seller's wish for notifications of one type.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) notification_type: String,
    pub(crate) payload_version: String,
    pub(crate) destination_id: String,
    pub(crate) directive: Option<serde_json::Value>,
}

/// Reports that are made again and again.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) report_type: String,
    pub(crate) marketplace_ids: Vec<String>,
    pub(crate) options: Option<serde_json::Value>,
    pub(crate) period: &'static str,
    pub(crate) next: Timestamp,
}

impl Seller {
    pub(crate) fn new(config: SellerConfig, now: Timestamp) -> Self {
        let business = BusinessState::new(&config, now);
        Self {
            config,
            reports: BTreeMap::new(),
            documents: HashMap::new(),
            schedules: BTreeMap::new(),
            subscriptions: Vec::new(),
            vat: Vec::new(),
            vendor: VendorState::default(),
            business,
            feeds: FeedState::default(),
            open: BTreeSet::new(),
            next_number: FIRST_REPORT_NUMBER,
        }
    }

    /// A number for a report or a schedule.
    pub(crate) fn next_number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// Gives a report its number and keeps it.
    pub(crate) fn insert(&mut self, mut report: Report) -> u64 {
        let number = self.next_number();
        report.number = number;
        self.reports.insert(number, report);
        self.open.insert(number);
        number
    }

    /// Ends the feeds and the reports whose time has come.
    pub(crate) fn settle(&mut self, settings: &FeedSettings, now: Timestamp) {
        let (enrolled, region) = (!self.config.no_own_invoices, self.config.region.as_str());
        self.feeds.settle(settings, enrolled, region, now);
        let due = |number: &u64| self.reports.get(number).is_some_and(|report| report.finished <= now);
        for number in self.open.iter().copied().filter(due).collect::<Vec<_>>() {
            self.open.remove(&number);
            let Some(mut report) = self.reports.remove(&number) else { continue };
            if report.end.is_none() {
                report.end = Some(self.ended(&report));
            }
            self.reports.insert(number, report);
        }
    }

    fn ended(&mut self, report: &Report) -> End {
        let (status, content) = match &report.source {
            Source::NoData => (Status::Cancelled, None),
            Source::Fatal(content) => (Status::Fatal, content.clone()),
            Source::Content(content) => (Status::Done, Some(content.clone())),
            Source::Vidr(wish) => match self.feeds.vidr.report(wish, report.finished) {
                Some(text) => (Status::Done, Some(Content::text(text))),
                None => (Status::Cancelled, None),
            },
            Source::VatRows => match self.vat_text(report) {
                Some(text) => (Status::Done, Some(Content::bytes(&text, Some("UTF-8")))),
                None => (Status::Cancelled, None),
            },
        };
        match content.as_ref().map(Content::body) {
            None => End { status, document_id: None },
            Some(Ok(body)) => End { status, document_id: Some(self.store(report, body)) },
            Some(Err(error)) => {
                tracing::error!(report_id = report.number, error = %error, "a document vanished");
                End { status: Status::Fatal, document_id: None }
            }
        }
    }

    /// The rows of the report's window; without a window, those of the thirty days before.
    fn vat_text(&self, report: &Report) -> Option<Vec<u8>> {
        let to = report.data_end.unwrap_or(report.created);
        let from = report.data_start.unwrap_or_else(|| plus_ms(to, -30 * 24 * 3_600_000));
        vat::report(&self.vat, from, to, report.finished)
    }

    fn store(&mut self, report: &Report, body: DocumentBody) -> String {
        let region = self.config.region.as_str();
        let id = format!("amzn1.spdoc.1.4.{region}.{}.T{}", Uuid::new_v4(), report.number);
        self.documents.insert(id.clone(), Document { report_type: report.report_type.clone(), body });
        id
    }

    /// A document behind a URL: of a report, of a feed's end, or one that was uploaded.
    pub(crate) fn document(&self, id: &str) -> Option<Document> {
        let known = self.documents.get(id).or_else(|| self.feeds.results.get(id));
        known.cloned().or_else(|| {
            let uploaded = self.feeds.documents.get(id)?;
            let body = Body::Bytes(uploaded.bytes.clone()?);
            let body = DocumentBody { body, charset: None, gzip: false };
            Some(Document { report_type: uploaded.content_type.clone(), body })
        })
    }

    /// The report with this id, if Amazon still shows it.
    pub(crate) fn visible_report(&self, id: &str, now: Timestamp) -> Option<&Report> {
        self.reports.get(&id.parse().ok()?).filter(|report| report.is_visible(now))
    }
}
