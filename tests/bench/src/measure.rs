//! Time and rates. Figures for people are the only floats of the project, and no money is among them.
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a rate needs no more digits than a float has")]

use std::time::{Duration, Instant};

use crate::Outcome;

/// Something done so many times within some time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
}

impl Rate {
    pub(crate) fn new(count: u64, time: Duration) -> Self {
        Self { per_second: count as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE) }
    }

    /// How many times as fast as another.
    pub(crate) fn over(self, other: Self) -> f64 {
        self.per_second / other.per_second
    }

    /// How long so many take.
    pub(crate) fn seconds_for(self, count: u64) -> f64 {
        count as f64 / self.per_second.max(f64::MIN_POSITIVE)
    }

    /// For the table.
    pub(crate) fn of(self, what: &str) -> String {
        if self.per_second >= 1e6 {
            format!("{:.2} M {what}/s", self.per_second / 1e6)
        } else {
            format!("{} {what}/s", by_thousands(&format!("{:.0}", self.per_second)))
        }
    }
}

/// Runs one thing and says how fast it was. The thing returns how often it did what is counted.
pub(crate) fn rate(run: impl FnOnce() -> Outcome<u64>) -> Outcome<Rate> {
    let start = Instant::now();
    let count = run()?;
    Ok(Rate::new(count, start.elapsed()))
}

/// Runs several things in turn, again and again, so that a busy moment of the machine hits all of them; the
/// best of each counts.
pub(crate) fn best_of<const N: usize>(repetitions: usize, runs: [&dyn Fn() -> Outcome<u64>; N]) -> Outcome<[Rate; N]> {
    let mut best = [Rate { per_second: 0.0 }; N];
    for _ in 0..repetitions.max(1) {
        for (best, run) in best.iter_mut().zip(runs) {
            let now = rate(run)?;
            if now.per_second > best.per_second {
                *best = now;
            }
        }
    }
    Ok(best)
}

/// Megabytes of 1,048,576 bytes.
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// A mean.
pub(crate) fn mean(sum: u64, count: u64) -> f64 {
    sum as f64 / (count.max(1)) as f64
}

/// `1,000,000`.
pub(crate) fn grouped(number: u64) -> String {
    by_thousands(&number.to_string())
}

fn by_thousands(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
