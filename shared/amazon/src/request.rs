//! A request to the Selling Partner API, before it has an address and a token.

use std::fmt::Write as _;

use countinghouse_domain::rate::Operation;
use http::Method;
use url::Url;

use crate::error::{AmazonError, Call};

/// A request: everything but the host, the token and the date.
#[derive(Debug)]
pub(crate) struct ApiRequest {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    /// Percent-encoded, from the root of the API.
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

impl ApiRequest {
    pub(crate) fn get(operation: Operation, path: String) -> Self {
        Self { operation, method: Method::GET, path, query: Vec::new(), body: None }
    }

    pub(crate) fn post(operation: Operation, path: String, body: &impl serde::Serialize) -> Result<Self, AmazonError> {
        let call = Call::Operation(operation);
        let body = serde_json::to_vec(body)
            .map_err(|error| AmazonError::unexpected_because(call, "the request could not be written", error))?;
        Ok(Self { operation, method: Method::POST, path, query: Vec::new(), body: Some(body) })
    }

    pub(crate) const fn delete(operation: Operation, path: String) -> Self {
        Self { operation, method: Method::DELETE, path, query: Vec::new(), body: None }
    }

    pub(crate) const fn call(&self) -> Call {
        Call::Operation(self.operation)
    }

    /// Whether making it twice does no harm. A report or a feed that is asked for twice is made twice, and an invoice
    /// that is handed in twice is a duplicate. A secret that is asked for twice is replaced twice. A place for bytes
    /// that nobody uses is forgotten, and a destination or a subscription that exists is refused.
    pub(crate) const fn is_repeatable(&self) -> bool {
        !matches!(
            self.operation,
            Operation::CreateReport
                | Operation::SubmitInvoices
                | Operation::SubmitInvoice
                | Operation::CreateFeed
                | Operation::RotateApplicationClientSecret
        )
    }

    /// Whether it goes to the Amazon Business API, which has hosts of its own.
    pub(crate) const fn is_business(&self) -> bool {
        matches!(self.operation, Operation::GetTransactions | Operation::GetInvoiceDetailsByOrderLineItems)
    }

    /// The whole address. The base may have a path of its own: a gateway.
    pub(crate) fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        url.set_path(&format!("{}{}", base.path().trim_end_matches('/'), self.path));
        url.set_query(None);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

/// `root/id`, with the id percent-encoded: it may hold any sign, and its structure means nothing.
pub(crate) fn path_with_id(root: &str, id: &str) -> String {
    // A browser-like address parser takes these two for steps, encoded or not; no id of Amazon's is one.
    let id = if matches!(id, "." | "..") { "-" } else { id };
    let mut path = format!("{root}/");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            let _infallible = write!(path, "%{byte:02X}");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        assert_eq!(
            path_with_id("/a", "amzn1.spdoc.1.4.eu.x-y.T/2?b=+|"),
            "/a/amzn1.spdoc.1.4.eu.x-y.T%2F2%3Fb%3D%2B%7C"
        );
        assert_eq!(path_with_id("/a", ".."), "/a/-");
        let request = ApiRequest::get(Operation::GetReport, path_with_id("/reports", "x/../../y"));
        let url = request.url(&"https://example.com".parse().unwrap());
        assert_eq!(url.as_str(), "https://example.com/reports/x%2F..%2F..%2Fy");
    }

    #[test]
    fn a_base_with_a_path_keeps_it() {
        let mut request = ApiRequest::get(Operation::GetReports, "/reports".to_owned());
        request.query = vec![("reportTypes", "A,B".to_owned())];
        let url = request.url(&"http://127.0.0.1:8080/amazon/".parse().unwrap());
        assert_eq!(url.as_str(), "http://127.0.0.1:8080/amazon/reports?reportTypes=A%2CB");
    }
}
