//! One event for one process, with its headers in the Runtime API.

use bytes::Bytes;

/// One event for a process.
#[derive(Debug, PartialEq, Eq)]
pub struct Work {
    /// AWS's request id.
    pub request_id: String,
    /// The event's bytes.
    pub payload: Bytes,
    /// Unix time in milliseconds.
    pub deadline_ms: u64,
    /// The function's ARN.
    pub function_arn: String,
    /// The X-Ray header, `Root=..;Parent=..;Sampled=..`.
    pub trace_id: String,
}

impl Work {
    /// The X-Ray header of an invocation that is not sampled.
    pub(crate) fn trace_id(unix_s: u64, request_id: &str) -> String {
        let hex: String = request_id.chars().filter(|digit| *digit != '-').collect();
        format!("Root=1-{unix_s:08x}-{};Parent={};Sampled=0", &hex[..24], &hex[16..])
    }
}
