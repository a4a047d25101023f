//! The state of the server: sellers, their reports and documents, tokens, and what was called.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::application::Applications;
use crate::clock::plus_ms;
use crate::content::{Content, ContentError};
use crate::delivery::{Outbox, RawNotification};
use crate::faults::Faults;
use crate::feeds::{Shipments, VidrError};
use crate::operations::Operation;
use crate::rates::Buckets;
use crate::report::{NewReport, Report, Source, source};
use crate::sandbox::{SandboxCase, SandboxError};
use crate::scenario::{
    Delays, NotificationMode, Outcome, SETTLEMENT_V2, Scenario, SellerConfig, SettlementConfig, VatRows, VidrRows,
};
use crate::seller::Seller;
use crate::vat::{VatBatch, VatError};

/// Why something cannot be put into the server's state.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A content cannot be served.
    #[error("a document of seller {seller_id} cannot be served")]
    Content {
        /// Whose document.
        seller_id: String,
        /// Why.
        #[source]
        source: ContentError,
    },
    /// VAT rows cannot be taken in.
    #[error("VAT rows of seller {seller_id} cannot be taken in")]
    Vat {
        /// Whose rows.
        seller_id: String,
        /// Why.
        #[source]
        source: VatError,
    },
    /// Rows of the VAT invoice data report cannot be taken in.
    #[error("rows of the VAT invoice data report of seller {seller_id} cannot be taken in")]
    Vidr {
        /// Whose rows.
        seller_id: String,
        /// Why.
        #[source]
        source: VidrError,
    },
    /// The seller is not here.
    #[error("there is no seller {0}")]
    NoSeller(String),
    /// The seller is here already.
    #[error("the seller {0} is here already")]
    SellerExists(String),
    /// The application is not here, or has no queue.
    #[error("the application {0} has no queue for its secrets")]
    NoApplication(String),
    /// A fault makes no sense.
    #[error("{0}")]
    Fault(String),
    /// The sandbox cases cannot be used.
    #[error("the sandbox cases cannot be used")]
    Sandbox(#[from] SandboxError),
}

/// All state, behind one lock.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Scenario,
    pub(crate) base_url: String,
    pub(crate) sellers: BTreeMap<String, Seller>,
    pub(crate) destinations: Vec<Destination>,
    pub(crate) applications: Applications,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) buckets: Buckets,
    pub(crate) faults: Faults,
    pub(crate) calls: Vec<CallRecord>,
    pub(crate) pages: HashMap<String, Page>,
    pub(crate) urls: HashMap<String, IssuedUrl>,
    pub(crate) outbox: Outbox,
    pub(crate) sandbox: Vec<SandboxCase>,
}

/// A token that was given out.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) principal: Principal,
    pub(crate) expires_at: Timestamp,
}

/// Whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    Seller { seller_id: String, client_id: String },
    Restricted { seller_id: String, paths: Vec<String> },
    Grantless { client_id: String, scopes: Vec<String> },
}

impl Principal {
    pub(crate) fn seller_id(&self) -> Option<&str> {
        match self {
            Self::Seller { seller_id, .. } | Self::Restricted { seller_id, .. } => Some(seller_id),
            Self::Grantless { .. } => None,
        }
    }
}

/// The rest of a list that did not fit on a page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) seller_id: String,
    pub(crate) rest: Vec<u64>,
    /// Reports on a page.
    pub(crate) size: usize,
}

/// The URL of a document.
#[derive(Clone, Debug)]
pub(crate) struct IssuedUrl {
    pub(crate) key: String,
    pub(crate) seller_id: String,
    pub(crate) document_id: String,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) content_encoding: bool,
}

/// Where an application wants its notifications.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) name: String,
    pub(crate) resource: serde_json::Value,
}

impl Destination {
    pub(crate) fn sqs_arn(&self) -> Option<&str> {
        self.resource.pointer("/sqs/arn").and_then(serde_json::Value::as_str)
    }
}

/// One call that was made.
#[derive(Clone, Debug, Serialize)]
pub struct CallRecord {
    /// When.
    pub at: Timestamp,
    /// Which operation.
    pub operation: Operation,
    /// Who: the seller, if the token was good.
    pub seller_id: Option<String>,
    /// What about: a report id, a document id, a report type.
    pub subject: Option<String>,
    /// The status of the answer, also of one that was lost.
    pub status: u16,
    /// The fault that was on, if any.
    pub fault: Option<String>,
}

impl World {
    /// The state at the start of a scenario.
    pub(crate) fn new(scenario: &Scenario, base_url: &str, now: Timestamp) -> Result<Self, StateError> {
        let sandbox = scenario.sandbox_cases.as_deref().map(crate::sandbox::load).transpose()?.unwrap_or_default();
        let mut world = Self {
            settings: scenario.clone(),
            base_url: base_url.to_owned(),
            sellers: BTreeMap::new(),
            destinations: Vec::new(),
            applications: Applications::default(),
            tokens: HashMap::new(),
            buckets: Buckets::default(),
            faults: Faults::default(),
            calls: Vec::new(),
            pages: HashMap::new(),
            urls: HashMap::new(),
            outbox: Outbox::default(),
            sandbox,
        };
        for fault in &scenario.faults {
            world.add_fault(fault.clone())?;
        }
        for application in &scenario.applications {
            world.applications.set(application.clone());
        }
        for outcome in &scenario.outcomes {
            check_content("any", outcome.document.as_ref())?;
        }
        for seller in &scenario.sellers {
            world.add_seller(seller.clone(), now)?;
        }
        Ok(world)
    }

    pub(crate) fn add_fault(&mut self, fault: crate::faults::Fault) -> Result<(), StateError> {
        if let Some(complaint) = fault.complaint() {
            return Err(StateError::Fault(complaint));
        }
        self.faults.add(fault);
        Ok(())
    }

    pub(crate) fn add_outcome(&mut self, outcome: Outcome) -> Result<(), StateError> {
        check_content(outcome.seller_id.as_deref().unwrap_or("any"), outcome.document.as_ref())?;
        self.settings.outcomes.push(outcome);
        Ok(())
    }

    pub(crate) fn seller(&mut self, seller_id: &str) -> Result<&mut Seller, StateError> {
        self.sellers.get_mut(seller_id).ok_or_else(|| StateError::NoSeller(seller_id.to_owned()))
    }

    pub(crate) fn add_seller(&mut self, mut config: SellerConfig, now: Timestamp) -> Result<(), StateError> {
        let seller_id = config.seller_id.clone();
        if self.sellers.contains_key(&seller_id) {
            return Err(StateError::SellerExists(seller_id));
        }
        config.requested.values().try_for_each(|content| check_content(&seller_id, Some(content)))?;
        let settlements = std::mem::take(&mut config.settlements);
        let vat_rows = std::mem::take(&mut config.vat_rows);
        let vidr_rows = std::mem::take(&mut config.vidr_rows);
        let shipments = std::mem::take(&mut config.shipments);
        self.sellers.insert(seller_id.clone(), Seller::new(config, now));
        vat_rows.iter().try_for_each(|rows| self.add_vat_rows(&seller_id, rows, now).map(drop))?;
        vidr_rows.iter().try_for_each(|rows| self.add_vidr_rows(&seller_id, rows, now).map(drop))?;
        shipments.iter().try_for_each(|wish| self.add_shipments(&seller_id, wish, now).map(drop))?;
        settlements.into_iter().try_for_each(|one| self.close_settlement(&seller_id, one, now).map(drop))
    }

    /// Takes in VAT rows and tells how many.
    pub(crate) fn add_vat_rows(
        &mut self,
        seller_id: &str,
        rows: &VatRows,
        now: Timestamp,
    ) -> Result<usize, StateError> {
        let seller = self.seller(seller_id)?;
        let bytes = rows
            .content
            .plain_bytes()
            .map_err(|source| StateError::Content { seller_id: seller_id.to_owned(), source })?;
        let batch = VatBatch::parse(&bytes, plus_ms(now, rows.available_after_ms))
            .map_err(|source| StateError::Vat { seller_id: seller_id.to_owned(), source })?;
        let count = batch.len();
        seller.vat.push(batch);
        Ok(count)
    }

    /// Takes in rows of the VAT invoice data report and tells how many.
    pub(crate) fn add_vidr_rows(
        &mut self,
        seller_id: &str,
        rows: &VidrRows,
        now: Timestamp,
    ) -> Result<usize, StateError> {
        let seller = self.seller(seller_id)?;
        let failed = |source| StateError::Content { seller_id: seller_id.to_owned(), source };
        let bytes = rows.content.plain_bytes().map_err(failed)?;
        let added = seller.feeds.vidr.add(&bytes, plus_ms(now, rows.available_after_ms));
        added.map_err(|source| StateError::Vidr { seller_id: seller_id.to_owned(), source })
    }

    /// Makes shipments up and tells how many rows they have.
    pub(crate) fn add_shipments(
        &mut self,
        seller_id: &str,
        wish: &Shipments,
        now: Timestamp,
    ) -> Result<usize, StateError> {
        let seller = self.seller(seller_id)?;
        let made = seller.feeds.ship(wish, &seller.config.marketplace_ids, now);
        made.map_err(|source| StateError::Vidr { seller_id: seller_id.to_owned(), source })
    }

    /// Closes a settlement and gives the id of its report.
    pub(crate) fn close_settlement(
        &mut self,
        seller_id: &str,
        settlement: SettlementConfig,
        now: Timestamp,
    ) -> Result<String, StateError> {
        check_content(seller_id, Some(&settlement.content))?;
        let created = plus_ms(now, settlement.close_after_ms);
        let seller = self.seller(seller_id)?;
        let marketplace_ids = if settlement.marketplace_ids.is_empty() {
            seller.config.marketplace_ids.clone()
        } else {
            settlement.marketplace_ids
        };
        let number = seller.insert(Report {
            number: 0,
            report_type: settlement.report_type.unwrap_or_else(|| SETTLEMENT_V2.to_owned()),
            marketplace_ids,
            data_start: settlement.data_start_time,
            data_end: settlement.data_end_time,
            created,
            started: created,
            finished: created,
            schedule_number: None,
            source: Source::Content(settlement.content),
            end: None,
        });
        self.outbox.watch(seller_id, number);
        self.tick(now);
        Ok(number.to_string())
    }

    /// Makes a report that was requested or scheduled.
    pub(crate) fn request_report(
        &mut self,
        seller_id: &str,
        wish: NewReport,
        created: Timestamp,
    ) -> Result<u64, StateError> {
        let outcome = self.take_outcome(seller_id, &wish.report_type);
        let mut delays = outcome.as_ref().and_then(|outcome| outcome.delays).unwrap_or(self.settings.delays);
        if self.settings.notifications.mode == NotificationMode::BeforeCreationIsAnswered {
            delays = Delays { queue_ms: 0, processing_ms: 0 };
        }
        let pending_has_rejected = self.settings.feeds.pending_has_rejected;
        let seller = self.seller(seller_id)?;
        let started = plus_ms(created, delays.queue_ms);
        let number = seller.insert(Report {
            number: 0,
            source: source(&seller.config, &wish, outcome, pending_has_rejected, created),
            report_type: wish.report_type,
            marketplace_ids: wish.marketplace_ids,
            data_start: wish.data_start,
            data_end: wish.data_end,
            created,
            started,
            finished: plus_ms(started, delays.processing_ms),
            schedule_number: wish.schedule_number,
            end: None,
        });
        self.outbox.watch(seller_id, number);
        Ok(number)
    }

    fn take_outcome(&mut self, seller_id: &str, report_type: &str) -> Option<Outcome> {
        let outcome = self.settings.outcomes.iter_mut().find(|outcome| {
            outcome.times > 0
                && outcome.seller_id.as_deref().is_none_or(|wanted| wanted == seller_id)
                && outcome.report_type.as_deref().is_none_or(|wanted| wanted == report_type)
        })?;
        outcome.times -= 1;
        Some(outcome.clone())
    }

    /// Lets everything happen that is due.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        crate::reports::schedules::run_due(self, now);
        for seller in self.sellers.values_mut() {
            seller.settle(&self.settings.feeds, now);
        }
    }

    pub(crate) fn notify_raw(&mut self, notification: RawNotification) {
        self.outbox.push(notification);
    }

    /// Makes access tokens too old, of one seller or of everyone, and tells how many.
    pub(crate) fn expire_tokens(&mut self, seller_id: Option<&str>, now: Timestamp) -> usize {
        let hit = |token: &&mut Token| seller_id.is_none() || token.principal.seller_id() == seller_id;
        self.tokens.values_mut().filter(hit).map(|token| token.expires_at = now).count()
    }

    /// Makes the URLs of documents too old, of one seller or of everyone, and tells how many.
    pub(crate) fn expire_urls(&mut self, seller_id: Option<&str>, now: Timestamp) -> usize {
        let hit = |url: &&mut IssuedUrl| seller_id.is_none_or(|wanted| wanted == url.seller_id);
        self.urls.values_mut().filter(hit).map(|url| url.expires_at = now).count()
    }

    /// Gives out a token.
    pub(crate) fn issue_token(&mut self, prefix: &str, principal: Principal, expires_at: Timestamp) -> String {
        let token = format!("{prefix}{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        self.tokens.insert(token.clone(), Token { principal, expires_at });
        token
    }
}

fn check_content(seller_id: &str, content: Option<&Content>) -> Result<(), StateError> {
    let seller_id = seller_id.to_owned();
    match content.map(Content::body) {
        Some(Err(source)) => Err(StateError::Content { seller_id, source }),
        Some(Ok(_)) | None => Ok(()),
    }
}
