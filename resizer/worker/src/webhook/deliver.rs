//! The work of one event that was pushed: its objects in, the answer to its sender out.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use resizer::batch::{Reports, process_all};
use resizer::event::{ObjectRef, Pushed};
use resizer::handler::{Attempt, Delivery};
use resizer::report::Outcome;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::flights::Flights;
use super::recent::Recent;
use crate::public::try_later;
use crate::retry::RetryDelay;
use crate::server::{Answer, text};
use crate::shared::Shared;
use crate::stop::Phase;

/// How long an event waits for others before its sender is asked to come back.
const WAIT: Duration = Duration::from_secs(20);

/// When the sender may come back then.
const BUSY: Duration = Duration::from_secs(5);

/// Works on events, so many at a time.
#[derive(Debug)]
pub(super) struct Receiver {
    shared: Rc<Shared>,
    free: Arc<Semaphore>,
    flights: Rc<Flights>,
    recent: RefCell<Recent>,
    /// From here on, nothing that an earlier process sent to S3 can still be carried out.
    safe_at: Instant,
}

impl Receiver {
    pub(super) fn new(shared: Rc<Shared>) -> Self {
        let free = Arc::new(Semaphore::new(shared.settings.concurrency));
        let safe_at = Instant::now() + shared.late_requests();
        Self { shared, free, flights: Rc::default(), recent: RefCell::default(), safe_at }
    }

    /// Waits until no event is under way, also of senders that hung up.
    pub(super) async fn idle(&self) {
        let all = u32::try_from(self.shared.settings.concurrency).unwrap_or(u32::MAX);
        let _ = self.free.acquire_many(all).await;
    }

    /// 200 once everything is done, 503 if anything is not.
    pub(super) async fn deliver(&self, pushed: Pushed, request_id: String) -> Answer {
        let Pushed { objects, received } = pushed;
        let Ok(_flight) = timeout(WAIT, self.flights.begin(&objects)).await else {
            return try_later(BUSY, "an object of this event is being processed\n");
        };
        let waits = self.recent.borrow().wait(&objects, Instant::now());
        if let Some(wait) = waits {
            // S3 may still carry out what the last delivery asked for.
            return try_later(wait, "an object of this event failed a moment ago\n");
        }
        let free = timeout(WAIT, Arc::clone(&self.free).acquire_owned()).await;
        let Ok(Ok(_place)) = free else {
            return try_later(BUSY, "too many events at the same time\n");
        };
        let _in_flight = self.shared.metrics.begin();
        let began = Instant::now();
        let deliveries = objects.iter().map(|object| self.delivery(object, received));
        let invocation = self.shared.invocation(request_id);
        let work = process_all(&self.shared.app, deliveries, &invocation);
        let reports = tokio::select! {
            reports = timeout_at(invocation.deadline, work) => reports.ok(),
            () = self.shared.stop.reached(Phase::Ending) => None,
        };
        let Some(reports) = reports else {
            for object in &objects {
                self.failed(object, &Reports::new());
            }
            return try_later(self.shared.late_requests(), "stopped before it was done\n");
        };
        self.shared.metrics.count(&reports);
        self.answer(&reports, began)
    }

    /// Senders seldom say how often they have sent an event, so failures are counted here. An
    /// object that was done a while ago may be of an event that its sender sends once more, so its
    /// delivery begins with the up-to-date check, too.
    fn delivery(&self, object: &ObjectRef, received: Option<u32>) -> Delivery {
        let failures = self.recent.borrow().failures(object);
        let received = received.unwrap_or(1).max(failures.unwrap_or(0) + 1);
        let is_new = received == 1 && failures.is_none();
        let attempt = if is_new { Attempt::Unknown } else { Attempt::Repeated };
        Delivery { object: object.clone(), attempt, received }
    }

    fn answer(&self, reports: &Reports, began: Instant) -> Answer {
        let mut retry = None;
        for (object, report) in reports {
            if matches!(report.outcome, Outcome::Failed { .. }) {
                retry = retry.max(Some(self.failed(object, reports)));
            } else {
                self.recent.borrow_mut().done(object, Instant::now());
            }
        }
        let outcome = |(object, report): (&ObjectRef, &resizer::report::Report)| {
            let (code, message) = (report.outcome.code(), report.outcome.message());
            json!({
                "bucket": object.bucket, "key": object.key, "outcome": code, "message": message,
            })
        };
        let outcomes: Vec<Value> = reports.iter().map(outcome).collect();
        let is_certain = began >= self.safe_at || reports.is_empty();
        let mut body = json!({ "objects": outcomes });
        if retry.is_none() && !is_certain {
            body["message"] = "done, but not for certain so soon after the worker's start; send \
                               the event again after Retry-After"
                .into();
        }
        let body = body.to_string();
        let mut answer = match retry {
            Some(after) => try_later(after, body),
            // An event that a killed process had begun may be this one, and a write of that process
            // may still take effect: it is done once more when that is over.
            None if !is_certain => {
                let mut recent = self.recent.borrow_mut();
                reports.keys().for_each(|object| recent.hold(object, self.safe_at));
                try_later(self.safe_at.saturating_duration_since(Instant::now()), body)
            }
            None => text(StatusCode::OK, body),
        };
        answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        answer
    }

    /// When an object that failed may be tried again.
    fn failed(&self, object: &ObjectRef, reports: &Reports) -> Duration {
        let after = RetryDelay::of(&self.shared).of_object(reports.get(object));
        self.recent.borrow_mut().hold(object, Instant::now() + after);
        after
    }
}
