//! The program and what it says.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const MADE: i32 = 0;
pub(crate) const UNREADABLE: i32 = 1;
pub(crate) const NEEDS_PERSON: i32 = 2;

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// The documents, where the run was one with `--json`.
    pub(crate) fn documents(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn numbers(&self) -> Vec<String> {
        self.documents().iter().map(|document| document["number"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/vidr").join(name)
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs on a file with the invented seller, in JSON.
pub(crate) fn sample(file: &Path, out: &Path, more: &[&str]) -> Said {
    let mut arguments = vec!["--sample", "--json"];
    arguments.extend(more);
    run(file, out, &arguments)
}

pub(crate) fn run(file: &Path, out: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_countinghouse"))
        .arg("invoice")
        .arg(file)
        .arg("--out")
        .arg(out)
        .args(arguments)
        .output()
        .unwrap();
    Said {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
