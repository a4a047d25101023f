//! Faults that a test switches on: which call goes wrong, and how.

use serde::{Deserialize, Serialize};

use crate::operations::Operation;
use crate::scenario::once;

/// One fault: the calls that it hits, and what happens to them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which operation goes wrong.
    pub operation: Operation,
    /// For this seller only.
    #[serde(default)]
    pub seller_id: Option<String>,
    /// For calls about this only: an invoice number, a report type, or the last part of the path.
    #[serde(default)]
    pub subject: Option<String>,
    /// So many calls pass before it begins.
    #[serde(default)]
    pub skip: u32,
    /// So many calls go wrong.
    #[serde(default = "once")]
    pub times: u32,
    /// What goes wrong.
    pub fault: FaultKind,
}

impl Fault {
    /// The next call of an operation goes wrong.
    pub fn next(operation: Operation, fault: FaultKind) -> Self {
        Self { operation, seller_id: None, subject: None, skip: 0, times: 1, fault }
    }

    /// The same fault for so many calls.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    /// The same fault after so many calls that pass.
    #[must_use]
    pub fn skip(self, skip: u32) -> Self {
        Self { skip, ..self }
    }

    /// The same fault for one seller only.
    #[must_use]
    pub fn for_seller(self, seller_id: &str) -> Self {
        Self { seller_id: Some(seller_id.to_owned()), ..self }
    }

    /// The same fault for calls about one thing only: an invoice number, a report type, or the last part of the path.
    #[must_use]
    pub fn about(self, subject: &str) -> Self {
        Self { subject: Some(subject.to_owned()), ..self }
    }

    /// Says why a fault makes no sense, if it does not.
    pub(crate) fn complaint(&self) -> Option<String> {
        let download = self.operation == Operation::DownloadDocument;
        let upload = self.operation == Operation::UploadDocument;
        let wrong = match self.fault {
            FaultKind::UrlExpired => !(download || upload),
            FaultKind::Cut { .. }
            | FaultKind::TruncatedGzip { .. }
            | FaultKind::GzipBomb { .. }
            | FaultKind::WrongCharset { .. }
            | FaultKind::Slow { .. } => !download,
            FaultKind::TokenExpired => download || upload || self.operation == Operation::Token,
            FaultKind::LostRequest | FaultKind::InternalErrorAfter => download || self.operation == Operation::Token,
            FaultKind::PageTokenExpired => self.operation != Operation::GetTransactions,
            FaultKind::HtmlBadRequest | FaultKind::GatewayTimeout => download || upload,
            FaultKind::Throttled
            | FaultKind::InternalError
            | FaultKind::Unavailable
            | FaultKind::LostAnswer
            | FaultKind::Delay { .. } => false,
        };
        wrong.then(|| format!("{:?} is not a fault of {}", self.fault, self.operation.as_str()))
    }
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// 429, though there are tokens in the bucket.
    Throttled,
    /// 500.
    InternalError,
    /// 503.
    Unavailable,
    /// 504.
    GatewayTimeout,
    /// 400 with a body of HTML.
    HtmlBadRequest,
    /// The call is executed, but the connection is closed instead of an answer.
    LostAnswer,
    /// The connection is closed before the call is executed: for the client the same as a lost answer.
    LostRequest,
    /// The call is executed, but answered with a 500.
    InternalErrorAfter,
    /// The access token that is used has just expired: 403, and it stays so.
    TokenExpired,
    /// The answer comes late.
    Delay {
        /// By so many milliseconds of real time.
        delay_ms: u64,
    },
    /// The page token that is used has just expired: 400, and it stays so. A call without one is not hit.
    PageTokenExpired,
    /// The document's URL has just expired: 403, and it stays so.
    UrlExpired,
    /// The connection is cut in mid-document.
    Cut {
        /// After so many bytes of the document.
        after_bytes: u64,
        /// The URL has expired when the client comes back.
        #[serde(default)]
        expire_url: bool,
    },
    /// The document ends too early, with a `Content-Length` that agrees with the short body.
    TruncatedGzip {
        /// After so many bytes.
        keep_bytes: u64,
    },
    /// A small gzip that is huge when unpacked, instead of the document.
    GzipBomb {
        /// How many bytes it unpacks to.
        decompressed_bytes: u64,
    },
    /// The `Content-Type` declares this charset; the bytes stay.
    WrongCharset {
        /// The declared charset.
        charset: String,
    },
    /// The document comes in small pieces with pauses.
    Slow {
        /// So many bytes at once.
        chunk_bytes: usize,
        /// And then a pause of so many milliseconds of real time.
        delay_ms: u64,
    },
}

/// The faults that are on.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.active.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    pub(crate) fn active(&self) -> &[Fault] {
        &self.active
    }

    /// What goes wrong with this call, if anything; counts it.
    pub(crate) fn take(
        &mut self,
        operation: Operation,
        seller_id: Option<&str>,
        subject: Option<&str>,
    ) -> Option<FaultKind> {
        let mut taken = None;
        for fault in &mut self.active {
            let meant = |wanted: &Option<String>, is: Option<&str>| wanted.is_none() || wanted.as_deref() == is;
            let hits =
                fault.operation == operation && meant(&fault.seller_id, seller_id) && meant(&fault.subject, subject);
            if !hits || fault.times == 0 {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            fault.times -= 1;
            taken = Some(fault.fault.clone());
            break;
        }
        self.active.retain(|fault| fault.times > 0);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_hits_the_calls_it_counts() {
        let fault = Fault::next(Operation::GetReport, FaultKind::Throttled).skip(1).times(2).for_seller("A");
        let mut faults = Faults::default();
        faults.add(fault);
        assert_eq!(faults.take(Operation::GetReports, Some("A"), None), None);
        assert_eq!(faults.take(Operation::GetReport, Some("B"), None), None);
        let hits: Vec<_> = (0..4).map(|_| faults.take(Operation::GetReport, Some("A"), None).is_some()).collect();
        assert_eq!(hits, [false, true, true, false]);
        assert!(faults.active().is_empty());
    }

    #[test]
    fn a_fault_about_one_thing_spares_all_others() {
        let mut faults = Faults::default();
        faults.add(Fault::next(Operation::SubmitInvoices, FaultKind::LostAnswer).about("INV-2"));
        assert_eq!(faults.take(Operation::SubmitInvoices, Some("A"), Some("INV-1")), None);
        assert_eq!(faults.take(Operation::SubmitInvoices, Some("A"), Some("INV-2")), Some(FaultKind::LostAnswer));
    }

    #[test]
    fn the_notation_is_short() {
        let fault: Fault = serde_json::from_str(r#"{"operation":"getReport","fault":"throttled"}"#).unwrap();
        assert_eq!((fault.times, fault.fault), (1, FaultKind::Throttled));
        let fault: Fault =
            serde_json::from_str(r#"{"operation":"downloadDocument","fault":{"cut":{"after_bytes":9}}}"#).unwrap();
        assert_eq!(fault.fault, FaultKind::Cut { after_bytes: 9, expire_url: false });
        assert_eq!(fault.complaint(), None);
    }

    #[test]
    fn a_fault_of_a_download_is_refused_for_a_call() {
        assert!(Fault::next(Operation::GetReport, FaultKind::UrlExpired).complaint().is_some());
    }
}
