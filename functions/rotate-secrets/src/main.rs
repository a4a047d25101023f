//! Stores the client secrets that Amazon sends, and notes when they expire.

use std::process::ExitCode;

use countinghouse_runtime::config::Variables;
use countinghouse_runtime::{aws, function};
use rotate_secrets::{Dependencies, handle};

fn main() -> ExitCode {
    function::run(
        async |variables: &Variables| Ok(Dependencies::new(variables, &aws::configuration(variables)?)?),
        &async |dependencies: &Dependencies, event, _| handle(dependencies, event).await,
    )
}
