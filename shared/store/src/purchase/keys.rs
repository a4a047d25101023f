//! The keys of the table of purchases. Everything an account has begins with its id.
//!
//! | partition key | sort keys |
//! |---|---|
//! | `BUYER1 transaction 123-456` | `header`, `line 0001` …, `personal`, `personal line 0001` …, `named by`, `revision 0001 …` |
//! | `BUYER1 order 250-1234567-1234567` | `header` |
//! | `BUYER1 purchase 123-456` | `header` |
//! | `BUYER1 invoice INV-1` | `header`, `item 0001` …, `personal`, `covers 123-456 line 0001` … |
//! | `BUYER1 windows` | `turn`, `window 2026-11-14T00:00:00Z/2026-11-22T00:00:00Z` … |
//! | `BUYER1 window 2026-11-14T00:00:00Z/2026-11-22T00:00:00Z` | `page 0001` … |
//! | `BUYER1 unreadable 9f86d081884c7d65` | `header`, `personal` |

use countinghouse_domain::ids::SellerId;
use countinghouse_domain::job::Window;

/// The table's keys.
pub(super) const KEYS: (&str, &str) = ("purchase", "part");
/// The part that a partition is known by.
pub(super) const HEADER: &str = "header";
/// What is personal; expires.
pub(super) const PERSONAL: &str = "personal";
/// Which transactions name this one as associated.
pub(super) const NAMED_BY: &str = "named by";
/// Who pulls the account.
pub(super) const TURN: &str = "turn";
/// How the sort keys of windows begin.
pub(super) const WINDOW: &str = "window ";
/// How the sort keys of pages begin.
pub(super) const PAGE: &str = "page ";
/// How the sort keys of lines begin.
pub(super) const LINE: &str = "line ";

/// The partition of a transaction.
pub(super) fn transaction_key(account: &SellerId, transaction_id: &str) -> String {
    format!("{account} transaction {transaction_id}")
}

/// The partition of an order.
pub(super) fn order_key(account: &SellerId, order_id: &str) -> String {
    format!("{account} order {order_id}")
}

/// The partition of a purchase: of the transactions that belong together.
pub(super) fn purchase_key(account: &SellerId, purchase_id: &str) -> String {
    format!("{account} purchase {purchase_id}")
}

/// The partition of an invoice or a credit memo.
pub(super) fn invoice_key(account: &SellerId, number: &str) -> String {
    format!("{account} invoice {number}")
}

/// The partition of something that cannot be read, by the beginning of the hash of its bytes.
pub(super) fn unreadable_key(account: &SellerId, hash: &str) -> String {
    format!("{account} unreadable {hash}")
}

/// The partition of an account's windows.
pub(super) fn windows_key(account: &SellerId) -> String {
    format!("{account} windows")
}

/// The sort key of a window among its account's.
pub(super) fn window_part(window: Window) -> String {
    format!("{WINDOW}{window}")
}

/// The partition of a window's pages.
pub(super) fn pages_key(account: &SellerId, window: Window) -> String {
    format!("{account} window {window}")
}

/// The sort key of a numbered part: `line 0001`, `page 0001`.
pub(super) fn numbered(kind: &str, number: usize) -> String {
    format!("{kind}{number:04}")
}

/// The account's hash in an index, for example `BUYER1 open` or `BUYER1 2026-11`.
pub(super) fn of_account(account: &SellerId, what: &str) -> String {
    format!("{account} {what}")
}
