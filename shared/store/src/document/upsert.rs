//! Books documents: creates, merges, revises, and marks what a number supersedes.

use std::collections::HashMap;

use countinghouse_domain::document::{Difference, Document, DocumentKey, DocumentLine, Merge, Standing, merge, rebook};
use countinghouse_domain::ids::{ReportId, SellerId};
use futures_util::{StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::item::{self, HEADER, KEYS, Keeping};
use super::{Documents, Preview, StoredDocument, Upsert, UpsertCounts, UpsertError};
use crate::payment::{WriterSettings, write_batch};
use crate::size::item_bytes;
use crate::table::{ATTEMPTS, Change};
use crate::{Item, StoreError};

/// How many documents are looked up at once, and how many are written at once.
const LOOKED_UP: usize = 40;
const WRITTEN_AT_ONCE: usize = 16;
/// A transaction takes 100 items of 4 MB together.
const TRANSACTION_ITEMS: usize = 90;
const TRANSACTION_BYTES: usize = 3_500_000;

/// One report at one moment.
#[derive(Debug, Clone, Copy)]
struct Booking<'a> {
    seller: &'a SellerId,
    report_id: &'a ReportId,
    now: Timestamp,
    /// Whether a person has it booked again: then every document is judged anew, and a later report is not undone.
    again: bool,
}

impl Documents {
    /// Books one document of a report.
    pub async fn upsert(
        &self,
        seller: &SellerId,
        document: Document,
        report_id: &ReportId,
        now: Timestamp,
    ) -> Result<Upsert, UpsertError> {
        let mut document = document;
        document.stamp(report_id.as_str());
        let known = self.headers(seller, std::slice::from_ref(&document)).await?;
        self.upsert_one(Booking { seller, report_id, now, again: false }, &document, known).await
    }

    /// Books documents of a report, several at once. Booking them again changes nothing, and what is in the books
    /// already costs one read and no write.
    pub async fn upsert_many(
        &self,
        seller: &SellerId,
        documents: Vec<Document>,
        report_id: &ReportId,
        now: Timestamp,
    ) -> Result<UpsertCounts, UpsertError> {
        self.book_many(Booking { seller, report_id, now, again: false }, documents).await
    }

    /// Books documents of a report again, by order of a person: see [`rebook`]. Done twice, the second time changes
    /// nothing.
    pub async fn rebook_many(
        &self,
        seller: &SellerId,
        documents: Vec<Document>,
        report_id: &ReportId,
        now: Timestamp,
    ) -> Result<UpsertCounts, UpsertError> {
        self.book_many(Booking { seller, report_id, now, again: true }, documents).await
    }

    /// What [`rebook_many`](Self::rebook_many) would do, in the order of the documents. Nothing is written.
    pub async fn preview_many(
        &self,
        seller: &SellerId,
        mut documents: Vec<Document>,
        report_id: &ReportId,
    ) -> Result<Vec<Preview>, UpsertError> {
        let mut previews = Vec::with_capacity(documents.len());
        for chunk in documents.chunks_mut(LOOKED_UP) {
            for document in chunk.iter_mut() {
                document.stamp(report_id.as_str());
            }
            let preview: Vec<_> = chunk.iter().map(|document| self.preview(seller, document, report_id)).collect();
            let found = futures_util::stream::iter(preview).buffered(WRITTEN_AT_ONCE);
            previews.extend(found.try_collect::<Vec<_>>().await?);
        }
        Ok(previews)
    }

    async fn preview(
        &self,
        seller: &SellerId,
        document: &Document,
        report_id: &ReportId,
    ) -> Result<Preview, UpsertError> {
        let items = self.table.partition(&item::partition_key(seller, &document.key)).await?;
        let Some(stored) = item::read(&self.table, &items)? else {
            let superseded = self.same_rows_under_a_number(seller, document).await?.is_some();
            let outcome = if superseded { Upsert::Superseded } else { Upsert::Created };
            // What is kept only for the record is no document of its own.
            return Ok(Preview { outcome, before: None, after: Some(document.clone()).filter(|_| !superseded) });
        };
        let standing = standing(&stored.report_ids, report_id);
        // What was forgotten judges the document, and does not come back.
        let (outcome, after, _) = outcome_of(rebook(&stored.document, document, standing)?);
        Ok(Preview { outcome, before: Some(stored.document), after })
    }

    async fn book_many(&self, booking: Booking<'_>, mut documents: Vec<Document>) -> Result<UpsertCounts, UpsertError> {
        let (seller, report_id) = (booking.seller, booking.report_id);
        let mut counts = UpsertCounts::default();
        for chunk in documents.chunks_mut(LOOKED_UP) {
            for document in chunk.iter_mut() {
                document.stamp(report_id.as_str());
            }
            let known = self.headers(seller, chunk).await?;
            let booking: Vec<_> = chunk
                .iter()
                .map(|document| self.upsert_flagged(booking, document, own_and_superseded(seller, document, &known)))
                .collect();
            let booked = futures_util::stream::iter(booking).buffer_unordered(WRITTEN_AT_ONCE);
            let booked: Vec<_> = booked.try_collect().await?;
            for (outcome, flagged) in booked {
                counts.count(outcome, flagged);
            }
        }
        Ok(counts)
    }

    async fn upsert_flagged(
        &self,
        booking: Booking<'_>,
        document: &Document,
        known: HashMap<String, Item>,
    ) -> Result<(Upsert, bool), UpsertError> {
        Ok((self.upsert_one(booking, document, known).await?, document.needs_attention()))
    }

    /// The headers of the documents and of those that they may supersede, by partition.
    async fn headers(&self, seller: &SellerId, documents: &[Document]) -> Result<HashMap<String, Item>, StoreError> {
        let mut partitions: Vec<String> = documents.iter().flat_map(|each| partitions_of(seller, each)).collect();
        partitions.sort_unstable();
        partitions.dedup();
        let keys = partitions.iter().map(|partition| self.table.key(partition, HEADER)).collect();
        let mut headers = HashMap::new();
        for header in self.table.get_many(keys).await? {
            let partition = self.table.fields(&header).text(KEYS.0)?.to_owned();
            headers.insert(partition, header);
        }
        Ok(headers)
    }

    async fn upsert_one(
        &self,
        booking: Booking<'_>,
        document: &Document,
        mut known: HashMap<String, Item>,
    ) -> Result<Upsert, UpsertError> {
        let partition = item::partition_key(booking.seller, &document.key);
        for _ in 0..ATTEMPTS {
            let (outcome, mut changes) = match known.remove(&partition) {
                None => self.created(booking, document).await?,
                Some(header) if !booking.again && self.is_same(&header, document)? => return Ok(Upsert::Same),
                Some(_) => match self.merged(booking, document, &partition).await? {
                    Some(merged) => merged,
                    None => return Ok(Upsert::Same),
                },
            };
            for header in known.into_values() {
                changes.extend(self.superseded(booking, document, &partition, header).await?);
            }
            if self.put_all(changes).await? {
                return Ok(outcome);
            }
            known = self.headers(booking.seller, std::slice::from_ref(document)).await?;
        }
        Err(StoreError::Conflict { item: format!("{} {partition}", self.table.name) }.into())
    }

    fn is_same(&self, header: &Item, document: &Document) -> Result<bool, StoreError> {
        Ok(self.table.fields(header).text("fingerprint")? == document.fingerprint())
    }

    async fn created(&self, booking: Booking<'_>, document: &Document) -> Result<(Upsert, Vec<Change>), UpsertError> {
        let superseded_by = self.same_rows_under_a_number(booking.seller, document).await?;
        let outcome = if superseded_by.is_some() { Upsert::Superseded } else { Upsert::Created };
        let keeping = Keeping {
            report_ids: vec![booking.report_id.clone()],
            booked_at: booking.now,
            updated_at: booking.now,
            revisions: 0,
            superseded_by,
            expires_at: self.expires_at(booking.now),
            forgotten_at: self.forgotten_at(booking.seller, &document.order_id).await?,
        };
        let items = write(booking.seller, document, &keeping)?;
        Ok((outcome, changes(items, Change::New)))
    }

    /// What a later report makes of a document; none where it says nothing new.
    async fn merged(
        &self,
        booking: Booking<'_>,
        document: &Document,
        partition: &str,
    ) -> Result<Option<(Upsert, Vec<Change>)>, UpsertError> {
        let items = self.table.partition(partition).await?;
        let stored = item::read(&self.table, &items)?;
        let mut stored = stored.ok_or_else(|| StoreError::Missing { item: partition.to_owned() })?;
        // The mark may be newer than the header: somebody forgets the order at this moment.
        if stored.forgotten_at.is_none() {
            stored.forgotten_at = self.forgotten_at(booking.seller, &document.order_id).await?;
        }
        // What was forgotten still helps to judge the document; it is not written.
        let merged = if booking.again {
            rebook(&stored.document, document, standing(&stored.report_ids, booking.report_id))?
        } else {
            merge(&stored.document, document)?
        };
        let (outcome, Some(merged), differences) = outcome_of(merged) else { return Ok(None) };
        let shown = differences.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
        let differences = shown.map_err(|error| StoreError::build(partition, error))?;
        let keeping = self.keeping(booking, stored, outcome);
        let new = write(booking.seller, &merged, &keeping)?;
        Ok(Some((outcome, self.replacing(booking, &items, new, &keeping, outcome, &differences))))
    }

    fn keeping(&self, booking: Booking<'_>, stored: StoredDocument, outcome: Upsert) -> Keeping {
        let mut report_ids = stored.report_ids;
        if !report_ids.contains(booking.report_id) {
            report_ids.push(booking.report_id.clone());
        }
        Keeping {
            report_ids,
            booked_at: stored.booked_at,
            updated_at: booking.now,
            revisions: stored.revisions.saturating_add(u64::from(is_another_version(outcome))),
            superseded_by: stored.superseded_by,
            expires_at: self.expires_at(stored.booked_at),
            forgotten_at: stored.forgotten_at,
        }
    }

    /// The new items, the version before if its figures change, and what becomes of parts that are not needed.
    fn replacing(
        &self,
        booking: Booking<'_>,
        old: &[Item],
        mut new: Vec<Item>,
        keeping: &Keeping,
        outcome: Upsert,
        differences: &[Value],
    ) -> Vec<Change> {
        let version = old.iter().find(|item| part(item) == HEADER).and_then(|header| header.get("version")).cloned();
        if let (Some(header), Some(version)) = (new.first_mut(), version) {
            header.insert("version".to_owned(), version);
        }
        let belongs = |item: &Item| part(item).starts_with("lines ") || part(item).starts_with(item::PERSONAL);
        let stale = |item: &&Item| belongs(item) && !new.iter().any(|each| part(each) == part(item));
        let partition = new.first().map(|header| self.table.fields(header)).and_then(|fields| fields.text(KEYS.0).ok());
        let partition = partition.unwrap_or_default().to_owned();
        let stale: Vec<_> = old.iter().filter(stale).map(|item| item::unused(&partition, part(item))).collect();
        let mut all = changes(new, Change::Back);
        all.extend(stale.into_iter().map(Change::Beside));
        if is_another_version(outcome) {
            let kept = item::revision(old, keeping.revisions, differences, booking.now);
            all.extend(kept.into_iter().map(Change::Beside));
        }
        all
    }

    /// A document without a number is superseded by this one if all of its rows are here.
    async fn superseded(
        &self,
        booking: Booking<'_>,
        document: &Document,
        partition: &str,
        header: Item,
    ) -> Result<Option<Change>, StoreError> {
        let fields = self.table.fields(&header);
        if fields.text_if("superseded_by")?.is_some() {
            return Ok(None);
        }
        let items = self.table.partition(fields.text(KEYS.0)?).await?;
        let covered = item::read(&self.table, &items)?.is_some_and(|earlier| covers(document, &earlier.document));
        Ok(covered.then(|| Change::Back(item::superseded(header, partition, booking.now))))
    }

    /// The document with a number that has all rows of this one, which has none: an older report came again.
    async fn same_rows_under_a_number(
        &self,
        seller: &SellerId,
        document: &Document,
    ) -> Result<Option<String>, StoreError> {
        if document.number().is_some() || document.order_id.is_empty() {
            return Ok(None);
        }
        let others = self.of_order(seller, &document.order_id).await?;
        let numbered = others.iter().find(|other| {
            other.document.number().is_some()
                && other.document.supersedes().contains(&document.key)
                && covers(&other.document, document)
        });
        Ok(numbered.map(|other| item::partition_key(seller, &other.document.key)))
    }

    fn expires_at(&self, booked_at: Timestamp) -> Timestamp {
        SignedDuration::try_from(self.personal_data_kept_for)
            .ok()
            .and_then(|kept| booked_at.checked_add(kept).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// Writes everything in one transaction. What is too much for one is written before, its header last: until
    /// then nobody sees it, and a reader counts the lines.
    async fn put_all(&self, changes: Vec<Change>) -> Result<bool, StoreError> {
        let bytes = changes.iter().map(|change| item_bytes(change.item())).fold(0, usize::saturating_add);
        if changes.len() <= TRANSACTION_ITEMS && bytes <= TRANSACTION_BYTES {
            return self.table.put_together(changes).await;
        }
        let (beside, together): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| matches!(change, Change::Beside(_)));
        let beside: Vec<Item> = beside.into_iter().map(Change::into_item).collect();
        // A batch takes 16 MB: 25 items of at most 400 KB.
        for batch in beside.chunks(25) {
            write_batch(&self.table, batch.to_vec(), WriterSettings::default()).await?;
        }
        self.table.put_together(together).await
    }
}

/// What a merge comes to: the document afterwards, where it changes, and what was revised.
fn outcome_of(merged: Merge) -> (Upsert, Option<Document>, Vec<Difference>) {
    match merged {
        Merge::Same => (Upsert::Same, None, Vec::new()),
        Merge::Updated(document) => (Upsert::Updated, Some(*document), Vec::new()),
        Merge::Extended(document) => (Upsert::Extended, Some(*document), Vec::new()),
        Merge::Revised { document, differences } => {
            (Upsert::Revised { differences: differences.len() }, Some(*document), differences)
        }
    }
}

/// Whether a report's word is the last about a document. The reports that taught something about it stand in the order
/// in which they came; of one that taught nothing its number says when it was made, for Amazon counts upwards.
fn standing(taught: &[ReportId], report: &ReportId) -> Standing {
    let number = |id: &ReportId| id.as_str().parse::<u64>().ok();
    let Some(last) = taught.last().filter(|last| *last != report) else { return Standing::Newest };
    let is_older = match (number(report), number(last)) {
        (Some(report), Some(last)) => report < last,
        _ => false,
    };
    if is_older || taught.contains(report) { Standing::Older } else { Standing::Newest }
}

pub(super) fn part(item: &Item) -> &str {
    item.get(KEYS.1).and_then(|part| part.as_s().ok()).map_or("", String::as_str)
}

fn write(seller: &SellerId, document: &Document, keeping: &Keeping) -> Result<Vec<Item>, StoreError> {
    let partition = || item::partition_key(seller, &document.key);
    item::write(seller, document, keeping).map_err(|error| StoreError::build(partition(), error))
}

/// The header decides; everything else changes with it.
fn changes(items: Vec<Item>, header: fn(Item) -> Change) -> Vec<Change> {
    let change = |item: Item| if part(&item) == HEADER { header(item) } else { Change::Beside(item) };
    items.into_iter().map(change).collect()
}

/// Whether the totals may be others than before, so that the version before is evidence.
const fn is_another_version(outcome: Upsert) -> bool {
    matches!(outcome, Upsert::Extended | Upsert::Revised { .. })
}

fn partitions_of(seller: &SellerId, document: &Document) -> Vec<String> {
    let partition = |key: &DocumentKey| item::partition_key(seller, key);
    std::iter::once(partition(&document.key)).chain(document.supersedes().iter().map(partition)).collect()
}

fn own_and_superseded(seller: &SellerId, document: &Document, known: &HashMap<String, Item>) -> HashMap<String, Item> {
    let own = |partition: String| known.get_key_value(&partition).map(|(key, item)| (key.clone(), item.clone()));
    partitions_of(seller, document).into_iter().filter_map(own).collect()
}

/// Whether every line of one document is a line of the other: the same article of the same transaction with the
/// same figures, as often.
fn covers(whole: &Document, part: &Document) -> bool {
    fn essence(line: &DocumentLine) -> impl PartialEq + '_ {
        (
            (&line.order_id, &line.shipment_id, &line.transaction_id, &line.asin, &line.sku),
            (line.quantity, line.item, line.shipping, line.gift_wrap),
        )
    }
    let mut left: Vec<&DocumentLine> = whole.lines.iter().collect();
    part.lines.iter().all(|line| {
        let place = left.iter().position(|other| essence(other) == essence(line));
        place.map(|place| left.swap_remove(place)).is_some()
    })
}
