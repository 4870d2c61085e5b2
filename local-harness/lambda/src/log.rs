//! A function's log. In: lines of processes and of the platform. Out: the same lines, in order.
//! While unread lines exceed 16 MiB, new lines of processes are dropped and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Bytes of unread lines. While there are more, new lines of processes are dropped.
const UNREAD_MAX_BYTES: usize = 16 << 20;
/// What a line takes besides its text, about.
const LINE_BYTES: usize = 96;

/// A line of a function's log stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The invocation during which it was printed; None for an init and between invocations.
    pub request_id: Option<String>,
    /// The line, without its end.
    pub text: String,
}

/// The writing end of a log.
#[derive(Debug, Clone)]
pub struct LogSink {
    lines: UnboundedSender<LogLine>,
    unread: Arc<Unread>,
}

/// The reading end of a log.
#[derive(Debug)]
pub struct LogLines {
    lines: UnboundedReceiver<LogLine>,
    unread: Arc<Unread>,
}

#[derive(Debug, Default)]
struct Unread {
    bytes: AtomicUsize,
    dropped: AtomicUsize,
}

/// A log with its two ends. If lines are printed faster than they are read, those beyond 16 MiB are
/// dropped, and a line says how many. The platform's lines, such as REPORT, are never dropped.
pub fn log() -> (LogSink, LogLines) {
    let (sender, lines) = unbounded_channel();
    let unread = Arc::<Unread>::default();
    (LogSink { lines: sender, unread: Arc::clone(&unread) }, LogLines { lines, unread })
}

impl LogSink {
    /// A line that a process printed.
    pub(crate) fn print(&self, line: LogLine) {
        if self.unread.bytes.load(Ordering::Relaxed) > UNREAD_MAX_BYTES {
            self.unread.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.send(line);
    }

    /// A line of the platform, which is kept in any case.
    pub(crate) fn send(&self, line: LogLine) {
        let dropped = self.unread.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let text =
                format!("{dropped} lines were dropped: they came faster than they were read");
            self.push(LogLine { request_id: None, text });
        }
        self.push(line);
    }

    fn push(&self, line: LogLine) {
        self.unread.bytes.fetch_add(size_bytes(&line), Ordering::Relaxed);
        // The reader may be gone.
        let _ = self.lines.send(line);
    }
}

impl LogLines {
    /// The next line; None once the function and all its processes are gone.
    pub async fn recv(&mut self) -> Option<LogLine> {
        let line = self.lines.recv().await?;
        Some(self.read(line))
    }

    /// The next line that is there already.
    ///
    /// # Errors
    /// `Empty`, and `Disconnected` once the function and all its processes are gone.
    pub fn try_recv(&mut self) -> Result<LogLine, TryRecvError> {
        let line = self.lines.try_recv()?;
        Ok(self.read(line))
    }

    fn read(&self, line: LogLine) -> LogLine {
        self.unread.bytes.fetch_sub(size_bytes(&line), Ordering::Relaxed);
        line
    }
}

fn size_bytes(line: &LogLine) -> usize {
    line.text.len() + LINE_BYTES
}

#[cfg(test)]
mod tests {
    use super::{LogLine, UNREAD_MAX_BYTES, log};

    fn line(text: &str) -> LogLine {
        LogLine { request_id: None, text: text.to_owned() }
    }

    #[test]
    fn lines_that_nobody_reads_are_dropped_and_counted() {
        let (sink, mut lines) = log();
        let long = line(&"x".repeat(1 << 20));
        for _ in 0..100 {
            sink.print(long.clone());
        }
        sink.send(line("REPORT"));
        let read = std::iter::from_fn(|| lines.try_recv().ok()).collect::<Vec<_>>();
        let kept = UNREAD_MAX_BYTES >> 20;
        assert!(read[..kept].iter().all(|line| *line == long));
        let told = "84 lines were dropped: they came faster than they were read";
        assert_eq!(read[kept..], [line(told), line("REPORT")]);

        sink.print(line("next"));
        assert_eq!(lines.try_recv(), Ok(line("next")));
        assert!(lines.try_recv().is_err());
    }

    #[test]
    fn lines_that_are_read_are_all_kept() {
        let (sink, mut lines) = log();
        let long = line(&"x".repeat(1 << 20));
        for _ in 0..100 {
            sink.print(long.clone());
            assert_eq!(lines.try_recv().as_ref(), Ok(&long));
        }
    }
}
