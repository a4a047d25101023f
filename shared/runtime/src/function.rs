//! The main loop of a function.

use std::process::ExitCode;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};

use crate::batch::{Failure, chain};
use crate::config::Variables;
use crate::{metrics, telemetry};

/// Runs a function: starts logging, builds what it needs once, then handles one event after another. A function
/// that cannot start says why and ends with 1.
pub fn run<D, P, R, E, B, H>(build: B, handle: &H) -> ExitCode
where
    B: AsyncFnOnce(&Variables) -> Result<D, Box<dyn std::error::Error + Send + Sync>>,
    P: DeserializeOwned,
    R: Serialize,
    E: Failure,
    H: AsyncFn(&D, P, Invocation) -> Result<R, E>,
{
    let variables = Variables::of_process();
    let started = telemetry::start(&variables).and_then(|()| metrics::start(&variables));
    let started = started.map_err(Into::into).and_then(|()| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build()?;
        runtime.block_on(async {
            let dependencies = build(&variables).await?;
            serve(&dependencies, handle).await
        })
    });
    match started {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = chain(error.as_ref()), "the function cannot run");
            ExitCode::FAILURE
        }
    }
}

async fn serve<D, P, R, E, H>(dependencies: &D, handle: &H) -> Result<(), lambda_runtime::Error>
where
    P: DeserializeOwned,
    R: Serialize,
    E: Failure,
    H: AsyncFn(&D, P, Invocation) -> Result<R, E>,
{
    lambda_runtime::run(service_fn(async |event: LambdaEvent<P>| {
        let invocation = Invocation { deadline_ms: event.context.deadline };
        handle(dependencies, event.payload, invocation).await.map_err(|error| {
            tracing::error!(kind = error.kind(), error = chain(&error), "the invocation failed");
            Diagnostic { error_type: error.kind().to_owned(), error_message: error.to_string() }
        })
    }))
    .await
}

/// What a function may know of its invocation.
#[derive(Debug, Clone, Copy)]
pub struct Invocation {
    /// When Lambda ends the function, in milliseconds since 1970.
    pub deadline_ms: u64,
}

impl Invocation {
    /// The moment at which Lambda ends the function.
    pub fn deadline(&self) -> jiff::Timestamp {
        i64::try_from(self.deadline_ms)
            .ok()
            .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
            .unwrap_or(jiff::Timestamp::MAX)
    }
}
