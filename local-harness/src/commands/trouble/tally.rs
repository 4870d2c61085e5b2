//! The outcomes and requests in the function's log, counted during a run.

use std::collections::BTreeMap;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use resizer::store::Requests;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;

use crate::harness::Harness;
use crate::upload_line::UploadLine;
use lambda_local::event_source::Batch;

/// A running count.
#[derive(Debug)]
pub(crate) struct Tally {
    counts: Arc<Mutex<Counts>>,
    counting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Counts {
    outcomes: BTreeMap<String, u64>,
    lost_invocations: u64,
    requests: Requests,
    rounds: u64,
}

impl Tally {
    /// Takes over the harness's batches and log, and keeps only counts of them.
    pub(crate) fn start(harness: &mut Harness) -> Self {
        let counts = Arc::new(Mutex::new(Counts::default()));
        let mut batches = mem::replace(&mut harness.batches, unbounded_channel().1);
        let mut log = mem::replace(&mut harness.log, lambda_local::log().1);
        let shared = Arc::clone(&counts);
        let counting = tokio::spawn(async move {
            loop {
                tokio::select! {
                    Some(batch) = batches.recv() => hold(&shared).add(&batch),
                    Some(_) = log.recv() => {}
                    else => return,
                }
            }
        });
        Self { counts, counting }
    }

    /// Uploads that the log has reported so far.
    pub(crate) fn deliveries(&self) -> u64 {
        hold(&self.counts).outcomes.values().sum()
    }

    pub(crate) fn outcome(&self, code: &str) -> u64 {
        hold(&self.counts).outcomes.get(code).copied().unwrap_or(0)
    }

    /// Invocations that ended without an answer.
    pub(crate) fn lost_invocations(&self) -> u64 {
        hold(&self.counts).lost_invocations
    }

    pub(crate) fn requests(&self) -> Requests {
        hold(&self.counts).requests
    }
}

impl Counts {
    fn add(&mut self, batch: &Batch) {
        self.lost_invocations += u64::from(batch.invocation.result.is_err());
        for line in batch.invocation.log.iter().filter_map(|line| UploadLine::parse(line)) {
            *self.outcomes.entry(line.outcome).or_default() += 1;
            self.rounds += u64::from(line.rounds);
            let Requests { get, head, put, copy, delete, list, retries } = line.requests;
            self.requests.get += get;
            self.requests.head += head;
            self.requests.put += put;
            self.requests.copy += copy;
            self.requests.delete += delete;
            self.requests.list += list;
            self.requests.retries += retries;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = hold(&self.counts);
        let outcomes: Vec<String> =
            counts.outcomes.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let Requests { get, head, put, copy, delete, list, retries } = counts.requests;
        writeln!(
            f,
            "Outcomes: {}; {} invocations lost",
            outcomes.join(", "),
            counts.lost_invocations
        )?;
        write!(
            f,
            "Requests: GET {get}, HEAD {head}, LIST {list}, PUT {put}, COPY {copy}, DELETE \
             {delete}, {retries} of them retries; {} rounds",
            counts.rounds
        )
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.counting.abort();
    }
}

/// A panic elsewhere leaves counts that are at most incomplete.
fn hold(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}
