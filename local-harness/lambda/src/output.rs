//! The lines that a process prints, each assigned to its invocation.
//! In: one pipe for stdout and stderr, so that their order stays. Out: lines. Knows no process.
//! A process asks for its next event, or at least answers, only after it has printed all about the
//! last one. So when an invocation ends, whatever belongs to it is in the pipe already, and reading
//! until the pipe is empty needs no waiting.

use std::io::{self, ErrorKind, PipeReader};
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::{mpsc, oneshot};

use super::attribution::Attribution;
use super::log::{LogLine, LogSink};

/// Longer lines are split, as in CloudWatch Logs.
const LINE_MAX_BYTES: usize = 256 << 10;
/// The most that a pipe can hold, and so all that was written before a moment.
const PIPE_MAX_BYTES: usize = 1 << 20;

#[derive(Debug)]
enum Order {
    Begin(String, oneshot::Sender<()>),
    End(String, oneshot::Sender<Vec<String>>),
    Flush(oneshot::Sender<()>),
}

/// The reading end of a process's output.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    orders: mpsc::UnboundedSender<Order>,
}

impl Output {
    /// Reads the pipe until the process and all copies of `self` are gone.
    ///
    /// # Errors
    /// Where the pipe cannot be watched.
    pub(crate) fn start(
        pipe: PipeReader,
        attribution: Attribution,
        sink: LogSink,
    ) -> io::Result<Self> {
        let pipe = Receiver::from_owned_fd(OwnedFd::from(pipe))?;
        let (orders, received) = mpsc::unbounded_channel();
        let lines = Lines { sink, attribution, partial: Vec::new() };
        tokio::spawn(pump(pipe, received, lines));
        Ok(Self { orders })
    }

    /// What is written from now on may belong to this invocation. The process may get its event
    /// once this has returned: what was written before is read by then.
    pub(crate) async fn begin(&self, request_id: &str) {
        let (reply, begun) = oneshot::channel();
        // The pump lives as long as this sender.
        let _ = self.orders.send(Order::Begin(request_id.to_owned(), reply));
        let _ = begun.await;
    }

    /// Ends an invocation: its lines of everything written up to now, also before a process that
    /// ended.
    pub(crate) async fn end(&self, request_id: &str) -> Vec<String> {
        let (reply, lines) = oneshot::channel();
        let _ = self.orders.send(Order::End(request_id.to_owned(), reply));
        lines.await.unwrap_or_default()
    }

    /// Ends an invocation whose lines nobody wants.
    pub(crate) fn forget(&self, request_id: &str) {
        let (reply, _) = oneshot::channel();
        let _ = self.orders.send(Order::End(request_id.to_owned(), reply));
    }

    /// Waits until everything written up to now is read, also the beginning of a line.
    pub(crate) async fn flush(&self) {
        let (reply, flushed) = oneshot::channel();
        let _ = self.orders.send(Order::Flush(reply));
        let _ = flushed.await;
    }
}

async fn pump(pipe: Receiver, mut orders: mpsc::UnboundedReceiver<Order>, mut lines: Lines) {
    let mut buffer = vec![0; 64 << 10];
    let mut is_open = true;
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => {
                drain(&pipe, &mut buffer, &mut lines);
                match order {
                    Some(Order::Begin(request_id, reply)) => {
                        lines.begin(request_id);
                        let _ = reply.send(());
                    }
                    // The invocation may have been dropped meanwhile.
                    Some(Order::End(request_id, reply)) => {
                        let _ = reply.send(lines.end(&request_id));
                    }
                    Some(Order::Flush(reply)) => {
                        lines.flush();
                        let _ = reply.send(());
                    }
                    None => return lines.flush(),
                }
            }
            ready = pipe.readable(), if is_open => {
                is_open = ready.is_ok() && read_some(&pipe, &mut buffer, &mut lines);
            }
        }
    }
}

/// Reads once what the pipe has; false at its end.
fn read_some(pipe: &Receiver, buffer: &mut [u8], lines: &mut Lines) -> bool {
    match pipe.try_read(buffer) {
        Ok(0) => false,
        Ok(size) => {
            lines.push(&buffer[..size]);
            true
        }
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

/// Reads until the pipe is empty, past tokio, which may not know yet that there is something to
/// read.
fn drain(pipe: &Receiver, buffer: &mut [u8], lines: &mut Lines) {
    let mut size_bytes = 0;
    while size_bytes < PIPE_MAX_BYTES {
        match rustix::io::read(pipe, &mut *buffer) {
            Ok(0) => return,
            Ok(size) => {
                size_bytes += size;
                lines.push(&buffer[..size]);
            }
            Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// Bytes to lines.
struct Lines {
    sink: LogSink,
    attribution: Attribution,
    partial: Vec<u8>,
}

impl Lines {
    fn begin(&mut self, request_id: String) {
        if self.attribution.is_exclusive() {
            self.flush();
        }
        self.attribution.begin(request_id);
    }

    fn end(&mut self, request_id: &str) -> Vec<String> {
        if self.attribution.is_exclusive() {
            self.flush();
        }
        self.attribution.end(request_id)
    }

    fn push(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.partial.len() >= LINE_MAX_BYTES {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        if self.partial.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(&self.partial).trim_end_matches(['\n', '\r']).to_owned();
        self.partial.clear();
        let request_id = self.attribution.keep(&text);
        self.sink.print(LogLine { request_id, text });
    }
}
