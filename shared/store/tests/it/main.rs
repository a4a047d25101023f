//! The store against a local AWS: one program, one emulator, one table for each case and kind.
//!
//! A runner that starts a process for each test sees one test; it says which case failed.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod documents;
mod emulator;
mod jobs;
mod objects;
mod own_invoices;
mod payments;
mod purchases;
mod rates;
mod secrets;
mod sellers;
mod settlements;
mod vendor;

use std::pin::Pin;

use emulator::{Aws, Emulator};

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;
type Case = (&'static str, Running);

fn running(case: impl Future<Output = ()> + Send + 'static) -> Running {
    Box::pin(case)
}

/// Names a case by its function and starts it with tables of its own.
#[macro_export]
macro_rules! cases {
    ($aws:expr; $($name:ident),* $(,)?) => {
        vec![$((
            concat!(module_path!(), "::", stringify!($name)),
            $crate::running($name($aws.of_case(concat!(module_path!(), "-", stringify!($name))))),
        )),*]
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_keeps_its_promises_on_a_local_aws() {
    let Some(emulator) = Emulator::start().await else {
        println!("skipped: the Python tools are not there; `make setup` installs them");
        return;
    };
    let aws = &emulator.aws;
    let cases: Vec<Case> = [
        documents::cases(aws),
        jobs::cases(aws),
        objects::cases(aws),
        own_invoices::cases(aws),
        payments::cases(aws),
        purchases::cases(aws),
        rates::cases(aws),
        secrets::cases(aws),
        sellers::cases(aws),
        settlements::cases(aws),
        vendor::cases(aws),
    ]
    .into_iter()
    .flatten()
    .collect();
    let failed = run(cases).await;
    emulator.stop().await;
    assert!(failed.is_empty(), "failed: {failed:#?}");
}

/// Runs all cases at once and returns the names of those that failed.
async fn run(cases: Vec<Case>) -> Vec<&'static str> {
    let running: Vec<_> = cases.into_iter().map(|(name, case)| (name, tokio::spawn(case))).collect();
    let mut failed = Vec::new();
    for (name, case) in running {
        match case.await {
            Ok(()) => println!("ok      {name}"),
            Err(_panic) => failed.push(name),
        }
    }
    failed
}

/// What a case gets.
pub(crate) type World = Aws;
