//! The invoices and credit memos in Amazon's answers, each once, however many lines it was told for.

use std::collections::{BTreeMap, BTreeSet};

use countinghouse_domain::money::{Currency, Money};

use crate::model::{InvoiceDetail, LineInvoices, OrderLineItem, Transaction};
use crate::reconcile::refund::gives_back;

/// An invoice or credit memo.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    pub(crate) number: &'a str,
    pub(crate) is_credit: bool,
    /// What was told of it: one thing, or several where the answers for its lines do not agree.
    pub(crate) versions: Vec<&'a InvoiceDetail>,
    /// The lines for which Amazon told of it.
    pub(crate) listed: BTreeSet<&'a OrderLineItem>,
}

/// All documents, in the order of their numbers.
pub(crate) fn documents(invoices: &BTreeMap<OrderLineItem, LineInvoices>) -> Vec<Document<'_>> {
    let mut documents: BTreeMap<(&str, bool), Document> = BTreeMap::new();
    for (item, answer) in invoices {
        for detail in &answer.invoices {
            let Some(number) = detail.own_number() else { continue };
            let is_credit = detail.is_credit_memo();
            let new = || Document { number, is_credit, versions: Vec::new(), listed: BTreeSet::new() };
            let document = documents.entry((number, is_credit)).or_insert_with(new);
            document.listed.insert(item);
            if !document.versions.contains(&detail) {
                document.versions.push(detail);
            }
        }
    }
    documents.into_values().collect()
}

impl Document<'_> {
    /// What it comes to, where Amazon says so.
    pub(crate) fn total(&self) -> Option<Money> {
        self.versions.iter().find_map(|version| self.total_of(version))
    }

    /// What it comes to by one version of it; a credit memo's is negative, however it is written.
    pub(crate) fn total_of(&self, version: &InvoiceDetail) -> Option<Money> {
        let currency: Currency = version.currency_code.as_deref()?.trim().parse().ok()?;
        let mut total = version.invoice_total?;
        if self.is_credit {
            total = super::booked::against(total, true);
        }
        Some(Money::new(total, currency))
    }

    /// The lines of orders over which it spreads its amounts.
    pub(crate) fn shares(&self) -> BTreeSet<&str> {
        let items = self.versions.iter().flat_map(|version| &version.items);
        let of_items = items.clone().flat_map(|item| &item.apportionment).map(|each| &each.order_line_item_id);
        let fees = items.flat_map(|item| &item.fees).flat_map(|fee| &fee.apportionment);
        let of_fees = fees.map(|each| &each.associated_order_line_item_id);
        of_items.chain(of_fees).flatten().map(String::as_str).collect()
    }
}

/// Which transactions have a line: charges and refunds apart.
#[derive(Debug, Default)]
pub(crate) struct Holders<'a>(BTreeMap<OrderLineItem, BTreeMap<&'a str, bool>>);

impl<'a> Holders<'a> {
    pub(crate) fn of(transactions: &'a BTreeMap<String, Transaction>) -> Self {
        let mut holders = Self::default();
        for (id, transaction) in transactions {
            for item in transaction.order_line_items() {
                holders.0.entry(item).or_default().insert(id, gives_back(transaction));
            }
        }
        holders
    }

    /// The transactions that a document about these lines concerns: for a credit memo the refunds, else the charges;
    /// all of them where there are none of that kind.
    pub(crate) fn concerned<'b>(
        &self,
        items: impl Iterator<Item = &'b OrderLineItem> + Clone,
        is_credit: bool,
    ) -> BTreeSet<&'a str> {
        let all = items.filter_map(|item| self.0.get(item)).flatten();
        let fitting: BTreeSet<&str> = all.clone().filter(|(_, back)| **back == is_credit).map(|(id, _)| *id).collect();
        if fitting.is_empty() { all.map(|(id, _)| *id).collect() } else { fitting }
    }
}
