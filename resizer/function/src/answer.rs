//! A whole event in, its answer out: each trigger has a shape of its own for success and failure.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};
use serde_json::Value;
use tokio::time::Instant;

use crate::error::Fault;
use crate::event::{Event, ObjectRef, UnknownEvent};
use crate::handler::App;
use crate::logging;
use crate::metrics::Outcome;

/// Kept free before the deadline, to answer in.
const ANSWER_TIME: Duration = Duration::from_millis(500);

/// What one invocation brings beside its event.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// For the log.
    pub request_id: String,
    /// When the platform stops the process.
    pub deadline: Instant,
}

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
}

impl Failure {
    /// Lambda's `errorType`: the code of the first fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => UnknownEvent::CODE,
            Self::Faults { faults } => faults.first().map_or("bug", |fault| fault.kind.code()),
        }
    }
}

/// Does all uploads of an event, one after the other, and answers as its trigger expects:
/// a batch with the messages that must come back, all others with `null`.
///
/// # Errors
/// `Unknown` for an event of another shape; `Faults` where an event outside a batch was not done
/// completely.
pub async fn answer(app: &App, event: &Value, invocation: &Invocation) -> Result<Value, Failure> {
    match Event::parse(event)? {
        Event::Test => {
            tracing::info!("test event: notifications reach this function");
            Ok(Value::Null)
        }
        Event::Uploads(uploads) => {
            let faults = process_all(app, uploads, invocation).await;
            if faults.is_empty() { Ok(Value::Null) } else { Err(Failure::Faults { faults }) }
        }
        Event::Batch(messages) => {
            let mut response = SqsBatchResponse::default();
            for message in messages {
                let done = match message.uploads {
                    Ok(uploads) => process_all(app, uploads, invocation).await.is_empty(),
                    Err(unknown) => {
                        let code = UnknownEvent::CODE;
                        tracing::error!(code, messageId = message.id, "{unknown}");
                        false
                    }
                };
                if !done {
                    let mut failure = BatchItemFailure::default();
                    failure.item_identifier = message.id;
                    response.batch_item_failures.push(failure);
                }
            }
            Ok(serde_json::to_value(response).expect("strings serialise"))
        }
    }
}

async fn process_all(app: &App, objects: Vec<ObjectRef>, invocation: &Invocation) -> Vec<Fault> {
    let stop_at = invocation.deadline.checked_sub(ANSWER_TIME).unwrap_or(invocation.deadline);
    let mut faults = Vec::new();
    for object in objects {
        let report = app.process(object, stop_at).await;
        println!("{}", report.to_json(&invocation.request_id, &logging::timestamp()));
        if let Outcome::Failed(fault) = report.outcome {
            faults.push(fault);
        }
    }
    faults
}

fn listed(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
