//! Up to where the windows of a report reach.

use countinghouse_domain::job::{JobState, Window};
use jiff::{SignedDuration, Timestamp};

/// A hole further back than this no longer decides what is due: a person has long been told of it, and asking for
/// the same failing window every day for ever helps nobody.
const HOLES_MATTER_FOR: SignedDuration = SignedDuration::from_hours(24 * 45);

/// Up to where the data of a report is asked for without a hole.
///
/// That is the end of the latest window that did not fail, unless a window before it failed (or was written down
/// and never became a report) and no other window covers its time: then it is the start of that hole, so that the
/// next plan asks for it again and nothing is lost.
pub fn covered_until(windows: &[(Window, JobState)]) -> Option<Timestamp> {
    let holds = |state: JobState| !matches!(state, JobState::Intended | JobState::Fatal);
    let mut good: Vec<Window> = windows.iter().filter(|(_, state)| holds(*state)).map(|(window, _)| *window).collect();
    good.sort_unstable();
    let end = good.iter().map(|window| window.to).max()?;
    let oldest = end.saturating_sub(HOLES_MATTER_FOR).unwrap_or(Timestamp::MIN);
    let uncovered = windows.iter().filter(|(window, state)| !holds(*state) && window.to > oldest);
    let first_hole = uncovered.filter_map(|(window, _)| uncovered_start(*window, &good)).min();
    Some(first_hole.map_or(end, |hole| hole.min(end)))
}

/// The first moment of a window that no good window covers.
fn uncovered_start(window: Window, good: &[Window]) -> Option<Timestamp> {
    let mut reached = window.from;
    for each in good {
        if each.from <= reached && each.to > reached {
            reached = each.to;
        }
    }
    (reached < window.to).then_some(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, to: &str) -> Window {
        Window { from: at(from), to: at(to) }
    }

    fn at(day: &str) -> Timestamp {
        format!("2026-{day}T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn nothing_is_covered_before_the_first_report() {
        assert_eq!(covered_until(&[]), None);
        assert_eq!(covered_until(&[(window("11-01", "11-08"), JobState::Intended)]), None);
        assert_eq!(covered_until(&[(window("11-01", "11-08"), JobState::Fatal)]), None);
    }

    #[test]
    fn the_latest_window_counts_also_when_it_had_no_data() {
        let windows = [(window("11-01", "11-08"), JobState::Booked), (window("11-02", "11-09"), JobState::Cancelled)];
        assert_eq!(covered_until(&windows), Some(at("11-09")));
    }

    #[test]
    fn a_failed_window_that_its_successor_covers_is_no_hole() {
        let windows = [
            (window("11-01", "11-08"), JobState::Booked),
            (window("11-02", "11-09"), JobState::Fatal),
            (window("11-02", "11-10"), JobState::Requested),
        ];
        assert_eq!(covered_until(&windows), Some(at("11-10")));
    }

    #[test]
    fn a_failed_window_that_nobody_covers_is_where_the_next_plan_starts() {
        let windows = [
            (window("10-01", "10-30"), JobState::Booked),
            (window("10-30", "11-09"), JobState::Fatal),
            (window("11-09", "11-20"), JobState::Booked),
        ];
        assert_eq!(covered_until(&windows), Some(at("10-30")));
    }

    #[test]
    fn a_hole_of_long_ago_no_longer_decides() {
        let windows = [(window("01-01", "01-30"), JobState::Fatal), (window("11-09", "11-20"), JobState::Booked)];
        assert_eq!(covered_until(&windows), Some(at("11-20")));
    }
}
