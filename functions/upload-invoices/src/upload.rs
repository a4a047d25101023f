//! One document: delivered, and one feed made of it.
//!
//! Everything that may fail comes before the intent is written: the rate budgets, the access token, the place for the
//! bytes and the bytes. Then the intent, then createFeed, once. So only a death or a lost answer at createFeed itself leaves
//! a document of which nobody knows whether Amazon has it, and then the next VAT invoice data report says so.

use std::collections::BTreeMap;

use countinghouse_amazon::{AmazonError, CreatedFeed, FeedRequest, ReadyToUpload};
use countinghouse_domain::ids::{FeedDocumentId, FeedId};
use countinghouse_runtime::batch::chain;
use countinghouse_runtime::messages::InvoiceUpload;
use countinghouse_store::{MadeDocument, Numbering, StoreError, StoredOwnInvoice};
use countinghouse_vat_invoices::state::{Refusal, State};
use countinghouse_vat_invoices::upload::{CONTENT_TYPE, FEED_TYPE, Upload};
use jiff::Timestamp;

use crate::{Dependencies, UploadError, later};

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Done {
    /// Amazon made a feed of it.
    Uploaded,
    /// Nothing is to be done: it was uploaded, or has moved on.
    Known,
    /// It waits: the message was put back.
    Later,
    /// Amazon refused it.
    Refused(Refusal),
    /// Nobody knows whether Amazon made a feed: the next report decides.
    AnswerLost,
    /// A person must look.
    NeedsPerson,
}

/// What goes out.
struct Parcel {
    upload: Upload,
    pdf: Vec<u8>,
}

/// The work on one message.
struct Job<'a> {
    dependencies: &'a Dependencies,
    message: &'a InvoiceUpload,
}

pub(crate) async fn upload(
    dependencies: &Dependencies,
    message: &InvoiceUpload,
    sent_at: Option<Timestamp>,
) -> Result<Done, UploadError> {
    let job = Job { dependencies, message };
    let (seller, document) = (&message.seller_id, message.document.as_str());
    let known = dependencies.invoices.get(seller, document).await?;
    let known =
        known.ok_or_else(|| UploadError::UnknownDocument { seller: seller.clone(), document: document.to_owned() })?;
    let (Some(numbering), Some(made)) = (&known.numbering, &known.made) else { return Ok(Done::Known) };
    if !is_to_be_uploaded(&known, sent_at) {
        let state = known.standing.state.name();
        tracing::debug!(seller_id = seller.as_str(), document, state, "nothing is to be uploaded");
        return Ok(Done::Known);
    }
    let parcel = match job.pack(numbering, made).await? {
        Ok(parcel) => parcel,
        Err(why) => return job.give_up(&why).await,
    };
    let amazon = dependencies.amazon_of(seller).await?;
    let ready = match amazon.ready_to_upload().await {
        Ok(ready) => ready,
        Err(error) => return job.unsent(error).await,
    };
    match ready.deliver(CONTENT_TYPE, &parcel.pdf).await {
        Ok(delivered) => job.create(ready, &delivered, &parcel, made).await,
        Err(error) => job.unsent(error).await,
    }
}

/// Whether a document goes out. A message from before Amazon refused it is an old one that came twice.
fn is_to_be_uploaded(known: &StoredOwnInvoice, sent_at: Option<Timestamp>) -> bool {
    match known.standing.state {
        State::Issued => true,
        State::Rejected => sent_at.is_none_or(|sent_at| sent_at >= known.standing.since),
        State::Due | State::Uploading | State::Processing | State::Accepted | State::NeedsPerson | State::Cancelled => {
            false
        }
    }
}

impl Job<'_> {
    fn now(&self) -> Timestamp {
        self.dependencies.clock.now()
    }

    /// What goes out, or why nothing can.
    async fn pack(&self, numbering: &Numbering, made: &MadeDocument) -> Result<Result<Parcel, String>, UploadError> {
        let objects = &self.dependencies.objects;
        let due = match objects.due(&numbering.made_from.due).await {
            Ok(due) => due,
            Err(StoreError::Missing { .. }) => {
                return Ok(Err("what the report said of it is no longer kept".to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        let upload = match Upload::of(&due, &numbering.number) {
            Ok(upload) => upload,
            Err(refused) => return Ok(Err(format!("it cannot be uploaded: {refused}"))),
        };
        match objects.bytes(&made.pdf).await {
            Ok(pdf) => Ok(Ok(Parcel { upload, pdf })),
            Err(StoreError::Missing { .. }) => Ok(Err("its PDF is no longer in the bucket".to_owned())),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the intent and makes the feed.
    async fn create(
        &self,
        ready: ReadyToUpload<'_>,
        delivered: &FeedDocumentId,
        parcel: &Parcel,
        made: &MadeDocument,
    ) -> Result<Done, UploadError> {
        let (invoices, seller) = (&self.dependencies.invoices, &self.message.seller_id);
        let document = self.message.document.as_str();
        let Some(begun) = invoices.upload_begun(seller, document, self.now()).await? else {
            // Another process was quicker.
            return Ok(Done::Known);
        };
        let upload = begun.standing.uploads;
        if begun.made.as_ref() != Some(made) {
            let why = "not sent: it was made again in between";
            invoices.upload_failed(seller, document, upload, why, self.now()).await?;
            return self.put_back(std::time::Duration::ZERO).await;
        }
        let request = FeedRequest {
            feed_type: FEED_TYPE,
            marketplace_ids: vec![parcel.upload.marketplace_id],
            input_feed_document_id: delivered,
            feed_options: parcel
                .upload
                .options
                .iter()
                .map(|(key, value)| (*key, value.as_str()))
                .collect::<BTreeMap<_, _>>(),
        };
        match ready.create(&request).await {
            CreatedFeed::Created(feed_id) => self.created(upload, &feed_id).await,
            CreatedFeed::NotCreated(error) => self.not_created(upload, error).await,
            CreatedFeed::AnswerLost(error) => {
                let kind = error.kind();
                tracing::error!(
                    seller_id = seller.as_str(),
                    document,
                    kind,
                    "the upload went out and its answer is lost"
                );
                invoices.answer_lost(seller, document, upload, &chain(&error), self.now()).await?;
                Ok(Done::AnswerLost)
            }
        }
    }

    async fn created(&self, upload: u32, feed_id: &FeedId) -> Result<Done, UploadError> {
        let (seller, document) = (&self.message.seller_id, self.message.document.as_str());
        let (seller_id, feed_id) = (seller.as_str(), feed_id.as_str());
        let noted = self.dependencies.invoices.feed_created(seller, document, upload, feed_id, self.now()).await;
        if let Err(error) = noted {
            // The document stays `uploading` until a report tells of it; this line is then all that is known.
            tracing::error!(seller_id, document, feed_id, "Amazon made the feed, but no table took the note");
            return Err(error.into());
        }
        tracing::info!(seller_id, document, feed_id, upload, "the document is uploaded");
        Ok(Done::Uploaded)
    }

    /// Amazon made no feed: again later, or a person has to act first.
    async fn not_created(&self, upload: u32, error: AmazonError) -> Result<Done, UploadError> {
        let (invoices, seller) = (&self.dependencies.invoices, &self.message.seller_id);
        let document = self.message.document.as_str();
        let why = format!("not uploaded: {}", chain(&error));
        invoices.upload_failed(seller, document, upload, &why, self.now()).await?;
        if let AmazonError::BadRequest { .. } = error {
            // Sending the same again changes nothing.
            return self.give_up(&why).await;
        }
        self.unsent(error).await
    }

    /// Nothing of it is at Amazon: the message goes back with a delay, or fails where a person has to act.
    async fn unsent(&self, error: AmazonError) -> Result<Done, UploadError> {
        let document = self.message.document.as_str();
        match (&error, error.retry_after()) {
            // Nothing is logged for it: at one feed in two minutes it is usual.
            (AmazonError::RateLimited { .. }, Some(wait)) => self.put_back(later::delay(wait, document)).await,
            (_, Some(wait)) => {
                let (seller_id, kind) = (self.message.seller_id.as_str(), error.kind());
                tracing::warn!(seller_id, document, kind, error = chain(&error), "the document cannot be uploaded now");
                self.put_back(later::after_an_outage(wait, document)).await
            }
            (_, None) => Err(error.into()),
        }
    }

    async fn put_back(&self, delay: std::time::Duration) -> Result<Done, UploadError> {
        self.dependencies.uploads.send(self.message, delay).await?;
        Ok(Done::Later)
    }

    /// Writes down why it cannot be uploaded.
    async fn give_up(&self, why: &str) -> Result<Done, UploadError> {
        let (seller, document) = (&self.message.seller_id, self.message.document.as_str());
        if !self.dependencies.invoices.cannot_be_made(seller, document, why, self.now()).await? {
            return Ok(Done::Known);
        }
        tracing::error!(
            seller_id = seller.as_str(),
            document,
            why,
            "the document cannot be uploaded: a person must look"
        );
        Ok(Done::NeedsPerson)
    }
}
