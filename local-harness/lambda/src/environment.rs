//! One execution environment: starts the shipped binary, gives it one event at a time, and replaces
//! a lost process.
//! In: events. Out: invocations with report and log. Knows no queue and no other environment.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::attribution::Attribution;
use super::failure::{InitError, Loss};
use super::host::{Host, Live, work};
use super::invocation::Invocation;
use super::options::FunctionOptions;
use super::platform_log::{PlatformLog, Served, ended_meanwhile, failed_cold_start};
use super::state::Outcome;

/// One execution environment; its process dies with it.
#[derive(Debug)]
pub(crate) struct Environment {
    host: Host,
    live: Option<Live>,
    is_fresh: bool,
    /// Duration of an init before the first event, until the report of that event.
    init: Option<Duration>,
}

impl Environment {
    /// An environment in this place; its process starts with the first event.
    pub(crate) fn new(host: Host) -> Self {
        Self { host, live: None, is_fresh: true, init: None }
    }

    /// Whether it runs with these very options.
    pub(crate) fn is_of(&self, options: &Arc<FunctionOptions>) -> bool {
        Arc::ptr_eq(&self.host.options, options)
    }

    /// Runs one event as AWS does: a cold start has its own timeout; the repetition of a failed one
    /// and the restart after a lost process count towards the invocation's timeout.
    pub(crate) async fn invoke(&mut self, request_id: String, payload: Bytes) -> Invocation {
        let options = Arc::clone(&self.host.options);
        let log = PlatformLog { options: &options, request_id: &request_id };
        let init = if self.is_fresh { self.cold_start().await.ok() } else { self.init.take() };
        let began = Instant::now();
        let served = self.serve(log, payload, began + options.timeout).await;
        log.end(began, init, served)
    }

    /// Starts the process before the first event.
    pub(crate) async fn warm_up(&mut self) -> Result<(), InitError> {
        let started = self.cold_start().await;
        let init_timeout = self.host.options.init_timeout;
        self.init = Some(started.map_err(|loss| loss.init_error(init_timeout))?);
        if let Some(live) = &self.live {
            live.process.freeze();
        }
        Ok(())
    }

    /// Ends the process: at once, or with a SIGTERM first where an extension has registered.
    pub(crate) async fn shutdown(mut self) {
        self.host.processes.remove(self.host.number);
        if let Some(mut live) = self.live.take() {
            live.end().await;
        }
    }

    /// The init before the first event. Where it fails it is repeated inside the invocation.
    async fn cold_start(&mut self) -> Result<Duration, Loss> {
        self.is_fresh = false;
        let began = Instant::now();
        let started = self.start(None, began + self.host.options.init_timeout).await;
        let duration = began.elapsed();
        match started {
            Ok(()) => Ok(duration),
            Err(loss) => {
                failed_cold_start(&self.host.options, duration, &loss);
                self.lose("").await;
                Err(loss)
            }
        }
    }

    /// Starts a process and waits until it asks for work.
    async fn start(&mut self, request_id: Option<&str>, deadline: Instant) -> Result<(), Loss> {
        let attribution = Attribution::current(request_id.map(str::to_owned));
        let live = self.live.insert(self.host.launch(attribution).await?);
        live.ready(deadline).await?;
        self.host.limit_cpu(live);
        Ok(())
    }

    /// Gives the event to a live process, and waits for its answer and for its next request for
    /// work.
    async fn serve(&mut self, log: PlatformLog<'_>, payload: Bytes, deadline: Instant) -> Served {
        let work = work(log.options, log.request_id, payload, deadline);
        let revived = self.revive(log, deadline).await;
        log.start();
        if let Err(loss) = revived {
            return self.lost(log, None, loss).await;
        }
        let live = self.live.as_mut().expect("a process was just found alive or started");
        live.process.output.begin(log.request_id).await;
        live.process.thaw();
        live.api.assign(work);
        let api = Arc::clone(&live.api);
        let outcome = match live.wait(deadline, api.outcome_of(log.request_id)).await {
            Ok(outcome) => outcome,
            Err(loss) => return self.lost(log, None, loss).await,
        };
        // The answer stands, even if the process is lost now.
        if let Err(loss) = live.ready(deadline).await {
            return self.lost(log, Some(outcome), loss).await;
        }
        live.process.freeze();
        let lines = live.process.output.end(log.request_id).await;
        let max_memory_used_mb = live.process.memory().peak_mb();
        Served { outcome, status: None, log: lines, max_memory_used_mb }
    }

    /// Starts a new process where the last one was lost or has ended meanwhile.
    async fn revive(&mut self, log: PlatformLog<'_>, deadline: Instant) -> Result<(), Loss> {
        if let Some(live) = &mut self.live {
            let Some(status) = live.process.ended() else { return Ok(()) };
            ended_meanwhile(log.options, &Loss::Exited(status));
            self.lose("").await;
        }
        let began = Instant::now();
        let started = self.start(Some(log.request_id), deadline).await;
        started.inspect_err(|loss| log.failed_init(began, loss))
    }

    /// The results when the process is lost. It is killed if it still runs.
    async fn lost(
        &mut self,
        log: PlatformLog<'_>,
        answered: Option<Outcome>,
        loss: Loss,
    ) -> Served {
        let (lines, max_memory_used_mb) = self.lose(log.request_id).await;
        log.loss(&loss);
        let status = Some(loss.status());
        let error = || Err(loss.error(log.request_id, log.options.timeout));
        let outcome = answered.unwrap_or_else(error);
        Served { outcome, status, log: lines, max_memory_used_mb }
    }

    /// Ends the process; the lines of the invocation, if one runs, and the memory.
    async fn lose(&mut self, request_id: &str) -> (Vec<String>, u32) {
        self.host.processes.remove(self.host.number);
        let Some(mut live) = self.live.take() else { return (Vec::new(), 0) };
        let max_memory_used_mb = live.process.memory().peak_mb();
        live.process.kill().await;
        (live.process.output.end(request_id).await, max_memory_used_mb)
    }
}
