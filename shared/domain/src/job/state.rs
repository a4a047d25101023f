//! The states of a job.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Amazon's word for the state of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProcessingStatus {
    /// Waiting.
    InQueue,
    /// Being made.
    InProgress,
    /// Made; there is a document.
    Done,
    /// There is no data, or somebody cancelled it: a normal end.
    Cancelled,
    /// It failed; there may be a document that says why.
    Fatal,
}

/// A processing status that Amazon's model does not name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a processing status")]
pub struct UnknownProcessingStatus(pub String);

impl FromStr for ProcessingStatus {
    type Err = UnknownProcessingStatus;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "IN_QUEUE" => Self::InQueue,
            "IN_PROGRESS" => Self::InProgress,
            "DONE" => Self::Done,
            "CANCELLED" => Self::Cancelled,
            "FATAL" => Self::Fatal,
            other => return Err(UnknownProcessingStatus(other.chars().take(40).collect())),
        })
    }
}

/// Where a report is on its way into the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Written down, not yet sent: after a crash Amazon is asked, not told again.
    Intended,
    /// Amazon has taken it.
    Requested,
    /// Amazon is at work.
    Processing,
    /// Amazon is done; the document waits.
    Done,
    /// The document is in the bucket, unchanged.
    Downloaded,
    /// The document is in the books.
    Booked,
    /// No data for the window, or cancelled by somebody: a normal end.
    Cancelled,
    /// Amazon could not make it.
    Fatal,
    /// The document cannot be booked as it is: its place and reason stand on the job, its bytes in the bucket.
    Quarantined,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Intended,
        Self::Requested,
        Self::Processing,
        Self::Done,
        Self::Downloaded,
        Self::Booked,
        Self::Cancelled,
        Self::Fatal,
        Self::Quarantined,
    ];

    /// The name in tables, for example `downloaded`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Requested => "requested",
            Self::Processing => "processing",
            Self::Done => "done",
            Self::Downloaded => "downloaded",
            Self::Booked => "booked",
            Self::Cancelled => "cancelled",
            Self::Fatal => "fatal",
            Self::Quarantined => "quarantined",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.name() == name)
    }

    /// Whether the poller still has to look after it: Amazon has to act, or the document waits to be fetched (a
    /// message that asks for it may have been lost).
    pub const fn is_in_flight(self) -> bool {
        matches!(self, Self::Intended | Self::Requested | Self::Processing | Self::Done)
    }

    /// Whether `next` is a step forward from here. News arrives late, twice and out of order; what is not a step
    /// forward changes nothing. A quarantined document may be booked again after a fix.
    pub const fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Quarantined, Self::Booked) | (Self::Booked, Self::Quarantined) => true,
            (Self::Cancelled | Self::Fatal | Self::Booked | Self::Quarantined, _)
            | (Self::Downloaded, Self::Cancelled | Self::Fatal) => false,
            _ => next.rank() > self.rank(),
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Intended => 0,
            Self::Requested => 1,
            Self::Processing => 2,
            Self::Done => 3,
            Self::Downloaded => 4,
            Self::Booked | Self::Cancelled | Self::Fatal | Self::Quarantined => 5,
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<ProcessingStatus> for JobState {
    fn from(status: ProcessingStatus) -> Self {
        match status {
            ProcessingStatus::InQueue => Self::Requested,
            ProcessingStatus::InProgress => Self::Processing,
            ProcessingStatus::Done => Self::Done,
            ProcessingStatus::Cancelled => Self::Cancelled,
            ProcessingStatus::Fatal => Self::Fatal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_and_repeated_news_changes_nothing() {
        assert!(!JobState::Booked.may_become(JobState::Done));
        assert!(!JobState::Done.may_become(JobState::Done));
        assert!(!JobState::Downloaded.may_become(JobState::Processing));
        assert!(!JobState::Downloaded.may_become(JobState::Cancelled));
    }

    #[test]
    fn a_job_may_skip_states_that_nobody_saw() {
        assert!(JobState::Requested.may_become(JobState::Done));
        assert!(JobState::Intended.may_become(JobState::Cancelled));
    }

    #[test]
    fn a_quarantined_document_may_be_booked_after_a_fix() {
        assert!(JobState::Quarantined.may_become(JobState::Booked));
    }

    #[test]
    fn a_state_reads_what_it_writes() {
        for each in JobState::ALL {
            assert_eq!(JobState::from_name(each.name()), Some(each));
        }
    }
}
