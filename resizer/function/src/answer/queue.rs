//! The messages of a queue in; which of them must come back out.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};
use serde_json::Value;

use super::log_nothing_to_do;
use crate::batch::{Invocation, Reports, process_all};
use crate::event::{Message, ObjectRef, UnknownEvent};
use crate::handler::{App, Attempt, Delivery};
use crate::report::Outcome;

/// What became of messages.
#[derive(Debug)]
pub struct Processed {
    /// Of every object that a message named.
    pub reports: Reports,
    /// The ids of the messages that must come back.
    pub failed: Vec<String>,
}

/// Does all uploads that the messages name. A message has failed if one of its objects has, or if
/// it could not be read, which is logged.
pub async fn process_messages(
    app: &App,
    messages: &[Message],
    invocation: &Invocation,
) -> Processed {
    let deliveries = messages.iter().flat_map(|message| {
        let received = message.received;
        let attempt = if received > 1 { Attempt::Repeated } else { Attempt::First };
        let objects = message.objects.iter().flatten().cloned();
        objects.map(move |object| Delivery { object, attempt, received })
    });
    let reports = process_all(app, deliveries, invocation).await;
    let is_done = |object: &ObjectRef| {
        reports.get(object).is_some_and(|report| !matches!(report.outcome, Outcome::Failed { .. }))
    };
    let mut failed = Vec::new();
    for message in messages {
        let done = match &message.objects {
            Ok(objects) if objects.is_empty() => {
                log_nothing_to_do(Some(&message.id));
                true
            }
            Ok(objects) => objects.iter().all(is_done),
            Err(unknown) => {
                let code = UnknownEvent::CODE;
                tracing::error!(code, messageId = message.id, "{unknown}");
                false
            }
        };
        if !done {
            failed.push(message.id.clone());
        }
    }
    Processed { reports, failed }
}

/// Source: AWS Lambda Developer Guide, "Implementing partial batch responses".
pub(super) async fn answer(app: &App, messages: &[Message], invocation: &Invocation) -> Value {
    let Processed { failed, .. } = process_messages(app, messages, invocation).await;
    let mut response = SqsBatchResponse::default();
    for id in failed {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        response.batch_item_failures.push(failure);
    }
    serde_json::to_value(response).expect("strings serialize")
}
