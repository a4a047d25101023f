//! The cases: each is a situation and its outcome.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it expects by failing"
)]

mod contracts;
mod deaths;
mod downloads;
mod issuing;
mod life;
mod limits;
mod news;
mod operate;
mod own_invoices;
mod purchases;
mod requests;
mod samples;
mod settlements;
mod vendor;

use std::process::ExitCode;

use countinghouse_it::runner;

fn main() -> ExitCode {
    // The longest first.
    let cases = [
        purchases::cases(),
        deaths::cases(),
        issuing::cases(),
        own_invoices::cases(),
        vendor::cases(),
        news::cases(),
        operate::cases(),
        life::cases(),
        settlements::cases(),
        requests::cases(),
        downloads::cases(),
        limits::cases(),
        samples::cases(),
        contracts::cases(),
    ]
    .concat();
    runner::main(&cases)
}
