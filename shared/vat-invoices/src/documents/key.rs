//! What tells one document from another.

use countinghouse_domain::document::DocumentKind;
use sha2::{Digest as _, Sha256};

use crate::document::{DueDocument, TransactionType};
use crate::vidr::{Field, Row};

/// What tells one document from another: its kind and Amazon's number for it.
///
/// * A shipment is told by its shipping-id, without the transaction-id, which is the same number. A corrected invoice
///   is a second invoice of the same shipment, and told by its transaction-id besides.
/// * A refund or a return is told by its transaction-id; a report that has none, by shipping-id and type.
/// * A row without any of them is told by its order; one without even that is a document of its own, for a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentKey {
    /// Invoice or credit note.
    pub kind: DocumentKind,
    /// What happened.
    pub transaction_type: TransactionType,
    /// The number in words, for example `shipment 409302382`; empty where the row has none.
    pub identity: String,
}

/// A short name of a key.
pub(super) type Digest = [u8; 16];

impl DocumentKey {
    /// The key of the document that the row belongs to.
    pub fn of(row: &Row<'_>) -> Self {
        let transaction_type = TransactionType::of(row.text(Field::TransactionType));
        let corrected = row.values.is_corrected == Some(true);
        let ids = [Field::ShippingId, Field::TransactionId, Field::OrderId].map(|field| row.text(field));
        Self::from_ids(transaction_type, corrected, ids)
    }

    /// The key of a document that was made of rows: the same as theirs.
    pub fn of_document(document: &DueDocument) -> Self {
        let ids = [document.shipping_id.as_str(), &document.transaction_id, &document.order_id];
        Self::from_ids(document.transaction_type, document.correction.is_some(), ids)
    }

    fn from_ids(transaction_type: TransactionType, corrected: bool, [shipment, transaction, order]: [&str; 3]) -> Self {
        let identity = match (transaction_type, shipment, transaction) {
            (_, "", "") if order.is_empty() => String::new(),
            (_, "", "") => format!("order {order}"),
            (TransactionType::Shipment, shipment, transaction) if corrected && transaction != shipment => {
                format!("shipment {shipment} corrected {transaction}")
            }
            (TransactionType::Shipment, "", transaction) => format!("transaction {transaction}"),
            (TransactionType::Shipment, shipment, _) | (_, shipment, "") => format!("shipment {shipment}"),
            (_, _, transaction) => format!("transaction {transaction}"),
        };
        Self { kind: transaction_type.kind(), transaction_type, identity }
    }

    /// Rows without an identity are never together.
    pub(super) fn digest(&self, line: u64) -> Digest {
        let mut hash = Sha256::new();
        hash.update(self.transaction_type.name());
        hash.update([0]);
        if self.identity.is_empty() {
            hash.update(line.to_be_bytes());
        } else {
            hash.update(&self.identity);
        }
        shortened(hash)
    }
}

/// The digest of a text.
pub(super) fn digest_of(text: &str) -> Digest {
    let mut hash = Sha256::new();
    hash.update(text);
    shortened(hash)
}

fn shortened(hash: Sha256) -> Digest {
    let whole: [u8; 32] = hash.finalize().into();
    whole.first_chunk::<16>().copied().unwrap_or_default()
}
