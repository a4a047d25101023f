//! Whether this machine's clock is right: AWS and Amazon say what time it is in every answer.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_cloudformation::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_cloudformation::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_cloudformation::error::BoxError;
use countinghouse_domain::marketplace::Region;
use countinghouse_domain::time::Clock;
use jiff::{SignedDuration, Timestamp};

use super::check::{Check, Finding, Verdict};
use super::patient::Patient;
use crate::desk::span;

/// AWS refuses a request that is five minutes off: "Date in Signature Version 4".
const REFUSED: SignedDuration = SignedDuration::from_mins(5);
/// Nothing breaks yet, but a clock that is set by the network is never so wrong.
const NOTABLE: SignedDuration = SignedDuration::from_secs(60);

/// What time somebody else says it is, and what time it was here when the answer came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) there: Timestamp,
    pub(super) here: Timestamp,
}

/// Reads the date of AWS's answers.
#[derive(Debug, Clone)]
pub(super) struct DateReader {
    clock: Arc<dyn Clock>,
    last: Arc<Mutex<Option<Told>>>,
}

impl DateReader {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: Arc::default() }
    }

    /// What the last answer said.
    pub(super) fn last(&self) -> Option<Told> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for DateReader {
    fn name(&self) -> &'static str {
        "DateReader"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let here = self.clock.now();
        if let Some(there) = context.response().headers().get("date").and_then(read) {
            *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Told { there, here });
        }
        Ok(())
    }
}

/// `Sun, 22 Nov 2026 10:47:29 GMT`.
fn read(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

/// This machine's clock against AWS's, and against Amazon's in every region in which an account is.
pub(super) async fn check(patient: &Patient) -> Vec<Finding> {
    let aws =
        patient.aws_date.map_or_else(|| Verdict::skipped("AWS's answers have no date"), |told| judged("AWS", told));
    let mut findings = vec![Finding::new(Check::Clock, "AWS", aws)];
    let mut regions: Vec<Region> = patient.accounts.iter().map(|account| account.region).collect();
    regions.sort_unstable();
    regions.dedup();
    for region in regions {
        let of = format!("Amazon {region}");
        let verdict = match &patient.amazon {
            None => Verdict::skipped(super::WITHOUT_AMAZON),
            Some(amazon) => match amazon.date(region).await {
                Ok(there) => judged("Amazon", Told { there, here: patient.clock.now() }),
                Err(error) => Verdict::look(
                    format!("could not be checked: {}", crate::desk::chain(&error)),
                    ["look at the network between here and Amazon, and at https://sellercentral.amazon.com/sp-api-status"
                        .to_owned()],
                ),
            },
        };
        findings.push(Finding::new(Check::Clock, of, verdict));
    }
    findings
}

fn judged(who: &str, told: Told) -> Verdict {
    let difference = told.here.duration_since(told.there);
    let off = difference.abs();
    if off <= NOTABLE {
        return Verdict::fine(format!("agrees with {who}'s to {} s", off.as_secs()));
    }
    let direction = if difference.is_positive() { "ahead of" } else { "behind" };
    let wrong = format!("this machine's clock is {} {direction} {who}'s", span(off));
    let cure = [
        "sudo timedatectl set-ntp true".to_owned(),
        "(Windows: w32tm /resync; macOS: sudo sntp -sS time.apple.com)".to_owned(),
    ];
    if off > REFUSED {
        Verdict::broken(format!("{wrong}; requests that are 5 min off are refused"), cure)
    } else {
        Verdict::look(wrong, cure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(here: &str) -> Verdict {
        judged("AWS", Told { there: read("Sun, 22 Nov 2026 10:00:00 GMT").unwrap(), here: here.parse().unwrap() })
    }

    #[test]
    fn a_clock_may_be_a_minute_off_and_not_five() {
        assert_eq!(told("2026-11-22T10:00:59Z"), Verdict::fine("agrees with AWS's to 59 s"));
        assert_eq!(told("2026-11-22T10:04:00Z").word(), "look");
        assert_eq!(told("2026-11-22T10:04:00Z").text(), "this machine's clock is 4 min ahead of AWS's");
        assert_eq!(told("2026-11-22T09:48:00Z").word(), "broken");
        assert!(told("2026-11-22T09:48:00Z").text().starts_with("this machine's clock is 12 min behind AWS's"));
    }
}
