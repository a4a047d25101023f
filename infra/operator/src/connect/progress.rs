//! The steps of connecting, each a line as it is done.

use std::fmt::Write as _;
use std::io;

use serde::Serialize;

use super::advice::Trouble;
use crate::desk::{self, ATTENTION, FAILED, FINE};

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mark {
    /// It was done, or found as it should be.
    Done,
    /// It was so already.
    Already,
    /// It would be done, but for `--dry-run`.
    Would,
    /// Good to know.
    Note,
    /// It needs a person; the rest goes on.
    Attention,
    /// It ends here.
    Failed,
}

impl Mark {
    const fn sign(self) -> &'static str {
        match self {
            Self::Done | Self::Already => "✓",
            Self::Would => "○",
            Self::Note => "·",
            Self::Attention => "!",
            Self::Failed => "✗",
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    mark: Mark,
    step: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amazon_says: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    that_means: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_do: Option<&'a str>,
}

/// Prints the steps and remembers how they went.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    json: bool,
    attention: bool,
    failed: bool,
}

/// As wide as the longest name of a step.
const STEP: usize = 14;

impl Progress {
    /// For people, or a line of JSON for each step.
    pub(crate) fn new(json: bool) -> Self {
        Self { json, ..Self::default() }
    }

    /// A headline, for people only.
    pub(crate) fn headline(&self, text: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { desk::print(&format!("{text}\n")) }
    }

    /// A step.
    pub(crate) fn step(&mut self, mark: Mark, step: &str, text: &str) -> io::Result<()> {
        self.line(mark, step, text, None)
    }

    /// A step that did not go as it should, with what Amazon said, what that means, and what to do.
    pub(crate) fn trouble(&mut self, mark: Mark, step: &str, text: &str, trouble: &Trouble) -> io::Result<()> {
        self.line(mark, step, text, Some(trouble))
    }

    fn line(&mut self, mark: Mark, step: &str, text: &str, trouble: Option<&Trouble>) -> io::Result<()> {
        self.attention |= mark == Mark::Attention;
        self.failed |= mark == Mark::Failed;
        let text = desk::plain(text);
        let said = trouble.and_then(|trouble| trouble.said.as_deref()).map(desk::plain);
        let (means, to_do) = (trouble.map(|each| each.means.as_str()), trouble.map(|each| each.to_do.as_str()));
        if self.json {
            let line = Line { mark, step, text: &text, amazon_says: said.as_deref(), that_means: means, to_do };
            return desk::print(&format!("{}\n", serde_json::to_string(&line)?));
        }
        let mut lines = format!("  {} {step:<STEP$}  {text}\n", mark.sign());
        for (name, told) in [("Amazon says", said.as_deref()), ("that means", means), ("to do", to_do)] {
            if let Some(told) = told {
                let _infallible = writeln!(lines, "      {name:<11}  {told}");
            }
        }
        desk::print(&lines)
    }

    /// Whether anything ended it.
    pub(crate) const fn has_failed(&self) -> bool {
        self.failed
    }

    /// Whether anything needs a person.
    pub(crate) const fn needs_attention(&self) -> bool {
        self.attention
    }

    /// The exit code of it all.
    pub(crate) const fn code(&self) -> u8 {
        match (self.failed, self.attention) {
            (true, _) => FAILED,
            (false, true) => ATTENTION,
            (false, false) => FINE,
        }
    }
}
