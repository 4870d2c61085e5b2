//! Which invocation a line of a process's output belongs to, and the lines of each.
//! In: invocations that begin and end, lines. Out: request ids, and the lines of an invocation.

use std::collections::BTreeMap;

/// The lines that an invocation keeps, and their bytes; the sink gets all.
const KEPT_LINES_MAX: usize = 10_000;
const KEPT_BYTES_MAX: usize = 8 << 20;

/// The first lines of an invocation.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    lines: Vec<String>,
    bytes: usize,
}

impl Kept {
    fn push(&mut self, line: &str) {
        self.bytes = self.bytes.saturating_add(line.len());
        if self.lines.len() < KEPT_LINES_MAX && self.bytes <= KEPT_BYTES_MAX {
            self.lines.push(line.to_owned());
        }
    }
}

/// The invocations that run, with their lines.
#[derive(Debug)]
pub(crate) enum Attribution {
    /// One at a time, to which all lines belong; lines between invocations belong to none.
    Current {
        /// The invocation, if one runs.
        request_id: Option<String>,
        /// Its lines.
        kept: Kept,
    },
    /// Several at a time: a line belongs to the one whose request id it contains, or to none.
    ByRequestId(BTreeMap<String, Kept>),
}

impl Attribution {
    /// One at a time; the first lines belong to this invocation, if any.
    pub(crate) fn current(request_id: Option<String>) -> Self {
        Self::Current { request_id, kept: Kept::default() }
    }

    /// Several at a time.
    pub(crate) fn by_request_id() -> Self {
        Self::ByRequestId(BTreeMap::new())
    }

    /// Whether an invocation begins and ends with a line of its own, because all lines are its own.
    pub(crate) fn is_exclusive(&self) -> bool {
        matches!(self, Self::Current { .. })
    }

    pub(crate) fn begin(&mut self, begun: String) {
        match self {
            Self::Current { request_id, .. } => *request_id = Some(begun),
            Self::ByRequestId(running) => {
                running.insert(begun, Kept::default());
            }
        }
    }

    /// The lines of an invocation that has ended.
    pub(crate) fn end(&mut self, ended: &str) -> Vec<String> {
        match self {
            Self::Current { request_id, kept } => {
                *request_id = None;
                std::mem::take(kept).lines
            }
            Self::ByRequestId(running) => running.remove(ended).unwrap_or_default().lines,
        }
    }

    /// Keeps a line of a running invocation, and says of which.
    pub(crate) fn keep(&mut self, text: &str) -> Option<String> {
        let (request_id, kept) = match self {
            Self::Current { request_id, kept } => (request_id.as_ref()?, kept),
            Self::ByRequestId(running) => {
                running.iter_mut().find(|(request_id, _)| text.contains(request_id.as_str()))?
            }
        };
        kept.push(text);
        Some(request_id.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{Attribution, KEPT_BYTES_MAX, KEPT_LINES_MAX};

    #[test]
    fn an_invocation_keeps_no_more_than_its_first_lines() {
        for (line, count) in [("short".to_owned(), KEPT_LINES_MAX), ("x".repeat(1 << 20), 8)] {
            let mut attribution = Attribution::current(Some("one".to_owned()));
            for _ in 0..count + 5 {
                assert_eq!(attribution.keep(&line).as_deref(), Some("one"));
            }
            assert_eq!(attribution.end("one").len(), count);
        }
        assert_eq!(KEPT_BYTES_MAX, 8 << 20);
    }
}
