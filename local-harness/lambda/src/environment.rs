//! One execution environment: starts the shipped binary, gives it one event at a time, and replaces
//! a lost process.
//! In: events. Out: invocations with report and log. Knows no queue and no other environment.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use time::OffsetDateTime;
use tokio::time::{Instant, timeout_at};

use super::api::FunctionMetadata;
use super::cpu::{Controller, CpuGroup, processors};
use super::directory::WorkDirectory;
use super::failure::{InitError, Loss, StartError};
use super::invocation::{Invocation, LogLine};
use super::options::FunctionOptions;
use super::process::{Ended, Launch, Process};
use super::report::{
    InitPhase, Report, Status, billed_duration_ms, end_line, init_report_line, start_line,
    timeout_line,
};
use super::runtime_api::RuntimeApi;
use super::state::Outcome;
use super::variables::{Place, variables};
use super::work::Work;

/// A process with its Runtime API.
#[derive(Debug)]
struct Live {
    api: RuntimeApi,
    process: Process,
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

    fn hold(&self) -> MutexGuard<'_, BTreeMap<u64, Pid>> {
        self.0.lock().expect("nothing panics while it holds the list")
    }
}

/// One execution environment; its process dies with it.
#[derive(Debug)]
pub(crate) struct Environment {
    options: Arc<FunctionOptions>,
    processes: Arc<Processes>,
    directory: Option<WorkDirectory>,
    number: u64,
    /// Where its processor time is limited.
    cpu: Option<Controller>,
    live: Option<Live>,
    is_fresh: bool,
    /// Duration of an init before the first event, until the report of that event.
    init: Option<Duration>,
}

/// The results of a process for one event.
struct Served {
    outcome: Outcome,
    status: Option<Status>,
    log: Vec<String>,
    max_memory_used_mb: u32,
}

impl Environment {
    /// The environment with this number; its process starts with the first event.
    pub(crate) fn new(
        options: Arc<FunctionOptions>,
        processes: Arc<Processes>,
        (number, cpu): (u64, Option<Controller>),
    ) -> Self {
        let directory = None;
        Self { options, processes, directory, number, cpu, live: None, is_fresh: true, init: None }
    }

    /// Whether it runs with these very options.
    pub(crate) fn is_of(&self, options: &Arc<FunctionOptions>) -> bool {
        Arc::ptr_eq(&self.options, options)
    }

    /// Runs one event as AWS does: a cold start has its own timeout; the repetition of a failed one
    /// and the restart after a lost process count towards the invocation's timeout.
    pub(crate) async fn invoke(&mut self, request_id: String, payload: Bytes) -> Invocation {
        let init = if self.is_fresh { self.cold_start().await.ok() } else { self.init.take() };
        let began = Instant::now();
        let served = self.serve(&request_id, payload, began + self.options.timeout).await;
        let duration_ms = millis(began.elapsed().min(self.options.timeout));
        let init_duration_ms = init.map(millis);
        let report = Report {
            request_id: request_id.clone(),
            duration_ms,
            billed_duration_ms: billed_duration_ms(duration_ms, init_duration_ms),
            memory_size_mb: self.options.memory_size_mb,
            max_memory_used_mb: served.max_memory_used_mb,
            init_duration_ms,
            status: served.status,
        };
        self.print(&request_id, end_line(&request_id));
        self.print(&request_id, report.to_string());
        let result = served.outcome.map(Vec::from);
        Invocation { request_id, result, report, log: served.log }
    }

    /// Starts the process before the first event.
    pub(crate) async fn warm_up(&mut self) -> Result<(), InitError> {
        let started = self.cold_start().await;
        self.init = Some(started.map_err(|loss| loss.init_error(self.options.init_timeout))?);
        if let Some(live) = &self.live {
            live.process.freeze();
        }
        Ok(())
    }

    /// Ends the process: at once, or with a SIGTERM first where an extension has registered.
    pub(crate) async fn shutdown(mut self) {
        self.processes.hold().remove(&self.number);
        if let Some(mut live) = self.live.take() {
            if live.api.has_extensions() {
                live.process.terminate().await;
            } else {
                live.process.kill().await;
            }
            live.process.output.end().await;
        }
    }

    /// The init before the first event. Where it fails it is repeated inside the invocation.
    async fn cold_start(&mut self) -> Result<Duration, Loss> {
        self.is_fresh = false;
        let began = Instant::now();
        let started = self.start(None, began + self.options.init_timeout).await;
        let duration = began.elapsed();
        match started {
            Ok(()) => Ok(duration),
            Err(loss) => {
                let text = init_report_line(millis(duration), InitPhase::Init, &loss.status());
                let _ = self.options.log.send(LogLine { request_id: None, text });
                self.lose().await;
                Err(loss)
            }
        }
    }

    /// Starts a process and waits until it asks for work.
    async fn start(&mut self, request_id: Option<&str>, deadline: Instant) -> Result<(), Loss> {
        let metadata =
            FunctionMetadata { name: self.options.name.clone(), handler: "bootstrap".to_owned() };
        let api = RuntimeApi::start(metadata)
            .await
            .map_err(|source| Loss::Start(StartError::Listen { source }))?;
        let directory = self.directory().map_err(Loss::Start)?;
        let place = Place {
            runtime_api: api.address(),
            number: self.number,
            started: OffsetDateTime::now_utc(),
        };
        let launch = Launch {
            bootstrap: &self.options.bootstrap,
            directory: &directory,
            env: variables(&self.options, &place),
            memory_size_mb: self.options.memory_size_mb,
            request_id: request_id.map(str::to_owned),
        };
        let process = Process::start(launch, self.options.log.clone()).map_err(|source| {
            Loss::Start(StartError::Spawn { path: self.options.bootstrap.clone(), source })
        })?;
        self.processes.hold().insert(self.number, process.group());
        let live = self.live.insert(Live { api, process, group: None });
        match wait(&mut live.process, deadline, live.api.ready()).await? {
            Ok(()) => {
                self.limit_cpu();
                Ok(())
            }
            Err(error) => Err(Loss::InitError(error)),
        }
    }

    /// From here on the process gets the processor time of its memory size.
    fn limit_cpu(&mut self) {
        let (Some(controller), Some(live)) = (&self.cpu, &mut self.live) else { return };
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

    /// Gives the event to a live process, and waits for its answer and for its next request for
    /// work.
    async fn serve(&mut self, request_id: &str, payload: Bytes, deadline: Instant) -> Served {
        let unix_now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let left = deadline.saturating_duration_since(Instant::now());
        let work = Work {
            request_id: request_id.to_owned(),
            payload,
            deadline_ms: u64::try_from((unix_now + left).as_millis()).unwrap_or(u64::MAX),
            function_arn: self.options.arn(),
            trace_id: Work::trace_id(unix_now.as_secs(), request_id),
        };
        let revived = self.revive(request_id, deadline).await;
        self.print(request_id, start_line(request_id));
        if let Err(loss) = revived {
            return self.lost(request_id, None, loss).await;
        }
        let live = self.live.as_mut().expect("a process was just found alive or started");
        live.process.output.begin(request_id).await;
        live.process.thaw();
        live.api.assign(work);
        let outcome = match wait(&mut live.process, deadline, live.api.outcome()).await {
            Ok(outcome) => outcome,
            Err(loss) => return self.lost(request_id, None, loss).await,
        };
        // The answer stands, even if the process is lost now.
        if let Err(loss) = wait(&mut live.process, deadline, live.api.ready()).await {
            return self.lost(request_id, Some(outcome), loss).await;
        }
        live.process.freeze();
        let log = live.process.output.end().await;
        let max_memory_used_mb = live.process.max_memory_used_mb();
        Served { outcome, status: None, log, max_memory_used_mb }
    }

    /// Starts a new process where the last one was lost or has ended meanwhile.
    async fn revive(&mut self, request_id: &str, deadline: Instant) -> Result<(), Loss> {
        if let Some(live) = &mut self.live {
            let Some(status) = live.process.ended() else { return Ok(()) };
            let text = Loss::Exited(status).reason(self.options.timeout);
            let _ = self.options.log.send(LogLine { request_id: None, text });
            self.lose().await;
        }
        let began = Instant::now();
        let started = self.start(Some(request_id), deadline).await;
        if let Err(loss) = &started {
            let line = init_report_line(millis(began.elapsed()), InitPhase::Invoke, &loss.status());
            self.print(request_id, line);
        }
        started
    }

    /// The results when the process is lost. It is killed if it still runs.
    async fn lost(&mut self, request_id: &str, answered: Option<Outcome>, loss: Loss) -> Served {
        let (log, max_memory_used_mb) = self.lose().await;
        self.print_loss(request_id, &loss);
        let status = Some(loss.status());
        let outcome = answered.unwrap_or_else(|| Err(loss.error(request_id, self.options.timeout)));
        Served { outcome, status, log, max_memory_used_mb }
    }

    async fn lose(&mut self) -> (Vec<String>, u32) {
        self.processes.hold().remove(&self.number);
        let Some(mut live) = self.live.take() else { return (Vec::new(), 0) };
        let max_memory_used_mb = live.process.max_memory_used_mb();
        live.process.kill().await;
        (live.process.output.end().await, max_memory_used_mb)
    }

    /// Prints AWS's lines for a lost process.
    fn print_loss(&self, request_id: &str, loss: &Loss) {
        let timeout = self.options.timeout;
        if let Loss::TimedOut = loss {
            let line = timeout_line(request_id, timeout, OffsetDateTime::now_utc());
            return self.print(request_id, line);
        }
        let reason = loss.reason(timeout);
        self.print(request_id, format!("RequestId: {request_id} Error: {reason}"));
        self.print(request_id, loss.error_type().to_owned());
    }

    fn print(&self, request_id: &str, text: String) {
        // The receiver may be gone.
        let _ = self.options.log.send(LogLine { request_id: Some(request_id.to_owned()), text });
    }
}

/// Waits for `wanted` until the deadline, or until the process is lost.
async fn wait<T>(
    process: &mut Process,
    deadline: Instant,
    wanted: impl Future<Output = T>,
) -> Result<T, Loss> {
    match timeout_at(deadline, process.wait_for(wanted)).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Ended::Exited(status))) => Err(Loss::Exited(status)),
        Ok(Err(Ended::OutOfMemory)) => Err(Loss::OutOfMemory),
        Err(_) => Err(Loss::TimedOut),
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
