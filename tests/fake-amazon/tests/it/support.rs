//! A small client of the API, and the scenario of most tests.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Once;

use fake_amazon::{Content, FakeAmazon, RateSettings, Scenario, SettlementConfig, VatRows};
use flate2::read::MultiGzDecoder;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// The seller in Europe.
pub(crate) const EU: &str = "A1EXAMPLEEU001";
/// The seller in the United States.
pub(crate) const US: &str = "A2EXAMPLEUS002";
/// The marketplace of Germany.
pub(crate) const DE: &str = "A1PA6795UKMFR9";
/// The restricted report that can be requested.
pub(crate) const VAT: &str = "SC_VAT_TAX_REPORT";
/// The report that Amazon makes by itself.
pub(crate) const SETTLEMENT: &str = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";

/// Three rows, of the 1st, the 5th and the 20th of November.
pub(crate) const VAT_CSV: &str = "\"Order ID\",\"Shipment Date\",\"Tax Calculation Date\"\n\
    1,\"01-Nov-2026 UTC\",\"01-Nov-2026 UTC\"\n\
    2,\"05-Nov-2026 UTC\",\"05-Nov-2026 UTC\"\n\
    3,\"20-Nov-2026 UTC\",\"20-Nov-2026 UTC\"\n";

/// Two sellers, a clock that stands at 2026-11-22 04:00 UTC, reports that take three seconds, no rate limits.
pub(crate) fn scenario() -> Scenario {
    let mut scenario = Scenario::two_sellers();
    scenario.frozen_at = Some("2026-11-22T04:00:00Z".parse().unwrap());
    scenario.rates = RateSettings { enabled: false, ..RateSettings::default() };
    scenario.sellers[0].vat_rows = vec![VatRows { content: Content::text(VAT_CSV), ..VatRows::default() }];
    scenario
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; an empty one is null.
    pub(crate) fn json(&self) -> Value {
        if self.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&self.bytes).unwrap() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status, code and details of an error of the API.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body["errors"][0][name].as_str().unwrap_or_default().to_owned();
        (self.status, text("code"), text("message"))
    }
}

/// A server and a client of it.
pub(crate) struct Client {
    pub(crate) server: FakeAmazon,
    pub(crate) http: reqwest::Client,
}

/// An HTTP client. TLS is not used, but the library wants to know whose it would be.
pub(crate) fn http_client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::new()
}

impl Client {
    pub(crate) async fn start(scenario: Scenario) -> Self {
        Self { server: FakeAmazon::start(scenario).await.unwrap(), http: http_client() }
    }

    /// A request for a token, as a form.
    pub(crate) async fn token_answer(&self, form: &[(&str, &str)]) -> Answer {
        read(self.http.post(self.server.token_url()).form(form)).await.unwrap()
    }

    /// An access token of a seller.
    pub(crate) async fn token(&self, seller_id: &str) -> String {
        let refresh_token = match seller_id {
            US => "Atzr|example-us",
            EU => "Atzr|example-eu",
            other => &format!("Atzr|{other}"),
        };
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", "amzn1.application-oa2-client.example"),
            ("client_secret", "amzn1.oa2-cs.v1.example"),
        ];
        access_token(&self.token_answer(&form).await)
    }

    /// An access token of the application.
    pub(crate) async fn grantless_token(&self) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "sellingpartnerapi::notifications"),
            ("client_id", "amzn1.application-oa2-client.example"),
            ("client_secret", "amzn1.oa2-cs.v1.example"),
        ];
        access_token(&self.token_answer(&form).await)
    }

    pub(crate) async fn try_call(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let url = format!("{}{path}", self.server.base_url());
        let request = self
            .http
            .request(method.parse().unwrap(), url)
            .header("x-amz-access-token", token)
            .header("user-agent", "countinghouse-test/1 (Language=Rust)");
        read(if let Some(body) = body { request.json(body) } else { request }).await
    }

    /// A call of the API.
    pub(crate) async fn call(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.try_call(token, method, path, body).await.unwrap()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.call(token, "GET", path, None).await
    }

    /// createReport for the VAT report of a window.
    pub(crate) async fn create_vat(&self, token: &str, from: &str, to: &str) -> Answer {
        self.call(token, "POST", "/reports/2021-06-30/reports", Some(&vat_request(from, to))).await
    }

    pub(crate) async fn report(&self, token: &str, report_id: &str) -> Value {
        let answer = self.get(token, &format!("/reports/2021-06-30/reports/{report_id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Closes a settlement and gives its report id and its document id.
    pub(crate) async fn settled(&self, token: &str, content: Content) -> (String, String) {
        let report_id = self.server.close_settlement(EU, SettlementConfig::closed(content)).unwrap();
        let report = self.report(token, &report_id).await;
        (report_id, report["reportDocumentId"].as_str().unwrap().to_owned())
    }

    pub(crate) async fn document(&self, token: &str, document_id: &str) -> Answer {
        self.get(token, &format!("/reports/2021-06-30/documents/{document_id}")).await
    }

    /// The URL of a document.
    pub(crate) async fn url(&self, token: &str, document_id: &str) -> String {
        let answer = self.document(token, document_id).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["url"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn download(&self, url: &str) -> Answer {
        read(self.http.get(url)).await.unwrap()
    }

    /// A call under `/_fake`.
    pub(crate) async fn admin(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let url = format!("{}/_fake{path}", self.server.base_url());
        let request = self.http.request(method.parse().unwrap(), url);
        read(if let Some(body) = body { request.json(body) } else { request }).await.unwrap()
    }
}

pub(crate) fn vat_request(from: &str, to: &str) -> Value {
    json!({"reportType": VAT, "marketplaceIds": [DE], "dataStartTime": from, "dataEndTime": to})
}

fn access_token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

pub(crate) async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, bytes: response.bytes().await?.to_vec() })
}

pub(crate) fn gunzipped(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain)
}

/// A file beside the workspace that is not part of it; prints that the test is skipped if it is not there.
pub(crate) fn official(path: &str) -> Option<PathBuf> {
    let file = workspace().join("../shared/models").join(path);
    if !file.exists() {
        println!("skipped: ../shared is not here");
    }
    file.exists().then_some(file)
}

pub(crate) fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
