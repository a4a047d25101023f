//! Pulls what was bought on Amazon Business, and the invoices for it, and reconciles both.

use std::process::ExitCode;

use countinghouse_runtime::config::Variables;
use countinghouse_runtime::{aws, function};
use pull_purchases::{Dependencies, handle};

fn main() -> ExitCode {
    function::run(
        async |variables: &Variables| Ok(Dependencies::new(variables, &aws::configuration(variables)?)?),
        &handle,
    )
}
