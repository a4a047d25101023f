//! What comes of booking documents.

use countinghouse_domain::document::{Document, DocumentError};
use countinghouse_domain::ids::{ReportId, SellerId};
use jiff::Timestamp;

use crate::StoreError;

/// What came of booking one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upsert {
    /// It was not there.
    Created,
    /// It was there, and the report says nothing new: nothing was written.
    Same,
    /// A text that was missing came, or the electronic invoice moved on.
    Updated,
    /// Further lines came.
    Extended,
    /// Figures or facts changed; the version before is kept.
    Revised {
        /// How many of them.
        differences: usize,
    },
    /// Its rows are in the books under a number already: it is kept for the record, marked with that document.
    Superseded,
}

/// What booking a document again would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What would be done.
    pub outcome: Upsert,
    /// The document in the books, if it is there.
    pub before: Option<Document>,
    /// The document afterwards; none where it stays as it is.
    pub after: Option<Document>,
}

/// How many documents came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UpsertCounts {
    /// Not there before.
    pub created: u64,
    /// Nothing new.
    pub same: u64,
    /// A missing text came.
    pub updated: u64,
    /// Further lines came.
    pub extended: u64,
    /// Other figures or facts.
    pub revised: u64,
    /// In the books under a number already.
    pub superseded: u64,
    /// Of all these, how many a person should look at.
    pub flagged: u64,
}

impl UpsertCounts {
    pub(super) fn count(&mut self, outcome: Upsert, flagged: bool) {
        let counter = match outcome {
            Upsert::Created => &mut self.created,
            Upsert::Same => &mut self.same,
            Upsert::Updated => &mut self.updated,
            Upsert::Extended => &mut self.extended,
            Upsert::Revised { .. } => &mut self.revised,
            Upsert::Superseded => &mut self.superseded,
        };
        *counter = counter.saturating_add(1);
        self.flagged = self.flagged.saturating_add(u64::from(flagged));
    }

    /// The sum of two.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            created: self.created.saturating_add(other.created),
            same: self.same.saturating_add(other.same),
            updated: self.updated.saturating_add(other.updated),
            extended: self.extended.saturating_add(other.extended),
            revised: self.revised.saturating_add(other.revised),
            superseded: self.superseded.saturating_add(other.superseded),
            flagged: self.flagged.saturating_add(other.flagged),
        }
    }

    /// How many documents.
    pub const fn all(&self) -> u64 {
        self.created
            .saturating_add(self.same)
            .saturating_add(self.updated)
            .saturating_add(self.extended)
            .saturating_add(self.revised)
            .saturating_add(self.superseded)
    }
}

/// Why a document is not booked.
#[derive(Debug, thiserror::Error)]
pub enum UpsertError {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be merged with what is booked: the report is quarantined.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// A document as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Whose.
    pub seller: SellerId,
    /// The document; what was personal is empty once it has expired.
    pub document: Document,
    /// The reports that taught something about it, in the order in which they came.
    pub report_ids: Vec<ReportId>,
    /// When it was booked first.
    pub booked_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// How often it was revised.
    pub revisions: u64,
    /// The document that has the same rows under a number.
    pub superseded_by: Option<String>,
    /// When what was personal was forgotten by order of a person; it does not come back.
    pub forgotten_at: Option<Timestamp>,
}
