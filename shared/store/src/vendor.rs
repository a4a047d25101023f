//! Vendor invoices: a number is claimed for ever before anything is sent, and every step leaves its time.
//!
//! The invoice's item is its job. It is put on the condition that nobody else changed it since it was read, so of
//! two processes that want to send the same invoice one wins and the other sees where it stands.

mod item;
mod model;
mod object;
mod read;
#[cfg(test)]
mod tests;

pub use model::{
    Attempt, FileCounts, InvoiceClaim, InvoiceFacts, OfferedInvoice, ReceivedFrom, RejectedInvoice, Rejection,
    Resolution, Resolved, SentBody, Step, StoredFile, StoredInvoice, StoredProblem, StoredViolation, TransactionNews,
    VendorAttention,
};
pub use object::{IncomingFile, IncomingKey, VendorObjects, message_key, sent_key};

use aws_sdk_dynamodb::Client;
use countinghouse_domain::ids::{SellerId, TransactionId};
use countinghouse_domain::vendor::{InvoiceAttention, InvoiceStatus, SENDING_TAKES_AT_MOST};
use jiff::Timestamp;

use crate::item::time_text;
use crate::table::{ATTEMPTS, Table};
use crate::{Item, StoreError};
use item::{INVOICES, KEYS, file_key, invoice_key};

/// The table of vendor invoices.
#[derive(Debug, Clone)]
pub struct VendorInvoices {
    table: Table,
}

/// What to do with an item: put the changed one, or leave it and answer.
enum Change<T> {
    Put(Item, T),
    Leave(T),
}

impl VendorInvoices {
    /// The vendor invoices in this table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table, KEYS) }
    }

    /// Claims an invoice's number, before anything is sent.
    ///
    /// The same invoice again is [`InvoiceClaim::Known`]; another with the same number is [`InvoiceClaim::Refused`], and written
    /// down beside the first, which stays as it is. A number that failed may be claimed again where the offer says
    /// so, and one that our own checks rejected may always.
    pub async fn claim(&self, offered: &OfferedInvoice, now: Timestamp) -> Result<InvoiceClaim, StoreError> {
        let key = invoice_key(&offered.invoice_id);
        for _ in 0..ATTEMPTS {
            // Most invoices of a file are new.
            if self.table.put_new(item::claimed(offered, now)).await? {
                return Ok(InvoiceClaim::Yours(attempt_of(offered, 1)));
            }
            let Some(there) = self.table.get(offered.vendor.as_str(), &key).await? else { continue };
            let known = read::invoice(&there)?;
            let (changed, lost) = match decide(&known, offered, now) {
                Decided::Again => (item::claimed_again(there, offered, now), false),
                Decided::Lost => (item::unsent(there, InvoiceStatus::AnswerLost, DIED, now), true),
                Decided::Refuse => {
                    // Written before is as good as written now.
                    self.table.put_new(item::refused(&there, offered, known.status, now)).await?;
                    return Ok(InvoiceClaim::Refused(known.status));
                }
                Decided::Leave(claim) => return Ok(claim),
            };
            if self.table.put_back(changed).await? {
                let next = || InvoiceClaim::Yours(attempt_of(offered, known.attempt.saturating_add(1)));
                return Ok(if lost { InvoiceClaim::AnswerLost } else { next() });
            }
        }
        Err(self.contention(&offered.vendor, &key))
    }

    /// Writes down that an invoice goes out now. False when it is not this attempt's to send: do not send it.
    pub async fn sending(&self, attempt: &Attempt, sent: &SentBody, now: Timestamp) -> Result<bool, StoreError> {
        self.at(attempt, |there, known| {
            let is_next = known.status == InvoiceStatus::Claimed;
            if is_next { Change::Put(item::sending(there, sent, now), true) } else { Change::Leave(false) }
        })
        .await
    }

    /// Amazon took an invoice. False when the item has moved on otherwise.
    pub async fn submitted(
        &self,
        attempt: &Attempt,
        transaction: &TransactionId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.outcome(attempt, |there| item::submitted(there, transaction, now)).await
    }

    /// Amazon surely did not take an invoice, and it may be sent later.
    pub async fn not_sent(&self, attempt: &Attempt, why: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.at(attempt, |there, known| {
            let waits = known.status == InvoiceStatus::Claimed;
            if waits && known.note.as_deref() == Some(why) {
                Change::Leave(true)
            } else if waits || awaits_its_answer(known.status) {
                Change::Put(item::unsent(there, InvoiceStatus::Claimed, why, now), true)
            } else {
                Change::Leave(false)
            }
        })
        .await
    }

    /// Amazon refused an invoice at once.
    pub async fn failed(
        &self,
        attempt: &Attempt,
        problems: &[StoredProblem],
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.outcome(attempt, |there| item::failed(there, problems, why, now)).await
    }

    /// An invoice went out, and no answer came back.
    pub async fn answer_lost(&self, attempt: &Attempt, why: &str, now: Timestamp) -> Result<bool, StoreError> {
        self.outcome(attempt, |there| item::unsent(there, InvoiceStatus::AnswerLost, why, now)).await
    }

    /// An outcome of a sending: also a late one, after others have given the process up.
    async fn outcome(&self, attempt: &Attempt, change: impl Fn(Item) -> Item) -> Result<bool, StoreError> {
        self.at(attempt, |there, known| {
            if awaits_its_answer(known.status) { Change::Put(change(there), true) } else { Change::Leave(false) }
        })
        .await
    }

    async fn at(
        &self,
        attempt: &Attempt,
        decide: impl Fn(Item, &StoredInvoice) -> Change<bool>,
    ) -> Result<bool, StoreError> {
        self.change(&attempt.vendor, &invoice_key(&attempt.invoice_id), |there| {
            let known = read::invoice(&there)?;
            Ok(if known.attempt == attempt.number { decide(there, &known) } else { Change::Leave(false) })
        })
        .await
    }

    /// Gives up an invoice whose sending began a quarter of an hour ago: nobody knows what Amazon has heard. True
    /// when it is `answer_lost` by this call.
    pub async fn give_up_sending(
        &self,
        vendor: &SellerId,
        invoice_id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(vendor, &invoice_key(invoice_id), |there| {
            let known = read::invoice(&there)?;
            Ok(if is_given_up(&known, now) {
                Change::Put(item::unsent(there, InvoiceStatus::AnswerLost, DIED, now), true)
            } else {
                Change::Leave(false)
            })
        })
        .await
    }

    /// Writes down what Amazon said of a transaction, and when to ask again. None when the invoice has moved on.
    pub async fn asked(
        &self,
        vendor: &SellerId,
        invoice_id: &str,
        news: &TransactionNews,
        now: Timestamp,
    ) -> Result<Option<InvoiceStatus>, StoreError> {
        self.change(vendor, &invoice_key(invoice_id), |there| {
            let known = read::invoice(&there)?;
            let is_it = known.transaction_id.as_ref() == Some(&news.transaction_id);
            if !is_it || !known.status.has_a_transaction_to_ask_about() {
                return Ok(Change::Leave(None));
            }
            Ok(Change::Put(item::asked(there, known.status, news, now), Some(news.status)))
        })
        .await
    }

    /// Writes an invoice down that our own checks rejected. Its number is not taken: it may come again corrected.
    pub async fn rejected(&self, invoice: &RejectedInvoice, now: Timestamp) -> Result<Rejection, StoreError> {
        let Some(id) = &invoice.invoice_id else {
            let is_new = self.table.put_new(item::rejected(None, invoice, now)).await?;
            return Ok(if is_new { Rejection::New } else { Rejection::Known });
        };
        let key = invoice_key(id);
        for _ in 0..ATTEMPTS {
            let there = self.table.get(invoice.vendor.as_str(), &key).await?;
            let Some(there) = there else {
                if self.table.put_new(item::rejected(None, invoice, now)).await? {
                    return Ok(Rejection::New);
                }
                continue;
            };
            let status = read::status(&self.table.fields(&there))?;
            if status != InvoiceStatus::Rejected {
                self.table.put_new(item::rejected_beside(invoice, id, status, now)).await?;
                return Ok(Rejection::Beside(status));
            }
            if there.get("violations") == Some(&item::violations(&invoice.violations)) {
                return Ok(Rejection::Known);
            }
            if self.table.put_back(item::rejected(Some(there), invoice, now)).await? {
                return Ok(Rejection::New);
            }
        }
        Err(self.contention(&invoice.vendor, &key))
    }

    /// Writes down what a person found out about an invoice. An invoice that Amazon may have can be found accepted or
    /// failed; one that was found accepted can still fail, for Amazon says so by mail only.
    pub async fn resolve(
        &self,
        vendor: &SellerId,
        invoice_id: &str,
        resolution: Resolution,
        note: &str,
        now: Timestamp,
    ) -> Result<Resolved, StoreError> {
        use InvoiceStatus::{Accepted, AnswerLost, Failed, PresumedAcceptedUnverified, Processing, Submitted};
        let status = if resolution == Resolution::Accepted { Accepted } else { Failed };
        self.change(vendor, &invoice_key(invoice_id), |there| {
            let from = read::status(&self.table.fields(&there))?;
            let leads_there =
                matches!(from, AnswerLost | PresumedAcceptedUnverified | Processing | Submitted | Accepted);
            Ok(if from == status {
                Change::Leave(Resolved::Already)
            } else if leads_there {
                Change::Put(item::resolved(there, status, note, now), Resolved::Now(status))
            } else {
                Change::Leave(Resolved::NotFrom(from))
            })
        })
        .await
    }

    /// Takes an item off the list of what a person should look at; `item` is its sort key. What it says stays.
    pub async fn acknowledge(
        &self,
        vendor: &SellerId,
        item: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.change(vendor, item, |there| Ok(Change::Put(item::acknowledged(there, note, now), ()))).await
    }

    /// Writes down what became of a file.
    pub async fn file_read(
        &self,
        vendor: &SellerId,
        place: (&str, Option<&str>),
        counts: FileCounts,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.table.put(item::file(vendor, place, None, counts, now)).await
    }

    /// Writes down why a file cannot be read; nothing of it was sent.
    pub async fn file_unreadable(
        &self,
        vendor: &SellerId,
        place: (&str, Option<&str>),
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.table.put(item::file(vendor, place, Some(why), FileCounts::default(), now)).await
    }

    /// One invoice.
    pub async fn get(&self, vendor: &SellerId, invoice_id: &str) -> Result<Option<StoredInvoice>, StoreError> {
        let there = self.table.get(vendor.as_str(), &invoice_key(invoice_id)).await?;
        there.as_ref().map(read::invoice).transpose()
    }

    /// Every invoice of a vendor, by number.
    pub async fn list(&self, vendor: &SellerId) -> Result<Vec<StoredInvoice>, StoreError> {
        self.table.begins_with(vendor.as_str(), INVOICES).await?.iter().map(read::invoice).collect()
    }

    /// One file.
    pub async fn file(&self, vendor: &SellerId, object_key: &str) -> Result<Option<StoredFile>, StoreError> {
        let there = self.table.get(vendor.as_str(), &file_key(object_key)).await?;
        there.as_ref().map(read::file).transpose()
    }

    /// The vendor's invoices that are to be looked after by now, the longest overdue first.
    pub async fn due(&self, vendor: &SellerId, now: Timestamp) -> Result<Vec<StoredInvoice>, StoreError> {
        let until = ("next_check_at", time_text(now));
        let keys = self.table.keys_in_index_until("in-flight", ("in_flight_vendor", vendor.as_str()), until).await?;
        self.invoices(keys).await
    }

    /// All of the vendor's invoices that are looked after, whenever they are due.
    pub async fn in_flight(&self, vendor: &SellerId) -> Result<Vec<StoredInvoice>, StoreError> {
        let keys = self.table.keys_in_index("in-flight", "in_flight_vendor", vendor.as_str()).await?;
        self.invoices(keys).await
    }

    async fn invoices(&self, keys: Vec<Item>) -> Result<Vec<StoredInvoice>, StoreError> {
        let items = self.table.get_many(keys).await?;
        let mut found = items.iter().map(read::invoice).collect::<Result<Vec<_>, _>>()?;
        // The index lags behind the table.
        found.retain(|each| each.next_check_at.is_some());
        found.sort_by_key(|each| each.next_check_at);
        Ok(found)
    }

    /// Whatever has this kind of attention, of all vendors, the oldest first: invoices, refused ones and files.
    pub async fn needing_attention(&self, who: InvoiceAttention) -> Result<Vec<VendorAttention>, StoreError> {
        let keys = self.table.keys_in_index("by-status", "attention", who.name()).await?;
        let mut found = Vec::new();
        for item in self.table.get_many(keys).await? {
            if self.table.fields(&item).text_if("attention")? == Some(who.name()) {
                found.push(read::attention(&item)?);
            }
        }
        found.sort_by(|left, right| (left.since, &left.item).cmp(&(right.since, &right.item)));
        Ok(found)
    }

    /// How many invoices, refused ones and files of all vendors a person must look at, as the index has them.
    pub async fn count_needing_a_person(&self) -> Result<u64, StoreError> {
        let keys = self.table.keys_in_index("by-status", "attention", InvoiceAttention::NeedsAPerson.name()).await?;
        Ok(u64::try_from(keys.len()).unwrap_or(u64::MAX))
    }

    /// Since when the invoice that is on its way stands where it stands, the one that has stood the longest; of all
    /// vendors.
    pub async fn oldest_on_its_way(&self) -> Result<Option<Timestamp>, StoreError> {
        let hash = ("attention", InvoiceAttention::OnItsWay.name());
        let first = self.table.first_in_index("by-status", hash).await?;
        first.map(|item| self.table.fields(&item).time("status_since")).transpose()
    }

    async fn change<T>(
        &self,
        vendor: &SellerId,
        key: &str,
        change: impl Fn(Item) -> Result<Change<T>, StoreError>,
    ) -> Result<T, StoreError> {
        for _ in 0..ATTEMPTS {
            let there = self.table.get(vendor.as_str(), key).await?;
            let there = there.ok_or_else(|| StoreError::Missing { item: format!("{vendor} / {key}") })?;
            match change(there)? {
                Change::Leave(answer) => return Ok(answer),
                Change::Put(changed, answer) => {
                    if self.table.put_back(changed).await? {
                        return Ok(answer);
                    }
                }
            }
        }
        Err(self.contention(vendor, key))
    }

    fn contention(&self, vendor: &SellerId, key: &str) -> StoreError {
        StoreError::Conflict { item: format!("{} {vendor} / {key}", self.table.name) }
    }
}

/// Why the answer of an invoice is lost where nobody was left to say so.
const DIED: &str = "the process that was sending it ended without writing an answer down";

fn attempt_of(offered: &OfferedInvoice, number: u32) -> Attempt {
    Attempt { vendor: offered.vendor.clone(), invoice_id: offered.invoice_id.clone(), number }
}

/// What an offer means for the invoice that has its number.
enum Decided {
    Leave(InvoiceClaim),
    Again,
    Lost,
    Refuse,
}

fn decide(known: &StoredInvoice, offered: &OfferedInvoice, now: Timestamp) -> Decided {
    let is_same = known.content_hash.as_ref() == Some(&offered.content_hash);
    // A message that comes twice must not send a resubmission twice.
    let came_before = known.received == offered.received;
    match known.status {
        InvoiceStatus::Rejected => Decided::Again,
        InvoiceStatus::Failed if offered.resubmit && !came_before => Decided::Again,
        _ if !is_same => Decided::Refuse,
        InvoiceStatus::Claimed => Decided::Leave(InvoiceClaim::Yours(attempt_of(offered, known.attempt))),
        InvoiceStatus::Sending if is_given_up(known, now) => Decided::Lost,
        InvoiceStatus::Sending => Decided::Leave(InvoiceClaim::BeingSent),
        InvoiceStatus::Submitted
        | InvoiceStatus::Processing
        | InvoiceStatus::PresumedAcceptedUnverified
        | InvoiceStatus::Accepted
        | InvoiceStatus::Failed
        | InvoiceStatus::AnswerLost => Decided::Leave(InvoiceClaim::Known(known.status)),
    }
}

/// Whether it went out and nothing came back yet: an outcome may still be written down, also a late one.
const fn awaits_its_answer(status: InvoiceStatus) -> bool {
    matches!(status, InvoiceStatus::Sending | InvoiceStatus::AnswerLost)
}

fn is_given_up(known: &StoredInvoice, now: Timestamp) -> bool {
    known.status == InvoiceStatus::Sending && now.duration_since(known.status_since) >= SENDING_TAKES_AT_MOST
}
