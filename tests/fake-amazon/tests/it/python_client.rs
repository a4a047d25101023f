//! A client of another language that nobody here wrote: `python-amazon-sp-api`, unmodified.

use std::path::PathBuf;
use std::process::Command;

use fake_amazon::{Content, Delays, FakeAmazon, Operation, SettlementConfig};

use crate::support::{EU, VAT_CSV, scenario, workspace};

/// `COUNTINGHOUSE_PYTHON` or the workspace's own interpreter, if it has the package.
#[expect(clippy::disallowed_methods, reason = "the interpreter is chosen by whoever runs the tests")]
fn interpreter() -> Option<PathBuf> {
    let own = workspace().join(".venv/bin/python");
    let python = std::env::var_os("COUNTINGHOUSE_PYTHON").map_or(own, PathBuf::from);
    let has_package =
        Command::new(&python).args(["-c", "import sp_api"]).output().is_ok_and(|out| out.status.success());
    has_package.then_some(python)
}

#[tokio::test]
async fn an_unmodified_client_creates_polls_and_downloads_a_report() {
    let Some(python) = interpreter() else {
        println!("skipped: no Python with python-amazon-sp-api (set COUNTINGHOUSE_PYTHON)");
        return;
    };
    let mut scenario = scenario();
    scenario.frozen_at = None;
    scenario.delays = Delays { queue_ms: 20, processing_ms: 20 };
    // The window of the rows is asked for by hand, so they may lie in the past of any clock.
    scenario.sellers[0].vat_rows[0].content = Content::text(VAT_CSV.replace("2026", "2025"));
    let server = FakeAmazon::start(scenario).await.unwrap();
    let settlement = Content { charset: Some("ISO-8859-1".to_owned()), ..Content::text("settlement-id\tMünze\n") };
    server.close_settlement(EU, SettlementConfig::closed(settlement)).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python_client.py");
    let (script, url) = (script.to_owned(), server.base_url().to_owned());
    let running = move || Command::new(python).arg(script).arg(url).output().unwrap();
    let output = tokio::task::spawn_blocking(running).await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("settlement-id\tMünze"), "{out}");
    assert!(out.contains(&VAT_CSV.replace("2026", "2025")), "{out}");
    assert!(out.contains("refused: Request for report type 1118 is not allowed at this time"), "{out}");
    assert_eq!(server.count(Operation::DownloadDocument), 2);
}
