//! The results of a run: plain values, as they are printed and written as JSON.

use serde::Serialize;

use crate::histogram::Spread;

/// What became of all uploads, and what it took.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Outcome {
    /// Uploads, each of which ends once: as done, refused, expired, or a dead letter.
    pub uploads: u64,
    /// Uploads whose variants are stored.
    pub done: u64,
    /// Uploads that the function has refused after failed deliveries.
    pub refused: u64,
    /// Uploads whose message was in the queue for longer than SQS keeps it.
    pub expired: u64,
    /// Uploads that were given up.
    pub dead_letters: u64,
    /// Those of them whose processing would have succeeded.
    pub innocent_dead_letters: u64,
    /// From an upload to its last variant.
    pub latency: Spread,
    /// When the last upload happened.
    pub last_upload_s: f64,
    /// When the last variant was stored.
    pub last_done_s: f64,
    /// When the last upload ended, dead letters among them.
    pub last_end_s: f64,
    /// What happened on the way.
    pub events: Events,
    /// The highest values of the run.
    pub peaks: Peaks,
    /// What AWS bills.
    pub used: Used,
    /// Equal parts of the run, in the order of time.
    pub windows: Vec<Window>,
}

/// Counts of what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Events {
    /// Starts of the function, without throttled ones.
    pub invocations: u64,
    /// Starts that Lambda has refused with status 429.
    pub throttles: u64,
    /// Invocations in a new environment.
    pub cold_starts: u64,
    /// Invocations that ran into the function's timeout.
    pub timeouts: u64,
    /// Deliveries that failed, by their message.
    pub failed_deliveries: u64,
    /// Deliveries of messages whose invocation was throttled until their visibility timeout.
    pub throttled_deliveries: u64,
    /// Deliveries of uploads that had ended before or have a second message.
    pub duplicates: u64,
    /// Requests that S3 has refused with status 503.
    pub slow_downs: u64,
    /// Requests that the function has sent again.
    pub retries: u64,
    /// Requests that the function has given up.
    pub given_up_requests: u64,
}

/// The highest values of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Peaks {
    /// Messages that waited.
    pub visible: u64,
    /// Messages that were received and neither deleted nor visible.
    pub in_flight: u64,
    /// How long the message that was next had waited, since it arrived or was visible again.
    pub oldest_s: f64,
    /// Environments that ran an invocation.
    pub busy: u64,
    /// All environments.
    pub environments: u64,
    /// Batches that the mapping had under way, throttled ones among them.
    pub batches: u64,
    /// Uploads for each second, over the windows.
    pub uploads_per_s: f64,
    /// Uploads done for each second, over the windows.
    pub done_per_s: f64,
}

/// What a run used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Used {
    /// Billed time of all invocations and inits, in seconds.
    pub billed_s: f64,
    /// The same, times the memory size in GB of 1,024 MB.
    pub gb_s: f64,
    /// PUT requests to S3.
    pub puts: u64,
    /// GET and HEAD requests to S3.
    pub reads: u64,
    /// DeleteObjects requests to S3, which are free.
    pub deletes: u64,
    /// Requests to SQS: messages that S3 sends, polls, deletions.
    pub queue_requests: u64,
    /// Hours of provisioned pollers.
    pub poller_hours: f64,
}

/// A part of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Window {
    /// When it ended.
    pub until_s: f64,
    /// Uploads in it.
    pub uploads: u64,
    /// Uploads that were done in it.
    pub done: u64,
    /// From an upload in it to its last variant, which may be stored in a later window.
    pub latency: Spread,
    /// Messages that waited, at most.
    pub visible: u64,
    /// Messages in flight, at most.
    pub in_flight: u64,
    /// How long the message that was next had waited, at most.
    pub oldest_s: f64,
    /// Environments that ran an invocation, at most.
    pub busy: u64,
    /// All environments, at most.
    pub environments: u64,
    /// Batches under way that the mapping allowed, at most.
    pub allowed: u64,
    /// Throttled starts of the function.
    pub throttles: u64,
    /// Requests that S3 has refused.
    pub slow_downs: u64,
    /// Uploads that were given up.
    pub dead_letters: u64,
}

impl Outcome {
    /// From the last upload to the end of the last one that is stored.
    pub fn drain_s(&self) -> f64 {
        (self.last_done_s - self.last_upload_s).max(0.0)
    }

    /// Billed seconds of one upload that is done.
    pub fn billed_s_per_done(&self) -> f64 {
        self.used.billed_s / self.done.max(1) as f64
    }
}
