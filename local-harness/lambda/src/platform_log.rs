//! The lines that AWS prints around one invocation, and what becomes of it.
//! In: how a process served an event, or was lost. Out: lines, and the finished invocation.

use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use super::failure::Loss;
use super::invocation::Invocation;
use super::log::LogLine;
use super::options::FunctionOptions;
use super::report::{
    InitPhase, Report, Status, billed_duration_ms, end_line, init_report_line, start_line,
    timeout_line,
};
use super::state::Outcome;

/// The results of a process for one event.
pub(crate) struct Served {
    pub(crate) outcome: Outcome,
    pub(crate) status: Option<Status>,
    pub(crate) log: Vec<String>,
    pub(crate) max_memory_used_mb: u32,
}

/// Prints the lines of one invocation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlatformLog<'a> {
    pub(crate) options: &'a FunctionOptions,
    pub(crate) request_id: &'a str,
}

impl PlatformLog<'_> {
    /// The invocation begins.
    pub(crate) fn start(&self) {
        self.print(start_line(self.request_id));
    }

    /// An init inside the invocation has failed.
    pub(crate) fn failed_init(&self, began: Instant, loss: &Loss) {
        self.print(init_report_line(millis(began.elapsed()), InitPhase::Invoke, &loss.status()));
    }

    /// The process is lost, or the time is up.
    pub(crate) fn loss(&self, loss: &Loss) {
        let (request_id, timeout) = (self.request_id, self.options.timeout);
        if let Loss::TimedOut = loss {
            return self.print(timeout_line(request_id, timeout, OffsetDateTime::now_utc()));
        }
        let reason = loss.reason(timeout);
        self.print(format!("RequestId: {request_id} Error: {reason}"));
        self.print(loss.error_type().to_owned());
    }

    /// The invocation has ended; its result, after its last lines.
    pub(crate) fn end(&self, began: Instant, init: Option<Duration>, served: Served) -> Invocation {
        let duration_ms = millis(began.elapsed().min(self.options.timeout));
        let init_duration_ms = init.map(millis);
        let report = Report {
            request_id: self.request_id.to_owned(),
            duration_ms,
            billed_duration_ms: billed_duration_ms(duration_ms, init_duration_ms),
            memory_size_mb: self.options.memory_size_mb,
            max_memory_used_mb: served.max_memory_used_mb,
            init_duration_ms,
            status: served.status,
        };
        self.print(end_line(self.request_id));
        self.print(report.to_string());
        let (request_id, result) = (self.request_id.to_owned(), served.outcome.map(Vec::from));
        Invocation { request_id, result, report, log: served.log }
    }

    fn print(&self, text: String) {
        print(self.options, Some(self.request_id), text);
    }
}

/// The line of an init before the first event that has failed.
pub(crate) fn failed_cold_start(options: &FunctionOptions, duration: Duration, loss: &Loss) {
    let line = init_report_line(millis(duration), InitPhase::Init, &loss.status());
    print(options, None, line);
}

/// The line of a process that has ended between invocations.
pub(crate) fn ended_meanwhile(options: &FunctionOptions, loss: &Loss) {
    print(options, None, loss.reason(options.timeout));
}

fn print(options: &FunctionOptions, request_id: Option<&str>, text: String) {
    options.log.send(LogLine { request_id: request_id.map(str::to_owned), text });
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
