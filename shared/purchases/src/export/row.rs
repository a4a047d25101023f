//! One row: a line item with everything around it.

use std::fmt::Write as _;

use countinghouse_domain::money::Money;
use jiff::Timestamp;

use crate::export::Exported;
use crate::model::{InvoiceDetail, LineItem, Transaction};
use crate::reconcile::{Booked, BookedLine, Outcome, invoice_state};

/// A line item, or a transaction without one.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) transaction: &'a Transaction,
    pub(crate) outcome: &'a Outcome,
    /// The transaction's amount, on its first row only: then a column of amounts can be added up.
    pub(crate) amount: Option<Money>,
    /// From 1.
    pub(crate) number: Option<usize>,
    pub(crate) line: Option<&'a LineItem>,
    pub(crate) amounts: BookedLine,
    /// The invoices that have a number: of a refund the credit memos, where Amazon tells them apart.
    pub(crate) invoices: Vec<&'a InvoiceDetail>,
    pub(crate) invoice_state: &'static str,
}

impl<'a> Row<'a> {
    pub(crate) fn all(exported: &Exported<'a>) -> Vec<Self> {
        let Exported { transaction, outcome, .. } = *exported;
        let booked = Booked::of(transaction);
        let first = |number: usize| (number == 1).then_some(booked.amount);
        let mut rows: Vec<Self> = Vec::new();
        // The lines of a split payment count once.
        let lines: &[LineItem] = if outcome.lines_with.is_none() { &transaction.lines } else { &[] };
        for (index, (line, amounts)) in lines.iter().zip(&booked.lines).enumerate() {
            let number = index.saturating_add(1);
            let answer = exported.invoices_of(line.order_line_item().as_ref());
            let gives_back = crate::reconcile::gives_back(transaction);
            rows.push(Self {
                transaction,
                outcome,
                amount: first(number),
                number: Some(number),
                line: Some(line),
                amounts: amounts.clone(),
                invoices: answer.map(|answer| chosen(&answer.invoices, gives_back)).unwrap_or_default(),
                invoice_state: invoice_state(answer, gives_back).name(),
            });
        }
        if rows.is_empty() {
            let (amount, amounts) = (Some(booked.amount), BookedLine::default());
            let (number, line, invoices, invoice_state) = (None, None, Vec::new(), "");
            rows.push(Self { transaction, outcome, amount, number, line, amounts, invoices, invoice_state });
        }
        rows
    }

    pub(crate) fn of_line(&self, field: impl Fn(&LineItem) -> Option<&String>) -> String {
        self.line.and_then(field).map(|value| text(value)).unwrap_or_default()
    }

    /// What is true of each invoice, one after the other.
    pub(crate) fn of_invoices(&self, field: impl Fn(&InvoiceDetail) -> Option<String>) -> String {
        let values: Vec<String> = self.invoices.iter().filter_map(|invoice| field(invoice)).collect();
        text(&values.join(" "))
    }
}

/// What the company asks for at the checkout, as `name=value`.
pub(crate) fn order_info(row: &Row) -> String {
    let mut info = String::new();
    for (name, value) in row.line.into_iter().flat_map(|line| &line.business_order_info) {
        let separator = if info.is_empty() { "" } else { "; " };
        let _infallible = write!(info, "{separator}{name}={value}");
    }
    text(&info)
}

/// The invoices that belong on a row.
fn chosen(invoices: &[InvoiceDetail], gives_back: bool) -> Vec<&InvoiceDetail> {
    let numbered = || invoices.iter().filter(|invoice| invoice.number().is_some());
    let fitting = |invoice: &&InvoiceDetail| invoice.invoice_type.is_none() || invoice.is_credit_memo() == gives_back;
    let mut chosen: Vec<&InvoiceDetail> = numbered().filter(fitting).collect();
    chosen.sort_by_key(|invoice| (invoice.invoice_date, invoice.number()));
    chosen
}

pub(crate) fn amount(money: Option<Money>) -> String {
    money.map(|money| money.amount.to_string()).unwrap_or_default()
}

pub(crate) fn time(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// A text as a spreadsheet may read it: one that would be taken for a formula gets an apostrophe before it. Line ends
/// become blanks.
pub(crate) fn text(value: &str) -> String {
    let one_line: String = value.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if one_line.starts_with(['=', '+', '-', '@']) { format!("'{one_line}") } else { one_line }
}
