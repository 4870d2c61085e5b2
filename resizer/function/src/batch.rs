//! The objects of one event in, one report each out: each object once, several at a time within
//! memory and processors, none of them in another one's way.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt};
use tokio::time::Instant;

use crate::event::ObjectRef;
use crate::handler::{App, Attempt, Delivery, Terms};
use crate::log_line::log_line;
use crate::logging;
use crate::report::Report;

/// Kept free before the deadline: half a second to answer in, and what stopping takes.
const ANSWER_TIME: Duration = Duration::from_millis(600);

/// What one invocation brings beside its event.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// For the log.
    pub request_id: String,
    /// When the platform stops the process.
    pub deadline: Instant,
    /// How long an invocation of this function may take.
    pub lifetime: Duration,
    /// Events that the process works on at the same time, beside this one.
    pub beside: usize,
    /// The X-Ray header, where the platform gives one.
    pub trace_id: Option<String>,
}

impl Invocation {
    /// When to stop, so that there is time to answer.
    pub(crate) fn stop_at(&self) -> Instant {
        self.deadline.checked_sub(ANSWER_TIME).unwrap_or(self.deadline)
    }

    /// What so many uploads may use.
    pub(crate) fn terms(&self, app: &App, uploads: usize) -> Terms {
        Terms {
            stop_at: self.stop_at(),
            lifetime: self.lifetime,
            share: app.budget().share(uploads + self.beside),
            unfinished: AtomicUsize::new(uploads),
            trace_id: self.trace_id.clone(),
        }
    }
}

/// Reports by object.
pub type Reports = BTreeMap<ObjectRef, Report>;

/// Does every object of an event once, and prints the line of each as it ends. One that any of its
/// deliveries calls repeated counts as repeated.
pub async fn process_all(
    app: &App,
    deliveries: impl IntoIterator<Item = Delivery>,
    invocation: &Invocation,
) -> Reports {
    let mut distinct: BTreeMap<ObjectRef, (Attempt, u32)> = BTreeMap::new();
    for Delivery { object, attempt, received } in deliveries {
        let known = distinct.entry(object).or_insert((attempt, received));
        *known = (attempt.max(known.0), received.max(known.1));
    }
    // An upload that failed before comes last, so that it is not at the others' expense.
    let mut distinct: Vec<_> = distinct.into_iter().collect();
    distinct.sort_by_key(|(_, (_, received))| *received);
    let terms = invocation.terms(app, distinct.len());
    let uploads = distinct.into_iter().map(async |(object, (attempt, received))| {
        let report = app.process(Delivery { object, attempt, received }, &terms).await;
        let ended = SystemTime::now();
        let metrics = app.metrics().map(|metrics| metrics.of(&report, ended));
        let line = log_line(&report, &invocation.request_id, &logging::timestamp(ended), metrics);
        logging::print(&line);
        (report.object.clone(), report)
    });
    stream::iter(uploads).buffer_unordered(terms.share.uploads).collect().await
}
