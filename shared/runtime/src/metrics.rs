//! CloudWatch metrics in the embedded metric format (EMF): a JSON line on standard output becomes a metric.
//!
//! Every metric has the dimension `Stack`, so that two stacks in one account are told apart. What happens is counted
//! for the stack as a whole, and identifiers are plain fields of its line: each further dimension is a metric that
//! CloudWatch is paid for. How things stand now (`watch-books`) is written for each seller, currency or state, too.
//!
//! Every metric of the program is named here, with its unit, so that the alarms (`infra/alarms/alarms.toml`), the
//! dashboard and the code cannot drift apart; tests hold them against this list.
//!
//! Source: docs.aws.amazon.com, "Embedded metric format specification".

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::OnceLock;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;
use serde_json::value::RawValue;

use crate::config::{ConfigError, Variables};

/// The namespace of every metric.
pub const NAMESPACE: &str = "Countinghouse";

macro_rules! metrics {
    ($($(#[$doc:meta])* $variant:ident $unit:literal,)*) => {
        /// A metric, with its unit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$doc])* $variant,)*
        }

        impl Metric {
            /// Every metric.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in CloudWatch.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// The unit in CloudWatch.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)* }
            }
        }
    };
}

metrics! {
    /// Reports asked for.
    ReportsRequested "Count",
    /// Reports of the same window that were there already and were taken over.
    ReportsAdopted "Count",
    /// Reports that Amazon ended without data.
    ReportsWithoutData "Count",
    /// Reports that Amazon could not make.
    ReportsFailed "Count",
    /// Settlements that polling or a notification found.
    SettlementsDiscovered "Count",
    /// Notifications that arrived.
    NotificationsReceived "Count",
    /// Notifications of sellers or reports that the books are not made from.
    NotificationsIgnored "Count",
    /// New client secrets that Amazon sent and that are stored.
    ClientSecretsStored "Count",
    /// Messages about client secrets that could not be used: a secret may be lost in days.
    ClientSecretsNotStored "Count",
    /// Documents stored.
    DocumentsDownloaded "Count",
    /// Bytes of documents stored.
    BytesDownloaded "Bytes",
    /// Calls put off because Amazon's rate budget was empty.
    CallsDeferred "Count",
    /// Payments written.
    PaymentsWritten "Count",
    /// Settlements whose payments sum to the deposit.
    ProvenSettlements "Count",
    /// Settlements whose payments do not.
    UnprovenSettlements "Count",
    /// Settlements that came again with other bytes.
    ConflictingSettlements "Count",
    /// Settlements whose predecessor is missing.
    SettlementGaps "Count",
    /// Amounts that no rule knows.
    UnclassifiedRows "Count",
    /// Invoices and credit notes written.
    DocumentsBooked "Count",
    /// Invoices and credit notes with something that a person should look at.
    DocumentsFlagged "Count",
    /// Reports that cannot be booked as they are.
    QuarantinedDocuments "Count",
    /// Reports that were booked, empty ones too.
    ReportsBooked "Count",
    /// Vendor invoices that Amazon took into its queue.
    VendorInvoicesSubmitted "Count",
    /// Vendor invoices that our own checks rejected.
    VendorInvoicesRejected "Count",
    /// Vendor invoices whose number belongs to another invoice.
    VendorInvoicesRefused "Count",
    /// Files of vendor invoices that cannot be read.
    VendorFilesUnreadable "Count",
    /// Vendor invoices that Amazon says it took.
    VendorInvoicesAccepted "Count",
    /// Vendor invoices that Amazon refused.
    VendorInvoicesFailed "Count",
    /// Vendor invoices that Amazon still said it was processing after half an hour.
    VendorInvoicesUnverified "Count",
    /// Vendor invoices that went out and whose answer was lost.
    VendorInvoicesAnswerLost "Count",
    /// For how long the vendor invoice on its way that has stood still the longest has stood still, now.
    OldestOpenVendorInvoiceSeconds "Seconds",
    /// Pages of purchases that Amazon answered with.
    PurchasePagesPulled "Count",
    /// Purchase transactions that were not known.
    TransactionsPulled "Count",
    /// Purchase transactions of which Amazon had something new.
    TransactionsUpdated "Count",
    /// Lines of purchases whose invoice was found.
    InvoicesFound "Count",
    /// Windows of purchases whose transactions are all in the table, with the same sums.
    ProvenPurchaseWindows "Count",
    /// Windows of purchases whose transactions are not.
    UnprovenPurchaseWindows "Count",
    /// Transactions that cannot be read, of one account, now.
    UnreadableTransactions "Count",
    /// Transactions whose amounts do not agree, of one account, now.
    DifferingTransactions "Count",
    /// Transactions that wait for an invoice, of one account, now.
    OpenTransactions "Count",
    /// Transactions whose invoice is missing beyond its deadline, of one account, now.
    OverdueInvoices "Count",
    /// For how many days the oldest open transaction of one account has been open, now.
    OldestOpenTransactionDays "Count",
    /// Own invoices and credit notes that a report told of for the first time as due.
    OwnInvoicesFound "Count",
    /// Own invoices that Amazon accepted.
    OwnInvoicesAccepted "Count",
    /// Own invoices and credit notes that got their number, or were made again under it.
    OwnInvoicesIssued "Count",
    /// Own credit notes that wait for the number of the invoice that they credit.
    OwnInvoicesWaiting "Count",
    /// Own invoices that cannot be made before a person has looked.
    OwnInvoicesNotMade "Count",
    /// Own invoices of which Amazon made a feed.
    OwnInvoicesUploaded "Count",
    /// Uploads of own invoices that went out and got no answer: the next report decides.
    OwnInvoicesAnswerLost "Count",
    /// Own invoices that Amazon refused, by Amazon's code and of all.
    OwnInvoicesRejected "Count",
    /// Own invoices that are due and have no number, of all sellers, now.
    OwnInvoicesDue "Count",
    /// Own invoices that are issued and not at Amazon, of all sellers, now.
    OwnInvoicesToUpload "Count",
    /// Own invoices that Amazon is reading, of all sellers, now.
    OwnInvoicesProcessing "Count",
    /// Own invoices that a person must look at, of all sellers, now.
    OwnInvoicesNeedingAPerson "Count",
    /// For how long the own invoice has been due that has been due the longest and is not at Amazon, now.
    OldestDueInvoiceSeconds "Seconds",
    /// For how long the own invoice of a stage has been due that has been due the longest, of all sellers, now.
    OldestOwnInvoiceSeconds "Seconds",
    /// What was in the account before the last settlement, of a seller and currency.
    BalanceOpening "None",
    /// What came in with the last settlement, by category, of a seller and currency.
    BalanceIn "None",
    /// What went out with it, by category, without the payout, of a seller and currency; negative.
    BalanceOut "None",
    /// What it paid out, of a seller and currency; negative, or zero.
    BalancePayout "None",
    /// What is left in the account of a seller and currency: opening + in + out + payout.
    BalanceClosing "None",
    /// What Amazon holds back of the account of a seller and currency until the next settlement.
    BalanceReserve "None",
    /// In how many days the next settlement is due, of a seller and currency; negative when it is late.
    DaysUntilNextSettlement "Count",
    /// For how many hours there has been no settlement, of a seller, and the longest of all, now.
    HoursSinceSettlement "Count",
    /// For how many hours no VAT report has been booked, of a seller, and the longest of all, now.
    HoursSinceVatReport "Count",
    /// Settlements whose payments do not sum to their total, of a seller and of all, now.
    SettlementsUnproven "Count",
    /// Files that came with other bytes for a settlement that is booked, of a seller and of all, now.
    SettlementsInConflict "Count",
    /// Amounts that no rule knows in settlements that a person should look at, of a seller and of all, now.
    RowsUnclassified "Count",
    /// Settlements and files that a person should look at, for whatever reason, of a seller and of all, now.
    SettlementsNeedingAPerson "Count",
    /// Reports in a state, of all sellers, now; those that ended, of the last thirty days.
    JobsInState "Count",
    /// For how long the report in a state that has stood still the longest has stood still, of all sellers, now.
    OldestJobInStateSeconds "Seconds",
    /// For how long the report on its way that has stood still the longest has stood still, of a seller and of all, now.
    OldestOpenJobSeconds "Seconds",
    /// How much of the rate budget is left where least is left, of a seller and of all, now.
    RateBudgetLeft "Percent",
    /// In how many days the application's secret expires, of a seller, and the first of all; negative when it has.
    DaysUntilSecretExpires "Count",
    /// In how many days Amazon deletes a report that is wanted and not stored, of a seller, and the first of all.
    DaysUntilReportsAreLost "Count",
    /// Vendor invoices and files that a person must look at, of all vendors, now.
    VendorInvoicesNeedingAPerson "Count",
}

impl Metric {
    /// Whether it says how things stand: then zero is a value. What happens is counted, and where nothing has happened
    /// there is nothing to count: such a metric costs nothing in the hours in which it is silent.
    pub const fn is_level(self) -> bool {
        matches!(
            self,
            Self::OldestOpenVendorInvoiceSeconds
                | Self::VendorInvoicesNeedingAPerson
                | Self::UnreadableTransactions
                | Self::DifferingTransactions
                | Self::OpenTransactions
                | Self::OverdueInvoices
                | Self::OldestOpenTransactionDays
                | Self::OwnInvoicesDue
                | Self::OwnInvoicesToUpload
                | Self::OwnInvoicesProcessing
                | Self::OwnInvoicesNeedingAPerson
                | Self::OldestDueInvoiceSeconds
                | Self::OldestOwnInvoiceSeconds
                | Self::BalanceOpening
                | Self::BalanceIn
                | Self::BalanceOut
                | Self::BalancePayout
                | Self::BalanceClosing
                | Self::BalanceReserve
                | Self::DaysUntilNextSettlement
                | Self::HoursSinceSettlement
                | Self::HoursSinceVatReport
                | Self::SettlementsUnproven
                | Self::SettlementsInConflict
                | Self::RowsUnclassified
                | Self::SettlementsNeedingAPerson
                | Self::JobsInState
                | Self::OldestJobInStateSeconds
                | Self::OldestOpenJobSeconds
                | Self::RateBudgetLeft
                | Self::DaysUntilSecretExpires
                | Self::DaysUntilReportsAreLost
        )
    }
}

/// The stack of this process, for the dimension that every metric has.
static STACK: OnceLock<String> = OnceLock::new();

/// Reads the stack's name, `STACK_NAME`; the first call in a process counts.
pub fn start(variables: &Variables) -> Result<(), ConfigError> {
    let name = variables.or("STACK_NAME", "the name of the stack", DEFAULT_STACK.to_owned())?;
    // A second call in one process (tests) keeps the first name.
    let _already_named = STACK.set(name);
    Ok(())
}

tokio::task_local! {
    static COLLECTED: RefCell<Vec<String>>;
}

/// Runs functions in this process, for tests: what they emit is returned, and not written to standard output.
pub fn collect<'a, T: 'a>(run: impl Future<Output = T> + 'a) -> Pin<Box<dyn Future<Output = (T, Vec<String>)> + 'a>> {
    // On the heap: a whole run of a function keeps much.
    let run = Box::pin(run);
    Box::pin(COLLECTED.scope(RefCell::default(), async {
        let done = run.await;
        (done, COLLECTED.with(RefCell::take))
    }))
}

const DEFAULT_STACK: &str = "countinghouse";

fn stack() -> &'static str {
    STACK.get().map_or(DEFAULT_STACK, String::as_str)
}

/// One EMF line.
#[derive(Debug, Clone)]
pub struct MetricLine {
    function: &'static str,
    values: Vec<(Metric, Decimal)>,
    dimensions: Vec<(&'static str, String)>,
    fields: Vec<(&'static str, String)>,
}

impl MetricLine {
    /// A line of one function, for the stack as a whole.
    pub const fn new(function: &'static str) -> Self {
        Self { function, values: Vec::new(), dimensions: Vec::new(), fields: Vec::new() }
    }

    /// Narrows the line down: its metrics are those of this seller, currency or state only.
    #[must_use]
    pub fn per(mut self, dimension: &'static str, value: impl Into<String>) -> Self {
        self.dimensions.push((dimension, value.into()));
        self
    }

    /// Adds a value.
    #[must_use]
    pub fn value(self, metric: Metric, value: u64) -> Self {
        self.amount(metric, value.into())
    }

    /// Adds a value that may be negative or broken, for example an amount of money. It is written with all its digits.
    #[must_use]
    pub fn amount(mut self, metric: Metric, value: Decimal) -> Self {
        self.values.push((metric, value));
        self
    }

    /// Adds a value where there is one.
    #[must_use]
    pub fn amount_if(self, metric: Metric, value: Option<Decimal>) -> Self {
        match value {
            Some(value) => self.amount(metric, value),
            None => self,
        }
    }

    /// Adds an identifier: searchable in the logs, no dimension.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// The line as it stands in the log.
    pub fn to_json(&self, now: Timestamp) -> String {
        // Nothing in a line can fail to be written: its keys are texts, its numbers are decimals.
        serde_json::to_string(&Written { line: self, now }).unwrap_or_default()
    }

    /// Writes the line to standard output, or to whoever [`collect`]s. A line without values is not written.
    #[expect(clippy::print_stdout, reason = "CloudWatch Logs reads standard output")]
    pub fn emit(&self, now: Timestamp) {
        if self.values.is_empty() {
            return;
        }
        let line = self.to_json(now);
        if COLLECTED.try_with(|lines| lines.borrow_mut().push(line.clone())).is_err() {
            println!("{line}");
        }
    }
}

/// A line with its time.
struct Written<'a> {
    line: &'a MetricLine,
    now: Timestamp,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let MetricLine { function, values, dimensions, fields } = self.line;
        let names: Vec<&str> = ["Stack"].into_iter().chain(dimensions.iter().map(|(name, _)| *name)).collect();
        let counts = |(metric, value): &&(Metric, Decimal)| metric.is_level() || !value.is_zero();
        let metrics: Vec<_> = values
            .iter()
            .filter(counts)
            .map(|(metric, _)| json!({"Name": metric.name(), "Unit": metric.unit()}))
            .collect();
        // A line on which nothing has happened is a log line, and no metric.
        let directives = if metrics.is_empty() {
            json!([])
        } else {
            json!([{"Namespace": NAMESPACE, "Dimensions": [names], "Metrics": metrics}])
        };
        let directive = json!({"Timestamp": self.now.as_millisecond(), "CloudWatchMetrics": directives});
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("_aws", &directive)?;
        map.serialize_entry("Stack", stack())?;
        map.serialize_entry("Function", function)?;
        for (name, value) in dimensions.iter().chain(fields) {
            map.serialize_entry(name, value)?;
        }
        for (metric, value) in values {
            // A decimal is a number in JSON as it stands; a float would be another number.
            let number = RawValue::from_string(value.to_string()).map_err(serde::ser::Error::custom)?;
            map.serialize_entry(metric.name(), &number)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_line_names_each_metric_with_its_unit_and_keeps_ids_out_of_the_dimensions() {
        let line = MetricLine::new("book-documents")
            .value(Metric::PaymentsWritten, 189)
            .field("settlement_id", "24288684721")
            .to_json(now());
        insta::assert_snapshot!(line);
    }

    #[test]
    fn an_amount_keeps_its_digits_and_belongs_to_its_seller_and_currency() {
        let line = MetricLine::new("watch-books")
            .per("Seller", "A3TH9S8BH6GOGM")
            .per("Currency", "EUR")
            .amount(Metric::BalanceOut, "-1337.10".parse().unwrap())
            .amount_if(Metric::BalanceIn, None)
            .to_json(now());
        insta::assert_snapshot!(line);
    }

    #[test]
    fn nothing_that_has_happened_is_no_metric_and_nothing_that_stands_is_one() {
        let line = MetricLine::new("poll-jobs")
            .value(Metric::ReportsFailed, 0)
            .value(Metric::OwnInvoicesDue, 0)
            .value(Metric::ReportsAdopted, 2)
            .to_json(now());
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&line["ReportsFailed"], &line["OwnInvoicesDue"]), (&json!(0), &json!(0)), "both can be read");
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        let names: Vec<_> = metrics.iter().map(|metric| metric["Name"].as_str().unwrap()).collect();
        assert_eq!(names, ["OwnInvoicesDue", "ReportsAdopted"]);
        let idle = MetricLine::new("poll-jobs").value(Metric::ReportsFailed, 0).to_json(now());
        assert!(idle.contains(r#""CloudWatchMetrics":[],"#), "{idle}");
    }

    #[test]
    fn no_two_metrics_have_one_name() {
        let names: std::collections::BTreeSet<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        assert_eq!(names.len(), Metric::ALL.len());
    }
}
