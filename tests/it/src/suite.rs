//! What all cases share: one local AWS, and in it one stack for most of them.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use fake_amazon::{NotificationMode, Scenario};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::OnceCell;

use crate::stack::{Stack, calm};

/// The workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Starts things when the first case needs them.
#[derive(Debug, Default)]
pub struct Suite {
    emulator: OnceCell<Emulator>,
    shared: OnceCell<Stack>,
}

/// A local AWS that ends with this process.
#[derive(Debug)]
struct Emulator {
    endpoint: String,
    state: TempDir,
    /// It stops when its standard input closes.
    input: ChildStdin,
    process: Child,
}

#[derive(Deserialize)]
struct Described {
    endpoint: String,
}

impl Suite {
    /// The stack that cases share: their sellers tell them apart. Amazon notifies there only when a case says so;
    /// what failed is tried again soon.
    pub async fn stack(&self) -> &Stack {
        let soon = [
            ("NotificationsVisibilitySeconds", "2"),
            ("DownloadsVisibilitySeconds", "30"),
            ("BookingsVisibilitySeconds", "30"),
            ("VendorSubmissionsVisibilitySeconds", "30"),
        ];
        let deploy = async || {
            let stack = self.deploy("it", &soon, calm()).await;
            stack.notify(NotificationMode::Never);
            stack
        };
        self.shared.get_or_init(deploy).await
    }

    /// A stack of its own, for a case that needs other parameters, or moves Amazon's clock.
    pub async fn deploy(&self, name: &str, parameters: &[(&str, &str)], scenario: Scenario) -> Stack {
        let emulator = self.emulator.get_or_init(Emulator::start).await;
        Stack::deploy(&emulator.endpoint, name, parameters, scenario).await
    }

    /// A fake Amazon and clients of the local AWS, and nothing deployed.
    pub(crate) async fn undeployed(&self, name: &str, scenario: Scenario) -> Stack {
        let emulator = self.emulator.get_or_init(Emulator::start).await;
        Stack::undeployed(&emulator.endpoint, name, scenario).await
    }

    /// Stops everything; after a failure the log stays.
    pub async fn end(self: std::rc::Rc<Self>, all_passed: bool) {
        let Some(suite) = std::rc::Rc::into_inner(self) else { return };
        drop(suite.shared);
        let Some(emulator) = suite.emulator.into_inner() else { return };
        drop(emulator.input);
        let mut process = emulator.process;
        // However it ends, it has ended.
        let _ = process.wait().await;
        if !all_passed {
            let kept = emulator.state.keep();
            println!("\nthe local AWS logged to {}", kept.join("emulator.log").display());
        }
    }
}

impl Emulator {
    async fn start() -> Self {
        let state = tempfile::Builder::new().prefix("countinghouse-it-").tempdir().unwrap();
        let mut process = python("stack.py")
            .args(["start", "--until-stdin-closes", "--state"])
            .arg(state.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        let described: Described = serde_json::from_str(&line).expect("the local AWS did not start; see above");
        Self { endpoint: described.endpoint, state, input, process }
    }
}

/// A command of `infra/local` in the project's own Python environment.
pub fn python(script: &str) -> Command {
    let root = root();
    let interpreter = root.join(".venv/bin/python");
    assert!(interpreter.exists(), "the Python tools are not there: run `make setup`, or `make test`, which does it");
    let mut command = Command::new(interpreter);
    command.arg(root.join("infra/local").join(script)).current_dir(&root).kill_on_drop(true);
    command
}
