//! Fixtures, and checking them.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use countinghouse_vendor_invoices::{CheckLine, Checked, Draft, Duplicates, FileReader, Found, Place, check, csv};
use jiff::Timestamp;
use serde_json::Value;

/// The moment at which everything is checked.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

pub(crate) fn directory() -> PathBuf {
    root().join("tests/fixtures/vendor")
}

/// Every fixture below a directory with this ending, by its path from the fixtures' root, without the ending.
pub(crate) fn fixtures(below: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut directories = vec![directory().join(below)];
    while let Some(next) = directories.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(directory()).unwrap().to_str().unwrap();
            if path.is_dir() {
                directories.push(path);
            } else if let Some(stem) = name.strip_suffix(ending).filter(|_| !name.ends_with(".expected.json")) {
                found.push(stem.to_owned());
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no fixtures in {below}");
    found
}

pub(crate) fn text(fixture: &str) -> String {
    std::fs::read_to_string(directory().join(fixture)).unwrap()
}

/// One invoice with what the check says, and where in a CSV file it came from.
pub(crate) struct Judged {
    pub(crate) checked: Checked,
    pub(crate) places: Option<csv::Places>,
}

impl Judged {
    pub(crate) fn line(&self) -> String {
        serde_json::to_string(&CheckLine::from(&self.checked)).unwrap()
    }
}

/// Checks a file as `vendor check` does.
pub(crate) fn judge(text: &str) -> Vec<Judged> {
    let mut reader = FileReader::open(Cursor::new(text.to_owned()), "file").unwrap();
    let (mut duplicates, mut all) = (Duplicates::default(), Vec::new());
    while let Some(Found { draft, places }) = reader.next_invoice().unwrap() {
        let mut checked = check(&draft, now());
        duplicates.note(&draft, &mut checked).unwrap();
        all.push(Judged { checked, places });
    }
    all
}

/// Checks one invoice.
pub(crate) fn check_value(invoice: &Value) -> Checked {
    let draft = Draft::from_json(&invoice.to_string(), Place::first_of("made")).unwrap();
    check(&draft, now())
}

/// The rules that an invoice breaks, each once.
pub(crate) fn rules(checked: &Checked) -> Vec<&'static str> {
    let mut names: Vec<_> = checked.violations.iter().map(|each| each.rule.name()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
