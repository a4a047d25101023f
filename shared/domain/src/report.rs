//! The reports that Amazon makes.
//!
//! Source: developer-docs.amazon.com, "Report type values"; what is restricted: "Tokens API" guide (WIRE.md 3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A report that a program may ask Amazon to make. Settlement reports are not among these: Amazon makes them
/// when a settlement closes and refuses a request, so a request for one cannot be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestableReport {
    /// Every shipment, refund and return with its VAT, for sellers in the VAT Calculation Service.
    ScVatTaxReport,
}

impl RequestableReport {
    /// Amazon's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ScVatTaxReport => "SC_VAT_TAX_REPORT",
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
    /// `GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2`, the only settlement report that the API still serves.
    pub const SETTLEMENT_V2: Self = Self::Settlement(SettlementReport::FlatFileV2);

    /// Every report that the books are made from.
    pub const ALL: [Self; 4] = [
        Self::SC_VAT_TAX_REPORT,
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

    /// Whether its document is handed out only for a restricted data token, because it holds personal data.
    pub const fn needs_restricted_data_token(self) -> bool {
        match self {
            Self::Requestable(RequestableReport::ScVatTaxReport) => true,
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
    fn only_reports_with_personal_data_need_a_restricted_token() {
        assert!(ReportType::SC_VAT_TAX_REPORT.needs_restricted_data_token());
        assert!(!ReportType::SETTLEMENT_V2.needs_restricted_data_token());
    }
}
