//! What comes out of an environment: finished invocations, and lines of the log.

use tokio::sync::mpsc;

use super::failure::FunctionError;
use super::report::Report;

/// A line of a function's log stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The invocation during which it was written; None for an init and between invocations.
    pub request_id: Option<String>,
    pub text: String,
}

/// Where log lines go.
pub type LogSink = mpsc::UnboundedSender<LogLine>;

/// One finished invocation.
#[derive(Debug)]
pub struct Invocation {
    pub request_id: String,
    pub result: Result<Vec<u8>, FunctionError>,
    pub report: Report,
    /// What the process printed during this invocation, without AWS's own lines.
    pub log: Vec<String>,
}
