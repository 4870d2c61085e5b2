//! The tasks of a job of S3 Batch Operations in, the job's answer out. A backfill: what is up to
//! date is neither made nor announced again.
//! Source: Amazon S3 User Guide, "Invoking a Lambda function from S3 Batch Operations".

use serde_json::{Value, json};

use crate::batch::{Invocation, Reports, process_all};
use crate::event::{Job, Task, UnknownEvent};
use crate::handler::{App, Attempt, Delivery};
use crate::report::Outcome;

/// What S3 keeps of a result's text.
const MAX_RESULT_CHARS: usize = 1024;

pub(super) async fn answer(app: &App, job: Job, invocation: &Invocation) -> Value {
    let objects = job.tasks.iter().filter_map(|task| task.object.clone().ok());
    let attempt = Attempt::Backfill;
    let deliveries = objects.map(|object| Delivery { object, attempt, received: 1 });
    let reports = process_all(app, deliveries, invocation).await;
    let results: Vec<Value> = job.tasks.iter().map(|task| result(task, &reports)).collect();
    json!({
        "invocationSchemaVersion": job.schema_version,
        "treatMissingKeysAs": "TemporaryFailure",
        "invocationId": job.invocation_id,
        "results": results,
    })
}

/// A refusal is the same tomorrow, a fault may pass.
fn result(task: &Task, reports: &Reports) -> Value {
    let (code, text) = match &task.object {
        Err(unknown) => ("PermanentFailure", format!("{}: {unknown}", UnknownEvent::CODE)),
        Ok(object) => match reports.get(object).map(|report| &report.outcome) {
            None => ("TemporaryFailure", "it was not begun".to_owned()),
            Some(outcome) => (result_code(outcome), text(outcome)),
        },
    };
    let text: String = text.chars().take(MAX_RESULT_CHARS).collect();
    json!({ "taskId": task.id, "resultCode": code, "resultString": text })
}

fn result_code(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Stored(_) | Outcome::AlreadyDone | Outcome::Deleted | Outcome::Ignored { .. } => {
            "Succeeded"
        }
        Outcome::Refused(_) | Outcome::StillRefused { .. } => "PermanentFailure",
        Outcome::Failed { .. } => "TemporaryFailure",
    }
}

fn text(outcome: &Outcome) -> String {
    match outcome.message() {
        // A refusal that still holds, and some others, begin with their code.
        Some(message)
            if matches!(outcome, Outcome::StillRefused { .. })
                || message.starts_with(&format!("{}:", outcome.code())) =>
        {
            message
        }
        Some(message) => format!("{}: {message}", outcome.code()),
        None => outcome.code().to_owned(),
    }
}
