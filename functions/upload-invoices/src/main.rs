//! Hands issued invoices and credit notes to Amazon, each once.

use std::process::ExitCode;

use countinghouse_runtime::config::Variables;
use countinghouse_runtime::{aws, function};
use upload_invoices::{Dependencies, handle};

fn main() -> ExitCode {
    function::run(
        async |variables: &Variables| Ok(Dependencies::new(variables, &aws::configuration(variables)?)?),
        &async |dependencies: &Dependencies, event, _| handle(dependencies, event).await,
    )
}
