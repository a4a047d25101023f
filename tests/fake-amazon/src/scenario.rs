//! The scenario: everything that the server knows when it starts, from a TOML or JSON file.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::application::ApplicationConfig;
use crate::content::Content;
use crate::faults::Fault;
use crate::feeds::{FeedOutcome, FeedSettings};
use crate::rates::RateSettings;
pub use crate::seller_config::{SellerConfig, SettlementConfig, VatRows, VidrRows};

/// The settlement report that Amazon still makes.
pub const SETTLEMENT_V2: &str = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2";
/// The VAT report, which is restricted.
pub const VAT_REPORT: &str = "SC_VAT_TAX_REPORT";

/// Why a scenario file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file is not there or cannot be read.
    #[error("the scenario {} cannot be read", path.display())]
    Read {
        /// The scenario's file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML, or has a field that does not exist.
    #[error("the scenario {} is not valid TOML", path.display())]
    Toml {
        /// The scenario's file.
        path: PathBuf,
        /// What is wrong, and where.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// The file is not JSON, or has a field that does not exist.
    #[error("the scenario {} is not valid JSON", path.display())]
    Json {
        /// The scenario's file.
        path: PathBuf,
        /// What is wrong, and where.
        #[source]
        source: serde_json::Error,
    },
}

/// Everything that the server knows when it starts. Each field has a default.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// Freezes the clock at this instant; it then moves only when a test moves it. Real time if not given.
    pub frozen_at: Option<Timestamp>,
    /// Answers every API call from the official sandbox cases instead of from state.
    pub sandbox: bool,
    /// The file with the official sandbox cases; with it, paths under `/sandbox` are answered from them.
    pub sandbox_cases: Option<PathBuf>,
    /// How long reports take.
    pub delays: Delays,
    /// How long tokens and URLs live.
    pub lifetimes: Lifetimes,
    /// How hard callers are limited.
    pub rates: RateSettings,
    /// Where and how `REPORT_PROCESSING_FINISHED` is sent.
    pub notifications: NotificationSettings,
    /// Who sells.
    pub sellers: Vec<SellerConfig>,
    /// What the developer console has about applications; one that is not here never loses its secret.
    pub applications: Vec<ApplicationConfig>,
    /// Faults that are on from the start.
    pub faults: Vec<Fault>,
    /// What the next requested reports become.
    pub outcomes: Vec<Outcome>,
    /// How feeds are treated.
    pub feeds: FeedSettings,
    /// What the next feeds become.
    pub feed_outcomes: Vec<FeedOutcome>,
}

impl Scenario {
    /// Reads a scenario; a file that ends in `.json` is JSON, any other TOML.
    pub fn load(path: &Path) -> Result<Self, ScenarioError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ScenarioError::Read { path: path.to_owned(), source })?;
        let mut scenario = Self::parse(&text, path)?;
        scenario.resolve(path.parent().unwrap_or(Path::new(".")));
        Ok(scenario)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ScenarioError> {
        if path.extension().is_some_and(|extension| extension == "json") {
            serde_json::from_str(text).map_err(|source| ScenarioError::Json { path: path.to_owned(), source })
        } else {
            toml::from_str(text)
                .map_err(|source| ScenarioError::Toml { path: path.to_owned(), source: Box::new(source) })
        }
    }

    /// Two invented sellers, one in Europe and one in the United States, and nothing sold yet.
    pub fn two_sellers() -> Self {
        Self { sellers: vec![SellerConfig::example_eu(), SellerConfig::example_us()], ..Self::default() }
    }

    fn resolve(&mut self, folder: &Path) {
        if let Some(cases) = &mut self.sandbox_cases
            && cases.is_relative()
        {
            *cases = folder.join(&*cases);
        }
        for seller in &mut self.sellers {
            seller.settlements.iter_mut().for_each(|settlement| settlement.content.resolve(folder));
            seller.vat_rows.iter_mut().for_each(|rows| rows.content.resolve(folder));
            seller.vidr_rows.iter_mut().for_each(|rows| rows.content.resolve(folder));
            seller.requested.values_mut().for_each(|content| content.resolve(folder));
        }
        self.outcomes.iter_mut().filter_map(|outcome| outcome.document.as_mut()).for_each(|content| {
            content.resolve(folder);
        });
    }
}

/// How long a requested report takes, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delays {
    /// In `IN_QUEUE`.
    pub queue_ms: i64,
    /// In `IN_PROGRESS`.
    pub processing_ms: i64,
}

impl Default for Delays {
    fn default() -> Self {
        Self { queue_ms: 1_000, processing_ms: 2_000 }
    }
}

/// How long things live, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lifetimes {
    /// An access token: an hour.
    pub access_token_ms: i64,
    /// A restricted data token: an hour.
    pub restricted_token_ms: i64,
    /// The URL of a document: five minutes.
    pub document_url_ms: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self { access_token_ms: 3_600_000, restricted_token_ms: 3_600_000, document_url_ms: 300_000 }
    }
}

/// Where and how notifications go.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotificationSettings {
    /// The queue for sellers without a subscription; a subscription's destination goes before it.
    pub queue_url: Option<String>,
    /// The endpoint of SQS, if the environment (`AWS_ENDPOINT_URL`) does not say it.
    pub endpoint_url: Option<String>,
    /// The region of SQS, if the environment (`AWS_REGION`) does not say it.
    pub region: Option<String>,
    /// How often and when a notification is sent.
    pub mode: NotificationMode,
    /// So many milliseconds after the report is finished.
    pub late_ms: i64,
    /// `false` leaves `accountId` out, as real notifications of earlier years did.
    pub account_id: bool,
    /// Copies carry the same `notificationId` instead of one each.
    pub same_notification_id: bool,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            queue_url: None,
            endpoint_url: None,
            region: None,
            mode: NotificationMode::Once,
            late_ms: 0,
            account_id: true,
            same_notification_id: false,
        }
    }
}

/// How often and when a notification is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationMode {
    /// One message for each report.
    #[default]
    Once,
    /// Two messages.
    Twice,
    /// Ten messages.
    TenTimes,
    /// No message.
    Never,
    /// The report is finished at once, and its message is in the queue before createReport answers.
    BeforeCreationIsAnswered,
}

impl NotificationMode {
    pub(crate) fn copies(self) -> usize {
        match self {
            Self::Never => 0,
            Self::Once | Self::BeforeCreationIsAnswered => 1,
            Self::Twice => 2,
            Self::TenTimes => 10,
        }
    }
}

/// A value that is never printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// What the next reports that are requested become.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// For this seller only.
    #[serde(default)]
    pub seller_id: Option<String>,
    /// For this type only.
    #[serde(default)]
    pub report_type: Option<String>,
    /// For so many reports.
    #[serde(default = "once")]
    pub times: u32,
    /// What they become.
    pub result: OutcomeResult,
    /// The document, for `done` and `fatal`.
    #[serde(default)]
    pub document: Option<Content>,
    /// Instead of the scenario's delays.
    #[serde(default)]
    pub delays: Option<Delays>,
}

pub(crate) fn once() -> u32 {
    1
}

/// How a requested report ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutcomeResult {
    /// As it would without this outcome, or with the given document.
    Done,
    /// Cancelled by Amazon, as for a report with no data.
    Cancelled,
    /// Failed, with or without a document that explains why.
    Fatal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_is_refused_with_its_line() {
        let error = Scenario::parse("[delays]\nqueue = 3\n", Path::new("x.toml")).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("queue") && source.contains("line 2"), "{source}");
    }

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = "[[sellers]]\nseller_id = 'A'\nregion = 'fe'\n[rates.operations.getReport]\nrate = 1.0\nburst = 2";
        let json = r#"{"sellers":[{"seller_id":"A","region":"fe"}],"rates":{"operations":{"getReport":{"rate":1.0,"burst":2}}}}"#;
        let from_toml = Scenario::parse(toml, Path::new("x.toml")).unwrap();
        let from_json = Scenario::parse(json, Path::new("x.json")).unwrap();
        assert_eq!(format!("{from_toml:?}"), format!("{from_json:?}"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let printed = format!("{:?}", Scenario::two_sellers());
        assert!(!printed.contains("example-eu") && !printed.contains("oa2-cs"), "{printed}");
    }

    #[test]
    fn files_are_found_beside_the_scenario() {
        let text = "[[sellers]]\n[[sellers.settlements]]\ncontent = { file = 'a.txt' }";
        let mut scenario = Scenario::parse(text, Path::new("x.toml")).unwrap();
        scenario.resolve(Path::new("/folder"));
        let file = scenario.sellers[0].settlements[0].content.file.clone();
        assert_eq!(file, Some(PathBuf::from("/folder/a.txt")));
    }
}
