//! The lines that AWS Lambda prints around an invocation, as values.
//! In: what was measured. Out: text, as CloudWatch Logs shows it. Knows nothing of
//! processes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use time::OffsetDateTime;

/// How an invocation ended when it did not end with an answer of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The function's timeout ran out.
    Timeout,
    /// The process was lost.
    Error {
        /// AWS's name for the reason.
        error_type: String,
    },
}

/// The REPORT line of one invocation.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// AWS's request id.
    pub request_id: String,
    /// Duration of the invocation.
    pub duration_ms: f64,
    /// What AWS bills, see [`billed_duration_ms`].
    pub billed_duration_ms: u64,
    /// The configured memory.
    pub memory_size_mb: u32,
    /// The process's peak.
    pub max_memory_used_mb: u32,
    /// Duration of the cold start before this invocation, if any.
    pub init_duration_ms: Option<f64>,
    /// How the invocation failed, if it did.
    pub status: Option<Status>,
}

/// The error for a line that is no REPORT line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no REPORT line")]
pub struct NoReport;

/// What AWS bills: the invocation and, since August 2025, the init before it, rounded up to whole
/// milliseconds.
pub fn billed_duration_ms(duration_ms: f64, init_duration_ms: Option<f64>) -> u64 {
    (duration_ms + init_duration_ms.unwrap_or(0.0)).ceil() as u64
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "REPORT RequestId: {}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\
             \tMax Memory Used: {} MB",
            self.request_id,
            self.duration_ms,
            self.billed_duration_ms,
            self.memory_size_mb,
            self.max_memory_used_mb
        )?;
        if let Some(init) = self.init_duration_ms {
            write!(f, "\tInit Duration: {init:.2} ms")?;
        }
        match &self.status {
            None => Ok(()),
            Some(status) => write!(f, "\t{status}"),
        }
    }
}

impl FromStr for Report {
    type Err = NoReport;

    /// Reads the line that `Display` writes.
    fn from_str(line: &str) -> Result<Self, NoReport> {
        let mut values = line.split('\t').filter_map(|part| part.split_once(": "));
        let Some(("REPORT RequestId", request_id)) = values.next() else { return Err(NoReport) };
        let rest: Vec<(&str, &str)> = values.collect();
        let value = |name: &str| rest.iter().find(|(known, _)| *known == name).map(|(_, v)| *v);
        let number = |name: &str| value(name)?.split(' ').next()?.parse::<f64>().ok();
        let needed = |name: &str| number(name).ok_or(NoReport);
        let error_type = value("Error Type").unwrap_or_default().to_owned();
        let status = value("Status").map(|status| match status {
            "timeout" => Status::Timeout,
            _ => Status::Error { error_type },
        });
        Ok(Self {
            request_id: request_id.to_owned(),
            duration_ms: needed("Duration")?,
            billed_duration_ms: needed("Billed Duration")? as u64,
            memory_size_mb: needed("Memory Size")? as u32,
            max_memory_used_mb: needed("Max Memory Used")? as u32,
            init_duration_ms: number("Init Duration"),
            status,
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Timeout => write!(f, "Status: timeout"),
            Status::Error { error_type } => {
                write!(f, "Status: error\tError Type: {error_type}")
            }
        }
    }
}

/// The line before an invocation.
pub fn start_line(request_id: &str) -> String {
    format!("START RequestId: {request_id} Version: $LATEST")
}

/// The line after an invocation.
pub fn end_line(request_id: &str) -> String {
    format!("END RequestId: {request_id}")
}

/// When an init ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitPhase {
    /// Before the first invocation.
    Init,
    /// Inside an invocation, as the repetition of one that failed.
    Invoke,
}

/// The line for an init that failed.
pub fn init_report_line(init_ms: f64, phase: InitPhase, status: &Status) -> String {
    let phase = match phase {
        InitPhase::Init => "init",
        InitPhase::Invoke => "invoke",
    };
    format!("INIT_REPORT Init Duration: {init_ms:.2} ms\tPhase: {phase}\t{status}")
}

/// The phrase for a timeout.
pub fn timed_out(timeout: Duration) -> String {
    format!("Task timed out after {:.2} seconds", timeout.as_secs_f64())
}

/// The line for an invocation whose timeout ran out at `now` (UTC).
pub fn timeout_line(request_id: &str, timeout: Duration, now: OffsetDateTime) -> String {
    let (hour, minute, second, milli) = now.to_hms_milli();
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z {request_id} {}",
        now.date(),
        timed_out(timeout)
    )
}

#[cfg(test)]
mod tests {
    use super::{Report, Status};

    #[test]
    fn a_report_is_read_as_it_is_written() {
        let mut report = Report {
            request_id: "5e0c9e4b-1f3a".to_owned(),
            duration_ms: 123.45,
            billed_duration_ms: 160,
            memory_size_mb: 1769,
            max_memory_used_mb: 60,
            init_duration_ms: Some(35.5),
            status: None,
        };
        let statuses = [
            None,
            Some(Status::Timeout),
            Some(Status::Error { error_type: "Runtime.ExitError".to_owned() }),
        ];
        for status in statuses {
            report.status = status;
            assert_eq!(report.to_string().parse(), Ok(report.clone()));
            report.init_duration_ms = None;
        }
        assert!("REPORT is what a function may print".parse::<Report>().is_err());
    }
}
