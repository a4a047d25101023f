//! What there is of an order in one account, and removing it.

use std::collections::BTreeSet;

use countinghouse_domain::ids::{ReportId, SellerId};
use countinghouse_domain::report::{ReportType, RequestableReport};
use countinghouse_store::{
    Documents, Jobs, OwnInvoiceObjects, OwnInvoices, PersonalItem, Purchases, StoredOwnInvoice, due_key,
};
use jiff::{SignedDuration, Timestamp};

use super::ForgetError;
use crate::stack::Stack;

/// Days that are said where the stack does not tell its own.
const RAW_REPORT_RETENTION_DAYS: i64 = 180;

/// The reports that are looked at: more than any retention keeps.
const MOST_REPORTS: usize = 100_000;
/// For so long a report may be asked for before it is made.
const ASKED_BEFORE: SignedDuration = SignedDuration::from_hours(24);

/// Everything that may name a buyer.
#[derive(Debug)]
pub(super) struct Books {
    documents: Documents,
    purchases: Purchases,
    own_invoices: OwnInvoices,
    own_objects: OwnInvoiceObjects,
    jobs: Jobs,
    raw_reports_kept_for: SignedDuration,
}

/// What is to be removed in one account, and what stays.
#[derive(Debug)]
pub(super) struct Plan {
    /// The account.
    pub(super) account: SellerId,
    /// When the order was forgotten before.
    pub(super) forgotten_at: Option<Timestamp>,
    /// Items of the tables.
    pub(super) items: Vec<PersonalItem>,
    /// Other orders whose purchases share what is removed.
    pub(super) shared_with: BTreeSet<String>,
    /// Objects of the bucket with everything that names a buyer.
    pub(super) objects: Vec<PersonalItem>,
    /// Issued files that stay, by their keys.
    pub(super) issued: Vec<String>,
    /// Own invoices that Amazon has not accepted yet.
    pub(super) on_their_way: Vec<String>,
    /// Raw reports that name the buyer among others, and when the last of them is deleted.
    pub(super) reports: usize,
    pub(super) reports_until: Option<Timestamp>,
    /// Whether there is anything of the order at all.
    pub(super) is_known: bool,
    forgettable: Vec<(String, Vec<String>)>,
    issued_too: bool,
}

impl Plan {
    /// Whether there is something to remove.
    pub(super) fn removes(&self) -> bool {
        !self.items.is_empty() || !self.objects.is_empty()
    }
}

impl Books {
    /// The tables and the bucket of a stack.
    pub(super) async fn open(stack: &Stack) -> Result<Self, ForgetError> {
        let (dynamodb, tables) = (stack.dynamodb(), &stack.tables);
        let parameters = stack.description().await?.parameters;
        let days = parameters.get("RawReportRetentionDays").and_then(|days| days.parse::<i64>().ok());
        let days = days.unwrap_or(RAW_REPORT_RETENTION_DAYS);
        // How long personal data is kept does not matter to who removes it.
        let unused_days = 1;
        Ok(Self {
            documents: Documents::new(dynamodb.clone(), &tables.documents, unused_days),
            purchases: Purchases::new(dynamodb.clone(), &tables.purchases, unused_days),
            own_invoices: OwnInvoices::new(dynamodb.clone(), &tables.own_invoices),
            own_objects: OwnInvoiceObjects::new(stack.s3(), stack.bucket().await?),
            jobs: Jobs::new(dynamodb, &tables.jobs),
            raw_reports_kept_for: SignedDuration::from_hours(days.saturating_mul(24)),
        })
    }

    /// Looks for what is personal about an order.
    pub(super) async fn plan(&self, account: &SellerId, order: &str, issued_too: bool) -> Result<Plan, ForgetError> {
        let documents = self.documents.of_order(account, order).await?;
        let mut items = self.documents.personal_of_order(account, order).await?;
        let purchases = self.purchases.personal_of_order(account, order).await?;
        items.extend(purchases.items);
        let reports: BTreeSet<ReportId> = documents.iter().flat_map(|each| each.report_ids.clone()).collect();
        let forgotten_at = match self.documents.forgotten_at(account, order).await? {
            Some(at) => Some(at),
            None => self.purchases.forgotten_at(account, order).await?,
        };
        let mut plan = Plan {
            account: account.clone(),
            forgotten_at,
            is_known: !documents.is_empty() || !items.is_empty(),
            items,
            shared_with: purchases.shared_with,
            objects: Vec::new(),
            issued: Vec::new(),
            on_their_way: Vec::new(),
            reports: 0,
            reports_until: None,
            forgettable: Vec::new(),
            issued_too,
        };
        let mut own = self.own_invoices.list(account).await?;
        own.retain(|each| each.order_id == order);
        for invoice in &own {
            self.own_invoice(&mut plan, invoice).await?;
        }
        let due_since = own.iter().map(|each| each.due_since).min();
        self.raw_reports(&mut plan, &reports, due_since).await?;
        Ok(plan)
    }

    async fn own_invoice(&self, plan: &mut Plan, invoice: &StoredOwnInvoice) -> Result<(), ForgetError> {
        plan.is_known = true;
        if !invoice.standing.state.is_final() {
            plan.on_their_way.push(format!("{}, {}", invoice.key, invoice.standing.state));
            return Ok(());
        }
        let mut keys = vec![due_key(&plan.account, &invoice.key)];
        let made = invoice.made.iter().flat_map(|made| [&made.pdf, &made.xml]);
        let issued: Vec<String> = made.map(|object| object.key.clone()).collect();
        if plan.issued_too {
            keys.extend(issued);
        } else {
            for key in issued {
                if self.own_objects.count_versions(&key).await? > 0 {
                    plan.issued.push(key);
                }
            }
        }
        let mut there = Vec::new();
        for key in keys {
            let versions = self.own_objects.count_versions(&key).await?;
            if versions > 0 {
                let attributes = vec![format!("the whole object, {}", counted(versions, "version"))];
                plan.objects.push(PersonalItem { place: key.clone(), attributes });
                there.push(key);
            }
        }
        plan.forgettable.push((invoice.key.clone(), there));
        Ok(())
    }

    /// Raw reports that may name the buyer among others: all of the kinds that tell of the order, from the first one on.
    /// A report that says nothing new of a document is not noted on it, so all of them count.
    async fn raw_reports(
        &self,
        plan: &mut Plan,
        told_by: &BTreeSet<ReportId>,
        due_since: Option<Timestamp>,
    ) -> Result<(), ForgetError> {
        let jobs = self.jobs.list(&plan.account, MOST_REPORTS).await?;
        let first = jobs.iter().filter(|job| told_by.contains(&job.report_id)).map(|job| job.recorded_at).min();
        // A report is asked for before it is made.
        let due_since = due_since.and_then(|since| since.checked_sub(ASKED_BEFORE).ok());
        for job in jobs {
            let since = match job.report_type {
                ReportType::Requestable(RequestableReport::ScVatTaxReport) => first,
                ReportType::Requestable(RequestableReport::VatInvoices(_)) => due_since,
                ReportType::Settlement(_) => None,
            };
            if job.facts.object_key.is_none() || since.is_none_or(|since| job.recorded_at < since) {
                continue;
            }
            plan.reports = plan.reports.saturating_add(1);
            let until = job.recorded_at.checked_add(self.raw_reports_kept_for).ok();
            plan.reports_until = plan.reports_until.max(until);
        }
        Ok(())
    }

    /// Removes what a plan says, and marks the order as forgotten, so that nothing of it comes back. Answers from how many
    /// places something was removed.
    pub(super) async fn forget(&self, plan: &Plan, order: &str, now: Timestamp) -> Result<usize, ForgetError> {
        let account = &plan.account;
        let mut removed = 0_usize;
        if plan.is_known {
            removed = removed.saturating_add(self.documents.forget_order(account, order, now).await?.len());
            removed = removed.saturating_add(self.purchases.forget_order(account, order, now).await?.items.len());
        }
        for (document, objects) in &plan.forgettable {
            // What has moved since, and is on its way again, is left alone.
            if !self.own_invoices.forget(account, document, plan.issued_too, now).await? {
                continue;
            }
            for key in objects {
                removed = removed.saturating_add(usize::from(self.own_objects.erase(key).await? > 0));
            }
        }
        Ok(removed)
    }
}

/// `1 version`, `2 versions`.
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
