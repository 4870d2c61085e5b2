//! An invocation by S3 Batch Operations in, its tasks out. Invocation schemas 1.0 and 2.0, which
//! differ in how they name the bucket.

use serde::Deserialize;
use serde_json::Value;

use super::{ObjectRef, UnknownEvent, object};
use crate::percent::form_decoded;

/// Tasks of one job that are answered together.
#[derive(Debug)]
pub struct Job {
    /// The schema that the answer must name.
    pub schema_version: String,
    /// The id that the answer must name.
    pub invocation_id: String,
    /// One object each.
    pub tasks: Vec<Task>,
}

/// One object of a job's manifest.
#[derive(Debug)]
pub struct Task {
    /// The id that the result must name.
    pub id: String,
    /// The object, or why it could not be read.
    pub object: Result<ObjectRef, UnknownEvent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JobEvent {
    invocation_schema_version: String,
    invocation_id: String,
    tasks: Vec<TaskEvent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TaskEvent {
    task_id: String,
    s3_key: String,
    /// Schema 1.0: `arn:aws:s3:::uploads`.
    s3_bucket_arn: Option<String>,
    /// Schema 2.0: `uploads`.
    s3_bucket: Option<String>,
}

/// The tasks of a job; `None` for everything else.
pub(super) fn job(event: &Value) -> Option<Result<Job, String>> {
    event.get("invocationSchemaVersion")?;
    let job = JobEvent::deserialize(event).map_err(|error| error.to_string());
    Some(job.and_then(|job| {
        let version = job.invocation_schema_version;
        if !matches!(version.split('.').next(), Some("1" | "2")) {
            return Err(format!("invocationSchemaVersion {version} is neither 1.x nor 2.x"));
        }
        let tasks = job.tasks.into_iter().map(task).collect();
        Ok(Job { schema_version: version, invocation_id: job.invocation_id, tasks })
    }))
}

/// The key is form-urlencoded, as in the job's manifest.
fn task(task: TaskEvent) -> Task {
    let arn = task.s3_bucket_arn.as_deref().and_then(|arn| arn.rsplit(':').next());
    let bucket = task.s3_bucket.as_deref().or(arn).unwrap_or_default();
    let object = form_decoded(&task.s3_key).and_then(|key| object(bucket, key));
    let object = object.map_err(|reason| UnknownEvent::new(reason, &task.s3_key));
    Task { id: task.task_id, object }
}
