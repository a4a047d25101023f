//! How far the work is: a bar where a person sees one, lines elsewhere.

use std::cell::RefCell;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;

use super::item::{Item, Kind, Stand};
use crate::desk::{span, tell};

/// A bar with what is said above it; only lines where nobody sees a bar.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    /// The last estimate, so that lines do not repeat it.
    said: RefCell<String>,
}

/// Each thing is asked for and then booked.
const STEPS: u64 = 2;

impl Progress {
    pub(super) fn new(items: &[Item]) -> Self {
        if !io::stderr().is_terminal() {
            return Self { bar: None, said: RefCell::default() };
        }
        let style = ProgressStyle::with_template("{bar:30} {pos} of {len} steps, {elapsed}; {msg}");
        let bar =
            ProgressBar::new(length(items)).with_style(style.unwrap_or_else(|_unknown| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar: Some(bar), said: RefCell::default() }
    }

    /// Says what happened.
    pub(super) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| tell(text)),
            None => tell(text),
        }
    }

    /// Says what is waited for.
    pub(super) fn waits(&self, what: &str, wait: Duration) {
        let wait = SignedDuration::try_from(wait).unwrap_or_default();
        let length = if wait < SignedDuration::from_secs(1) { "a moment".to_owned() } else { span(wait) };
        let text = format!("{what} can be asked for in {length}: Amazon's rate");
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None => tell(&text),
        }
    }

    /// How far everything is.
    pub(super) fn at(&self, items: &[Item]) {
        let Some(bar) = &self.bar else { return };
        bar.set_length(length(items));
        bar.set_position(items.iter().map(steps).sum());
    }

    /// What Amazon's rates still make of it, and what nobody can know.
    pub(super) fn estimate(&self, items: &[Item], takes: SignedDuration) {
        let text = left(items, takes);
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None if *self.said.borrow() == text => {}
            None => {
                let done = items.iter().filter(|item| item.is_over()).count();
                tell(&format!("{done} of {} are done; {text}", items.len()));
                self.said.replace(text);
            }
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn length(items: &[Item]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX).saturating_mul(STEPS)
}

const fn steps(item: &Item) -> u64 {
    match item.stand {
        Stand::Wanted => 0,
        Stand::AtWork(_) => 1,
        Stand::Over(_) => STEPS,
    }
}

/// What is left, in words.
fn left(items: &[Item], takes: SignedDuration) -> String {
    let at_amazon =
        items.iter().filter(|item| matches!(item.stand, Stand::AtWork(_)) && !matches!(item.kind, Kind::Days));
    match (takes.is_zero(), at_amazon.count()) {
        (true, 0) => "the rest is the stack's work".to_owned(),
        (true, count) => format!("{count} at Amazon or on their way from there"),
        (false, _) => format!("at least {} by Amazon's rates", span(takes)),
    }
}

#[cfg(test)]
mod tests {
    use countinghouse_domain::job::Window;
    use countinghouse_domain::marketplace::Region;

    use super::super::Flow;
    use super::*;

    fn item(stand: Stand) -> Item {
        let at = |text: &str| text.parse().unwrap();
        Item {
            account: "A1".parse().unwrap(),
            region: Region::Eu,
            flow: Flow::Settlements,
            window: Window { from: at("2026-11-01T00:00:00Z"), to: at("2026-11-15T00:00:00Z") },
            kind: Kind::Settlement,
            stand,
        }
    }

    #[test]
    fn what_is_left_is_said_by_what_decides_it() {
        let items = [item(Stand::AtWork(None)), item(Stand::Wanted)];
        assert_eq!(left(&items, SignedDuration::from_secs(840)), "at least 14 min by Amazon's rates");
        assert_eq!(left(&items, SignedDuration::ZERO), "1 at Amazon or on their way from there");
        assert_eq!(left(&[], SignedDuration::ZERO), "the rest is the stack's work");
        assert_eq!(items.iter().map(steps).sum::<u64>(), 1);
    }
}
