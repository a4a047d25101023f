//! Forgetting the buyer of an own invoice: what the report told of it, and, only if that is wanted, what was issued.
//!
//! The item names no buyer and stays, with its number, its amounts and its history; so does the register of numbers.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use countinghouse_domain::ids::SellerId;
use jiff::Timestamp;

use super::object::OwnInvoiceObjects;
use super::{Decided, OwnInvoices};
use crate::StoreError;
use crate::item::ItemBuilder;

/// When it was forgotten; what reports tell of it is not stored any more.
const FORGOTTEN_AT: &str = "forgotten_at";
/// When what was issued was removed, too.
const REMOVED_AT: &str = "issued_removed_at";

impl OwnInvoices {
    /// Notes that a document is forgotten, and whether what was issued is removed, too. False where it is still on its way
    /// to Amazon: then it is needed, and nothing is noted.
    pub async fn forget(
        &self,
        seller: &SellerId,
        document: &str,
        issued_too: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change(seller, document, |there, known| {
            if !known.standing.state.is_final() {
                return Ok(Decided::Leave(false));
            }
            let has = |name: &str| there.contains_key(name);
            if has(FORGOTTEN_AT) && (has(REMOVED_AT) || !issued_too) {
                return Ok(Decided::Leave(true));
            }
            let was_forgotten = has(FORGOTTEN_AT);
            let mut item = ItemBuilder::edit(there);
            if !was_forgotten {
                item.time(FORGOTTEN_AT, now);
            }
            if issued_too {
                item.time(REMOVED_AT, now);
            }
            Ok(Decided::Put(item.take(), true))
        })
        .await
    }

    /// Whether a document is forgotten: then nothing that names its buyer is stored again.
    pub async fn is_forgotten(&self, seller: &SellerId, document: &str) -> Result<bool, StoreError> {
        let there = self.table.get(seller.as_str(), document).await?;
        Ok(there.is_some_and(|item| item.contains_key(FORGOTTEN_AT)))
    }
}

impl OwnInvoiceObjects {
    /// How many versions of an object there are that have bytes.
    pub async fn count_versions(&self, key: &str) -> Result<usize, StoreError> {
        Ok(self.versions(key).await?.iter().filter(|version| version.has_bytes).count())
    }

    /// Deletes every version of an object; answers how many had bytes.
    pub async fn erase(&self, key: &str) -> Result<usize, StoreError> {
        let mut erased = 0_usize;
        for version in self.versions(key).await? {
            let request = self.client.delete_object().bucket(&self.bucket).key(key);
            let deleted = request.set_version_id(version.id).send().await;
            deleted.map_err(|error| StoreError::sdk(self.operation("DeleteObject", key), error))?;
            erased = erased.saturating_add(usize::from(version.has_bytes));
        }
        Ok(erased)
    }

    async fn versions(&self, key: &str) -> Result<Vec<Version>, StoreError> {
        let mut found = Vec::new();
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let request = self.client.list_object_versions().bucket(&self.bucket).prefix(key);
            let request = request.set_key_marker(key_marker).set_version_id_marker(version_marker);
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) if error.code() == Some("NoSuchKey") => return Ok(found),
                Err(error) => return Err(StoreError::sdk(self.operation("ListObjectVersions", key), error)),
            };
            // Another key may begin with this one.
            let with_bytes = answer.versions().iter().filter(|each| each.key() == Some(key));
            found.extend(with_bytes.map(|each| Version { id: each.version_id.clone(), has_bytes: true }));
            let marks = answer.delete_markers().iter().filter(|each| each.key() == Some(key));
            found.extend(marks.map(|each| Version { id: each.version_id.clone(), has_bytes: false }));
            if answer.is_truncated != Some(true) {
                return Ok(found);
            }
            (key_marker, version_marker) = (answer.next_key_marker, answer.next_version_id_marker);
        }
    }
}

/// A version of an object, or the mark of a deletion.
struct Version {
    id: Option<String>,
    has_bytes: bool,
}
