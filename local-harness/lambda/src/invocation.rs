//! A finished invocation.

use super::failure::FunctionError;
use super::report::Report;

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
