//! JSON logs on standard output, where Lambda hands them to CloudWatch Logs.

use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, Variables};

/// Starts logging. `LOG_LEVEL` is `error`, `warn`, `info` (the default), `debug` or `trace`, and holds for the
/// program's own modules; the libraries beneath are heard from `warn` on, so that no request is ever logged.
pub fn start(variables: &Variables) -> Result<(), ConfigError> {
    let expected = "error, warn, info, debug or trace";
    let level: tracing::Level = variables.or("LOG_LEVEL", expected, tracing::Level::INFO)?;
    let filter = [
        "countinghouse",
        "create_reports",
        "poll_jobs",
        "receive_notifications",
        "download_documents",
        "book_documents",
    ]
    .iter()
    .fold(String::from("warn"), |filter, module| {
        format!("{filter},{module}={level}", level = level.as_str().to_lowercase())
    });
    let filter =
        filter.replace("countinghouse=", "countinghouse_amazon=info,countinghouse_store=info,countinghouse_runtime=");
    // A second call in one process (tests) keeps the first subscriber.
    let _already_started = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(true)
        .with_env_filter(EnvFilter::new(filter))
        .try_init();
    Ok(())
}
