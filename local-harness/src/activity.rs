//! What the function does, told by its log: lines in, invocations with their uploads out.
//! Knows nothing of queues, terminals and pages.

mod totals;
mod upload;

use std::collections::{HashMap, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use lambda_local::LogLine;
use lambda_local::report::Report;
use serde_json::Value;

pub use self::totals::Totals;
pub use self::upload::{Kind, Rates, SourceRecord, UploadRecord, VariantRecord};
use crate::upload_line::UploadLine;

/// The lines of an invocation that are kept for who looks at it.
const KEPT_LINES: usize = 200;
/// The bytes of these lines.
const KEPT_BYTES: usize = 64 << 10;

/// Something that happened.
#[derive(Debug)]
pub enum Activity {
    /// An invocation began.
    Started {
        /// AWS's request id.
        request_id: String,
    },
    /// An invocation ended.
    Ended(Box<Ended>),
    /// The function, or the platform on its behalf, says something that is not of one upload.
    Notice(String),
}

/// An invocation that ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Of its REPORT line, in milliseconds since 1970.
    pub at_ms: f64,
    /// The REPORT line.
    pub report: Report,
    /// What was printed during the invocation: at most the last 200 lines and 64 KiB.
    pub log: Vec<String>,
    /// The uploads of its event.
    pub uploads: Vec<UploadLine>,
}

/// Collects the lines of running invocations.
#[derive(Debug, Default)]
pub struct Assembler {
    open: HashMap<String, Open>,
}

#[derive(Debug, Default)]
struct Open {
    log: VecDeque<String>,
    log_bytes: usize,
    uploads: Vec<UploadLine>,
}

impl Open {
    /// Keeps the newest lines, as many as there is room for.
    fn keep(&mut self, line: &str) {
        let end = line.floor_char_boundary(KEPT_BYTES);
        self.log.push_back(line[..end].to_owned());
        self.log_bytes += end;
        while self.log.len() > KEPT_LINES || self.log_bytes > KEPT_BYTES {
            self.log_bytes -= self.log.pop_front().map_or(0, |oldest| oldest.len());
        }
    }
}

impl Assembler {
    /// What a line says happened, if anything.
    pub fn line(&mut self, line: &LogLine) -> Option<Activity> {
        let text = line.text.trim_end();
        let Some(request_id) = line.request_id.as_deref() else { return notice(text) };
        if text.starts_with("START RequestId: ") {
            self.open.insert(request_id.to_owned(), Open::default());
            return Some(Activity::Started { request_id: request_id.to_owned() });
        }
        if let Ok(report) = text.parse::<Report>()
            && report.request_id == request_id
        {
            let Open { log, uploads, .. } = self.open.remove(request_id).unwrap_or_default();
            let ended = Ended { at_ms: now_ms(), report, log: log.into(), uploads };
            return Some(Activity::Ended(Box::new(ended)));
        }
        if text.starts_with("END RequestId: ") {
            return None;
        }
        let open = self.open.entry(request_id.to_owned()).or_default();
        open.keep(text);
        match UploadLine::parse(text) {
            Some(upload) => {
                open.uploads.push(upload);
                None
            }
            None => notice(text),
        }
    }
}

/// Warnings and errors in the function's own form, and everything that is not in this form.
fn notice(text: &str) -> Option<Activity> {
    let notice = match serde_json::from_str::<Value>(text) {
        Ok(line) => {
            let is_grave = matches!(line["level"].as_str(), Some("WARN" | "ERROR"));
            let message = line["message"].as_str().or_else(|| line["fields"]["message"].as_str());
            match message {
                Some(message) if is_grave => message.to_owned(),
                None if is_grave => text.to_owned(),
                _ => return None,
            }
        }
        Err(_) if text.is_empty() => return None,
        Err(_) => text.to_owned(),
    };
    Some(Activity::Notice(notice))
}

/// Milliseconds since 1970.
pub fn now_ms() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now.as_secs_f64() * 1000.0).round()
}

#[cfg(test)]
mod tests {
    use lambda_local::LogLine;

    use super::{Activity, Assembler, KEPT_BYTES, KEPT_LINES, Open};

    #[test]
    fn the_newest_lines_are_kept_as_far_as_there_is_room() {
        let mut open = Open::default();
        (0..KEPT_LINES + 5).for_each(|number| open.keep(&number.to_string()));
        assert_eq!((open.log.len(), open.log[0].as_str()), (KEPT_LINES, "5"));
        open.keep(&"ä".repeat(KEPT_BYTES));
        assert_eq!((open.log.len(), open.log_bytes), (1, KEPT_BYTES));
    }

    fn line(text: &str) -> LogLine {
        LogLine { request_id: Some("r".to_owned()), text: text.to_owned() }
    }

    #[test]
    fn an_invocation_ends_with_its_report_and_carries_its_lines() {
        let mut assembler = Assembler::default();
        let started = assembler.line(&line("START RequestId: r Version: $LATEST"));
        assert!(matches!(started, Some(Activity::Started { .. })));
        assert!(assembler.line(&line("{\"level\":\"INFO\",\"message\":\"quiet\"}")).is_none());
        let warned = assembler.line(&line("{\"level\":\"WARN\",\"message\":\"look\"}"));
        assert!(matches!(warned, Some(Activity::Notice(text)) if text == "look"));
        assert!(assembler.line(&line("END RequestId: r")).is_none());
        let report = "REPORT RequestId: r\tDuration: 1.50 ms\tBilled Duration: 2 ms\t\
                      Memory Size: 128 MB\tMax Memory Used: 20 MB";
        let Some(Activity::Ended(ended)) = assembler.line(&line(report)) else { panic!("ended") };
        assert_eq!((ended.log.len(), ended.report.billed_duration_ms), (2, 2));
    }

    #[test]
    fn lines_between_invocations_are_told_and_not_kept() {
        let mut assembler = Assembler::default();
        let text = "INIT_REPORT Init Duration: 10 ms\tPhase: init\tStatus: timeout".to_owned();
        let told = assembler.line(&LogLine { request_id: None, text });
        assert!(matches!(told, Some(Activity::Notice(_))));
        assert!(assembler.open.is_empty());
    }
}
