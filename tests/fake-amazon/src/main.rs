//! The server as a program.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use fake_amazon::{FakeAmazon, Scenario};

/// A local Amazon with state, for tests and demos: Login with Amazon, the Reports, Feeds, Tokens, Notifications and
/// Sellers APIs, those for vendors' invoices and for purchases on Amazon Business, documents behind URLs that expire,
/// notifications into SQS, and faults that are switched on over HTTP.
#[derive(Debug, Parser)]
#[command(
    name = "fake-amazon",
    version,
    after_help = "Without a scenario there are two invented sellers:\n  \
        client id      amzn1.application-oa2-client.example\n  \
        client secret  amzn1.oa2-cs.v1.example\n  \
        refresh token  Atzr|example-eu (seller A1EXAMPLEEU001), Atzr|example-us (seller A2EXAMPLEUS002)\n\n\
        Point a client at it:\n  \
        token endpoint  http://127.0.0.1:PORT/auth/o2/token\n  \
        API endpoint    http://127.0.0.1:PORT (or …/na, …/eu, …/fe to have the region checked)\n  \
        sandbox         http://127.0.0.1:PORT/sandbox (with --sandbox-cases)\n  \
        switches        http://127.0.0.1:PORT/_fake/… (see README.md)\n\n\
        Notifications go to SQS with the endpoint and credentials of the environment\n\
        (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, …) unless the scenario names an endpoint."
)]
struct Arguments {
    /// The port on 127.0.0.1; 0 takes a free one and prints it.
    #[arg(long, default_value_t = 8799)]
    port: u16,
    /// The scenario: TOML, or JSON if it ends in `.json`.
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// The official sandbox cases: a JSON array of {operation, method, path, status, request, response}.
    #[arg(long, value_name = "FILE")]
    sandbox_cases: Option<PathBuf>,
    /// Answer every API call from the sandbox cases.
    #[arg(long, requires = "sandbox_cases")]
    sandbox: bool,
    /// How much to say on standard error: error, warn, info, debug or trace.
    #[arg(long, default_value_t = tracing::Level::INFO, value_name = "LEVEL")]
    log_level: tracing::Level,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_max_level(arguments.log_level).with_writer(std::io::stderr).init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let mut scenario = match &arguments.scenario {
        Some(file) => Scenario::load(file)?,
        None => Scenario::two_sellers(),
    };
    scenario.sandbox |= arguments.sandbox;
    scenario.sandbox_cases = arguments.sandbox_cases.or(scenario.sandbox_cases);
    let server = FakeAmazon::start_on(arguments.port, scenario).await?;
    // The one line on standard output: scripts wait for it.
    let mut out = std::io::stdout();
    writeln!(out, "fake-amazon is ready at {}", server.base_url())?;
    out.flush()?;
    stop_signal().await?;
    server.shutdown().await;
    Ok(())
}

/// Ctrl-C, or the signal that a script sends to end it.
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
