//! CloudWatch metrics in the embedded metric format (EMF): a JSON line on standard output becomes a metric.
//!
//! Few-valued things are dimensions, identifiers are plain fields. Every metric of the program is named here,
//! with its unit, so that the template's alarms and the code cannot drift apart.
//!
//! Source: docs.aws.amazon.com, "Embedded metric format specification".

use jiff::Timestamp;
use serde_json::{Map, Value, json};

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
    /// Own invoices that Amazon refused.
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
}

/// One EMF line.
#[derive(Debug, Clone)]
pub struct MetricLine {
    values: Vec<(Metric, u64)>,
    dimensions: Vec<(&'static str, String)>,
    fields: Vec<(&'static str, String)>,
}

impl MetricLine {
    /// A line of one function.
    pub fn new(function: &'static str) -> Self {
        Self { values: Vec::new(), dimensions: vec![("Function", function.to_owned())], fields: Vec::new() }
    }

    /// Adds a value.
    #[must_use]
    pub fn value(mut self, metric: Metric, value: u64) -> Self {
        self.values.push((metric, value));
        self
    }

    /// Adds an identifier: searchable in the logs, no dimension.
    #[must_use]
    pub fn field(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// The line. Each metric appears with the function as its dimension and without any, for alarms over all.
    pub fn to_json(&self, now: Timestamp) -> Value {
        let names: Vec<&str> = self.dimensions.iter().map(|(name, _)| *name).collect();
        let metrics: Vec<Value> =
            self.values.iter().map(|(metric, _)| json!({"Name": metric.name(), "Unit": metric.unit()})).collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [names, []], "Metrics": metrics}],
            }),
        );
        for (name, value) in self.dimensions.iter().chain(&self.fields) {
            line.insert((*name).to_owned(), json!(value));
        }
        for (metric, value) in &self.values {
            line.insert(metric.name().to_owned(), json!(value));
        }
        Value::Object(line)
    }

    /// Writes the line to standard output. A line without values is not written.
    #[expect(clippy::print_stdout, reason = "CloudWatch Logs reads standard output")]
    pub fn emit(&self, now: Timestamp) {
        if !self.values.is_empty() {
            println!("{}", self.to_json(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_each_metric_with_its_unit_and_keeps_ids_out_of_the_dimensions() {
        let line = MetricLine::new("book-documents")
            .value(Metric::PaymentsWritten, 189)
            .field("settlement_id", "24288684721")
            .to_json("2026-11-22T00:00:00Z".parse().unwrap());
        insta::assert_json_snapshot!(line);
    }
}
