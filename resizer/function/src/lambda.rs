//! AWS Lambda around the function: environment in, configuration and client made once, then one
//! answer per invocation, several at a time on Lambda Managed Instances. What cannot start says so
//! to the platform.

mod concurrent;

use std::num::NonZero;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::Instrument;

use crate::answer::{Failure, answer};
use crate::batch::Invocation;
use crate::client::{ClientError, Environment};
use crate::config::{Config, ConfigError, Settings};
use crate::handler::App;
use crate::logging;

/// Why the function cannot serve.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(
        "{name} is not set: AWS Lambda starts this binary and sets it; on your own machine the \
         local harness does (`cargo demo`, `cargo harness up`)"
    )]
    NotInLambda { name: &'static str },
    #[error("the runtime stopped: {0}")]
    Runtime(lambda_runtime::Error),
}

/// What the runtime crate needs and panics without.
const RUNTIME_VARIABLES: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];

impl StartError {
    fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => ConfigError::CODE,
            Self::Client(_) | Self::NotInLambda { .. } => ClientError::CODE,
            Self::Runtime(_) => "runtime",
        }
    }
}

/// Serves invocations until the platform ends the process. One thread for the protocol, and the
/// engine on another one.
pub fn run() -> ExitCode {
    logging::install();
    resizer_engine::silence_caught_panics();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a process that just started can have a timer and an IO driver");
    match runtime.block_on(serve()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(code = error.code(), "{error}");
            let asked = std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some();
            if asked && !matches!(error, StartError::Runtime(_)) {
                runtime.block_on(report_start_error(&error));
            }
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), StartError> {
    let concurrency = concurrency();
    let config = Config::load(&settings(concurrency))?;
    let missing = RUNTIME_VARIABLES.into_iter().find(|name| std::env::var_os(name).is_none());
    if let Some(name) = missing {
        return Err(StartError::NotInLambda { name });
    }
    for warning in &config.warnings {
        tracing::warn!(code = ConfigError::CODE, "{warning}");
    }
    let app = App::new(config, &Environment::read()?)?;
    let ended = match concurrency {
        1 => {
            let app = &app;
            let handler = async move |event: LambdaEvent<Value>| handle(app, event, 0).await;
            lambda_runtime::run(service_fn(handler)).await
        }
        concurrency => concurrent::run(app, concurrency).await,
    };
    ended.map_err(StartError::Runtime)
}

/// The settings of the environment variables. A Managed Instance shows the processors that it
/// gives; their number does not follow from the memory as elsewhere on Lambda.
fn settings(concurrency: usize) -> Settings {
    let seen = || std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64);
    Settings { processors: (concurrency > 1).then(seen), ..Settings::from_env() }
}

/// Invocations at the same time: more than one on Lambda Managed Instances only. The runtime crate
/// reads the same variable.
fn concurrency() -> usize {
    let set = std::env::var("AWS_LAMBDA_MAX_CONCURRENCY").ok();
    set.and_then(|number| number.parse::<NonZero<u32>>().ok()).map_or(1, |n| n.get() as usize)
}

async fn handle(app: &App, event: LambdaEvent<Value>, beside: usize) -> Result<Value, Failure> {
    let LambdaEvent { payload, context } = event;
    let span = tracing::info_span!("invocation", requestId = context.request_id);
    let answered = answer(app, &payload, &invocation(&context, beside)).instrument(span).await;
    answered.inspect_err(|failure| {
        // A fault has the line of its upload; an event that is none has no line yet.
        if let Failure::Unknown(unknown) = failure {
            tracing::error!(requestId = context.request_id, code = failure.code(), "{unknown}");
        }
    })
}

/// The deadline comes as a time of day; from here on it is a moment of the steady clock.
fn invocation(context: &Context, beside: usize) -> Invocation {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = Duration::from_millis(context.deadline).saturating_sub(now);
    Invocation {
        request_id: context.request_id.clone(),
        deadline: Instant::now() + left,
        lifetime: left,
        beside,
        trace_id: context.xray_trace_id.clone(),
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.code().to_owned(), error_message: failure.to_string() }
    }
}

/// Reports to the platform why the process is about to end, so that the caller sees more than
/// `Runtime.ExitError`. Source: Lambda Runtime API, `POST /runtime/init/error`.
async fn report_start_error(error: &StartError) {
    let body = json!({ "errorType": error.code(), "errorMessage": error.to_string() });
    let request = http::Request::post("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", error.code())
        .body(lambda_runtime_api_client::body::Body::from(body.to_string()));
    let client = lambda_runtime_api_client::Client::builder().build();
    let (Ok(request), Ok(client)) = (request, client) else { return };
    if let Err(error) = client.call(request).await {
        tracing::error!("the platform did not accept the report: {error}");
    }
}
