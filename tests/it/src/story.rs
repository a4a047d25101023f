//! The reports of the two invented sellers, and what the books must say.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use countinghouse_domain::time::{Clock as _, SystemClock};
use serde_json::Value;
use tempfile::TempDir;

use crate::suite::root;

/// The story as it is checked in, or told again for another day.
#[derive(Debug)]
pub struct Story {
    folder: PathBuf,
    _told_again: Option<TempDir>,
}

impl Story {
    /// As it is checked in.
    pub fn checked_in() -> Self {
        Self { folder: root().join("tests/fixtures/story"), _told_again: None }
    }

    /// With today as its last day: the VAT report is asked for the last thirty days.
    pub fn of_today() -> Self {
        Self::told(&["--today", &SystemClock.now().strftime("%Y-%m-%d").to_string()])
    }

    /// As its script writes it now.
    pub fn written_now() -> Self {
        Self::told(&[])
    }

    fn told(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = root().join("tests/fixtures/story/make.py");
        let mut python = Command::new("python3");
        python.arg(script).args(arguments).arg("--to").arg(folder.path()).stdin(Stdio::null());
        assert!(python.status().expect("python3 is needed").success(), "the story cannot be told");
        Self { folder: folder.path().to_owned(), _told_again: Some(folder) }
    }

    /// One of the files, for example `eu/vat.csv`.
    pub fn text(&self, name: &str) -> String {
        let path = self.folder.join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Rows of the VAT report of these transaction types, with the header.
    pub fn vat_rows(&self, transaction_types: &[&str]) -> String {
        let text = self.text("eu/vat.csv");
        let wanted = |line: &&str| transaction_types.iter().any(|kind| line.contains(&format!(",{kind},")));
        let header = text.lines().next().unwrap();
        let rows = text.lines().skip(1).filter(wanted);
        [header].into_iter().chain(rows).fold(String::new(), |csv, line| csv + line + "\n")
    }

    /// What the books must say.
    pub fn expected(&self) -> Value {
        serde_json::from_str(&self.text("expected.json")).unwrap()
    }
}
