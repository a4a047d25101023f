//! The program: starts from its scenario file, says where it is, stops when told.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::support::{http_client, read};

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn start(arguments: &[&str]) -> (Program, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-amazon"));
    let mut child = command.args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("fake-amazon is ready at ").unwrap().to_owned();
    (Program(child), url)
}

#[tokio::test]
async fn the_example_scenario_plays() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/example-scenario.toml");
    let (_program, url) = start(&["--scenario", scenario]);
    let state = read(http_client().get(format!("{url}/_fake/state"))).await.unwrap().json();
    let sellers = state["sellers"].as_array().unwrap();
    assert_eq!(sellers.len(), 4);
    assert!(sellers.iter().any(|seller| seller["vat_rows"].as_u64().unwrap() > 0));
    let health = read(http_client().get(format!("{url}/_fake/health"))).await.unwrap();
    assert_eq!(health.text(), "ready\n");
}

#[test]
fn a_bad_scenario_is_refused_with_its_reason() {
    let output =
        Command::new(env!("CARGO_BIN_EXE_fake-amazon")).args(["--scenario", "not-here.toml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("the scenario not-here.toml cannot be read"));
}

#[test]
fn help_says_how_to_point_a_client_at_it() {
    let output = Command::new(env!("CARGO_BIN_EXE_fake-amazon")).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("/auth/o2/token") && text.contains("--sandbox-cases"), "{text}");
    assert_eq!(Value::from(output.status.code()), Value::from(0));
}
