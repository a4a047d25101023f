//! A settlement: what its file makes today, held against what the table has, line by line.

use std::collections::BTreeMap;

use book_documents::reading::SettlementReading;
use countinghouse_domain::difference::{Entry, PaymentsDifference, Place, Standing, judge};
use countinghouse_domain::payment::Classifier;
use countinghouse_domain::settlement::{Evidence, Proof, Subtotal, prove};
use countinghouse_formats::{FormatError, Hints, Limits, Report, open};
use countinghouse_store::{
    Job, ObjectPlace, ObjectReader, Payment, PaymentContext, PaymentCursor, SettlementStatus, StoreError, StoredProof,
    StoredSettlement, StoredSubtotal, derived_item, payment_item,
};
use tokio::sync::mpsc;

use super::ReplayError;
use super::plan::{Desk, SettlementPlan, What, booked_by, hints};

/// How many payments are handed over by the thread that reads at once, and how many such chunks may wait.
const CHUNK: usize = 500;
const CHUNKS_WAITING: usize = 4;

pub(super) async fn plan(
    desk: &Desk,
    job: &Job,
    place: &ObjectPlace,
    reading: &SettlementReading,
    stored: Option<StoredSettlement>,
) -> Result<What, ReplayError> {
    let header = &reading.header;
    let stored = match stored {
        Some(stored) => Some(stored),
        // A report that was quarantined did not say which settlement it has.
        None => desk.settlements.get(&job.seller, &header.settlement_id).await?,
    };
    // A settlement belongs to one seller: the function would quarantine it.
    if stored.is_none()
        && let Some(owner) = desk.settlements.owner(&header.settlement_id).await?.filter(|owner| *owner != job.seller)
    {
        return Ok(What::Conflict(format!("settlement {} is booked for account {owner}", header.settlement_id)));
    }
    if let Some(known) = stored.as_ref().filter(|known| known.claimed.sha256 != reading.source.sha256) {
        return Ok(What::Conflict(format!(
            "settlement {} is booked from other bytes: report {} in layout {}",
            header.settlement_id,
            known.claimed.report_id,
            known.claimed.layout.name()
        )));
    }
    let evidence = Evidence {
        layout: reading.layout,
        sha256: reading.source.sha256.clone(),
        rows: reading.source.rows,
        payments_written: reading.tally.all().count,
    };
    let proof = prove(header, &reading.tally, evidence)?;
    let delivered_as = stored.as_ref().map_or(&job.report_id, |stored| &stored.claimed.report_id);
    let context = PaymentContext::new(&job.seller, &header.settlement_id, header.currency, delivered_as);
    let difference = difference(desk, place, reading, &proof, &context).await?;
    let standing = stored.as_ref().map(|stored| standing(stored.status()));
    let refusal = judge(standing, &difference, &proof, desk.restore).err();
    Ok(What::Settlement(Box::new(SettlementPlan {
        settlement_id: header.settlement_id.clone(),
        currency: header.currency,
        status_before: stored.as_ref().map(|stored| stored.status().name()),
        status_after: proof.status.name(),
        proof_differs: stored
            .as_ref()
            .and_then(|stored| stored.proof.as_ref())
            .is_some_and(|stored| differs(stored, &proof, reading)),
        booked_by: stored.as_ref().and_then(booked_by),
        difference,
        refusal,
    })))
}

const fn standing(status: SettlementStatus) -> Standing {
    match status {
        SettlementStatus::Booking => Standing::Booking,
        SettlementStatus::Proven => Standing::Proven,
        SettlementStatus::Unproven => Standing::Unproven,
    }
}

/// Whether the proof in the books says something else than the file.
fn differs(stored: &StoredProof, proof: &Proof, reading: &SettlementReading) -> bool {
    let same = |stored: &BTreeMap<String, StoredSubtotal>, now: BTreeMap<&str, Subtotal>| {
        let stored = stored.iter().map(|(name, each)| (name.as_str(), each.count, each.sum));
        stored.eq(now.into_iter().map(|(name, each)| (name, each.count, each.sum)))
    };
    let by_type = reading.tally.by_type().map(|(each, subtotal)| (each.name(), subtotal)).collect();
    (stored.rows, stored.amounts, stored.unclassified) != (reading.source.rows, proof.amounts, proof.unclassified)
        || (stored.sum, stored.difference) != (proof.sum, proof.difference)
        || !same(&stored.by_type, by_type)
        || !same(&stored.by_category, reading.tally.by_category().collect())
}

async fn difference(
    desk: &Desk,
    place: &ObjectPlace,
    reading: &SettlementReading,
    proof: &Proof,
    context: &PaymentContext,
) -> Result<PaymentsDifference, ReplayError> {
    let opened = desk.opened(place).await?;
    let (sender, chunks) = mpsc::channel(CHUNKS_WAITING);
    let (hints, context_of_rows) = (hints(&opened.metadata), context.clone());
    let reader = tokio::task::spawn_blocking(move || payments(opened.body, hints, &context_of_rows, &sender));
    let derived = proof.derived.as_ref().map(|derived| derived_item(context, derived).as_stored()).transpose()?;
    let before = desk.payments.of_settlement(&reading.header.settlement_id);
    let after = Made { chunk: derived.into_iter().collect::<Vec<_>>().into_iter(), chunks };
    let difference = merged(before, after).await?;
    reader.await.map_err(ReplayError::Reader)??;
    Ok(difference)
}

/// The payments that the file makes, as they come from the thread that reads.
struct Made {
    chunk: std::vec::IntoIter<Payment>,
    chunks: mpsc::Receiver<Vec<Payment>>,
}

impl Made {
    async fn next(&mut self) -> Option<Payment> {
        loop {
            if let Some(payment) = self.chunk.next() {
                return Some(payment);
            }
            self.chunk = self.chunks.recv().await?.into_iter();
        }
    }
}

/// Walks through both in the order of lines; neither is ever whole in memory.
async fn merged(mut before: PaymentCursor, mut after: Made) -> Result<PaymentsDifference, ReplayError> {
    let mut difference = PaymentsDifference::default();
    let (mut old, mut new) = (before.next().await?, after.next().await);
    while let Some(side) = PaymentsDifference::next_side(old.as_ref().map(place_of), new.as_ref().map(place_of)) {
        let is_same = old == new;
        let booked = old.as_ref().filter(|_| side.is_le()).map(|payment| entry(payment, is_same));
        let made = new.as_ref().filter(|_| side.is_ge()).map(|payment| entry(payment, is_same));
        difference.note(booked.as_ref(), made.as_ref())?;
        if side.is_le() {
            old = before.next().await?;
        }
        if side.is_ge() {
            new = after.next().await;
        }
    }
    Ok(difference)
}

const fn place_of(payment: &Payment) -> Place {
    Place { line: payment.line, part: payment.part }
}

fn entry(payment: &Payment, is_same: bool) -> Entry<'_> {
    Entry {
        place: place_of(payment),
        payment_type: payment.payment_type,
        category: payment.category.as_str().into(),
        amount: payment.amount,
        details: if is_same { Vec::new() } else { payment.details() },
    }
}

/// Why the file makes no payments.
#[derive(Debug, thiserror::Error)]
enum MakeError {
    #[error(transparent)]
    Format(#[from] FormatError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MakeError> for ReplayError {
    fn from(error: MakeError) -> Self {
        match error {
            MakeError::Format(error) => Self::Read(error),
            MakeError::Store(error) => Self::Store(error),
        }
    }
}

/// Reads the file and hands every payment over, as the table would have it.
fn payments(
    body: ObjectReader,
    hints: Hints,
    context: &PaymentContext,
    sender: &mpsc::Sender<Vec<Payment>>,
) -> Result<(), MakeError> {
    let Report::Settlement(mut reader) = open(body, hints, Limits::default())? else { return Ok(()) };
    let mut classifier = Classifier::new();
    let mut chunk = Vec::with_capacity(CHUNK);
    while let Some(amount) = reader.next_amount()? {
        chunk.push(payment_item(context, &amount, classifier.classify(&amount)).as_stored()?);
        if chunk.len() == CHUNK
            && sender.blocking_send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))).is_err()
        {
            return Ok(());
        }
    }
    // Nobody listens any more only when the other side has failed, and says so itself.
    let _nobody_listens = sender.blocking_send(chunk);
    Ok(())
}
