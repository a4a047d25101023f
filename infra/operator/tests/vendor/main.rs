//! Runs `countinghouse vendor` as a vendor does, without AWS.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod check;
mod readme;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const ACCEPTED: i32 = 0;
const UNREADABLE: i32 = 1;
const REJECTED: i32 = 2;

/// What a run said.
#[derive(Debug)]
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs `countinghouse vendor` with something on standard input.
fn vendor_with(arguments: &[impl AsRef<OsStr>], stdin: &[u8]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countinghouse"));
    let piped =
        command.arg("vendor").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn vendor(arguments: &[impl AsRef<OsStr>]) -> Said {
    vendor_with(arguments, b"")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// The path of a fixture.
fn fixture(name: &str) -> String {
    root().join("tests/fixtures/vendor").join(name).to_str().unwrap().to_owned()
}
