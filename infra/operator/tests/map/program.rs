//! The program and what it says.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

pub(crate) const PROVEN: i32 = 0;
pub(crate) const UNREADABLE: i32 = 1;
pub(crate) const FLAGGED: i32 = 2;

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// The objects of one kind.
    pub(crate) fn objects(&self, kind: &str) -> Vec<Value> {
        let objects = self.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        objects.filter(|object| object["kind"] == kind).collect()
    }

    /// The settlement with this id.
    pub(crate) fn settlement(&self, id: &str) -> Value {
        let found = self.objects("settlement").into_iter().find(|object| object["settlement_id"] == id);
        found.unwrap_or_else(|| panic!("no settlement {id}: {self:#?}"))
    }
}

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countinghouse"));
    command.arg("map");
    command
}

/// Runs `countinghouse map` on files.
pub(crate) fn map<P: AsRef<Path>>(files: &[P]) -> Said {
    map_with(files.iter().map(|file| file.as_ref().as_os_str()), b"")
}

/// Runs `countinghouse map` with something on standard input.
pub(crate) fn map_with(arguments: impl IntoIterator<Item = impl AsRef<std::ffi::OsStr>>, stdin: &[u8]) -> Said {
    let mut child =
        command().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Runs on a fixture and compares with the expected objects beside it; paths are shortened to the file's name.
pub(crate) fn says_what_is_expected(name: &str, expected: &str, code: i32) {
    let said = map(&[fixture(name)]);
    let directory = format!("{}/", fixture("").display()).replace("//", "/");
    let objects = said.stdout.replace(&directory, "");
    let expected_file = fixture(expected);
    let expected = std::fs::read_to_string(&expected_file).unwrap_or_default();
    if objects != expected {
        let actual = std::env::temp_dir().join(expected_file.file_name().unwrap());
        std::fs::write(&actual, &objects).unwrap();
        panic!("{} is not what is expected; what came is in {}", name, actual.display());
    }
    assert_eq!(said.code, code, "{}", said.stderr);
}
