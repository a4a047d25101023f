//! JSON logs on standard output, where Lambda hands them to CloudWatch Logs.

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{ConfigError, Variables};

/// The program's own crates.
const OWN: [&str; 19] = [
    "countinghouse_amazon",
    "countinghouse_formats",
    "countinghouse_purchases",
    "countinghouse_runtime",
    "countinghouse_store",
    "create_reports",
    "poll_jobs",
    "receive_notifications",
    "rotate_secrets",
    "download_documents",
    "book_documents",
    "countinghouse_vendor_invoices",
    "submit_vendor_invoices",
    "pull_purchases",
    "countinghouse_vat_invoices",
    "countinghouse_invoicing",
    "issue_invoices",
    "upload_invoices",
    "watch_books",
];

/// Starts logging. `LOG_LEVEL` is `error`, `warn`, `info` (the default), `debug` or `trace`, and holds for the
/// program's own crates; the libraries beneath are heard from `warn` on, so that no request is ever logged.
pub fn start(variables: &Variables) -> Result<(), ConfigError> {
    let expected = "error, warn, info, debug or trace";
    let level: tracing::Level = variables.or("LOG_LEVEL", expected, tracing::Level::INFO)?;
    let heard = Targets::new().with_default(tracing::Level::WARN).with_targets(OWN.map(|name| (name, level)));
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    // A second call in one process (tests) keeps the first subscriber.
    let _already_started = tracing_subscriber::registry().with(lines).with(heard).try_init();
    Ok(())
}
