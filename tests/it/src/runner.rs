//! Runs the cases: several at once, in one process, so that they share one local AWS.
//!
//! `cargo test -p countinghouse-it life` runs the cases whose name has `life` in it. A runner that starts a process
//! for each test (cargo-nextest) sees one test, [`ALL`], that runs every case.

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::{JoinError, LocalSet};

use crate::calls;
use crate::suite::Suite;

/// The name under which a runner that asks for a list sees all cases.
pub const ALL: &str = "every_case";

/// What is looked at when the cases are done: what functions did in AWS, and what they say that they do.
const PERMISSIONS: &str = "each function does what its permissions.toml says, and nothing else";

/// So many cases at once: they wait for the local AWS more than they work.
const AT_ONCE: usize = 6;

/// No case may take longer.
const LONGEST: Duration = Duration::from_mins(6);

/// A case that is under way.
pub type Running = Pin<Box<dyn Future<Output = ()>>>;

/// One case: what it is called and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Situation and outcome.
    pub name: &'static str,
    /// Fails by panicking.
    pub run: fn(Rc<Suite>) -> Running,
}

/// The cases of a module, by the names of their functions.
#[macro_export]
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        /// The cases of this module.
        pub(crate) fn cases() -> Vec<$crate::runner::Case> {
            vec![$($crate::runner::Case {
                name: concat!(module_path!(), "::", stringify!($name)),
                run: |suite| Box::pin($name(suite)),
            }),*]
        }
    };
}

/// Runs what the command line asks for.
pub fn main(cases: &[Case]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has("--list") {
        if !has("--ignored") {
            println!("{ALL}: test");
        }
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|text| !text.starts_with('-') && *text != ALL).collect();
    let asked = |case: &&Case| filters.is_empty() || filters.iter().any(|filter| case.name.contains(filter));
    let chosen: Vec<Case> = cases.iter().filter(asked).copied().collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let every_case = chosen.len() == cases.len();
    let failed = LocalSet::new().block_on(&runtime, run(chosen, every_case));
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(cases: Vec<Case>, every_case: bool) -> Vec<&'static str> {
    let started = Instant::now();
    println!("\nrunning {} cases", cases.len());
    let suite = Rc::new(Suite::default());
    let places = Rc::new(Semaphore::new(AT_ONCE));
    let start = |case: &Case| tokio::task::spawn_local(one(*case, Rc::clone(&suite), Rc::clone(&places)));
    let running: Vec<_> = cases.iter().map(start).collect();
    let mut failed = Vec::new();
    for (case, task) in cases.iter().zip(running) {
        if !task.await.unwrap_or(false) {
            failed.push(case.name);
        }
    }
    let passed = cases.len() - failed.len();
    let complaints = calls::complaints(every_case);
    if !complaints.is_empty() {
        println!("\nFAIL  {PERMISSIONS}\n      {}", complaints.join("\n      "));
        failed.push(PERMISSIONS);
    }
    suite.end(failed.is_empty()).await;
    println!("\n{passed} passed, {} failed, {:.1} s", failed.len(), started.elapsed().as_secs_f64());
    for name in &failed {
        println!("failed: {name}");
    }
    failed
}

async fn one(case: Case, suite: Rc<Suite>, places: Rc<Semaphore>) -> bool {
    let _place = places.acquire().await;
    let started = Instant::now();
    let task = tokio::task::spawn_local((case.run)(suite));
    let stop = task.abort_handle();
    let verdict = match tokio::time::timeout(LONGEST, task).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(reason(error)),
        Err(_elapsed) => {
            stop.abort();
            Some(format!("not done after {} s", LONGEST.as_secs()))
        }
    };
    let name = case.name.strip_prefix("end_to_end::").unwrap_or(case.name);
    let seconds = started.elapsed().as_secs_f64();
    match &verdict {
        None => println!("ok    {name} ({seconds:.1} s)"),
        Some(reason) => println!("FAIL  {name} ({seconds:.1} s)\n      {reason}"),
    }
    verdict.is_none()
}

fn reason(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "stopped".to_owned() };
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("panicked").replace('\n', "\n      ")
}
