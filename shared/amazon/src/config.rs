//! Where Amazon is, and how it is spoken to.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use countinghouse_domain::marketplace::Region;
use url::Url;

use crate::retry::RetryPolicy;
use crate::signing::Signing;

/// Amazon's token service, one address for all regions.
const LWA: &str = "https://api.amazon.com/auth/o2/token";
const NA: &str = "https://sellingpartnerapi-na.amazon.com";
const EU: &str = "https://sellingpartnerapi-eu.amazon.com";
const FE: &str = "https://sellingpartnerapi-fe.amazon.com";
const BUSINESS_NA: &str = "https://na.business-api.amazon.com";
const BUSINESS_EU: &str = "https://eu.business-api.amazon.com";
const BUSINESS_JP: &str = "https://jp.business-api.amazon.com";

/// Everything that the client needs to know before its first call.
#[derive(Debug, Clone)]
pub struct AmazonConfig {
    /// Where access tokens come from ("Login with Amazon").
    pub lwa_endpoint: Url,
    /// Where the Selling Partner API is, for each region.
    pub endpoints: Endpoints,
    /// Where the Amazon Business API is, for each region; that of the Far East is Japan's.
    pub business_endpoints: Endpoints,
    /// How the program names itself; Amazon requires it.
    pub user_agent: UserAgent,
    /// Signs requests with AWS Signature Version 4. Amazon ignores signatures since October 2023; gateways and
    /// proxies in front of it may still demand them.
    pub signing: Option<Signing>,
    /// How long to wait for a connection, an answer and the next bytes.
    pub timeouts: Timeouts,
    /// How often a failed call is repeated at once.
    pub retry: RetryPolicy,
}

impl Default for AmazonConfig {
    /// Amazon's production hosts, without signatures.
    fn default() -> Self {
        Self {
            lwa_endpoint: constant_url(LWA),
            endpoints: Endpoints::default(),
            business_endpoints: Endpoints::business(),
            user_agent: UserAgent::default(),
            signing: None,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
        }
    }
}

/// The address of an API in each region. Plain `http` is allowed when it stands here, and then
/// for the documents of that region too; otherwise everything is `https`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// North America and Brazil.
    pub na: Url,
    /// Europe, the Middle East, Africa and India.
    pub eu: Url,
    /// The Far East.
    pub fe: Url,
}

impl Endpoints {
    /// The address of one region.
    pub const fn of(&self, region: Region) -> &Url {
        match region {
            Region::Na => &self.na,
            Region::Eu => &self.eu,
            Region::Fe => &self.fe,
        }
    }

    /// Amazon's production hosts of the Amazon Business API.
    pub fn business() -> Self {
        Self { na: constant_url(BUSINESS_NA), eu: constant_url(BUSINESS_EU), fe: constant_url(BUSINESS_JP) }
    }

    /// One address for all regions: a local server, or a gateway.
    pub fn all(url: &Url) -> Self {
        Self { na: url.clone(), eu: url.clone(), fe: url.clone() }
    }
}

impl Default for Endpoints {
    /// Amazon's production hosts of the Selling Partner API.
    fn default() -> Self {
        Self { na: constant_url(NA), eu: constant_url(EU), fe: constant_url(FE) }
    }
}

#[expect(clippy::expect_used, reason = "the argument is one of seven constants, each parsed by a test")]
fn constant_url(text: &str) -> Url {
    Url::parse(text).expect("a constant address")
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the whole answer to a call (not for a document, which may be large).
    pub answer: Duration,
    /// For the next bytes of a document.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), answer: Duration::from_secs(20), idle: Duration::from_secs(20) }
    }
}

/// A `user-agent` that Amazon accepts: visible ASCII signs, 500 at most, naming the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

/// Amazon refuses longer ones.
const LONGEST_USER_AGENT: usize = 500;

impl UserAgent {
    /// `Name/version (Language=Rust/…; Platform=…)`, with the signs that have a meaning of their own escaped.
    pub fn new(application: &str, version: &str, platform: &str) -> Result<Self, InvalidUserAgent> {
        let (application, version, platform) = (escaped(application), escaped(version), escaped(platform));
        let rust = env!("CARGO_PKG_RUST_VERSION");
        format!("{application}/{version} (Language=Rust/{rust}; Platform={platform})").parse()
    }

    /// The header's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for UserAgent {
    fn default() -> Self {
        let (version, rust) = (env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_RUST_VERSION"));
        let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
        Self(format!("Countinghouse/{version} (Language=Rust/{rust}; Platform={os}-{architecture})"))
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        if matches!(sign, '\\' | '/' | '(' | ')' | '=' | ';') {
            escaped.push('\\');
        }
        escaped.push(sign);
    }
    escaped
}

/// A text that Amazon would refuse as a `user-agent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUserAgent {
    /// More than 500 bytes.
    #[error("a user-agent has 500 bytes at most, this one has {0}")]
    TooLong(usize),
    /// Signs that no header can carry.
    #[error("a user-agent is made of visible ASCII signs and blanks")]
    Signs,
    /// Amazon requires the Language attribute.
    #[error("a user-agent names its language, as in `Name/1.0 (Language=Rust)`")]
    NoLanguage,
}

impl FromStr for UserAgent {
    type Err = InvalidUserAgent;

    fn from_str(text: &str) -> Result<Self, InvalidUserAgent> {
        if text.len() > LONGEST_USER_AGENT {
            return Err(InvalidUserAgent::TooLong(text.len()));
        }
        if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(InvalidUserAgent::Signs);
        }
        if !text.contains("Language=") {
            return Err(InvalidUserAgent::NoLanguage);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_amazons_production_hosts_over_https() {
        let config = AmazonConfig::default();
        assert_eq!(config.lwa_endpoint.as_str(), LWA);
        for region in Region::ALL {
            let url = config.endpoints.of(region);
            assert_eq!(url.scheme(), "https");
            assert_eq!(url.host_str().unwrap(), format!("sellingpartnerapi-{region}.amazon.com"));
            let business = config.business_endpoints.of(region);
            let host = if region == Region::Fe { "jp" } else { region.code() };
            assert_eq!(business.as_str(), format!("https://{host}.business-api.amazon.com/"));
        }
    }

    #[test]
    fn the_default_user_agent_is_one_that_amazon_accepts() {
        let default = UserAgent::default();
        assert!(default.as_str().starts_with("Countinghouse/0.1.0 (Language=Rust/1."));
        assert_eq!(default.as_str().parse(), Ok(default));
    }

    #[test]
    fn signs_with_a_meaning_are_escaped() {
        let agent = UserAgent::new("Books (test)", "1;0", "a/b=c\\d").unwrap();
        let expected = r"Books \(test\)/1\;0 (Language=Rust/1.94.1; Platform=a\/b\=c\\d)";
        assert_eq!(agent.as_str(), expected);
    }

    #[test]
    fn a_user_agent_that_amazon_would_refuse_is_refused_here() {
        assert_eq!(UserAgent::new("x", "1", &"p".repeat(500)), Err(InvalidUserAgent::TooLong(537)));
        assert_eq!(UserAgent::new("x\n", "1", "p"), Err(InvalidUserAgent::Signs));
        assert_eq!("curl/8".parse::<UserAgent>(), Err(InvalidUserAgent::NoLanguage));
    }
}
