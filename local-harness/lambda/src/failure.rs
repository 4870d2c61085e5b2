//! The errors that a caller sees when a function fails, as AWS words them.
//! In: how an environment was lost, or the error that the function posted. Out: error type, message
//! and JSON payload.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::report::{Status, timed_out};

/// An invocation that ended without an answer: posted by the function itself, or stated by the
/// platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// The function's own `errorType`, or one of AWS's, such as `Runtime.ExitError`.
    pub error_type: String,
    /// The error message.
    pub message: String,
    /// The JSON document that an invoking client receives.
    pub payload: Bytes,
}

/// The document of an error that the platform states.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody<'a> {
    error_type: &'a str,
    error_message: &'a str,
}

impl FunctionError {
    pub(crate) fn new(error_type: &str, message: String) -> Self {
        let payload = ErrorBody { error_type, error_message: &message };
        let payload = serde_json::to_vec(&payload).expect("two strings can be written as JSON");
        Self { error_type: error_type.to_owned(), message, payload: payload.into() }
    }

    /// An error as the function posted it: its body is passed on untouched, the header is the
    /// second choice for the type.
    pub(crate) fn posted(header_type: Option<&str>, payload: Bytes) -> Self {
        let body: Value = serde_json::from_slice(&payload).unwrap_or(Value::Null);
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        Self {
            error_type: text("errorType").unwrap_or_else(|| valid_type(header_type).to_owned()),
            message: text("errorMessage").unwrap_or_default(),
            payload,
        }
    }
}

/// The type that AWS's own records keep: `Runtime.Xxx` or `Function.Xxx`, anything else becomes
/// `Runtime.Unknown`.
pub(crate) fn valid_type(posted: Option<&str>) -> &str {
    let is_valid = |name: &&str| {
        let rest = name.strip_prefix("Runtime.").or_else(|| name.strip_prefix("Function."));
        rest.is_some_and(|rest| {
            rest.len() > 1
                && rest.starts_with(|first: char| first.is_ascii_uppercase())
                && rest.chars().all(|letter| letter.is_ascii_alphabetic())
        })
    };
    posted.filter(is_valid).unwrap_or("Runtime.Unknown")
}

/// Why a function cannot be started at all.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The binary does not exist.
    #[error(
        "the function's binary {} does not exist; build it first, or give the path of another one",
        path.display()
    )]
    Missing {
        /// The path of the binary.
        path: PathBuf,
    },
    /// The binary cannot be executed.
    #[error(
        "{} is not an executable file; give the path of the built `bootstrap` (or `chmod +x` it)",
        path.display()
    )]
    NotExecutable {
        /// The path of the binary.
        path: PathBuf,
    },
    /// The system refuses to start the binary.
    #[error("{} cannot be executed on this machine: {source}", path.display())]
    Spawn {
        /// The path of the binary.
        path: PathBuf,
        /// From the operating system.
        source: io::Error,
    },
    /// The working directory cannot be created.
    #[error("no working directory for the function at {}: {source}", path.display())]
    Directory {
        /// The path of the directory.
        path: PathBuf,
        /// From the operating system.
        source: io::Error,
    },
    /// The Runtime API has no port.
    #[error("the Runtime API cannot listen on a loopback port: {source}")]
    Listen {
        /// From the operating system.
        source: io::Error,
    },
}

/// A function that does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the function does not start: {message}")]
pub struct InitError {
    /// The function's own `errorType`, or one of AWS's, such as `Runtime.ExitError`.
    pub error_type: String,
    /// The function's own message, or how its process ended.
    pub message: String,
}

/// How an execution environment was lost.
#[derive(Debug)]
pub(crate) enum Loss {
    Start(StartError),
    InitError(FunctionError),
    Exited(ExitStatus),
    TimedOut,
    OutOfMemory,
}

impl Loss {
    /// AWS's name for it, as in the REPORT line.
    pub(crate) fn error_type(&self) -> &str {
        match self {
            Loss::Start(_) => "Runtime.InvalidEntrypoint",
            Loss::InitError(error) => valid_type(Some(&error.error_type)),
            Loss::Exited(_) => "Runtime.ExitError",
            Loss::TimedOut => "Sandbox.Timedout",
            Loss::OutOfMemory => "Runtime.OutOfMemory",
        }
    }

    pub(crate) fn status(&self) -> Status {
        match self {
            Loss::TimedOut => Status::Timeout,
            _ => Status::Error { error_type: self.error_type().to_owned() },
        }
    }

    /// The error of an init before the first event.
    pub(crate) fn init_error(&self, init_timeout: Duration) -> InitError {
        let error_type = match self {
            Loss::InitError(error) => &error.error_type,
            _ => self.error_type(),
        };
        InitError { error_type: error_type.to_owned(), message: self.reason(init_timeout) }
    }

    /// The error for the invoking client.
    pub(crate) fn error(&self, request_id: &str, timeout: Duration) -> FunctionError {
        match self {
            Loss::InitError(error) => error.clone(),
            loss => {
                let reason = loss.reason(timeout);
                let message = format!("RequestId: {request_id} Error: {reason}");
                FunctionError::new(loss.error_type(), message)
            }
        }
    }

    /// The reason in one phrase.
    pub(crate) fn reason(&self, timeout: Duration) -> String {
        match self {
            Loss::Start(error) => error.to_string(),
            Loss::InitError(error) => error.message.clone(),
            Loss::Exited(status) => exit_reason(*status),
            Loss::TimedOut => timed_out(timeout),
            Loss::OutOfMemory => "Runtime exited with error: signal: killed".to_owned(),
        }
    }
}

fn exit_reason(status: ExitStatus) -> String {
    let core = if status.core_dumped() { " (core dumped)" } else { "" };
    match (status.code(), status.signal()) {
        (Some(0), _) => "Runtime exited without providing a reason".to_owned(),
        (Some(code), _) => format!("Runtime exited with error: exit status {code}"),
        (None, Some(signal)) => {
            format!("Runtime exited with error: signal: {}{core}", signal_name(signal))
        }
        (None, None) => "Runtime exited with error".to_owned(),
    }
}

/// Signals by the names that AWS's (Go's) messages use.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        15 => "terminated",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
