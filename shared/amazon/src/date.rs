//! What time it is at Amazon.

use countinghouse_domain::marketplace::Region;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::client::Amazon;
use crate::error::{AmazonError, Call};
use crate::transport::{NoReply, Outgoing};

impl Amazon {
    /// What time it is at Amazon, to the second, as the Selling Partner API of a region says in the `Date` of an answer.
    ///
    /// The request has neither token nor operation, so it costs nothing of any budget and works without credentials;
    /// Amazon refuses it, with the date.
    pub async fn date(&self, region: Region) -> Result<Timestamp, AmazonError> {
        let url = self.0.config.endpoints.of(region).clone();
        let request =
            Outgoing { method: Method::GET, url, headers: HeaderMap::new(), body: Vec::new(), is_repeatable: true };
        let reply = self.0.transport.send(request).await.map_err(|error| match error {
            NoReply::Broken(source) => {
                AmazonError::unexpected_because(Call::Date, "the request could not be built", source)
            }
            NoReply::NotSent(source) | NoReply::Lost(source) => {
                AmazonError::Unavailable { call: Call::Date, answer: None, retry_after: None, source: Some(source) }
            }
        })?;
        let date = reply.headers.get(http::header::DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        date.ok_or_else(|| AmazonError::unexpected(Call::Date, "the answer has no date"))
    }
}
