//! Asks Amazon how its jobs stand, finds new settlements, and hands on what is done.

use std::process::ExitCode;

use countinghouse_runtime::config::Variables;
use countinghouse_runtime::{aws, function};
use poll_jobs::{Dependencies, handle};

fn main() -> ExitCode {
    function::run(
        async |variables: &Variables| Ok(Dependencies::new(variables, &aws::configuration(variables)?)?),
        &async |dependencies: &Dependencies, order, _| handle(dependencies, order).await,
    )
}
