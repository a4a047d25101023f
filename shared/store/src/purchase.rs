//! Purchases on Amazon Business: transactions with their lines and invoices, and the windows that they came in.
//!
//! Everything follows from what Amazon says and is keyed by Amazon's own identifiers, so writing it again changes
//! nothing. A transaction's header is written after its lines: where there is a header, everything of it is there.

mod answer;
mod book;
mod bulk;
mod forget;
mod invoice;
mod item;
mod keys;
mod list;
mod model;
mod outcome;
mod proof;
mod scene;
#[cfg(test)]
mod tests;
mod transaction;
mod turn;
mod window;

pub use answer::{Answered, DueLine, DueLines};
pub use forget::PersonalOfOrder;
pub use list::{Judged, Listed, Waiting};
pub use model::{Booked, LineKey, Question, StoredTransaction};
pub use proof::WindowProof;
pub use turn::{Taken, Turn};
pub use window::{PageRecord, Pages, StoredWindow, WindowOrigin, WindowState};

use aws_sdk_dynamodb::Client;

use crate::table::Table;

/// The table of purchases.
#[derive(Debug, Clone)]
pub struct Purchases {
    table: Table,
    retention_days: u16,
}

impl Purchases {
    /// The purchases in this table; what is personal expires after so many days.
    pub fn new(client: Client, table: impl Into<String>, retention_days: u16) -> Self {
        Self { table: Table::new(client, table, keys::KEYS), retention_days }
    }
}
