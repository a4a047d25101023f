//! The proof of a window: what Amazon's pages said, what is stored, and whether it is the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use countinghouse_domain::job::Window;
use countinghouse_domain::money::{Currency, Money};
use jiff::Timestamp;
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use crate::model::Transaction;
use crate::reconcile::{Booked, Verdict};

/// What a proof needs of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its identifier.
    pub transaction_id: String,
    /// Amazon's word for its type.
    pub transaction_type: String,
    /// Its amount, signed as it is booked ([`Booked`]).
    pub amount: Money,
    /// [`Transaction::content_hash`].
    pub content_hash: String,
}

impl Entry {
    /// What a proof needs of a transaction; to be taken before the persons are taken out, for the hash.
    pub fn of(transaction: &Transaction) -> Self {
        Self {
            transaction_id: transaction.transaction_id.clone(),
            transaction_type: transaction.transaction_type.word().to_owned(),
            amount: Booked::of(transaction).amount,
            content_hash: transaction.content_hash(),
        }
    }
}

/// What the pages of a window said.
#[derive(Debug, Clone, Default)]
pub struct Fetched {
    pages: u64,
    /// Transactions, as often as they came.
    transactions: u64,
    unreadable: u64,
    /// By identifier, what was said of it: two things where it changed between two pages.
    contents: BTreeMap<String, BTreeSet<String>>,
}

impl Fetched {
    /// Adds a page: its transactions, and how many more could not be read.
    pub fn add_page(&mut self, entries: impl IntoIterator<Item = Entry>, unreadable: u64) {
        self.add_contents(entries.into_iter().map(|entry| (entry.transaction_id, entry.content_hash)), unreadable);
    }

    /// Adds one page of which identifiers and content hashes were put away, as often as they came, and how many of its
    /// transactions could not be read.
    pub fn add_contents(&mut self, contents: impl IntoIterator<Item = (String, String)>, unreadable: u64) {
        self.pages = self.pages.saturating_add(1);
        self.unreadable = self.unreadable.saturating_add(unreadable);
        self.transactions = self.transactions.saturating_add(unreadable);
        for (transaction_id, content_hash) in contents {
            self.transactions = self.transactions.saturating_add(1);
            self.contents.entry(transaction_id).or_default().insert(content_hash);
        }
    }

    /// The transactions that the pages named, each once, in order.
    pub fn transaction_ids(&self) -> impl Iterator<Item = &str> {
        self.contents.keys().map(String::as_str)
    }
}

/// A transaction as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What a proof needs of it.
    pub entry: Entry,
    /// Its feed date.
    pub feed_date: Option<Timestamp>,
    /// The name of its [`Verdict`].
    pub state: String,
}

/// How many transactions of one kind, and what they come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many.
    pub transactions: u64,
    /// What they come to, signed as they are booked.
    pub amount: Decimal,
}

/// What keeps a window from being proven.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Transactions that could not be read: they are in no sum.
    Unreadable(u64),
    /// A transaction that a page named is not stored.
    NotStored(String),
    /// A transaction is stored with another content than any page gave it, and not because a later day changed it.
    OtherContent(String),
    /// A transaction with a feed date of this window is stored, but Amazon does not name it any more.
    Vanished(String),
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(count) => write!(f, "{count} transactions could not be read"),
            Self::NotStored(id) => write!(f, "transaction {id} was fetched but is not stored"),
            Self::OtherContent(id) => write!(f, "transaction {id} is stored with another content than was fetched"),
            Self::Vanished(id) => write!(f, "transaction {id} is stored, but Amazon does not name it any more"),
        }
    }
}

/// The proof of a window. Its sums, states, gaps and hash depend on which transactions there are and on nothing else:
/// not on how they are spread over pages, nor on how often one came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The window, by feed date: its first moment belongs to it, its last does not.
    pub window: Window,
    /// How many pages were read.
    pub pages: u64,
    /// How many transactions stood on them, each as often as it came.
    pub fetched: u64,
    /// How many of these could not be read.
    pub unreadable: u64,
    /// How many there are, each once.
    pub transactions: u64,
    /// What those that are stored come to, by currency and Amazon's word for the type.
    pub sums: BTreeMap<(Currency, String), Sum>,
    /// How many of those are in each state, by the name of the [`Verdict`]. Later answers change it.
    pub states: BTreeMap<String, u64>,
    /// The transactions that contradict something ([`Verdict::Differs`]). They are stored all the same, so the window
    /// may be proven.
    pub differing: Vec<String>,
    /// What is wrong with the window itself; nothing in one that is proven.
    pub gaps: Vec<Gap>,
    /// SHA-256, in hex, over the identifiers and contents in order.
    pub hash: String,
}

impl Proof {
    /// Whether everything that Amazon said is stored, as Amazon said it.
    pub const fn is_proven(&self) -> bool {
        self.gaps.is_empty()
    }
}

/// Proves a window. `stored` are the transactions that the pages named, as they are stored; where those with a feed
/// date of the window are among them too, the proof also finds what Amazon does not name any more.
pub fn prove(window: Window, fetched: &Fetched, stored: impl IntoIterator<Item = Stored>) -> Proof {
    let stored: BTreeMap<String, Stored> =
        stored.into_iter().map(|each| (each.entry.transaction_id.clone(), each)).collect();
    let gaps = gaps(window, fetched, &stored);
    let (mut sums, mut states, mut differing) = (BTreeMap::<_, Sum>::new(), BTreeMap::<String, u64>::new(), Vec::new());
    for each in fetched.contents.keys().filter_map(|id| stored.get(id)) {
        let sum = sums.entry((each.entry.amount.currency, each.entry.transaction_type.clone())).or_default();
        sum.transactions = sum.transactions.saturating_add(1);
        sum.amount = sum.amount.saturating_add(each.entry.amount.amount);
        let of_state = states.entry(each.state.clone()).or_default();
        *of_state = of_state.saturating_add(1);
        if each.state == Verdict::DIFFERS {
            differing.push(each.entry.transaction_id.clone());
        }
    }
    Proof {
        window,
        pages: fetched.pages,
        fetched: fetched.transactions,
        unreadable: fetched.unreadable,
        transactions: u64::try_from(fetched.contents.len()).unwrap_or(u64::MAX),
        sums,
        states,
        differing,
        gaps,
        hash: hash(fetched),
    }
}

fn gaps(window: Window, fetched: &Fetched, stored: &BTreeMap<String, Stored>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if fetched.unreadable > 0 {
        gaps.push(Gap::Unreadable(fetched.unreadable));
    }
    for (id, contents) in &fetched.contents {
        match stored.get(id) {
            None => gaps.push(Gap::NotStored(id.clone())),
            Some(stored) if contents.contains(&stored.entry.content_hash) => {}
            Some(stored) if stored.feed_date.is_some_and(|date| date >= window.to) => {}
            Some(_) => gaps.push(Gap::OtherContent(id.clone())),
        }
    }
    let is_of_window = |date: Timestamp| window.from <= date && date < window.to;
    let vanished = stored
        .values()
        .filter(|each| each.feed_date.is_some_and(is_of_window))
        .map(|each| &each.entry.transaction_id)
        .filter(|id| !fetched.contents.contains_key(*id));
    gaps.extend(vanished.cloned().map(Gap::Vanished));
    gaps
}

fn hash(fetched: &Fetched) -> String {
    let mut hash = Sha256::new();
    for (id, contents) in &fetched.contents {
        // Neither a line end nor a tab can stand in what is written, so no two lists look alike.
        hash.update(id.escape_default().to_string().as_bytes());
        for content in contents {
            hash.update([b"\t", content.as_bytes()].concat());
        }
        hash.update(b"\n");
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        Window { from: "2026-11-21T00:00:00Z".parse().unwrap(), to: "2026-11-22T00:00:00Z".parse().unwrap() }
    }

    fn entry(id: &str, kind: &str, amount: &str) -> Entry {
        let amount = Money::new(amount.parse().unwrap(), Currency::USD);
        Entry {
            transaction_id: id.to_owned(),
            transaction_type: kind.to_owned(),
            amount,
            content_hash: format!("hash of {id}"),
        }
    }

    fn stored(entry: Entry, state: &str) -> Stored {
        Stored { entry, feed_date: Some(window().from), state: state.to_owned() }
    }

    fn all() -> [Entry; 3] {
        [entry("T1", "CHARGE", "5.99"), entry("T2", "CHARGE", "0.02"), entry("T3", "REFUND", "-5.99")]
    }

    fn fetched(pages: &[&[Entry]]) -> Fetched {
        let mut fetched = Fetched::default();
        for page in pages {
            fetched.add_page(page.iter().cloned(), 0);
        }
        fetched
    }

    #[test]
    fn a_window_of_which_everything_is_stored_is_proven_with_its_sums() {
        let states = ["reconciled", "open", "differs"];
        let stored = all().into_iter().zip(states).map(|(each, state)| stored(each, state));
        let proof = prove(window(), &fetched(&[&all()[..2], &all()[2..]]), stored);
        assert!(proof.is_proven());
        assert_eq!((proof.pages, proof.fetched, proof.transactions), (2, 3, 3));
        let charges = proof.sums[&(Currency::USD, "CHARGE".to_owned())];
        assert_eq!((charges.transactions, charges.amount.to_string().as_str()), (2, "6.01"));
        assert_eq!(proof.sums[&(Currency::USD, "REFUND".to_owned())].amount.to_string(), "-5.99");
        assert_eq!(proof.states["reconciled"], 1);
        assert_eq!(proof.differing, ["T3"]);
    }

    #[test]
    fn pages_in_another_order_with_repetitions_prove_the_same() {
        let [one, two, three] = all();
        let whole = prove(window(), &fetched(&[&all()]), all().map(|each| stored(each, "open")));
        let pages: [&[Entry]; 3] = [&[three.clone(), one.clone()], &[two, three], &[one]];
        let often = prove(window(), &fetched(&pages), all().map(|each| stored(each, "open")));
        assert_eq!((often.pages, often.fetched), (3, 5));
        assert_eq!(Proof { pages: 1, fetched: 3, ..often }, whole);
    }

    #[test]
    fn what_is_lost_changed_vanished_or_unreadable_keeps_a_window_from_being_proven() {
        let mut pages = fetched(&[&all()[..2]]);
        pages.add_page([], 2);
        let changed = Entry { content_hash: "other".to_owned(), ..entry("T2", "CHARGE", "7") };
        let proof =
            prove(window(), &pages, [stored(changed.clone(), "open"), stored(entry("T3", "REFUND", "-1"), "open")]);
        let name = str::to_owned;
        let expected =
            [Gap::Unreadable(2), Gap::NotStored(name("T1")), Gap::OtherContent(name("T2")), Gap::Vanished(name("T3"))];
        assert_eq!(proof.gaps, expected);
        assert!(!proof.is_proven());
        let later = Stored { feed_date: Some(window().to), ..stored(changed, "open") };
        assert!(!prove(window(), &pages, [later]).gaps.contains(&Gap::OtherContent(name("T2"))));
    }

    #[test]
    fn the_hash_tells_contents_and_identifiers_apart() {
        let of = |entries: &[Entry]| prove(window(), &fetched(&[entries]), []).hash;
        let other = Entry { content_hash: "other".to_owned(), ..entry("T1", "CHARGE", "5.99") };
        let named = Entry { transaction_id: "T1\thash of T1".to_owned(), ..entry("T1", "CHARGE", "5.99") };
        let hashes = [of(&[]), of(&all()), of(&all()[..1]), of(&[other]), of(&[named])];
        assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), hashes.len());
    }
}
