//! A whole event in, its answer out: each trigger has a shape of its own for success and failure.

mod job;
mod queue;

use serde_json::Value;

use crate::batch::{Invocation, process_all};
use crate::endpoint;
use crate::error::Fault;
use crate::event::{Event, ObjectRef, UnknownEvent, http};
use crate::handler::{App, Attempt, Delivery};
use crate::report::{Outcome, Report};

pub use queue::{Processed, process_messages};

/// An invocation that did not do all of its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The event could not be read.
    #[error(transparent)]
    Unknown(#[from] UnknownEvent),
    /// Some objects were not done; the event must come back.
    #[error("{}", listed(faults))]
    Faults {
        /// One for each object, at least one.
        faults: Vec<Fault>,
    },
    /// An application asked for an object that has no variants, and never will.
    #[error("s3://{}/{}: {message}", object.bucket, object.key)]
    NoManifest {
        /// Which object.
        object: ObjectRef,
        /// The outcome's stable name.
        code: &'static str,
        /// Why.
        message: String,
    },
}

impl Failure {
    /// Lambda's `errorType`: the code of the first fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => UnknownEvent::CODE,
            Self::Faults { faults } => faults.first().map_or("bug", |fault| fault.kind.code()),
            Self::NoManifest { code, .. } => code,
        }
    }
}

/// The largest picture in an answer: Lambda takes 6 MB, and base64 makes four bytes of three.
/// Source: AWS Lambda Developer Guide, "Lambda quotas".
const MAX_BODY_BYTES: u64 = 4_500_000;

/// Does all uploads of an event and answers as its trigger expects: a queue with the messages that
/// must come back, a job with a result for each task, an application with the manifest, an HTTP
/// request with a response, all others with `null`.
///
/// # Errors
/// `Unknown` for an event of another shape; `Faults` where a notification outside a queue was not
/// done completely; either of `Faults` and `NoManifest` for an application.
pub async fn answer(app: &App, event: &Value, invocation: &Invocation) -> Result<Value, Failure> {
    match Event::parse(event)? {
        Event::Changes(objects) => {
            if objects.is_empty() {
                log_nothing_to_do(None);
            }
            let reports = process_all(app, objects.into_iter().map(uncounted), invocation).await;
            let faults: Vec<Fault> = reports.into_values().filter_map(fault).collect();
            if faults.is_empty() { Ok(Value::Null) } else { Err(Failure::Faults { faults }) }
        }
        Event::Queue(messages) => Ok(queue::answer(app, &messages, invocation).await),
        Event::Job(job) => Ok(job::answer(app, job, invocation).await),
        Event::Direct(object) => {
            let reports = process_all(app, [uncounted(object)], invocation).await;
            reports.into_values().map(manifest).next().expect("one object has one report")
        }
        Event::Http(request) => {
            let response = endpoint::respond(app, &request, invocation, MAX_BODY_BYTES);
            Ok(http::response(&response.await))
        }
    }
}

/// Nobody outside of a queue says how often a delivery was made.
fn uncounted(object: ObjectRef) -> Delivery {
    Delivery { object, attempt: Attempt::Unknown, received: 1 }
}

/// A line for an event that is understood and asks for nothing.
fn log_nothing_to_do(message_id: Option<&str>) {
    let reason = "the event names no object whose bytes changed: a test event, or a change of \
                  something else; nothing is done";
    match message_id {
        Some(id) => tracing::info!(event = "nothing", messageId = id, "{reason}"),
        None => tracing::info!(event = "nothing", "{reason}"),
    }
}

fn fault(report: Report) -> Option<Fault> {
    match report.outcome {
        Outcome::Failed { fault, .. } => Some(fault),
        _ => None,
    }
}

fn manifest(report: Report) -> Result<Value, Failure> {
    let (code, message) = (report.outcome.code(), report.outcome.message());
    match report.outcome {
        Outcome::Failed { fault, .. } => Err(Failure::Faults { faults: vec![fault] }),
        Outcome::Stored(stored) => {
            Ok(serde_json::to_value(stored.manifest).expect("strings and numbers serialize"))
        }
        _ => {
            let message = message.unwrap_or_else(|| "there is nothing to do".to_owned());
            Err(Failure::NoManifest { object: report.object, code, message })
        }
    }
}

fn listed(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
