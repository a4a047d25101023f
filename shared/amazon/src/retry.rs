//! Whether a failed call is made again at once: one pure function.
//!
//! Functions do not sleep, so what is waited for here is short: a dropped connection or a brief outage. A rate
//! limit is never waited for in the process; the message goes back to its queue with a delay instead.

use std::time::Duration;

/// How often, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times a call is made at most, the first time included.
    pub attempts: u32,
    /// No new attempt begins later than this after the first.
    pub total: Duration,
    /// The pause before the second attempt; it doubles each time, and half of it is left to chance.
    pub first_pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            total: Duration::from_secs(15),
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(2),
        }
    }
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No connection: the request did not go out.
    NotSent,
    /// The request went out, and no whole answer came back.
    Lost,
    /// Amazon answered with an error.
    Answered {
        /// The HTTP status.
        status: u16,
        /// Amazon's own word on when to come back.
        retry_after: Option<Duration>,
    },
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Make the call again.
    Retry {
        /// After this pause.
        after: Duration,
    },
    /// Stop.
    GiveUp(GiveUp),
}

/// Why to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveUp {
    /// 429: the budget has to know, and the caller comes back later.
    RateLimited,
    /// The caller may come back later; nothing was changed.
    Unavailable,
    /// The call may have had its effect: look for it before sending again.
    AnswerLost,
    /// Amazon has understood and refuses.
    Refused,
}

/// Decides what to do after failed attempt number `attempt` (from 1).
///
/// `repeatable` says whether making the call twice does no harm. `random` is any evenly spread number: it decides
/// the jitter.
pub fn decide(
    policy: &RetryPolicy,
    attempt: u32,
    outcome: Outcome,
    repeatable: bool,
    elapsed: Duration,
    random: u32,
) -> Decision {
    let (hint, then) = match outcome {
        Outcome::Answered { status: 429, .. } => return Decision::GiveUp(GiveUp::RateLimited),
        // No answer of the API: something between here and Amazon spoke, and what Amazon heard is not known.
        Outcome::Answered { status: ..400 | 408, .. } if !repeatable => return Decision::GiveUp(GiveUp::AnswerLost),
        Outcome::Answered { status: ..500, .. } => return Decision::GiveUp(GiveUp::Refused),
        // An error inside Amazon does not say how far the call came, and neither does silence.
        Outcome::Lost | Outcome::Answered { .. } if !repeatable => return Decision::GiveUp(GiveUp::AnswerLost),
        Outcome::NotSent | Outcome::Lost => (None, GiveUp::Unavailable),
        Outcome::Answered { retry_after, .. } => (retry_after, GiveUp::Unavailable),
    };
    let after = hint.unwrap_or_else(|| pause(policy, attempt, random));
    let in_time = elapsed.checked_add(after).is_some_and(|begin| begin <= policy.total);
    if attempt < policy.attempts && in_time { Decision::Retry { after } } else { Decision::GiveUp(then) }
}

fn pause(policy: &RetryPolicy, attempt: u32, random: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    let whole = policy.first_pause.saturating_mul(1 << doublings).min(policy.longest_pause);
    let half = whole / 2;
    let share = u128::from(random).saturating_add(1);
    let nanos = half.as_nanos().saturating_mul(share) >> 32;
    half.saturating_add(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy {
        attempts: 3,
        total: Duration::from_secs(15),
        first_pause: Duration::from_millis(200),
        longest_pause: Duration::from_secs(2),
    };

    fn answered(status: u16) -> Outcome {
        Outcome::Answered { status, retry_after: None }
    }

    fn first(outcome: Outcome, repeatable: bool) -> Decision {
        decide(&POLICY, 1, outcome, repeatable, Duration::ZERO, u32::MAX)
    }

    #[test]
    fn what_did_not_go_out_is_sent_again_also_when_it_must_not_happen_twice() {
        let again = Decision::Retry { after: Duration::from_millis(200) };
        assert_eq!(first(Outcome::NotSent, true), again);
        assert_eq!(first(Outcome::NotSent, false), again);
    }

    #[test]
    fn what_may_have_happened_is_repeated_only_if_that_does_no_harm() {
        assert_eq!(first(answered(302), false), Decision::GiveUp(GiveUp::AnswerLost));
        assert_eq!(first(answered(408), false), Decision::GiveUp(GiveUp::AnswerLost));
        for outcome in [Outcome::Lost, answered(500), answered(503), answered(504)] {
            assert_eq!(first(outcome, true), Decision::Retry { after: Duration::from_millis(200) }, "{outcome:?}");
            assert_eq!(first(outcome, false), Decision::GiveUp(GiveUp::AnswerLost), "{outcome:?}");
        }
    }

    #[test]
    fn a_429_is_never_waited_for() {
        let soon = Outcome::Answered { status: 429, retry_after: Some(Duration::from_millis(1)) };
        assert_eq!(first(soon, true), Decision::GiveUp(GiveUp::RateLimited));
        assert_eq!(first(soon, false), Decision::GiveUp(GiveUp::RateLimited));
    }

    #[test]
    fn a_refusal_is_final() {
        for status in [400, 401, 403, 404, 409, 413, 415] {
            assert_eq!(first(answered(status), true), Decision::GiveUp(GiveUp::Refused), "{status}");
        }
    }

    #[test]
    fn amazons_hint_outranks_our_pause_and_one_beyond_the_time_ends_it() {
        let hint = |seconds| Outcome::Answered { status: 503, retry_after: Some(Duration::from_secs(seconds)) };
        assert_eq!(first(hint(3), true), Decision::Retry { after: Duration::from_secs(3) });
        assert_eq!(first(hint(16), true), Decision::GiveUp(GiveUp::Unavailable));
    }

    #[test]
    fn the_number_of_attempts_and_the_whole_time_are_bounded() {
        let late = Duration::from_secs(15);
        assert_eq!(decide(&POLICY, 3, answered(500), true, Duration::ZERO, 0), Decision::GiveUp(GiveUp::Unavailable));
        assert_eq!(decide(&POLICY, 1, answered(500), true, late, 0), Decision::GiveUp(GiveUp::Unavailable));
    }

    proptest! {
        #[test]
        fn a_pause_lies_between_half_and_the_whole_of_its_step(attempt in 1_u32..40, random: u32) {
            let generous = RetryPolicy { attempts: u32::MAX, total: Duration::MAX, ..POLICY };
            let step = (POLICY.first_pause * 2_u32.pow((attempt - 1).min(10))).min(POLICY.longest_pause);
            match decide(&generous, attempt, Outcome::NotSent, true, Duration::ZERO, random) {
                Decision::Retry { after } => prop_assert!(after >= step / 2 && after <= step),
                Decision::GiveUp(why) => prop_assert!(false, "{why:?}"),
            }
        }
    }
}
