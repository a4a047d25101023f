//! Own invoices and credit notes: what is due, under which number it was issued, and where it stands until Amazon
//! accepts it.
//!
//! The document's item is its job. Whatever moves it goes through
//! [`countinghouse_vat_invoices::state::after`], and is put back on the condition that nobody else changed it since it was
//! read. Numbers are given in one transaction with the document.

mod forget;
mod item;
mod key;
mod list;
mod model;
mod number;
mod object;
mod read;
mod report;
mod step;
#[cfg(test)]
mod tests;

pub use key::{beside_profile_key, due_key, issued_key, own_document_key, profile_key};
pub use model::{
    Allocation, Feed, Hint, MadeDocument, MadeFrom, NextStep, NumberRequest, Numbering, ObjectVersion, OriginalInvoice,
    OwnStep, RegisteredNumber, ReportedDocument, Stage, StoredOwnInvoice, Told,
};
pub use object::{ObjectNews, OwnInvoiceObjects};

use aws_sdk_dynamodb::Client;
use countinghouse_domain::ids::SellerId;

use crate::table::{ATTEMPTS, Table};
use crate::{Item, StoreError};
use key::KEYS;

/// The table of own invoices.
#[derive(Debug, Clone)]
pub struct OwnInvoices {
    table: Table,
}

/// What to do with an item: put the changed one, or leave it and answer.
enum Decided<T> {
    Put(Item, T),
    Leave(T),
}

impl OwnInvoices {
    /// The own invoices in this table.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table, KEYS) }
    }

    /// One document, by its sort key: [`own_document_key`].
    pub async fn get(&self, seller: &SellerId, document: &str) -> Result<Option<StoredOwnInvoice>, StoreError> {
        let there = self.table.get(seller.as_str(), document).await?;
        there.as_ref().map(read::invoice).transpose()
    }

    async fn needed(&self, seller: &SellerId, document: &str) -> Result<Item, StoreError> {
        let there = self.table.get(seller.as_str(), document).await?;
        there.ok_or_else(|| StoreError::Missing { item: format!("{seller} / {document}") })
    }

    async fn change<T>(
        &self,
        seller: &SellerId,
        document: &str,
        change: impl Fn(Item, &StoredOwnInvoice) -> Result<Decided<T>, StoreError>,
    ) -> Result<T, StoreError> {
        for _ in 0..ATTEMPTS {
            let there = self.needed(seller, document).await?;
            let known = read::invoice(&there)?;
            match change(there, &known)? {
                Decided::Leave(answer) => return Ok(answer),
                Decided::Put(changed, answer) => {
                    if self.table.put_back(changed).await? {
                        return Ok(answer);
                    }
                }
            }
        }
        Err(self.contention(seller, document))
    }

    fn contention(&self, seller: &SellerId, document: &str) -> StoreError {
        StoreError::Conflict { item: format!("{} {seller} / {document}", self.table.name) }
    }
}
