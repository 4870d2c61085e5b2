//! One execution environment of Lambda Managed Instances: one process that works on several events
//! at a time and is never frozen.
//! In: events. Out: invocations with report and log. Knows no queue and no other environment.

mod running;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::attribution::Attribution;
use super::failure::{InitError, Loss};
use super::host::{Host, work};
use super::invocation::Invocation;
use super::options::FunctionOptions;
use super::platform_log::{PlatformLog, Served, ended_meanwhile, failed_cold_start};
use running::Running;

/// One execution environment; its process dies with it.
#[derive(Debug)]
pub(crate) struct SharedEnvironment {
    options: Arc<FunctionOptions>,
    /// One permit for each invocation that it can take.
    free: Arc<Semaphore>,
    /// Held while a process starts, so that simultaneous invocations start one.
    process: Mutex<Current>,
}

/// The process of the moment.
#[derive(Debug)]
struct Current {
    host: Host,
    running: Option<Arc<Running>>,
    is_fresh: bool,
    /// Duration of an init before the first event, until the report of that event.
    init: Option<Duration>,
}

/// A place for one invocation in an environment, which lives as long as it has any.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) environment: Arc<SharedEnvironment>,
    _permit: OwnedSemaphorePermit,
}

/// A process for an invocation.
struct Found {
    /// When the invocation's time begins.
    began: Instant,
    /// Duration of the init before it, for its report.
    init: Option<Duration>,
    running: Result<Arc<Running>, Loss>,
}

impl SharedEnvironment {
    /// An environment in this place; its process starts with the first event.
    pub(crate) fn new(host: Host) -> Self {
        let options = Arc::clone(&host.options);
        let free = Arc::new(Semaphore::new(options.environment_concurrency));
        let current = Current { host, running: None, is_fresh: true, init: None };
        Self { options, free, process: Mutex::new(current) }
    }

    /// A place for one more invocation, if it is not full.
    pub(crate) fn slot(self: &Arc<Self>) -> Option<Slot> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        Some(Slot { environment: Arc::clone(self), _permit: permit })
    }

    /// Runs one event beside others. A cold start has its own timeout; the repetition of a failed
    /// one and the restart of a lost process count towards the invocation that carries it out.
    pub(crate) async fn invoke(&self, request_id: String, payload: Bytes) -> Invocation {
        let log = PlatformLog { options: &self.options, request_id: &request_id };
        let Found { began, init, running } = self.process.lock().await.find(log).await;
        log.start();
        let served = match running {
            Ok(running) => {
                let deadline = began + self.options.timeout;
                running
                    .serve(log, work(log.options, log.request_id, payload, deadline), deadline)
                    .await
            }
            Err(loss) => {
                log.loss(&loss);
                let outcome = Err(loss.error(log.request_id, self.options.timeout));
                let status = Some(loss.status());
                Served { outcome, status, log: Vec::new(), max_memory_used_mb: 0 }
            }
        };
        log.end(began, init, served)
    }

    /// Starts the process before the first event.
    pub(crate) async fn warm_up(&self) -> Result<(), InitError> {
        let mut current = self.process.lock().await;
        if current.running.is_some() {
            return Ok(());
        }
        match current.cold_start().await {
            Ok(duration) => {
                current.init = Some(duration);
                Ok(())
            }
            Err(loss) => {
                current.is_fresh = true;
                Err(loss.init_error(self.options.init_timeout))
            }
        }
    }

    /// Waits for running invocations and ends the process: at once, or with a SIGTERM first where
    /// an extension has registered.
    pub(crate) async fn shutdown(&self) {
        let all = u32::try_from(self.options.environment_concurrency).unwrap_or(u32::MAX);
        let _free = self.free.acquire_many(all).await.expect("the semaphore is never closed");
        let running = self.process.lock().await.running.take();
        if let Some(running) = running.and_then(Arc::into_inner) {
            running.end().await;
        }
    }
}

impl Current {
    /// The process that runs, or a new one.
    async fn find(&mut self, log: PlatformLog<'_>) -> Found {
        let init = if self.is_fresh { self.cold_start().await.ok() } else { self.init.take() };
        let began = Instant::now();
        let running = self.revive(log, began).await;
        Found { began, init, running }
    }

    /// The init before the first event. Where it fails it is repeated inside the invocation.
    async fn cold_start(&mut self) -> Result<Duration, Loss> {
        self.is_fresh = false;
        let began = Instant::now();
        let started = self.start(began + self.host.options.init_timeout).await;
        let duration = began.elapsed();
        match started {
            Ok(running) => {
                self.running = Some(running);
                Ok(duration)
            }
            Err(loss) => {
                failed_cold_start(&self.host.options, duration, &loss);
                Err(loss)
            }
        }
    }

    /// Starts a new process where the last one was lost.
    async fn revive(&mut self, log: PlatformLog<'_>, began: Instant) -> Result<Arc<Running>, Loss> {
        if let Some(running) = &self.running {
            let Some(loss) = running.loss() else { return Ok(Arc::clone(running)) };
            if !running.is_explained() {
                ended_meanwhile(log.options, &loss);
            }
            self.running = None;
        }
        let started = self.start(began + log.options.timeout).await;
        let running = started.inspect_err(|loss| log.failed_init(began, loss))?;
        Ok(Arc::clone(self.running.insert(running)))
    }

    /// Starts a process and waits until one of its workers asks for work.
    async fn start(&mut self, deadline: Instant) -> Result<Arc<Running>, Loss> {
        let mut live = self.host.launch(Attribution::by_request_id()).await?;
        if let Err(loss) = live.ready(deadline).await {
            self.host.processes.remove(self.host.number);
            live.process.kill().await;
            live.process.output.flush().await;
            return Err(loss);
        }
        self.host.limit_cpu(&mut live);
        Ok(Arc::new(Running::watch(live, (Arc::clone(&self.host.processes), self.host.number))))
    }
}
