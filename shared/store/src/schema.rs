//! The tables: their keys and the indexes that somebody pays for on every write.

/// The names of the tables of one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Connected sellers.
    pub sellers: String,
    /// Reports at Amazon and the windows they were requested for.
    pub jobs: String,
    /// Settlements with their proofs.
    pub settlements: String,
    /// Payments.
    pub payments: String,
    /// Invoices and credit notes.
    pub documents: String,
    /// Rate budgets.
    pub rate_budgets: String,
    /// Vendor invoices.
    pub vendor_invoices: String,
    /// Purchases on Amazon Business.
    pub purchases: String,
    /// Own invoices.
    pub own_invoices: String,
}

impl Tables {
    /// The names that the template gives them: `<stack>-sellers` and so on.
    pub fn of_stack(stack: &str) -> Self {
        let name = |table: &str| format!("{stack}-{table}");
        Self {
            sellers: name("sellers"),
            jobs: name("jobs"),
            settlements: name("settlements"),
            payments: name("payments"),
            documents: name("documents"),
            rate_budgets: name("rate-budgets"),
            vendor_invoices: name("vendor-invoices"),
            purchases: name("purchases"),
            own_invoices: name("own-invoices"),
        }
    }
}

/// What an index keeps of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Projection {
    /// Its keys.
    KeysOnly,
    /// Its keys and these attributes.
    Include(&'static [&'static str]),
    /// All of it.
    All,
}

/// An index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexSchema {
    /// Its name.
    pub name: &'static str,
    /// The attribute that an item must have to be in the index.
    pub hash: &'static str,
    /// The attribute by which it is sorted.
    pub range: &'static str,
    /// What it keeps.
    pub projection: Projection,
}

/// A table. Every key is a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSchema {
    /// The end of its name, for example `payments`.
    pub name: &'static str,
    /// The partition key.
    pub hash: &'static str,
    /// The sort key, if it has one.
    pub range: Option<&'static str>,
    /// Its indexes.
    pub indexes: &'static [IndexSchema],
    /// The attribute that says when an item expires, where items do.
    pub expires: Option<&'static str>,
}

/// What the index `by-order` of the payments keeps besides keys.
pub(crate) const PAYMENTS_BY_ORDER: &[&str] = &["type", "amount", "currency"];

/// Every table of the template.
pub const TABLES: [TableSchema; 9] = [
    TableSchema { name: "sellers", hash: "seller_id", range: None, indexes: &[], expires: None },
    TableSchema {
        name: "jobs",
        hash: "seller",
        range: Some("job"),
        indexes: &[IndexSchema {
            name: "in-flight",
            hash: "in_flight_seller",
            range: "next_check_at",
            projection: Projection::KeysOnly,
        }],
        expires: None,
    },
    TableSchema {
        name: "settlements",
        hash: "seller",
        range: Some("settlement"),
        indexes: &[IndexSchema {
            name: "by-status",
            hash: "attention",
            range: "settlement_end",
            projection: Projection::All,
        }],
        expires: None,
    },
    TableSchema {
        name: "payments",
        hash: "settlement",
        range: Some("line"),
        indexes: &[IndexSchema {
            name: "by-order",
            hash: "order_id",
            range: "posted_at",
            projection: Projection::Include(PAYMENTS_BY_ORDER),
        }],
        expires: None,
    },
    TableSchema {
        name: "documents",
        hash: "document",
        range: Some("part"),
        indexes: &[
            IndexSchema { name: "by-order", hash: "order_id", range: "issued_on", projection: Projection::KeysOnly },
            IndexSchema { name: "by-date", hash: "seller_month", range: "issued_on", projection: Projection::KeysOnly },
        ],
        expires: Some("expires_at"),
    },
    TableSchema { name: "rate-budgets", hash: "seller", range: Some("operation"), indexes: &[], expires: None },
    TableSchema {
        name: "vendor-invoices",
        hash: "vendor",
        range: Some("invoice"),
        indexes: &[
            IndexSchema {
                name: "in-flight",
                hash: "in_flight_vendor",
                range: "next_check_at",
                projection: Projection::KeysOnly,
            },
            IndexSchema {
                name: "by-status",
                hash: "attention",
                range: "status_since",
                projection: Projection::KeysOnly,
            },
        ],
        expires: None,
    },
    TableSchema {
        name: "purchases",
        hash: "purchase",
        range: Some("part"),
        indexes: &[
            IndexSchema { name: "by-state", hash: "account_state", range: "since", projection: Projection::KeysOnly },
            IndexSchema { name: "due", hash: "due_account", range: "due_at", projection: Projection::KeysOnly },
            IndexSchema {
                name: "by-feed-date",
                hash: "account_month",
                range: "feed_date",
                projection: Projection::KeysOnly,
            },
        ],
        expires: Some("expires_at"),
    },
    TableSchema {
        name: "own-invoices",
        hash: "seller",
        range: Some("document"),
        indexes: &[
            IndexSchema {
                name: "in-flight",
                hash: "in_flight_seller",
                range: "next_check_at",
                projection: Projection::KeysOnly,
            },
            IndexSchema { name: "by-status", hash: "attention", range: "due_since", projection: Projection::KeysOnly },
        ],
        expires: None,
    },
];
