//! What a document goes through between two reports: made, uploaded, answered, or void.

use countinghouse_domain::ids::SellerId;
use countinghouse_vat_invoices::errors::Next;
use countinghouse_vat_invoices::state::{Event, Standing, State, after};
use jiff::Timestamp;

use super::item::{self, Move};
use super::key::{feed_key, number_key, shipment_key};
use super::model::{Feed, Hint, MadeDocument, MadeFrom, NextStep, OriginalInvoice, StoredOwnInvoice};
use super::report::not_possible;
use super::{Decided, OwnInvoices, read};
use crate::item::ItemBuilder;
use crate::table::{ATTEMPTS, Change};
use crate::{Item, StoreError};

impl OwnInvoices {
    /// Writes down that a document was made, or made again after a rejection. False when it is not to be made now: it has
    /// moved on.
    pub async fn issued(
        &self,
        seller: &SellerId,
        document: &str,
        made: &MadeDocument,
        from: &MadeFrom,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(seller, document, |there, known| {
            let standing = match known.standing.state {
                _ if known.numbering.is_none() => return Ok(Decided::Leave(false)),
                State::Due => after(&known.standing, &Event::Issued, now),
                State::Rejected => Ok(known.standing.clone()),
                State::Issued
                | State::Uploading
                | State::Processing
                | State::Accepted
                | State::NeedsPerson
                | State::Cancelled => return Ok(Decided::Leave(false)),
            };
            let standing = standing.map_err(|error| not_possible(known, &error))?;
            let note = (known.standing.state == State::Rejected).then_some("made again, under its number");
            let mut item = ItemBuilder::edit(there);
            item::made(&mut item, made, from, now);
            item::step(&mut item, &Move { before: Some(known.standing.state), standing: &standing, note }, now);
            Ok(Decided::Put(item.take(), true))
        })
        .await
    }

    /// Writes down why a document cannot be made; a person must look. False when it is not to be made any more.
    pub async fn cannot_be_made(
        &self,
        seller: &SellerId,
        document: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.event(seller, document, &Event::CannotBeMade, Some(why), now).await
    }

    /// A person says that what kept a document from being made is gone, or that it be uploaded again. What is to be done
    /// next; nothing where it does not wait for a person.
    ///
    /// A document without a number, or one that was never made under its number, is due again. One that Amazon refused for
    /// what is in it is made again under its number. Any other is uploaded again as it is. What only waits for its turn
    /// gets its message once more.
    pub async fn try_again(
        &self,
        seller: &SellerId,
        document: &str,
        note: &str,
        now: Timestamp,
    ) -> Result<NextStep, StoreError> {
        self.change(seller, document, |there, known| {
            let (event, next) = match known.standing.state {
                State::Due => return Ok(Decided::Leave(NextStep::Issue)),
                State::Issued => return Ok(Decided::Leave(NextStep::Upload)),
                State::Uploading | State::Processing | State::Accepted | State::Cancelled => {
                    return Ok(Decided::Leave(NextStep::Nothing));
                }
                State::NeedsPerson if known.made.is_none() => (Event::CanBeMade, NextStep::Issue),
                State::Rejected | State::NeedsPerson if is_wrong(&known.standing) => {
                    (Event::PersonMakesAgain, NextStep::Issue)
                }
                State::Rejected | State::NeedsPerson => (Event::PersonUploadsAgain, NextStep::Upload),
            };
            Ok(match Self::step(there, known, &event, Some(note), now) {
                Decided::Put(item, _) => Decided::Put(item, next),
                Decided::Leave(_) => Decided::Leave(NextStep::Nothing),
            })
        })
        .await
    }

    /// Makes a document void: it keeps its number, and the register says why. False when it cannot be any more, because
    /// Amazon has accepted it.
    pub async fn cancel(
        &self,
        seller: &SellerId,
        document: &str,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for _ in 0..ATTEMPTS {
            let there = self.needed(seller, document).await?;
            let known = read::invoice(&there)?;
            if known.standing.state == State::Cancelled {
                return Ok(true);
            }
            let Decided::Put(void, _) = Self::step(there, &known, &Event::Cancelled, Some(why), now) else {
                return Ok(false);
            };
            let mut changes = vec![Change::Back(void)];
            if let Some(numbering) = &known.numbering {
                let entry = self.needed(seller, &number_key(numbering.number.as_str())).await?;
                changes.push(Change::Back(item::cancelled_number(entry, why, now)));
            }
            if self.table.put_together(changes).await? {
                return Ok(true);
            }
        }
        Err(self.contention(seller, document))
    }

    /// Writes down that a document goes out now, before Amazon is asked for anything. The document as it stands then, or
    /// none when it is not to be uploaded: another process is at it, or it has moved on.
    pub async fn upload_begun(
        &self,
        seller: &SellerId,
        document: &str,
        now: Timestamp,
    ) -> Result<Option<StoredOwnInvoice>, StoreError> {
        self.change(seller, document, |there, known| {
            if known.made.is_none() || !matches!(known.standing.state, State::Issued | State::Rejected) {
                return Ok(Decided::Leave(None));
            }
            let standing = after(&known.standing, &Event::UploadBegun, now);
            let standing = standing.map_err(|error| not_possible(known, &error))?;
            let mut item = ItemBuilder::edit(there);
            item::upload_begun(&mut item);
            let before = Some(known.standing.state);
            item::step(&mut item, &Move { before, standing: &standing, note: None }, now);
            let item = item.take();
            let begun = read::invoice(&item)?;
            Ok(Decided::Put(item, Some(begun)))
        })
        .await
    }

    /// Amazon made a feed of an upload: `upload` is the `uploads` of the standing that [`Self::upload_begun`] gave. The
    /// feed is kept even if a report was quicker to say that Amazon has the document. False when a later upload has begun.
    pub async fn feed_created(
        &self,
        seller: &SellerId,
        document: &str,
        upload: u32,
        feed_id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let feed = Feed { feed_id: feed_id.to_owned(), upload, created_at: now, hint: None };
        for _ in 0..ATTEMPTS {
            let there = self.needed(seller, document).await?;
            let known = read::invoice(&there)?;
            if known.standing.uploads != upload {
                return Ok(false);
            }
            if known.feed.as_ref().is_some_and(|known| known.feed_id == feed_id) {
                return Ok(true);
            }
            let mut item = ItemBuilder::edit(there);
            item::feed(&mut item, &feed);
            if known.standing.state == State::Uploading {
                let standing = after(&known.standing, &Event::FeedCreated, now);
                let standing = standing.map_err(|error| not_possible(&known, &error))?;
                let before = Some(State::Uploading);
                item::step(&mut item, &Move { before, standing: &standing, note: None }, now);
            }
            let pointer = item::feed_pointer(seller, document, &feed);
            if self.table.put_together(vec![Change::Back(item.take()), Change::Beside(pointer)]).await? {
                return Ok(true);
            }
        }
        Err(self.contention(seller, document))
    }

    /// It is certain that Amazon made no feed of an upload: it may be begun again. False when it has moved on.
    pub async fn upload_failed(
        &self,
        seller: &SellerId,
        document: &str,
        upload: u32,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(seller, document, |there, known| {
            if known.standing.uploads != upload || known.standing.state != State::Uploading {
                return Ok(Decided::Leave(false));
            }
            Ok(Self::step(there, known, &Event::UploadFailed, Some(why), now))
        })
        .await
    }

    /// Nobody knows whether Amazon made a feed of an upload: the next report decides. False when it has moved on.
    pub async fn answer_lost(
        &self,
        seller: &SellerId,
        document: &str,
        upload: u32,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(seller, document, |there, known| {
            if known.standing.uploads != upload || known.standing.state != State::Uploading {
                return Ok(Decided::Leave(false));
            }
            let mut item = ItemBuilder::edit(there);
            let (before, standing) = (Some(State::Uploading), &known.standing);
            item::step(&mut item, &Move { before, standing, note: Some(why) }, now);
            item::look(&mut item, None);
            Ok(Decided::Put(item.take(), true))
        })
        .await
    }

    /// What a feed's processing report says. The document's state afterwards, or none when the feed is not its last.
    pub async fn hint(
        &self,
        seller: &SellerId,
        document: &str,
        feed_id: &str,
        hint: &Hint,
        now: Timestamp,
    ) -> Result<Option<Standing>, StoreError> {
        self.change(seller, document, |there, known| {
            let Some(feed) = known.feed.as_ref().filter(|feed| feed.feed_id == feed_id) else {
                return Ok(Decided::Leave(None));
            };
            if feed.hint.is_some() {
                return Ok(Decided::Leave(Some(known.standing.clone())));
            }
            let standing = match hint {
                Hint::Taken => after(&known.standing, &Event::Taken, now),
                Hint::Refused(refusal) => after(&known.standing, &Event::Refused(refusal.clone()), now),
                Hint::Unclear => Ok(known.standing.clone()),
            };
            let standing = standing.map_err(|error| not_possible(known, &error))?;
            let note = match hint {
                Hint::Refused(refusal) if standing.state != known.standing.state => Some(refusal.message.as_str()),
                Hint::Taken | Hint::Refused(_) | Hint::Unclear => None,
            };
            let mut item = ItemBuilder::edit(there);
            item::step(&mut item, &Move { before: Some(known.standing.state), standing: &standing, note }, now);
            item::hint(&mut item, hint, now);
            Ok(Decided::Put(item.take(), Some(standing)))
        })
        .await
    }

    /// A feed was asked about and is not done: when it is asked about again depends on its age.
    pub async fn looked(&self, seller: &SellerId, document: &str, now: Timestamp) -> Result<(), StoreError> {
        self.change(seller, document, |there, known| {
            let next = known.feed.as_ref().filter(|feed| feed.hint.is_none());
            let next = next.and_then(|feed| item::next_look(feed.created_at, now));
            let mut item = ItemBuilder::edit(there);
            item::look(&mut item, next.filter(|_| known.standing.state == State::Processing));
            Ok(Decided::Put(item.take(), ()))
        })
        .await
    }

    /// The sort key of the document that a feed carried.
    pub async fn document_of_feed(&self, seller: &SellerId, feed_id: &str) -> Result<Option<String>, StoreError> {
        let there = self.table.get(seller.as_str(), &feed_key(feed_id)).await?;
        there.map(|item| self.table.fields(&item).text("feed_of").map(str::to_owned)).transpose()
    }

    /// What is known of the invoice of a shipment, for a credit note or a correction that refers to it.
    pub async fn original(&self, seller: &SellerId, shipping_id: &str) -> Result<OriginalInvoice, StoreError> {
        let Some(known) = self.get(seller, &shipment_key(shipping_id)).await? else {
            return Ok(OriginalInvoice::Unknown);
        };
        Ok(match (known.numbering, known.made_elsewhere) {
            (Some(numbering), _) => {
                OriginalInvoice::Numbered { number: numbering.number.to_string(), issued_on: Some(numbering.issued_on) }
            }
            (None, Some(number)) => OriginalInvoice::Numbered { number, issued_on: None },
            (None, None) => OriginalInvoice::WithoutNumber(known.standing.state),
        })
    }

    async fn event(
        &self,
        seller: &SellerId,
        document: &str,
        event: &Event,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(seller, document, |there, known| Ok(Self::step(there, known, event, note, now))).await
    }

    /// The item after an event; left alone where the event is not possible from where it stands.
    fn step(there: Item, known: &StoredOwnInvoice, event: &Event, note: Option<&str>, now: Timestamp) -> Decided<bool> {
        let Ok(standing) = after(&known.standing, event, now) else { return Decided::Leave(false) };
        let mut item = ItemBuilder::edit(there);
        item::step(&mut item, &Move { before: Some(known.standing.state), standing: &standing, note }, now);
        Decided::Put(item.take(), true)
    }
}

/// Whether Amazon refused what was sent for what is in it.
fn is_wrong(standing: &Standing) -> bool {
    standing.refusal.as_ref().is_some_and(|refusal| refusal.known().next == Next::MakeAgain)
}
