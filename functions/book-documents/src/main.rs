//! Turns a stored report into documents and payments, with the proof.

use std::process::ExitCode;

use book_documents::{Dependencies, handle};
use countinghouse_runtime::config::Variables;
use countinghouse_runtime::{aws, function};

fn main() -> ExitCode {
    function::run(
        async |variables: &Variables| Ok(Dependencies::new(variables, &aws::configuration(variables)?)?),
        &async |dependencies: &Dependencies, event, invocation| handle(dependencies, event, invocation).await,
    )
}
