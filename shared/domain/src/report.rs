//! The reports that Amazon makes.
//!
//! Source: developer-docs.amazon.com, "Report type values"; what is restricted: "Tokens API" guide (WIRE.md 3).

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::job::Window;

/// A report that a program may ask Amazon to make. Settlement reports are not among these: Amazon makes them
/// when a settlement closes and refuses a request, so a request for one cannot be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestableReport {
    /// Every shipment, refund and return with its VAT, for sellers in the VAT Calculation Service.
    ScVatTaxReport,
    /// The VAT invoice data report (VIDR): what a seller must invoice, and what became of uploaded invoices.
    VatInvoices(VatInvoiceFormat),
}

/// How a VAT invoice data report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VatInvoiceFormat {
    /// Text with tabs.
    FlatFile,
    /// XML.
    Xml,
}

/// How a report is asked for, beside its type and its marketplaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// For a window of time, with a report option (its key and its value) where one is needed.
    Window(Option<(&'static str, &'static str)>),
    /// For what is open at the moment: without a window, it reaches as far back as Amazon lets it.
    Open,
}

/// The longest window of a VAT invoice data report that has documents of every status.
const LONGEST_OF_ALL: SignedDuration = SignedDuration::from_hours(30 * 24);

impl RequestableReport {
    /// Amazon's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScVatTaxReport => "SC_VAT_TAX_REPORT",
            Self::VatInvoices(VatInvoiceFormat::FlatFile) => "GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT",
            Self::VatInvoices(VatInvoiceFormat::Xml) => "GET_XML_VAT_INVOICE_DATA_REPORT",
        }
    }

    /// How the report for a window is asked for.
    ///
    /// Amazon makes two kinds of VAT invoice data reports: of the documents that are pending, of 90 days, and of all of
    /// 30 days at most. A list of reports does not say which kind one is, so the length of the window does: what is
    /// longer than 30 days is one of pending documents. The key of the option is literally this, with its `=`.
    ///
    /// Source: "Report type values: invoice data".
    pub fn asking(self, window: Window) -> Asking {
        match self {
            Self::ScVatTaxReport => Asking::Window(None),
            Self::VatInvoices(_) if window.length() > LONGEST_OF_ALL => Asking::Open,
            Self::VatInvoices(_) => Asking::Window(Some(("ReportOption=All", "true"))),
        }
    }

    /// Whether nobody needs a report for the older window any more once there is one for the newer: a VAT invoice data
    /// report says how documents stand at the moment, so the next one of its kind stands for it.
    pub fn supersedes(self, newer: Window, older: Window) -> bool {
        let later = newer.to.duration_since(older.to);
        let follows = newer.length() == older.length() && later > SignedDuration::ZERO;
        match (self, self.asking(newer)) {
            (Self::ScVatTaxReport, _) => false,
            (Self::VatInvoices(_), Asking::Open) => follows,
            // What lies further apart are pieces of a longer time.
            (Self::VatInvoices(_), Asking::Window(_)) => follows && later <= SignedDuration::from_hours(24),
        }
    }
}

/// A settlement report, which Amazon makes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettlementReport {
    /// The flat file of today, one amount in each row.
    FlatFileV2,
    /// The first flat file, removed from the API on 2026-11-11; still read from archives.
    FlatFile,
    /// The XML report, removed from the API on 2026-11-11; still read from archives.
    Xml,
}

impl SettlementReport {
    /// All of them, the one to prefer first.
    pub const ALL: [Self; 3] = [Self::FlatFileV2, Self::FlatFile, Self::Xml];

    /// Amazon's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FlatFileV2 => "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
            Self::FlatFile => "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE",
            Self::Xml => "GET_V2_SETTLEMENT_REPORT_DATA_XML",
        }
    }
}

/// A report that the books are made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ReportType {
    /// One that is requested.
    Requestable(RequestableReport),
    /// One that Amazon makes.
    Settlement(SettlementReport),
}

impl ReportType {
    /// `SC_VAT_TAX_REPORT`.
    pub const SC_VAT_TAX_REPORT: Self = Self::Requestable(RequestableReport::ScVatTaxReport);
    /// `GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT`.
    pub const VAT_INVOICES: Self = Self::Requestable(RequestableReport::VatInvoices(VatInvoiceFormat::FlatFile));
    /// `GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2`, the only settlement report that the API still serves.
    pub const SETTLEMENT_V2: Self = Self::Settlement(SettlementReport::FlatFileV2);

    /// Every report that the books are made from.
    pub const ALL: [Self; 6] = [
        Self::SC_VAT_TAX_REPORT,
        Self::VAT_INVOICES,
        Self::Requestable(RequestableReport::VatInvoices(VatInvoiceFormat::Xml)),
        Self::Settlement(SettlementReport::FlatFileV2),
        Self::Settlement(SettlementReport::FlatFile),
        Self::Settlement(SettlementReport::Xml),
    ];

    /// Amazon's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requestable(report) => report.name(),
            Self::Settlement(report) => report.name(),
        }
    }

    /// Whether its document is handed out only for a restricted data token. The VAT invoice data report is not, although
    /// it names buyers: Amazon refuses such a token for it.
    pub const fn needs_restricted_data_token(self) -> bool {
        match self {
            Self::Requestable(RequestableReport::ScVatTaxReport) => true,
            Self::Requestable(RequestableReport::VatInvoices(_)) | Self::Settlement(_) => false,
        }
    }

    /// Whether its document names buyers.
    pub const fn holds_personal_data(self) -> bool {
        match self {
            Self::Requestable(_) => true,
            Self::Settlement(_) => false,
        }
    }
}

impl fmt::Display for ReportType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A report that the books are not made from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a report that the books are made from")]
pub struct OtherReport(pub String);

impl FromStr for ReportType {
    type Err = OtherReport;

    fn from_str(text: &str) -> Result<Self, OtherReport> {
        Self::ALL
            .into_iter()
            .find(|each| each.name() == text)
            .ok_or_else(|| OtherReport(text.chars().take(80).collect()))
    }
}

impl TryFrom<String> for ReportType {
    type Error = OtherReport;

    fn try_from(text: String) -> Result<Self, OtherReport> {
        text.parse()
    }
}

impl From<ReportType> for String {
    fn from(report: ReportType) -> Self {
        report.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_type_reads_what_it_writes() {
        for each in ReportType::ALL {
            assert_eq!(each.name().parse(), Ok(each));
        }
        assert!("GET_MERCHANT_LISTINGS_ALL_DATA".parse::<ReportType>().is_err());
    }

    #[test]
    fn only_the_vat_report_needs_a_restricted_token_and_only_settlements_name_nobody() {
        assert!(ReportType::SC_VAT_TAX_REPORT.needs_restricted_data_token());
        assert!(!ReportType::VAT_INVOICES.needs_restricted_data_token());
        assert!(!ReportType::SETTLEMENT_V2.needs_restricted_data_token());
        assert!(ReportType::VAT_INVOICES.holds_personal_data());
        assert!(!ReportType::SETTLEMENT_V2.holds_personal_data());
    }

    fn window(from: &str, to: &str) -> Window {
        let at = |day: &str| format!("2026-{day}Z").parse().unwrap();
        Window { from: at(from), to: at(to) }
    }

    const FLAT: RequestableReport = RequestableReport::VatInvoices(VatInvoiceFormat::FlatFile);

    #[test]
    fn thirty_days_of_invoices_are_asked_for_with_every_status_and_more_only_as_far_as_they_are_pending() {
        let thirty = window("10-23T06:00:00", "11-22T06:00:00");
        assert_eq!(FLAT.asking(thirty), Asking::Window(Some(("ReportOption=All", "true"))));
        assert_eq!(FLAT.asking(window("10-23T05:59:59", "11-22T06:00:00")), Asking::Open);
        assert_eq!(RequestableReport::ScVatTaxReport.asking(thirty), Asking::Window(None));
    }

    #[test]
    fn the_next_report_of_its_kind_stands_for_one_that_never_came() {
        let pending = |to: &str, from: &str| window(from, to);
        let (older, newer) = (pending("11-20T00:00:00", "08-22T00:00:00"), pending("11-22T06:00:00", "08-24T06:00:00"));
        assert!(FLAT.supersedes(newer, older));
        assert!(!FLAT.supersedes(older, newer));
        assert!(!RequestableReport::ScVatTaxReport.supersedes(newer, older));
        let all = window("10-23T06:00:00", "11-22T06:00:00");
        assert!(FLAT.supersedes(all, window("10-22T12:00:00", "11-21T12:00:00")));
        assert!(!FLAT.supersedes(all, window("09-23T06:00:00", "10-23T06:00:00")), "a piece of a longer time");
        assert!(!FLAT.supersedes(newer, all), "one of pending documents has no rejected ones");
    }
}
