//! A rival's process: started on its core with one thread, asked through pipes.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Outcome;
use crate::protocol::{Answer, Hello, Order, Reply};
use crate::rival::Rival;

/// One thread for libraries that read it from the environment.
const ONE_THREAD: [(&str, &str); 4] = [
    ("VIPS_CONCURRENCY", "1"),
    ("UV_THREADPOOL_SIZE", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("RAYON_NUM_THREADS", "1"),
];

/// How a family of rivals is started; the rival's mode is the last argument.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Where it runs.
    pub(crate) folder: PathBuf,
}

/// A running worker that has said hello; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    orders: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    /// What it said of itself.
    pub(crate) version: String,
}

impl Worker {
    /// Starts a rival, on one core if it is given, and waits for its hello.
    pub(crate) fn start(launch: &Launch, rival: &Rival, core: Option<usize>) -> Outcome<Self> {
        let mut command = match core {
            Some(core) => {
                let mut pinned = Command::new("taskset");
                pinned.args(["-c", &core.to_string()]).arg(&launch.program);
                pinned
            }
            None => Command::new(&launch.program),
        };
        command.args(&launch.arguments).arg(rival.mode).current_dir(&launch.folder);
        command.envs(ONE_THREAD).stdin(Stdio::piped()).stdout(Stdio::piped());
        let log = fs::File::create(launch.folder.join(format!("{}.log", rival.id)));
        command.stderr(log.map_err(|error| error.to_string())?);
        let program = launch.program.display();
        let mut child = command.spawn().map_err(|error| format!("{program}: {error}"))?;
        let (orders, replies) = (child.stdin.take(), child.stdout.take());
        let replies = BufReader::new(replies.ok_or("no pipe")?);
        let mut out = Self { child, orders, replies, version: String::new() };
        let hello: Hello = out.hello(launch, rival)?;
        out.version = hello.version;
        Ok(out)
    }

    /// Has one job done.
    ///
    /// # Errors
    /// The rival's message, or that its process has ended.
    pub(crate) fn ask(&mut self, order: &Order) -> Outcome<Answer> {
        match self.send(order)? {
            Reply::Done(answer) => Ok(answer),
            Reply::Failed { error } => Err(error),
        }
    }

    /// Writes a line and reads the reply to it.
    ///
    /// # Errors
    /// If the worker's process has ended.
    pub(crate) fn send<T: DeserializeOwned>(&mut self, order: &impl Serialize) -> Outcome<T> {
        let mut line = serde_json::to_vec(order).map_err(|error| error.to_string())?;
        line.push(b'\n');
        let orders = self.orders.as_mut().ok_or("no pipe")?;
        orders.write_all(&line).map_err(|error| format!("the process is gone: {error}"))?;
        self.read()
    }

    /// The most memory that the process has had, in KiB.
    pub(crate) fn peak_kib(&self) -> Outcome<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let digits = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
        digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| "no VmHWM".into())
    }

    fn read<T: DeserializeOwned>(&mut self) -> Outcome<T> {
        let mut line = String::new();
        let count = self.replies.read_line(&mut line).map_err(|error| error.to_string())?;
        if count == 0 {
            return Err("the process ended without an answer".into());
        }
        serde_json::from_str(&line).map_err(|error| format!("{error}: {}", line.trim()))
    }

    /// The hello, or the line of the log that says what went wrong before it.
    fn hello(&mut self, launch: &Launch, rival: &Rival) -> Outcome<Hello> {
        self.read().map_err(|error| {
            let log = launch.folder.join(format!("{}.log", rival.id));
            let log = fs::read_to_string(log).unwrap_or_default();
            let says_why = |line: &&str| line.contains("Error") || line.contains("error");
            let why = log.lines().rev().find(says_why).or(log.lines().last());
            why.map_or(error, |line| line.trim().to_owned())
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // A worker ends when its input does.
        self.orders = None;
        if let Err(error) = self.child.wait() {
            eprintln!("compare: a worker did not end: {error}");
        }
    }
}
