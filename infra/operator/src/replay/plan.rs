//! What booking a document again would change: the shell around the pure difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_s3::operation::head_object::HeadObjectError;
use book_documents::reading::{FirstReading, Unreadable, read};
use countinghouse_domain::difference::{DocumentsDifference, PaymentsDifference, Refusal};
use countinghouse_domain::ids::{SellerId, SettlementId};
use countinghouse_domain::money::Currency;
use countinghouse_formats::{Hints, Limits};
use countinghouse_store::{
    Documents, Job, ObjectMetadata, ObjectPlace, ObjectReader, Payments, ReportObjects, Settlements, StoredSettlement,
};
use indicatif::{ProgressBar, ProgressStyle};

use super::select::Candidate;
use super::{ReplayError, settlement, vat};
use crate::desk::plain;
use crate::stack::Stack;

/// How many documents are read at once: each keeps a processor busy.
const AT_ONCE: usize = 4;

/// A document, and what booking it again would come to.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) job: Job,
    pub(super) place: ObjectPlace,
    /// SHA-256 of its bytes after decompression; none where they cannot be read to their end.
    pub(super) sha256: Option<String>,
    pub(super) what: What,
}

/// What a document would be.
#[derive(Debug)]
pub(super) enum What {
    /// A settlement.
    Settlement(Box<SettlementPlan>),
    /// Invoices and credit notes.
    Documents(Box<DocumentsDifference>),
    /// It cannot be booked as it is; why.
    Unreadable(String),
    /// Its settlement is booked from other bytes; from which.
    Conflict(String),
    /// Its bytes are not in the bucket any more.
    Gone,
}

/// What booking a settlement again would come to.
#[derive(Debug)]
pub(super) struct SettlementPlan {
    pub(super) settlement_id: SettlementId,
    pub(super) currency: Currency,
    /// `proven`, `unproven`, `booking`; none where it is not in the books.
    pub(super) status_before: Option<&'static str>,
    pub(super) status_after: &'static str,
    pub(super) difference: PaymentsDifference,
    /// Whether the proof in the books says something else than the payments that the file makes.
    pub(super) proof_differs: bool,
    pub(super) refusal: Option<Refusal>,
    /// The program and the rules that booked it.
    pub(super) booked_by: Option<String>,
}

impl SettlementPlan {
    pub(super) fn is_empty(&self) -> bool {
        self.difference.is_empty() && !self.proof_differs && self.status_before == Some(self.status_after)
    }
}

impl What {
    /// Whether booking it again would change nothing.
    pub(super) fn is_without_difference(&self) -> bool {
        match self {
            Self::Settlement(plan) => plan.is_empty(),
            Self::Documents(difference) => difference.is_empty(),
            Self::Unreadable(_) | Self::Conflict(_) | Self::Gone => false,
        }
    }
}

impl Planned {
    /// Whether booking it again changes something and is allowed.
    pub(super) fn is_to_be_applied(&self) -> bool {
        match &self.what {
            What::Settlement(plan) if plan.refusal.is_some() => false,
            What::Settlement(_) | What::Documents(_) => self.is_out() || !self.what.is_without_difference(),
            What::Unreadable(_) | What::Conflict(_) | What::Gone => false,
        }
    }

    /// Whether it waits outside the books.
    pub(super) fn is_out(&self) -> bool {
        self.job.state != countinghouse_domain::job::JobState::Booked
    }

    /// Whether this command can do nothing for it.
    pub(super) fn needs_a_person(&self) -> bool {
        match &self.what {
            What::Settlement(plan) => plan.refusal.is_some(),
            What::Documents(_) => false,
            What::Unreadable(_) | What::Conflict(_) | What::Gone => true,
        }
    }
}

/// What plans are made from.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) objects: ReportObjects,
    pub(super) payments: Payments,
    pub(super) settlements: Settlements,
    pub(super) documents: Documents,
    pub(super) restore: bool,
    s3: aws_sdk_s3::Client,
    bucket: Arc<str>,
}

/// A document that is open.
pub(super) struct Opened {
    pub(super) metadata: ObjectMetadata,
    pub(super) body: ObjectReader,
}

impl Desk {
    pub(super) async fn open(stack: &Stack, restore: bool) -> Result<Self, ReplayError> {
        let (dynamodb, tables) = (stack.dynamodb(), &stack.tables);
        Ok(Self {
            objects: ReportObjects::new(stack.s3()),
            payments: Payments::new(dynamodb.clone(), &tables.payments),
            settlements: Settlements::new(dynamodb.clone(), &tables.settlements),
            // Nothing is written here, so nothing gets a day on which it expires.
            documents: Documents::new(dynamodb, &tables.documents, 0),
            restore,
            s3: stack.s3(),
            bucket: stack.bucket().await?.into(),
        })
    }

    /// The plans of all documents, in their order; and what those that are to be applied come to for the invoices and
    /// credit notes of each account together.
    pub(super) async fn plan_all(&self, candidates: Vec<Candidate>) -> Result<(Vec<Planned>, ByAccount), ReplayError> {
        let bar = bar("reading", candidates.len());
        let mut planned = Vec::with_capacity(candidates.len());
        let mut documents = ByAccount::new();
        let mut waiting = candidates.into_iter();
        loop {
            let some: Vec<_> = waiting.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                break;
            }
            let mut running = tokio::task::JoinSet::new();
            for (place, candidate) in some.into_iter().enumerate() {
                let desk = self.clone();
                running.spawn(async move { (place, Box::pin(desk.plan(candidate)).await) });
            }
            let mut done = Vec::new();
            while let Some(finished) = running.join_next().await {
                let (place, plan) = finished.map_err(ReplayError::Reader)?;
                done.push((place, plan?));
                bar.inc(1);
            }
            done.sort_by_key(|(place, _)| *place);
            for (_, mut plan) in done {
                together(&mut plan, &mut documents)?;
                planned.push(plan);
            }
        }
        bar.finish_and_clear();
        Ok((planned, documents))
    }

    /// The plan of one document.
    pub(super) async fn plan(&self, candidate: Candidate) -> Result<Planned, ReplayError> {
        let Candidate { job, settlement } = candidate;
        let key = job.facts.object_key.clone().unwrap_or_default();
        let Some(version) = self.version(&key).await? else {
            let place = ObjectPlace { bucket: self.bucket.to_string(), key, version: None };
            return Ok(Planned { job, place, sha256: None, what: What::Gone });
        };
        let place = ObjectPlace { bucket: self.bucket.to_string(), key, version };
        let opened = self.opened(&place).await?;
        let reading = match first_reading(opened).await? {
            Ok(reading) => reading,
            Err(reason) => return Ok(Planned { job, place, sha256: None, what: What::Unreadable(plain(&reason)) }),
        };
        let sha256 = Some(reading.sha256().to_owned());
        let what = match reading {
            FirstReading::Settlement(reading) => settlement::plan(self, &job, &place, &reading, settlement).await?,
            FirstReading::Vat { estimated_bytes, .. } => vat::plan(self, &job, &place, estimated_bytes).await?,
        };
        Ok(Planned { job, place, sha256, what })
    }

    /// The same document once more, as the books have it now.
    pub(super) async fn plan_again(&self, planned: &Planned) -> Result<Planned, ReplayError> {
        let job = planned.job.clone();
        let settlement = match &planned.what {
            What::Settlement(plan) => self.settlements.get(&job.seller, &plan.settlement_id).await?,
            What::Documents(_) | What::Unreadable(_) | What::Conflict(_) | What::Gone => None,
        };
        Box::pin(self.plan(Candidate { job, settlement })).await
    }

    pub(super) async fn opened(&self, place: &ObjectPlace) -> Result<Opened, ReplayError> {
        let opened = self.objects.open(place).await?;
        Ok(Opened { metadata: opened.metadata, body: opened.body })
    }

    /// The newest version of an object; none where the object is not there.
    async fn version(&self, key: &str) -> Result<Option<Option<String>>, ReplayError> {
        match self.s3.head_object().bucket(&*self.bucket).key(key).send().await {
            // A bucket without versions calls its only one `null`.
            Ok(head) => Ok(Some(head.version_id.filter(|version| version != "null"))),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => Ok(None),
            Err(error) => Err(ReplayError::Bucket { key: key.to_owned(), source: Box::new(error) }),
        }
    }
}

/// What is known of the invoices and credit notes of each account.
pub(super) type ByAccount = BTreeMap<SellerId, DocumentsDifference>;

/// Windows of VAT reports overlap, so that one document stands in several: together it counts once. After this the plan
/// has its own counts, and no more every single document, of which there may be many.
fn together(plan: &mut Planned, documents: &mut ByAccount) -> Result<(), ReplayError> {
    let applies = plan.is_to_be_applied();
    let What::Documents(difference) = &mut plan.what else { return Ok(()) };
    if applies {
        documents.entry(plan.job.seller.clone()).or_default().merge(difference)?;
    } else {
        difference.close();
    }
    Ok(())
}

/// What is known of a document besides its bytes.
pub(super) fn hints(metadata: &ObjectMetadata) -> Hints {
    Hints {
        report: metadata.report_id.to_string(),
        charset: metadata.charset.clone(),
        report_type: Some(metadata.report_type),
    }
}

async fn first_reading(opened: Opened) -> Result<Result<FirstReading, String>, ReplayError> {
    let hints = hints(&opened.metadata);
    let read = tokio::task::spawn_blocking(move || read(opened.body, hints, Limits::default())).await;
    match read.map_err(ReplayError::Reader)? {
        Ok(reading) => Ok(Ok(reading)),
        Err(Unreadable::Format(error)) if error.kind().may_pass() => Err(ReplayError::Read(error)),
        Err(unreadable) => Ok(Err(unreadable.to_string())),
    }
}

/// Which program booked a settlement, with which rules.
pub(super) fn booked_by(settlement: &StoredSettlement) -> Option<String> {
    let proof = settlement.proof.as_ref()?;
    let rules = proof.rules.as_deref().unwrap_or("unknown");
    Some(format!("version {} with rules {rules}", plain(&proof.program_version)))
}

/// A bar on standard error, where a person sees it.
pub(super) fn bar(what: &'static str, count: usize) -> ProgressBar {
    use std::io::IsTerminal as _;
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg}  {bar:40} {pos} of {len}, {elapsed}");
    ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX))
        .with_style(style.unwrap_or_else(|_unknown| ProgressStyle::default_bar()))
        .with_message(what)
}
