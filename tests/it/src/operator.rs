//! The operator's program, run as a person runs it against a stack.

use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::stack::Stack;

/// What a run of the program came to.
#[derive(Debug)]
pub struct Said {
    /// The exit code.
    pub code: i32,
    /// What it wrote for scripts.
    pub stdout: String,
    /// What it wrote for people.
    pub stderr: String,
}

/// Runs `countinghouse` with these arguments against the stack, with nothing on its standard input.
pub async fn run(stack: &Stack, arguments: &[&str]) -> Said {
    run_with(stack, arguments, "", &[]).await
}

/// The same with a text on standard input and further variables. The endpoints of the stack's own Amazon are set.
pub async fn run_with(stack: &Stack, arguments: &[&str], input: &str, variables: &[(&str, &str)]) -> Said {
    let mut child = spawn(stack, arguments, variables);
    let mut stdin = child.stdin.take().unwrap();
    // A program that asks for nothing may be gone already.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let Output { status, stdout, stderr } = child.wait_with_output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) }
}

/// Runs it while nobody reads its standard output; the exit code.
pub async fn run_unread(stack: &Stack, arguments: &[&str], input: &str) -> i32 {
    let mut child = spawn(stack, arguments, &[]);
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    child.wait_with_output().await.unwrap().status.code().unwrap()
}

fn spawn(stack: &Stack, arguments: &[&str], variables: &[(&str, &str)]) -> Child {
    let region = stack.aws.region().unwrap().to_string();
    // Tests and programs are built side by side: target/local/deps/end_to_end and target/local/countinghouse.
    let this = std::env::current_exe().unwrap();
    let program = this.ancestors().nth(2).unwrap().join("countinghouse");
    Command::new(&program)
        .args(arguments)
        .args(["--stack", &stack.name, "--region", &region])
        .env("AWS_ENDPOINT_URL", &stack.endpoint)
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")])
        .envs(stack.amazon_endpoints())
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be run: {error}; it is built with the tests", program.display()))
}

/// Runs it until it says something on standard error, and kills it there and then; what it had said so far.
pub async fn run_until_killed(stack: &Stack, arguments: &[&str], word: &str) -> String {
    let mut child = spawn(stack, arguments, &[]);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        said = said + &line + "\n";
        if line.contains(word) {
            child.kill().await.unwrap();
            return said;
        }
    }
    panic!("it never said `{word}`: {said}");
}
