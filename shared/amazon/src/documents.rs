//! Where a report's document is, with a restricted data token where it holds personal data.

use std::fmt;

use countinghouse_domain::ids::ReportDocumentId;
use countinghouse_domain::rate::Operation;
use countinghouse_domain::report::ReportType;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::client::Seller;
use crate::error::{AmazonError, Call};
use crate::exchange::{Permit, is_unsupported_document, read};
use crate::request::{ApiRequest, path_with_id};
use crate::token::AccessToken;
use crate::transport::Reply;

const DOCUMENTS: &str = "/reports/2021-06-30/documents";
const RESTRICTED_DATA_TOKEN: &str = "/tokens/2021-03-01/restrictedDataToken";

/// How the bytes of a document are packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// With gzip.
    Gzip,
    /// In a way that Amazon's model does not name (yet), in its words.
    Other(String),
}

impl Compression {
    /// `none`, `gzip` or Amazon's word.
    pub fn name(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Other(name) => name,
        }
    }

    fn of(algorithm: Option<&str>) -> Self {
        match algorithm {
            None | Some("") => Self::None,
            Some(name) if name.eq_ignore_ascii_case("gzip") => Self::Gzip,
            Some(name) => Self::Other(name.chars().filter(char::is_ascii_alphanumeric).take(20).collect()),
        }
    }
}

/// A document that waits to be downloaded, for five minutes.
#[derive(Clone)]
pub struct ReportDocument {
    /// Which one.
    pub id: ReportDocumentId,
    /// How it is packed.
    pub compression: Compression,
    /// Signed: whoever has it can read the document. Never shown.
    pub(crate) url: Url,
}

impl fmt::Debug for ReportDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReportDocument")
            .field("id", &self.id)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    report_document_id: Option<ReportDocumentId>,
    url: String,
    #[serde(default)]
    compression_algorithm: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RestrictedDataTokenRequest<'a> {
    restricted_resources: [RestrictedResource<'a>; 1],
}

#[derive(Serialize)]
struct RestrictedResource<'a> {
    method: &'a str,
    path: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RestrictedDataToken {
    restricted_data_token: SecretString,
}

/// Asks for a token for one document, by its path.
fn restricted_data_token_request(path: &str) -> Result<ApiRequest, AmazonError> {
    let body = RestrictedDataTokenRequest { restricted_resources: [RestrictedResource { method: "GET", path }] };
    ApiRequest::post(Operation::CreateRestrictedDataToken, RESTRICTED_DATA_TOKEN.to_owned(), &body)
}

impl Seller {
    /// Whether restricted data tokens are given, which documents with personal data need. A document that does not
    /// exist will do: Amazon then refuses the document (400) and not the caller (403). The token is thrown away.
    pub async fn check_restricted_access(&self, document: &ReportDocumentId) -> Result<(), AmazonError> {
        let request = restricted_data_token_request(&path_with_id(DOCUMENTS, document.as_str()))?;
        match self.call(&request).await {
            Ok(_) | Err(AmazonError::BadRequest { .. } | AmazonError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The address of a report's document, good for five minutes. Asks for a restricted data token first where the
    /// report holds personal data.
    pub async fn report_document(
        &self,
        id: &ReportDocumentId,
        report: ReportType,
    ) -> Result<ReportDocument, AmazonError> {
        let request = ApiRequest::get(Operation::GetReportDocument, path_with_id(DOCUMENTS, id.as_str()));
        let reply = if report.needs_restricted_data_token() {
            self.call_restricted(&request).await?
        } else {
            self.call(&request).await?
        };
        let found: Found = read(request.call(), &reply)?;
        let url = self.document_url(&found.url)?;
        let compression = Compression::of(found.compression_algorithm.as_deref());
        Ok(ReportDocument { id: found.report_document_id.unwrap_or_else(|| id.clone()), compression, url })
    }

    /// Sends a request for personal data. A token that is refused is replaced once, as in `call`.
    async fn call_restricted(&self, request: &ApiRequest) -> Result<Reply, AmazonError> {
        let token = self.amazon.token(&self.id, None).await?;
        match self.exchange_restricted(request, &token).await {
            Err(AmazonError::Forbidden { .. }) => {
                let token = self.amazon.token(&self.id, Some(&token)).await?;
                self.exchange_restricted(request, &token).await
            }
            result => result,
        }
    }

    async fn exchange_restricted(&self, request: &ApiRequest, token: &AccessToken) -> Result<Reply, AmazonError> {
        // The address is to be had once a minute, the token each second: the rarer permit comes first, so that no
        // token is asked for in vain.
        let permit: Permit = self.permit(request.operation).await?;
        match self.restricted_data_token(&request.path, token).await {
            Ok(restricted) => self.exchange(request, &restricted, permit).await,
            // Amazon gives no such token for a document without personal data, and then wants none.
            Err(error) if is_unsupported_document(&error) => self.exchange(request, &token.value, permit).await,
            Err(error) => Err(error),
        }
    }

    async fn restricted_data_token(&self, path: &str, token: &AccessToken) -> Result<SecretString, AmazonError> {
        let request = restricted_data_token_request(path)?;
        let permit = self.permit(request.operation).await?;
        let reply = self.exchange(&request, &token.value, permit).await?;
        read::<RestrictedDataToken>(request.call(), &reply).map(|answer| answer.restricted_data_token)
    }

    fn document_url(&self, text: &str) -> Result<Url, AmazonError> {
        self.signed_address(Operation::GetReportDocument, text)
    }

    /// A document travels over `https`, or over `http` where the region itself is configured so.
    pub(crate) fn signed_address(&self, operation: Operation, text: &str) -> Result<Url, AmazonError> {
        let call = Call::Operation(operation);
        let url = Url::parse(text)
            .map_err(|error| AmazonError::unexpected_because(call, "the document's address is none", error))?;
        let allowed = url.scheme() == "https" || url.scheme() == self.amazon.config.endpoints.of(self.region).scheme();
        if allowed { Ok(url) } else { Err(AmazonError::unexpected(call, "the document's address is not https")) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use countinghouse_domain::ids::SellerId;
    use countinghouse_domain::marketplace::Region;
    use countinghouse_domain::time::FixedClock;
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::{Amazon, AmazonConfig, CredentialError, CredentialSource, Credentials, LocalBudget};

    #[derive(Debug)]
    struct Nothing;

    impl CredentialSource for Nothing {
        fn credentials<'a>(&'a self, seller: &'a SellerId) -> BoxFuture<'a, Result<Credentials, CredentialError>> {
            Box::pin(std::future::ready(Err(CredentialError::Missing(seller.clone()))))
        }
    }

    #[test]
    fn a_document_travels_over_plain_http_only_where_its_region_does() {
        let clock = Arc::new(FixedClock::new("2026-11-22T00:00:00Z".parse().unwrap()));
        let mut config = AmazonConfig::default();
        config.endpoints.na = "http://127.0.0.1:8080".parse().unwrap();
        let budget = Arc::new(LocalBudget::new(clock.clone()));
        let amazon = Amazon::new(config, Arc::new(Nothing), budget, clock);
        let seller = |region| amazon.seller("A1".parse().unwrap(), region);
        assert!(seller(Region::Eu).document_url("https://bucket.example/x?X-Amz-Signature=1").is_ok());
        assert!(seller(Region::Eu).document_url("http://bucket.example/x?X-Amz-Signature=1").is_err());
        assert!(seller(Region::Na).document_url("http://bucket.example/x?X-Amz-Signature=1").is_ok());
    }

    #[test]
    fn a_document_does_not_show_its_address() {
        let document = ReportDocument {
            id: "amzn1.tortuga.1".parse().unwrap(),
            compression: Compression::Gzip,
            url: "https://bucket.example/x?X-Amz-Signature=hush".parse().unwrap(),
        };
        assert_eq!(
            format!("{document:?}"),
            r#"ReportDocument { id: ReportDocumentId("amzn1.tortuga.1"), compression: Gzip, .. }"#
        );
    }

    #[test]
    fn an_unknown_compression_is_kept_by_name() {
        assert_eq!(Compression::of(Some("GZIP")).name(), "gzip");
        assert_eq!(Compression::of(None).name(), "none");
        assert_eq!(Compression::of(Some("Z/STD\n")).name(), "ZSTD");
    }
}
