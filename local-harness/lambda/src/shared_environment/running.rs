//! A process that serves several invocations, and the task that watches it.
//! In: work. Out: what became of it, also where the process is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::failure::Loss;
use crate::host::{Live, Processes};
use crate::memory::MemoryWatch;
use crate::output::Output;
use crate::platform_log::{PlatformLog, Served};
use crate::runtime_api::RuntimeApi;
use crate::work::Work;

/// A process that was ready; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    api: Arc<RuntimeApi>,
    output: Output,
    memory: MemoryWatch,
    /// How the process was lost, once it is gone and all that it printed is read.
    lost: watch::Receiver<Option<Arc<Loss>>>,
    /// Whether an invocation has said how.
    is_explained: AtomicBool,
    /// Dropped, it tells the watcher to end the process.
    keep: oneshot::Sender<()>,
    watcher: JoinHandle<()>,
}

/// Work that a process has. Dropping it ends the invocation, also where nobody waits for it any
/// more.
struct Assigned<'a> {
    running: &'a Running,
    request_id: &'a str,
}

impl Drop for Assigned<'_> {
    fn drop(&mut self) {
        self.running.api.forget(self.request_id);
        self.running.output.forget(self.request_id);
    }
}

impl Running {
    /// Watches a process from now on; where it is lost, its number is free again.
    pub(super) fn watch(live: Live, place: (Arc<Processes>, u64)) -> Self {
        let (api, output) = (Arc::clone(&live.api), live.process.output.clone());
        let memory = live.process.memory().clone();
        let (losing, lost) = watch::channel(None);
        let (keep, dropped) = oneshot::channel();
        let watcher = tokio::spawn(watch_over(live, place, dropped, losing));
        let is_explained = AtomicBool::new(false);
        Self { api, output, memory, lost, is_explained, keep, watcher }
    }

    /// How the process was lost, if it was.
    pub(super) fn loss(&self) -> Option<Arc<Loss>> {
        self.lost.borrow().clone()
    }

    /// Whether the log of an invocation says how the process was lost.
    pub(super) fn is_explained(&self) -> bool {
        self.is_explained.load(Ordering::Relaxed)
    }

    /// Gives the event to a worker, and waits for its answer. One that is late goes on, as do all
    /// others.
    pub(super) async fn serve(
        &self,
        log: PlatformLog<'_>,
        work: Work,
        deadline: Instant,
    ) -> Served {
        let request_id = log.request_id;
        self.output.begin(request_id).await;
        let _assigned = Assigned { running: self, request_id };
        self.api.assign(work);
        let loss = tokio::select! {
            biased;
            outcome = self.api.outcome_of(request_id) => Ok(outcome),
            loss = self.until_lost() => Err(loss),
            () = sleep_until(deadline) => Err(Arc::new(Loss::TimedOut)),
        };
        let lines = self.output.end(request_id).await;
        let max_memory_used_mb = self.memory.peak_mb();
        let (outcome, status) = match loss {
            Ok(outcome) => (outcome, None),
            Err(loss) => {
                log.loss(&loss);
                (Err(loss.error(request_id, log.options.timeout)), Some(loss.status()))
            }
        };
        Served { outcome, status, log: lines, max_memory_used_mb }
    }

    async fn until_lost(&self) -> Arc<Loss> {
        let mut lost = self.lost.clone();
        match lost.wait_for(Option::is_some).await.map(|loss| loss.clone()) {
            Ok(Some(loss)) => {
                self.is_explained.store(true, Ordering::Relaxed);
                loss
            }
            // The watcher ends without a loss only after `keep` is dropped.
            _ => std::future::pending().await,
        }
    }

    /// Ends the process and waits until it is gone.
    pub(super) async fn end(self) {
        drop(self.keep);
        if let Err(error) = self.watcher.await {
            tracing::warn!(%error, "a process could not be ended");
        }
    }
}

/// Owns the process until it is lost or not needed any more.
async fn watch_over(
    mut live: Live,
    (processes, number): (Arc<Processes>, u64),
    dropped: oneshot::Receiver<()>,
    losing: watch::Sender<Option<Arc<Loss>>>,
) {
    let ended = live.process.wait_for(dropped).await;
    processes.remove(number);
    match ended {
        Ok(_) => live.end().await,
        Err(ended) => {
            // What it used at the most is seen before it is gone.
            live.process.memory().peak_mb();
            live.process.kill().await;
            live.process.output.flush().await;
            losing.send_replace(Some(Arc::new(ended.into())));
        }
    }
}
