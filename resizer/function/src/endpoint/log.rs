//! The log line of a request: what was asked, what it got, how long it took.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::{Request, Response};
use crate::logging::{print as print_line, timestamp};

/// Characters of a path that a line quotes.
const MAX_PATH_CHARS: usize = 1024;

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    #[serde(rename = "requestId")]
    request_id: &'a str,
    event: &'static str,
    method: &'a str,
    path: String,
    status: u16,
    outcome: &'a str,
    bytes: usize,
    duration_ms: f64,
}

/// Prints the line. The query stays out: it has signatures, with which anyone could ask again.
pub(super) fn print(
    request: &Request,
    response: &Response,
    outcome: &str,
    (request_id, duration): (&str, Duration),
) {
    let line = Line {
        timestamp: timestamp(SystemTime::now()),
        level: if response.status >= 500 { "ERROR" } else { "INFO" },
        request_id,
        event: "http",
        method: &request.method,
        path: request.path.chars().take(MAX_PATH_CHARS).collect(),
        status: response.status,
        outcome,
        bytes: response.body.len(),
        duration_ms: (duration.as_secs_f64() * 10_000.0).round() / 10.0,
    };
    let text = serde_json::to_string(&line).expect("strings and finite numbers serialize");
    print_line(&text);
}
