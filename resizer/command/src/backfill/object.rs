//! One object until it is done, refused, or has failed too often.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use resizer::budget::Share;
use resizer::error::FaultKind;
use resizer::event::ObjectRef;
use resizer::handler::{App, Attempt, Delivery, Terms};
use resizer::report::Outcome;
use resizer::rules::Rule;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::arguments::BackfillArguments;
use super::prices::RequestCounts;

/// How often an object is tried. The third attempt refuses a file that is too slow or crashes the
/// engine, as the function's third delivery does.
const ATTEMPTS: u32 = 3;

/// The longest that an invocation of the function may live: workers of it may be on the same
/// object. Source: AWS Lambda Developer Guide, "Lambda quotas".
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The time for one attempt.
const TIMEOUT: Duration = Duration::from_secs(900);

/// The time for one attempt if some rule retires originals. A worker that lives longer than the
/// function may write results of an earlier upload after the original is gone from which they could
/// be made again; 60 seconds are the timeout of the template's function.
const TIMEOUT_OF_RETIRING: Duration = Duration::from_secs(60);

/// Before an object is tried again.
const WAIT: Duration = Duration::from_secs(2);

/// How objects are processed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Whether what is current stays as it is.
    pub(crate) only_missing: bool,
    /// The time for one attempt.
    pub(crate) timeout: Duration,
    pub(crate) share: Share,
}

impl Manner {
    /// By the options and rules.
    pub(crate) fn new(app: &App, arguments: &BackfillArguments) -> Self {
        let retires = app.config().rules.iter().any(Rule::retires_originals);
        let default = if retires { TIMEOUT_OF_RETIRING } else { TIMEOUT };
        Self {
            only_missing: arguments.only_missing,
            timeout: arguments.timeout.map_or(default, Duration::from_secs),
            share: app.budget().share(usize::from(arguments.parallel)),
        }
    }
}

/// What became of an object.
#[derive(Debug)]
pub(crate) struct Processed {
    pub(crate) outcome: Outcome,
    pub(crate) sent: RequestCounts,
    /// Whether it would be tried again, and somebody wants the work to end.
    pub(crate) is_given_up: bool,
}

/// The terms of one attempt, which has no others beside it that it must leave time for.
pub(crate) fn terms(manner: Manner) -> Terms {
    Terms {
        stop_at: Instant::now() + manner.timeout,
        lifetime: LIFETIME.max(manner.timeout),
        share: manner.share,
        unfinished: AtomicUsize::new(1),
        trace_id: None,
    }
}

/// Processes an object.
pub(crate) async fn process(
    app: &App,
    object: &ObjectRef,
    manner: Manner,
    stop: &watch::Receiver<bool>,
) -> Processed {
    let mut sent = RequestCounts::default();
    let mut received = 1;
    loop {
        let attempt = if manner.only_missing { Attempt::Backfill } else { Attempt::Anew };
        let delivery = Delivery { object: object.clone(), attempt, received };
        let report = app.process(delivery, &terms(manner)).await;
        sent += report.effort.requests.into();
        let Some(wait) = wait(&report.outcome, received, app.config().late_requests) else {
            return Processed { outcome: report.outcome, sent, is_given_up: false };
        };
        if !sleep_unless(wait, stop).await {
            return Processed { outcome: report.outcome, sent, is_given_up: true };
        }
        received += 1;
    }
}

/// How long to wait until the next attempt, if there is one.
fn wait(outcome: &Outcome, received: u32, late_requests: Duration) -> Option<Duration> {
    let Outcome::Failed { fault, .. } = outcome else { return None };
    if received == ATTEMPTS {
        return None;
    }
    match fault.kind {
        // Nothing that waiting changes soon enough.
        FaultKind::Setup | FaultKind::NotQuiescent => None,
        // By then, what the write did can be seen.
        FaultKind::Unanswered => Some(late_requests + WAIT),
        FaultKind::Throttle
        | FaultKind::Io
        | FaultKind::Integrity
        | FaultKind::Deadline
        | FaultKind::Bug => Some(WAIT * received),
    }
}

/// False where the work is to end before the time is over.
async fn sleep_unless(time: Duration, stop: &watch::Receiver<bool>) -> bool {
    let mut stop = stop.clone();
    tokio::select! {
        () = sleep(time) => true,
        _ = stop.wait_for(|stop| *stop) => false,
    }
}
