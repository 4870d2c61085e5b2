//! One child process: started with AWS's environment, watched, killed with its group when dropped.
//! In: what to start. Out: an exit status, memory figures, lines. Knows no invocation.
//! A parent-death signal would need `unsafe`, as it is set between fork and exec. Where the harness
//! itself is killed outright, the child's next request to the Runtime API fails, and the runtime
//! crate ends.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::process::{Child, Command};

use super::attribution::Attribution;
use super::log::LogSink;
use super::memory::MemoryWatch;
use super::output::Output;

/// The time between SIGTERM and SIGKILL. AWS gives internal extensions 0.5 s; a laptop that builds
/// at the same time needs more.
const GRACE: Duration = Duration::from_secs(2);

/// What a process is started with.
#[derive(Debug)]
pub(crate) struct Launch<'a> {
    pub(crate) bootstrap: &'a Path,
    pub(crate) directory: &'a Path,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) memory_size_mb: u32,
    /// Whose its lines are.
    pub(crate) attribution: Attribution,
}

/// A running child.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Pid,
    memory: MemoryWatch,
    pub(crate) output: Output,
}

/// Why waiting for something else ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Exited(ExitStatus),
    OutOfMemory,
}

impl Process {
    /// Starts the binary with this environment and nothing else of the harness's own.
    ///
    /// # Errors
    /// Where the system refuses to run it.
    pub(crate) fn start(launch: Launch<'_>, sink: LogSink) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let mut command = Command::new(launch.bootstrap);
        command
            .env_clear()
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .current_dir(launch.directory)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            // Ctrl-C in the terminal reaches the harness alone, which then ends its children.
            .process_group(0)
            .kill_on_drop(true);
        let child = command.spawn()?;
        // The command holds the pipe's writing ends, which only the child may keep.
        drop(command);
        let group = child
            .id()
            .and_then(|pid| i32::try_from(pid).ok())
            .and_then(Pid::from_raw)
            .ok_or(io::ErrorKind::NotFound)?;
        let memory = MemoryWatch::start(group, launch.memory_size_mb)?;
        Ok(Self { child, group, memory, output: Output::start(reader, launch.attribution, sink)? })
    }

    /// Its process group, which bears the number of the process.
    pub(crate) fn group(&self) -> Pid {
        self.group
    }

    /// Waits for `wanted`, or for the process to end or to use more than its memory.
    ///
    /// # Errors
    /// What came first.
    pub(crate) async fn wait_for<T>(
        &mut self,
        wanted: impl Future<Output = T>,
    ) -> Result<T, Ended> {
        tokio::select! {
            biased;
            value = wanted => Ok(value),
            status = self.child.wait() => Err(Ended::Exited(status.unwrap_or_default())),
            () = self.memory.exceeded() => Err(Ended::OutOfMemory),
        }
    }

    /// The exit status of a process that has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Its memory, which others may look at too.
    pub(crate) fn memory(&self) -> &MemoryWatch {
        &self.memory
    }

    /// Stops the process and all that it started, as Lambda does between invocations. If the
    /// harness ends meanwhile, the system continues them, and ends them by SIGHUP.
    pub(crate) fn freeze(&self) {
        self.signal_group(Signal::STOP);
    }

    /// Lets a frozen process continue.
    pub(crate) fn thaw(&self) {
        self.signal_group(Signal::CONT);
    }

    fn signal_group(&self, signal: Signal) {
        if let Err(error) = kill_process_group(self.group, signal) {
            tracing::debug!(%error, ?signal, "the process group is gone already");
        }
    }

    /// Kills the process and all that it started, and waits until it is gone. Call it soon after
    /// the process is lost: its number stays reserved only as long as something of its group lives.
    pub(crate) async fn kill(&mut self) {
        self.signal_group(Signal::KILL);
        if let Err(error) = self.child.wait().await {
            tracing::warn!(%error, "a killed process could not be waited for");
        }
    }

    /// Asks the process to end, and kills it where it does not.
    pub(crate) async fn terminate(&mut self) {
        self.thaw();
        if self.is_running() && kill_process(self.group, Signal::TERM).is_ok() {
            // It is killed next, whether it has ended or not.
            let _ = tokio::time::timeout(GRACE, self.child.wait()).await;
        }
        self.kill().await;
    }

    /// False once it has been waited for; its number may belong to somebody else then.
    fn is_running(&self) -> bool {
        self.child.id().is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.is_running() {
            self.signal_group(Signal::KILL);
        }
    }
}
