//! Where an object is and what stands beside it.

use std::collections::HashMap;

use countinghouse_domain::ids::{ReportDocumentId, ReportId, SellerId};
use countinghouse_domain::report::ReportType;

use crate::StoreError;

/// The key of a report's document: `reports/<seller>/<report type>/<report>`.
pub fn report_key(seller: &SellerId, report_type: ReportType, report_id: &ReportId) -> String {
    format!("reports/{seller}/{report_type}/{report_id}")
}

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectPlace {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// One version of it; the latest where absent.
    pub version: Option<String>,
}

/// What stands beside the bytes, as the object's own metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectMetadata {
    /// Whose report.
    pub seller: SellerId,
    /// The report.
    pub report_id: ReportId,
    /// Its type.
    pub report_type: ReportType,
    /// Its document at Amazon.
    pub report_document_id: ReportDocumentId,
    /// The charset that Amazon declared, if it did.
    pub charset: Option<String>,
    /// Whether the bytes are compressed with gzip.
    pub gzip: bool,
}

const SELLER: &str = "seller-id";
const REPORT: &str = "report-id";
const TYPE: &str = "report-type";
const DOCUMENT: &str = "report-document-id";
const CHARSET: &str = "charset";
const COMPRESSION: &str = "compression";

impl ObjectMetadata {
    pub(super) fn write(&self) -> HashMap<String, String> {
        let compression = if self.gzip { "gzip" } else { "none" };
        let mut map = HashMap::from([
            (SELLER.to_owned(), self.seller.to_string()),
            (REPORT.to_owned(), self.report_id.to_string()),
            (TYPE.to_owned(), self.report_type.to_string()),
            (DOCUMENT.to_owned(), self.report_document_id.to_string()),
            (COMPRESSION.to_owned(), compression.to_owned()),
        ]);
        // A header takes visible ASCII only; a charset with another sign is none that anybody knows.
        if let Some(charset) = self.charset.as_ref().filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic())) {
            map.insert(CHARSET.to_owned(), charset.clone());
        }
        map
    }

    /// The object's tags, by which the bucket's life cycle finds what must be forgotten.
    pub(super) fn tags(&self) -> Option<String> {
        self.report_type.holds_personal_data().then(|| "personal-data=yes".to_owned())
    }

    pub(super) fn read(
        bucket: &str,
        key: &str,
        metadata: Option<&HashMap<String, String>>,
    ) -> Result<Self, StoreError> {
        let fault = |attribute: &str, expected| StoreError::Corrupt {
            item: format!("s3://{bucket}/{key}"),
            attribute: format!("x-amz-meta-{attribute}"),
            expected,
        };
        let text = |name: &str| metadata.and_then(|map| map.get(name)).map(String::as_str);
        let needed = |name: &str| text(name).ok_or_else(|| fault(name, "there"));
        let id = |name| fault(name, "an id of Amazon's");
        Ok(Self {
            seller: needed(SELLER)?.parse().map_err(|_invalid| id(SELLER))?,
            report_id: needed(REPORT)?.parse().map_err(|_invalid| id(REPORT))?,
            report_type: needed(TYPE)?.parse().map_err(|_other| fault(TYPE, "a report type"))?,
            report_document_id: needed(DOCUMENT)?.parse().map_err(|_invalid| id(DOCUMENT))?,
            charset: text(CHARSET).map(str::to_owned),
            gzip: match needed(COMPRESSION)? {
                "gzip" => true,
                "none" => false,
                _ => return Err(fault(COMPRESSION, "gzip or none")),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> ObjectMetadata {
        ObjectMetadata {
            seller: "A3TH9S8BH6GOGM".parse().unwrap(),
            report_id: "50011020300".parse().unwrap(),
            report_type: ReportType::SETTLEMENT_V2,
            report_document_id: "amzn1.spdoc.1.4.eu.c1b".parse().unwrap(),
            charset: Some("Cp1252".to_owned()),
            gzip: true,
        }
    }

    #[test]
    fn what_stands_beside_an_object_reads_as_it_was_written() {
        assert_eq!(ObjectMetadata::read("b", "k", Some(&metadata().write())).unwrap(), metadata());
        let without = ObjectMetadata { charset: None, gzip: false, ..metadata() };
        assert_eq!(ObjectMetadata::read("b", "k", Some(&without.write())).unwrap(), without);
    }

    #[test]
    fn an_object_that_somebody_else_put_there_is_named() {
        let message = ObjectMetadata::read("b", "k", None).unwrap_err().to_string();
        assert_eq!(message, "s3://b/k: attribute `x-amz-meta-seller-id` is not there");
    }

    #[test]
    fn only_a_report_with_personal_data_is_tagged_to_be_forgotten() {
        assert_eq!(metadata().tags(), None);
        for report_type in [ReportType::SC_VAT_TAX_REPORT, ReportType::VAT_INVOICES] {
            let vat = ObjectMetadata { report_type, ..metadata() };
            assert_eq!(vat.tags().as_deref(), Some("personal-data=yes"));
        }
    }

    #[test]
    fn a_key_names_seller_type_and_report() {
        let key = report_key(&metadata().seller, metadata().report_type, &metadata().report_id);
        assert_eq!(key, "reports/A3TH9S8BH6GOGM/GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2/50011020300");
    }
}
