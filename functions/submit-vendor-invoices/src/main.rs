//! Checks vendor invoices, submits the good ones once, and records what becomes of them.

use std::process::ExitCode;

use countinghouse_runtime::config::Variables;
use countinghouse_runtime::{aws, function};
use submit_vendor_invoices::{Dependencies, handle};

fn main() -> ExitCode {
    function::run(
        async |variables: &Variables| Ok(Dependencies::new(variables, &aws::configuration(variables)?)?),
        &async |dependencies: &Dependencies, event, invocation| handle(dependencies, event, invocation).await,
    )
}
