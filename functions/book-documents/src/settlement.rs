//! A settlement: claim it, write its payments in the order of the file, complete it with the proof.

use std::collections::BTreeMap;

use countinghouse_domain::ids::ReportId;
use countinghouse_domain::payment::{Classifier, PaymentType, Rules};
use countinghouse_domain::settlement::{Evidence, Proof, ProofStatus, prove};
use countinghouse_formats::{FormatError, Hints, Limits, Report, open};
use countinghouse_runtime::messages::Checkpoint;
use countinghouse_runtime::metrics::Metric;
use countinghouse_store::{
    AttentionReason, Balances, Claim, ClaimedSettlement, Completion, ObjectReader, PaymentContext, PaymentItem,
    SettlementStatus, StoredSettlement, WriterSettings, derived_item, payment_item,
};
use tokio::sync::mpsc;

use crate::booking::{Ended, PROGRAM_VERSION, Subject};
use crate::reading::SettlementReading;
use crate::{BookError, Dependencies};

/// How many payments are handed from the thread that reads to the task that writes at once.
const CHUNK: usize = 100;
/// How many such chunks may wait: enough that neither waits for the other, and no more memory than that.
const CHUNKS_WAITING: usize = 8;

pub(crate) async fn book(
    subject: &Subject<'_>,
    reading: &SettlementReading,
    checkpoint: Option<&Checkpoint>,
) -> Result<Ended, BookError> {
    let written_before = match checkpoint {
        None => 0,
        Some(Checkpoint::Settlement { sha256, amounts_written }) if *sha256 == reading.source.sha256 => {
            *amounts_written
        }
        Some(_) => return Err(BookError::Changed),
    };
    let delivered_as = match claim(subject, reading).await? {
        Claim::New => subject.metadata.report_id.clone(),
        Claim::Resumed(known) => known.report_id,
        Claim::AlreadyBooked(known) if subject.again.is_some() => match reopen(subject, reading, known).await? {
            Ok(delivered_as) => delivered_as,
            Err(refusal) => return Ok(Ended::Refused(refusal)),
        },
        Claim::AlreadyBooked(_) => return Ok(Ended::Booked(counts(reading))),
        Claim::Conflict(known) => return Ok(conflict(subject, reading, &known)),
    };
    let header = &reading.header;
    let (seller, currency) = (&subject.metadata.seller, header.currency);
    let context = PaymentContext::new(seller, &header.settlement_id, currency, &delivered_as);
    let written =
        written_before.saturating_add(write(subject, &context, written_before, &reading.source.sha256).await?);
    if written < reading.tally.all().count {
        return Ok(Ended::At(Checkpoint::Settlement {
            sha256: reading.source.sha256.clone(),
            amounts_written: written,
        }));
    }
    complete(subject, reading, &context, written).await
}

/// Opens a settlement that is booked, to book it again; or says why not. What is proven never becomes unproven.
async fn reopen(
    subject: &Subject<'_>,
    reading: &SettlementReading,
    known: ClaimedSettlement,
) -> Result<Result<ReportId, String>, BookError> {
    let id = &reading.header.settlement_id;
    let proof = match prove(&reading.header, &reading.tally, evidence(reading, reading.tally.all().count)) {
        Ok(proof) => proof,
        Err(error) => return Ok(Err(error.to_string())),
    };
    if known.status == SettlementStatus::Proven && proof.status == ProofStatus::Unproven {
        return Ok(Err(format!(
            "settlement {id} is proven, and read again its amounts come to {} where the deposit is {}",
            proof.sum, proof.total_amount
        )));
    }
    subject.dependencies.settlements.reopen(&known.seller, id, &known.sha256).await?;
    Ok(Ok(known.report_id))
}

async fn claim(subject: &Subject<'_>, reading: &SettlementReading) -> Result<Claim, BookError> {
    let Dependencies { settlements, clock, .. } = subject.dependencies;
    let (seller, report) = (&subject.metadata.seller, &subject.metadata.report_id);
    let sha256 = &reading.source.sha256;
    Ok(settlements.claim(seller, &reading.header, reading.layout, sha256, report, clock.now()).await?)
}

fn conflict(subject: &Subject<'_>, reading: &SettlementReading, known: &ClaimedSettlement) -> Ended {
    subject.metrics().value(Metric::ConflictingSettlements, 1).emit(subject.dependencies.clock.now());
    let seller = &subject.metadata.seller;
    if known.seller != *seller {
        return Ended::Quarantined(format!(
            "settlement {} is booked for account {} (report {}), so nothing of it was written for {seller}. A settlement belongs \
             to one seller: see in Seller Central which of the two ids is the Merchant Token, and disconnect the other",
            reading.header.settlement_id, known.seller, known.report_id,
        ));
    }
    Ended::Quarantined(format!(
        "settlement {} is booked from other bytes: report {} in layout {} (SHA-256 {}); this file has layout {} (SHA-256 {}), and nothing of it was written",
        reading.header.settlement_id,
        known.report_id,
        known.layout.name(),
        known.sha256,
        reading.layout.name(),
        reading.source.sha256,
    ))
}

/// Writes the payments after the first `skip` amounts until all are written or time is up; returns how many.
async fn write(
    subject: &Subject<'_>,
    context: &PaymentContext,
    skip: u64,
    expected_sha256: &str,
) -> Result<u64, BookError> {
    let body = subject.reopen().await?;
    let (hints, limits, context) = (subject.hints(), subject.dependencies.limits, context.clone());
    let (sender, mut chunks) = mpsc::channel(CHUNKS_WAITING);
    let reader = tokio::task::spawn_blocking(move || second_reading(body, hints, limits, &context, skip, &sender));
    let mut writer = subject.dependencies.payments.writer(WriterSettings::default());
    while let Some(chunk) = chunks.recv().await {
        for payment in chunk {
            writer.push(payment).await?;
        }
        if subject.deadline.has_passed(subject.dependencies.clock.now()) {
            // The reading thread ends when nobody takes its chunks any more.
            chunks.close();
            break;
        }
    }
    let written = writer.finish().await?;
    // What was taken from the channel is written; what still lies in it belongs to the next run.
    drop(chunks);
    let read = reader.await.map_err(BookError::Reader)?.map_err(BookError::Read)?;
    if read.is_some_and(|sha256| sha256 != expected_sha256) {
        return Err(BookError::Changed);
    }
    Ok(written.items)
}

/// Returns the SHA-256 of what was read, if it was read to its end.
fn second_reading(
    body: ObjectReader,
    hints: Hints,
    limits: Limits,
    context: &PaymentContext,
    skip: u64,
    sender: &mpsc::Sender<Vec<PaymentItem>>,
) -> Result<Option<String>, FormatError> {
    let Report::Settlement(mut reader) = open(body, hints, limits)? else { return Ok(Some(String::new())) };
    let mut classifier = Classifier::new();
    let mut seen = 0_u64;
    let mut chunk = Vec::with_capacity(CHUNK);
    while let Some(amount) = reader.next_amount()? {
        seen = seen.saturating_add(1);
        if seen <= skip {
            continue;
        }
        chunk.push(payment_item(context, &amount, classifier.classify(&amount)));
        if chunk.len() == CHUNK
            && sender.blocking_send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))).is_err()
        {
            return Ok(None);
        }
    }
    // Nobody takes the last chunk when time is up; then it belongs to the next run.
    let _taken = sender.blocking_send(chunk);
    reader.finish().map(|source| Some(source.sha256))
}

async fn complete(
    subject: &Subject<'_>,
    reading: &SettlementReading,
    context: &PaymentContext,
    written: u64,
) -> Result<Ended, BookError> {
    let proof = match prove(&reading.header, &reading.tally, evidence(reading, written)) {
        Ok(proof) => proof,
        Err(error) => return Ok(Ended::Quarantined(error.to_string())),
    };
    let Dependencies { payments, settlements, clock, .. } = subject.dependencies;
    if let Some(derived) = &proof.derived {
        payments.put(derived_item(context, derived)).await?;
    }
    let warnings: Vec<String> = reading.source.warnings.iter().map(ToString::to_string).collect();
    let completion = Completion {
        header: &reading.header,
        proof: &proof,
        tally: &reading.tally,
        balances: Balances::of(&reading.tally),
        program_version: PROGRAM_VERSION,
        rules: Rules::fingerprint(),
        unknown_columns: &reading.source.unknown_columns,
        warnings: &warnings,
    };
    let stored = settlements.complete(&subject.metadata.seller, &completion, clock.now()).await?;
    report(subject, reading, &proof, &stored);
    Ok(Ended::Booked(counts(reading)))
}

fn evidence(reading: &SettlementReading, payments_written: u64) -> Evidence {
    Evidence {
        layout: reading.layout,
        sha256: reading.source.sha256.clone(),
        rows: reading.source.rows,
        payments_written,
    }
}

fn report(subject: &Subject<'_>, reading: &SettlementReading, proof: &Proof, stored: &StoredSettlement) {
    let proven = u64::from(proof.status == ProofStatus::Proven);
    let gap = u64::from(stored.reasons.contains(&AttentionReason::Gap));
    subject
        .metrics()
        .field("settlement_id", reading.header.settlement_id.as_str())
        .value(Metric::PaymentsWritten, proof.evidence.payments_written)
        .value(Metric::ProvenSettlements, proven)
        .value(Metric::UnprovenSettlements, 1_u64.saturating_sub(proven))
        .value(Metric::UnclassifiedRows, proof.unclassified)
        .value(Metric::SettlementGaps, gap)
        .emit(subject.dependencies.clock.now());
    tracing::info!(
        seller_id = subject.metadata.seller.as_str(),
        settlement_id = reading.header.settlement_id.as_str(),
        status = proof.status.name(),
        amounts = proof.amounts,
        sum = %proof.sum,
        total_amount = %proof.total_amount,
        difference = %proof.difference,
        currency = reading.header.currency.code(),
        unclassified = proof.unclassified,
        "the settlement is booked"
    );
}

fn counts(reading: &SettlementReading) -> BTreeMap<String, u64> {
    let unclassified = reading.tally.of_type(PaymentType::Unclassified).count;
    BTreeMap::from([
        ("payments".to_owned(), reading.tally.all().count),
        ("rows".to_owned(), reading.source.rows),
        ("unclassified".to_owned(), unclassified),
    ])
}
