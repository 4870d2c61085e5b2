//! Where the processes of one execution environment run: its number, working directory and limits.
//! In: orders to start. Out: a process with its Runtime API, one after the other. Knows no
//! invocation.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use time::OffsetDateTime;
use tokio::time::{Instant, timeout_at};

use super::api::FunctionMetadata;
use super::attribution::Attribution;
use super::cpu::{Controller, CpuGroup, processors};
use super::directory::WorkDirectory;
use super::failure::{Loss, StartError};
use super::options::FunctionOptions;
use super::process::{Ended, Launch, Process};
use super::runtime_api::RuntimeApi;
use super::variables::{Place, variables};
use super::work::Work;

/// A process with its Runtime API.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) api: Arc<RuntimeApi>,
    pub(crate) process: Process,
    /// After the process, so that it is empty when it is dropped.
    group: Option<CpuGroup>,
}

/// The process groups of all environments of a function, by the environment's number.
#[derive(Debug, Default)]
pub(crate) struct Processes(Mutex<BTreeMap<u64, Pid>>);

impl Processes {
    pub(crate) fn ids(&self) -> Vec<u32> {
        self.hold().values().map(|group| group.as_raw_pid().unsigned_abs()).collect()
    }

    pub(crate) fn kill(&self) {
        for group in self.hold().values() {
            // The group may have ended just now.
            let _ = kill_process_group(*group, Signal::KILL);
        }
    }

    pub(crate) fn remove(&self, number: u64) {
        self.hold().remove(&number);
    }

    fn hold(&self) -> MutexGuard<'_, BTreeMap<u64, Pid>> {
        self.0.lock().expect("nothing panics while it holds the list")
    }
}

/// The place of one environment.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) options: Arc<FunctionOptions>,
    pub(crate) processes: Arc<Processes>,
    pub(crate) number: u64,
    directory: Option<WorkDirectory>,
    /// Where its processor time is limited.
    cpu: Option<Controller>,
}

impl Live {
    /// Waits for `wanted` until the deadline, or until the process is lost.
    ///
    /// # Errors
    /// `TimedOut`, or how the process was lost.
    pub(crate) async fn wait<T>(
        &mut self,
        deadline: Instant,
        wanted: impl Future<Output = T>,
    ) -> Result<T, Loss> {
        match timeout_at(deadline, self.process.wait_for(wanted)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(ended)) => Err(ended.into()),
            Err(_) => Err(Loss::TimedOut),
        }
    }

    /// Waits until the process asks for work.
    ///
    /// # Errors
    /// As `wait`, and `InitError` with what the process posted.
    pub(crate) async fn ready(&mut self, deadline: Instant) -> Result<(), Loss> {
        let api = Arc::clone(&self.api);
        self.wait(deadline, api.ready()).await?.map_err(Loss::InitError)
    }

    /// Ends the process: at once, or with a SIGTERM first where an extension has registered. What
    /// it printed is read when this returns.
    pub(crate) async fn end(&mut self) {
        if self.api.has_extensions() {
            self.process.terminate().await;
        } else {
            self.process.kill().await;
        }
        self.process.output.flush().await;
    }
}

impl From<Ended> for Loss {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Exited(status) => Self::Exited(status),
            Ended::OutOfMemory => Self::OutOfMemory,
        }
    }
}

impl Host {
    /// The place with this number.
    pub(crate) fn new(
        options: Arc<FunctionOptions>,
        processes: Arc<Processes>,
        (number, cpu): (u64, Option<Controller>),
    ) -> Self {
        Self { options, processes, number, directory: None, cpu }
    }

    /// Starts a process; it is not ready yet.
    ///
    /// # Errors
    /// `Start`.
    pub(crate) async fn launch(&mut self, attribution: Attribution) -> Result<Live, Loss> {
        let directory = self.directory().map_err(Loss::Start)?;
        let options = &self.options;
        let metadata =
            FunctionMetadata { name: options.name.clone(), handler: "bootstrap".to_owned() };
        let api = RuntimeApi::start(metadata, options.environment_concurrency)
            .await
            .map_err(|source| Loss::Start(StartError::Listen { source }))?;
        let place = Place {
            runtime_api: api.address(),
            number: self.number,
            started: OffsetDateTime::now_utc(),
        };
        let launch = Launch {
            bootstrap: &options.bootstrap,
            directory: &directory,
            env: variables(options, &place),
            memory_size_mb: options.memory_size_mb,
            attribution,
        };
        let process = Process::start(launch, options.log.clone()).map_err(|source| {
            Loss::Start(StartError::Spawn { path: options.bootstrap.clone(), source })
        })?;
        self.processes.hold().insert(self.number, process.group());
        Ok(Live { api: Arc::new(api), process, group: None })
    }

    /// From here on the process gets the processor time of its memory size.
    pub(crate) fn limit_cpu(&self, live: &mut Live) {
        let Some(controller) = &self.cpu else { return };
        let group =
            controller.group(&self.number.to_string(), processors(self.options.memory_size_mb));
        let limited = group.and_then(|group| {
            group.add(live.process.group().as_raw_pid())?;
            live.group = Some(group);
            Ok(())
        });
        if let Err(error) = limited {
            tracing::warn!(%error, "an environment runs without a limit of processor time");
        }
    }

    /// The working directory, which stays the same for all processes of the environment.
    fn directory(&mut self) -> Result<PathBuf, StartError> {
        let directory = match self.directory.take() {
            Some(directory) => directory,
            None => WorkDirectory::create(&self.options.name)?,
        };
        Ok(self.directory.insert(directory).path().to_owned())
    }
}

/// An event for a process, as the Runtime API hands it out.
pub(crate) fn work(
    options: &FunctionOptions,
    request_id: &str,
    payload: Bytes,
    deadline: Instant,
) -> Work {
    let unix_now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = deadline.saturating_duration_since(Instant::now());
    Work {
        request_id: request_id.to_owned(),
        payload,
        deadline_ms: u64::try_from((unix_now + left).as_millis()).unwrap_or(u64::MAX),
        function_arn: options.arn(),
        trace_id: Work::trace_id(unix_now.as_secs(), request_id),
    }
}
