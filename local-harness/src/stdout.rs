//! Standard output. In: text. A reader that is gone ends a command as Ctrl-C does; a reader that is
//! slow or gone does not hinder what runs until it is stopped.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Bytes of lines that wait for a slow reader. While there are more, new lines are dropped.
const WAITING_MAX_BYTES: usize = 8 << 20;
/// What a line takes besides its text, about.
const LINE_BYTES: usize = 64;
/// How long the last lines may take at the end.
const LAST_LINES: Duration = Duration::from_secs(1);

static IS_CLOSED: AtomicBool = AtomicBool::new(false);
static CLOSED: Notify = Notify::const_new();
/// Whether a write that failed was told of.
static IS_TOLD: AtomicBool = AtomicBool::new(false);

/// `println!` for a reader that may be gone.
macro_rules! outln {
    ($($part:tt)*) => {
        $crate::stdout::write(format_args!("{}\n", format_args!($($part)*)))
    };
}

/// `print!` for a reader that may be gone.
macro_rules! out {
    ($($part:tt)*) => {
        $crate::stdout::write(format_args!($($part)*))
    };
}

pub(crate) use {out, outln};

/// Waits until nobody reads standard output any more.
pub async fn closed() {
    CLOSED.notified().await;
}

/// Writes text, unless standard output was closed.
pub(crate) fn write(text: Arguments<'_>) {
    if IS_CLOSED.load(Ordering::Relaxed) {
        return;
    }
    let mut stdout = io::stdout().lock();
    let written = stdout.write_fmt(text).and_then(|()| stdout.flush());
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            IS_CLOSED.store(true, Ordering::Relaxed);
            CLOSED.notify_one();
        }
        // Such as a full disk. What cannot be written is lost, and the work goes on.
        Err(error) => {
            if !IS_TOLD.swap(true, Ordering::Relaxed) {
                tracing::warn!(%error, "standard output cannot be written");
            }
        }
    }
}

/// Prints lines in a thread of its own.
#[derive(Debug)]
pub(crate) struct Printer {
    lines: Sender<String>,
    waiting: Arc<Waiting>,
    thread: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: AtomicUsize,
    dropped: AtomicUsize,
}

impl Printer {
    /// Starts the thread.
    pub(crate) fn start() -> Self {
        let (lines, received) = channel();
        let waiting = Arc::<Waiting>::default();
        let seen = Arc::clone(&waiting);
        Self { lines, waiting, thread: thread::spawn(move || print(&received, &seen)) }
    }

    /// Prints a line soon, or drops it if too many wait.
    pub(crate) fn line(&self, line: String) {
        if self.waiting.bytes.load(Ordering::Relaxed) > WAITING_MAX_BYTES {
            self.waiting.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.waiting.bytes.fetch_add(line.len() + LINE_BYTES, Ordering::Relaxed);
        // The thread lives as long as this sender.
        let _ = self.lines.send(line);
    }

    /// Prints the last lines, if somebody reads them.
    pub(crate) fn finish(self) {
        drop(self.lines);
        let began = Instant::now();
        while !self.thread.is_finished() && began.elapsed() < LAST_LINES {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn print(lines: &Receiver<String>, waiting: &Waiting) {
    for line in lines {
        let was_open = !IS_CLOSED.load(Ordering::Relaxed);
        outln!("{line}");
        waiting.bytes.fetch_sub(line.len() + LINE_BYTES, Ordering::Relaxed);
        if was_open && IS_CLOSED.load(Ordering::Relaxed) {
            tracing::warn!("nobody reads the output any more; the harness goes on without it");
        }
        let dropped = waiting.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!("{dropped} lines were dropped: they came faster than they were read");
        }
    }
}
