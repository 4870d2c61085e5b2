//! The Lambda side of the harness: the wire, real processes, the queue and the mapping between
//! them. The function is `examples/echo.rs`, which `cargo test` builds.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lambda_local::{Function, FunctionOptions, Invocation, LogLines};
use serde_json::Value;

#[path = "lambda/concurrent_protocol.rs"]
mod concurrent_protocol;
#[path = "lambda/environments.rs"]
mod environments;
#[path = "lambda/event_source.rs"]
mod event_source;
#[path = "lambda/invocations.rs"]
mod invocations;
#[path = "lambda/invoke_api.rs"]
mod invoke_api;
#[path = "lambda/protocol.rs"]
mod protocol;
#[path = "lambda/queue.rs"]
mod queue;
#[path = "lambda/queue_api.rs"]
mod queue_api;
#[path = "lambda/shared_environments.rs"]
mod shared_environments;
#[path = "lambda/wire.rs"]
mod wire;

/// The function's binary beside this test's.
fn echo() -> PathBuf {
    let test = env::current_exe().expect("a test knows its own path");
    let profile = test.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    let path = profile.join("examples/echo");
    assert!(path.exists(), "{} is missing: run `cargo build --examples` first", path.display());
    path
}

/// Options for the echo function and the log lines that it will write.
fn options() -> (FunctionOptions, LogLines) {
    let (sink, lines) = lambda_local::log();
    let options = FunctionOptions {
        name: "echo".to_owned(),
        timeout: Duration::from_secs(20),
        ..FunctionOptions::new(echo(), sink)
    };
    (options, lines)
}

fn function(options: FunctionOptions) -> Arc<Function> {
    Arc::new(Function::new(options).expect("the echo function can be executed"))
}

async fn invoke(function: &Function, event: &str) -> Invocation {
    function.invoke(event.as_bytes().to_vec()).await
}

/// The function's answer as JSON.
fn answer(invocation: &Invocation) -> Value {
    let bytes = invocation.result.as_ref().expect("the function answered");
    serde_json::from_slice(bytes).expect("the function answers with JSON")
}

/// All lines that were written so far.
fn written(lines: &mut LogLines) -> Vec<String> {
    std::iter::from_fn(|| lines.try_recv().ok()).map(|line| line.text).collect()
}
