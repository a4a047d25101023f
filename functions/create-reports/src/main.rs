//! Asks Amazon for the VAT reports whose windows are due, each window once.

use std::process::ExitCode;

use countinghouse_runtime::config::Variables;
use countinghouse_runtime::{aws, function};
use create_reports::{Dependencies, handle};

fn main() -> ExitCode {
    function::run(
        async |variables: &Variables| Ok(Dependencies::new(variables, &aws::configuration(variables)?)?),
        &async |dependencies: &Dependencies, order, _| handle(dependencies, order).await,
    )
}
