//! The environment variables that AWS Lambda sets for a function on `provided.al2023`.
//! In: the function's options and where its process lives. Out: names and values. Reads nothing of
//! the harness's own environment.

use std::net::SocketAddr;
use std::path::Path;

use time::OffsetDateTime;

use super::options::FunctionOptions;
use crate::seeded::{seed_of, uuid};

/// What differs between the processes of one function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) runtime_api: SocketAddr,
    pub(crate) number: u64,
    pub(crate) started: OffsetDateTime,
}

/// AWS's defaults, then the function's own, then those that AWS does not let a function set.
/// AWS_EXECUTION_ENV is missing on purpose: AWS does not define it for OS-only runtimes.
pub(crate) fn variables(options: &FunctionOptions, place: &Place) -> Vec<(String, String)> {
    let task_root = options.bootstrap.parent().unwrap_or(Path::new("/")).display().to_string();
    let defaults = [
        ("AWS_DEFAULT_REGION", options.region().to_owned()),
        ("AWS_REGION", options.region().to_owned()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ];
    let concurrency = options.environment_concurrency;
    let initialization = if concurrency > 1 { "lambda-managed-instances" } else { "on-demand" };
    let managed =
        (concurrency > 1).then(|| ("AWS_LAMBDA_MAX_CONCURRENCY", concurrency.to_string()));
    let reserved = [
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", options.memory_size_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", options.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", initialization.to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", options.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream(&options.name, place)),
        ("AWS_LAMBDA_RUNTIME_API", place.runtime_api.to_string()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("LAMBDA_TASK_ROOT", task_root),
        ("_HANDLER", "bootstrap".to_owned()),
    ];
    let named = |(name, value): (&str, String)| (name.to_owned(), value);
    // The last one of a name counts.
    defaults
        .map(named)
        .into_iter()
        .chain(options.env.iter().cloned())
        .chain(reserved.map(named))
        .chain(managed.map(named))
        .collect()
}

fn log_stream(name: &str, place: &Place) -> String {
    let date = place.started.date();
    let id = uuid(seed_of(name), place.number).replace('-', "");
    format!("{:04}/{:02}/{:02}/[$LATEST]{id}", date.year(), u8::from(date.month()), date.day())
}
