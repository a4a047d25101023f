//! Gives invoices and credit notes that are due their numbers, draws them, and stores them.

use std::process::ExitCode;

use countinghouse_runtime::config::Variables;
use countinghouse_runtime::{aws, function};
use issue_invoices::{Dependencies, handle};

fn main() -> ExitCode {
    function::run(
        async |variables: &Variables| Ok(Dependencies::new(variables, &aws::configuration(variables)?)?),
        &handle,
    )
}
