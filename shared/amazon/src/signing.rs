//! AWS Signature Version 4, for gateways and proxies that still demand it.

use std::time::SystemTime;

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use url::Url;

use crate::error::Failure;

/// Who signs, and for which service.
#[derive(Debug, Clone)]
pub struct Signing {
    credentials: SharedCredentialsProvider,
    service: &'static str,
}

/// The name of API gateways in a signature.
const SERVICE: &str = "execute-api";

impl Signing {
    /// Signs with these AWS credentials, as an API gateway expects it.
    pub fn new(credentials: impl ProvideCredentials + 'static) -> Self {
        Self { credentials: SharedCredentialsProvider::new(credentials), service: SERVICE }
    }

    /// Adds the signature to the headers, which must be complete but for `host`.
    pub(crate) async fn sign(&self, request: &ToSign<'_>, headers: &mut HeaderMap) -> Result<(), Failure> {
        let identity = Identity::from(self.credentials.provide_credentials().await?);
        let params = SigningParams::builder()
            .identity(&identity)
            .region(request.region)
            .name(self.service)
            .time(SystemTime::from(request.now))
            .settings(SigningSettings::default())
            .build()?
            .into();
        let known: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| Ok((name.as_str(), value.to_str()?))).collect::<Result<_, Failure>>()?;
        let body = SignableBody::Bytes(request.body);
        let signable = SignableRequest::new(request.method.as_str(), request.url.as_str(), known.into_iter(), body)?;
        let (instructions, _signature) = sign(signable, &params)?.into_parts();
        for (name, value) in instructions.headers() {
            let mut value = HeaderValue::from_str(value)?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_bytes(name.as_bytes())?, value);
        }
        Ok(())
    }
}

/// What is signed, besides the headers.
#[derive(Debug)]
pub(crate) struct ToSign<'a> {
    pub(crate) method: &'a Method,
    pub(crate) url: &'a Url,
    pub(crate) body: &'a [u8],
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    /// The key of AWS's published test suite for Signature Version 4.
    fn signing(session: Option<&str>) -> Signing {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let credentials = Credentials::new("AKIDEXAMPLE", secret, session.map(str::to_owned), None, "test suite");
        Signing { service: "service", ..Signing::new(credentials) }
    }

    async fn signed(
        signing: &Signing,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> HeaderMap {
        let url = format!("https://example.amazonaws.com{path}").parse().unwrap();
        let mut map: HeaderMap =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        let now = "2015-08-30T12:36:00Z".parse().unwrap();
        let request = ToSign { method: &method, url: &url, body: body.as_bytes(), region: "us-east-1", now };
        signing.sign(&request, &mut map).await.unwrap();
        map
    }

    async fn authorization(method: Method, path: &str, headers: &[(&'static str, &str)], body: &str) -> String {
        let headers = signed(&signing(None), method, path, headers, body).await;
        headers["authorization"].to_str().unwrap().to_owned()
    }

    fn expected(signed_headers: &str, signature: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders={signed_headers}, Signature={signature}"
        )
    }

    #[tokio::test]
    async fn the_published_test_vectors_are_met() {
        let get = |path| authorization(Method::GET, path, &[], "");
        assert_eq!(
            get("/").await,
            expected("host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            "get-vanilla"
        );
        assert_eq!(
            get("/?Param2=value2&Param1=value1").await,
            expected("host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
            "get-vanilla-query-order-key-case"
        );
        assert_eq!(
            authorization(Method::POST, "/", &[], "").await,
            expected("host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            "post-vanilla"
        );
        assert_eq!(
            authorization(Method::POST, "/", &[("my-header1", "value1")], "").await,
            expected("host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
            "post-header-key-sort"
        );
        let form = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(
            authorization(Method::POST, "/", &form, "Param1=value1").await,
            expected(
                "content-type;host;x-amz-date",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
            ),
            "post-x-www-form-urlencoded"
        );
    }

    #[tokio::test]
    async fn a_session_token_is_sent_and_signed() {
        let session = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        let headers = signed(&signing(Some(session)), Method::GET, "/", &[], "").await;
        assert_eq!(headers["x-amz-security-token"], session);
        assert_eq!(
            headers["authorization"],
            expected(
                "host;x-amz-date;x-amz-security-token",
                "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"
            ),
            "get-vanilla-with-session-token"
        );
    }

    #[tokio::test]
    async fn the_access_token_is_signed_and_the_user_agent_is_not() {
        let headers = [("x-amz-access-token", "Atza|1"), ("user-agent", "Countinghouse")];
        let authorization = authorization(Method::GET, "/", &headers, "").await;
        assert!(authorization.contains("SignedHeaders=host;x-amz-access-token;x-amz-date,"), "{authorization}");
    }
}
