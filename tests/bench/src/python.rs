//! The same work in Python.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use crate::measure::Rate;
use crate::{Bench, Outcome};

/// What a script prints.
#[derive(Debug, Deserialize)]
struct Printed {
    rows: u64,
    seconds: f64,
}

/// Runs a script of this folder and reads how fast it was. The interpreter's start is not counted.
pub(crate) fn rate(bench: &Bench, script: &str, arguments: &[&Path]) -> Outcome<Rate> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let output = Command::new(&bench.python)
        .arg(&script)
        .args(arguments)
        .output()
        .map_err(|error| format!("{} cannot be started (make setup makes it): {error}", bench.python.display()))?;
    if !output.status.success() {
        return Err(format!("{} failed:\n{}", script.display(), String::from_utf8_lossy(&output.stderr)).into());
    }
    let printed: Printed = serde_json::from_slice(&output.stdout)?;
    Ok(Rate::new(printed.rows, Duration::from_secs_f64(printed.seconds)))
}

/// The table of rules, which the script reads too.
pub(crate) fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/domain/src/payment/rules/rules.txt")
}
