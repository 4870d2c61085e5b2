//! The results of an environment: finished invocations, and lines of the log.

use tokio::sync::mpsc;

use super::failure::FunctionError;
use super::report::Report;

/// A line of a function's log stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The invocation during which it was printed; None for an init and between invocations.
    pub request_id: Option<String>,
    /// The line, without its end.
    pub text: String,
}

/// The receiver of log lines.
pub type LogSink = mpsc::UnboundedSender<LogLine>;

/// One finished invocation.
#[derive(Debug)]
pub struct Invocation {
    /// AWS's request id.
    pub request_id: String,
    /// The answer, or the error.
    pub result: Result<Vec<u8>, FunctionError>,
    /// The REPORT line.
    pub report: Report,
    /// What the process printed during this invocation, without AWS's own lines.
    pub log: Vec<String>,
}
