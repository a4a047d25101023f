//! What came out, in words that a person can act on.

use std::fmt;

use countinghouse_domain::money::{Money, subtract};
use jiff::{SignedDuration, Timestamp};

use crate::model::OrderLineItem;
use crate::reconcile::InvoiceState;

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is there and agrees.
    Reconciled,
    /// Nothing contradicts, but something is not there yet.
    Open {
        /// What, in the order of the lines.
        missing: Vec<Missing>,
        /// Since when the transaction is known, where Amazon says so.
        since: Option<Timestamp>,
    },
    /// Something contradicts.
    Differs {
        /// Everything that does, the transaction's own first.
        differences: Vec<Difference>,
        /// What is not there yet, besides.
        missing: Vec<Missing>,
    },
}

impl Verdict {
    pub(crate) fn of(differences: Vec<Difference>, missing: Vec<Missing>, since: Option<Timestamp>) -> Self {
        if !differences.is_empty() {
            Self::Differs { differences, missing }
        } else if !missing.is_empty() {
            Self::Open { missing, since }
        } else {
            Self::Reconciled
        }
    }

    /// The name of [`Verdict::Reconciled`].
    pub const RECONCILED: &'static str = "reconciled";
    /// The name of [`Verdict::Open`].
    pub const OPEN: &'static str = "open";
    /// The name of [`Verdict::Differs`].
    pub const DIFFERS: &'static str = "differs";

    /// `reconciled`, `open` or `differs`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reconciled => Self::RECONCILED,
            Self::Open { .. } => Self::OPEN,
            Self::Differs { .. } => Self::DIFFERS,
        }
    }

    /// What is not there yet.
    pub fn missing(&self) -> &[Missing] {
        match self {
            Self::Reconciled => &[],
            Self::Open { missing, .. } | Self::Differs { missing, .. } => missing,
        }
    }

    /// What contradicts.
    pub fn differences(&self) -> &[Difference] {
        match self {
            Self::Reconciled | Self::Open { .. } => &[],
            Self::Differs { differences, .. } => differences,
        }
    }

    /// How long it has been open; none where it is not, or where Amazon gave no date.
    pub fn open_for(&self, now: Timestamp) -> Option<SignedDuration> {
        match self {
            Self::Open { since, .. } => since.map(|since| now.duration_since(since)),
            Self::Reconciled | Self::Differs { .. } => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |texts: Vec<String>| texts.join("; ");
        match self {
            Self::Reconciled => f.write_str("reconciled"),
            Self::Open { missing, .. } => {
                write!(f, "open: {}", joined(missing.iter().map(ToString::to_string).collect()))
            }
            Self::Differs { differences, .. } => {
                write!(f, "differs: {}", joined(differences.iter().map(ToString::to_string).collect()))
            }
        }
    }
}

/// What is not there yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// The invoice of a line.
    Invoice {
        /// The line's number, from 0.
        line: usize,
        /// What it is asked for with.
        item: OrderLineItem,
        /// What Amazon has said so far.
        state: InvoiceState,
    },
    /// The identifiers with which the invoice of a line could be asked for.
    Identifiers {
        /// The line's number, from 0.
        line: usize,
    },
    /// The charge that a line of a refund gives back.
    Charge {
        /// The line's number, from 0; none for a refund without lines.
        line: Option<usize>,
    },
    /// A transaction that Amazon names as associated.
    Transaction {
        /// Which one.
        id: String,
    },
    /// A line of an order that an invoice covers.
    CoveredLine {
        /// The invoice.
        invoice: String,
        /// The line of the order.
        order_line_item_id: String,
    },
}

impl Missing {
    /// A short, stable name for metrics and items.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Invoice { .. } => "invoice",
            Self::Identifiers { .. } => "identifiers",
            Self::Charge { .. } => "charge",
            Self::Transaction { .. } => "transaction",
            Self::CoveredLine { .. } => "covered_line",
        }
    }
}

impl fmt::Display for Missing {
    /// People count lines from 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from_1 = |line: &usize| line.saturating_add(1);
        match self {
            Self::Invoice { line, item, state } => {
                let what = match state {
                    InvoiceState::CreditMemoMissing => "credit memo",
                    InvoiceState::Nothing | InvoiceState::Pending | InvoiceState::Found => "invoice",
                };
                let (order, item) = (&item.order_id, &item.order_line_item_id);
                let line = from_1(line);
                write!(f, "line {line} (order {order}, item {item}) has no {what} yet ({})", state.words())
            }
            Self::Identifiers { line } => {
                write!(f, "line {} has no order, line item or shipment to ask for its invoice with", from_1(line))
            }
            Self::Charge { line: Some(line) } => write!(f, "the charge that line {} refunds is not here", from_1(line)),
            Self::Charge { line: None } => write!(f, "the charge that this refunds is not here"),
            Self::Transaction { id } => write!(f, "the associated transaction {id} is not here"),
            Self::CoveredLine { invoice, order_line_item_id } => {
                write!(f, "invoice {invoice} also covers order line item {order_line_item_id}, which is not here")
            }
        }
    }
}

/// What can contradict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// A type of transaction whose sign nobody knows.
    UnknownType,
    /// A charge that is negative.
    Sign,
    /// Two currencies in one sum.
    Currency,
    /// The parts of a line and its total.
    LineTotal,
    /// The lines of a transaction and its amount.
    TransactionTotal,
    /// The parts of a split payment and the lines that they pay together.
    PurchaseTotal,
    /// More was refunded for a line than was charged.
    RefundTooLarge,
    /// Lines and the invoices that cover them.
    InvoiceTotal,
    /// Amounts inside an invoice.
    InsideInvoice,
}

impl DifferenceKind {
    /// A short, stable name for metrics and items.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownType => "unknown_type",
            Self::Sign => "sign",
            Self::Currency => "currency",
            Self::LineTotal => "line_total",
            Self::TransactionTotal => "transaction_total",
            Self::PurchaseTotal => "purchase_total",
            Self::RefundTooLarge => "refund_too_large",
            Self::InvoiceTotal => "invoice_total",
            Self::InsideInvoice => "inside_invoice",
        }
    }

    /// What is stated, and what follows from everything else, as a sentence.
    fn sentence(self, found: Money, expected: Money) -> String {
        match self {
            Self::UnknownType => "nobody knows this type, so nobody knows its sign".to_owned(),
            Self::Sign => format!("a charge is {found}, but none can be negative"),
            Self::Currency => format!("{found} stands in one sum with {expected}"),
            Self::LineTotal => format!(
                "the line's total is {found}, but principal, shipping, gift wrap, fee, tax and discount make {expected}"
            ),
            Self::TransactionTotal => format!("the amount is {found}, but the lines make {expected}"),
            Self::PurchaseTotal => {
                format!("the associated transactions come to {found}, but their lines make {expected}")
            }
            Self::RefundTooLarge => format!("{found} was refunded for this line, but {expected} was charged"),
            Self::InvoiceTotal => format!("the invoice comes to {found}, but the lines that it covers make {expected}"),
            Self::InsideInvoice => format!("{found} is stated, but the invoice's other amounts make {expected}"),
        }
    }
}

/// A contradiction: where, and by how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind.
    pub kind: DifferenceKind,
    /// Where: a JSON pointer into the transaction, or an invoice's number and a pointer into it.
    pub place: String,
    /// What follows from everything else, signed as it is booked.
    pub expected: Money,
    /// What Amazon states, signed as it is booked.
    pub found: Money,
    /// What may explain it, for a person.
    pub hint: Option<&'static str>,
}

impl Difference {
    pub(crate) fn new(kind: DifferenceKind, place: impl Into<String>, expected: Money, found: Money) -> Self {
        Self { kind, place: place.into(), expected, found, hint: None }
    }

    /// By how much what is stated is larger than what follows; none where there are two currencies, or nothing
    /// follows.
    pub fn by(&self) -> Option<Money> {
        if self.expected.currency != self.found.currency || self.kind == DifferenceKind::UnknownType {
            return None;
        }
        subtract(self.found.amount, self.expected.amount).ok().map(|by| Money::new(by, self.found.currency))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind.sentence(self.found, self.expected))?;
        if let Some(by) = self.by() {
            write!(f, " (by {by})")?;
        }
        if let Some(hint) = self.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::money::Currency;

    use super::*;

    fn money(amount: i64) -> Money {
        Money::new(amount.into(), Currency::USD)
    }

    #[test]
    fn a_contradiction_outranks_what_is_missing_and_hides_nothing() {
        let difference = Difference::new(DifferenceKind::TransactionTotal, "/amount", money(10), money(12));
        let missing = Missing::Transaction { id: "T2".to_owned() };
        let verdict = Verdict::of(vec![difference.clone()], vec![missing.clone()], None);
        assert_eq!(verdict.to_string(), "differs: /amount: the amount is 12 USD, but the lines make 10 USD (by 2 USD)");
        assert_eq!((verdict.differences(), verdict.missing()), (&[difference][..], &[missing.clone()][..]));
        let open = Verdict::of(Vec::new(), vec![missing], None);
        assert_eq!(open.to_string(), "open: the associated transaction T2 is not here");
        assert_eq!(Verdict::of(Vec::new(), Vec::new(), None), Verdict::Reconciled);
    }

    #[test]
    fn nothing_is_said_of_how_much_between_two_currencies() {
        let euro = Money::new(1.into(), Currency::EUR);
        assert_eq!(Difference::new(DifferenceKind::Currency, "/", money(1), euro).by(), None);
        assert_eq!(Difference::new(DifferenceKind::UnknownType, "/", money(1), money(1)).by(), None);
        assert_eq!(Difference::new(DifferenceKind::LineTotal, "/", money(3), money(1)).by(), Some(money(-2)));
    }
}
