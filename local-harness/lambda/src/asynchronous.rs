//! Asynchronous invocations: a queue of events, two retries, and a destination for the results.
//! In: payloads. Out: invocations, and records of their results in queues.
//! Source: AWS Lambda Developer Guide, "Invoking a function asynchronously".

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::failure::FunctionError;
use super::function::Function;
use super::invocation::Invocation;
use super::options::FunctionOptions;
use crate::queue::{Message, Queue, QueueOptions, SendError};

/// Longer than an event waits for an environment and runs.
const HIDDEN: Duration = Duration::from_secs(24 * 3600);

/// How a function treats asynchronous events.
#[derive(Debug, Clone)]
pub struct AsynchronousOptions {
    /// The delay before each retry. Default a minute and two, as on AWS.
    pub retry_delays: Vec<Duration>,
    /// An event that is older is not tried again. Default 6 hours.
    pub max_event_age: Duration,
    /// Where events are kept that are not done, for the next process. Default nowhere.
    pub journal: Option<PathBuf>,
    /// Receives a record of each event that the function has answered. Default none.
    pub on_success: Option<Arc<Queue>>,
    /// Receives a record of each event that is given up. Default none.
    pub on_failure: Option<Arc<Queue>>,
}

impl Default for AsynchronousOptions {
    fn default() -> Self {
        Self {
            retry_delays: vec![Duration::from_secs(60), Duration::from_secs(120)],
            max_event_age: Duration::from_secs(6 * 3600),
            journal: None,
            on_success: None,
            on_failure: None,
        }
    }
}

/// The events of one function; dropping it ends their invocations.
#[derive(Debug)]
pub(crate) struct Asynchronous {
    events: Arc<Queue>,
    task: JoinHandle<()>,
}

impl Asynchronous {
    /// Opens the queue of events and starts to invoke the function.
    pub(crate) fn start(function: Arc<Function>, options: AsynchronousOptions) -> io::Result<Self> {
        let queue = QueueOptions {
            name: format!("{} asynchronous", function.options().name),
            visibility_timeout: HIDDEN,
            max_receive_count: u32::MAX,
            ..QueueOptions::default()
        };
        let events = Arc::new(match &options.journal {
            Some(path) => Queue::open(queue, path)?,
            None => Queue::new(queue),
        });
        let task = tokio::spawn(run(Arc::clone(&events), function, Arc::new(options)));
        Ok(Self { events, task })
    }

    /// Takes an event and returns its request id, which all its invocations have.
    pub(crate) fn take(&self, payload: Vec<u8>) -> Result<String, SendError> {
        // The payload was parsed as JSON, which is UTF-8.
        self.events.send(String::from_utf8_lossy(&payload).into_owned())
    }
}

impl Drop for Asynchronous {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(events: Arc<Queue>, function: Arc<Function>, options: Arc<AsynchronousOptions>) {
    // No more events are taken out of the queue than environments can run.
    let free = Arc::new(Semaphore::new(function.options().max_concurrency));
    let mut running = JoinSet::new();
    loop {
        let permit = Arc::clone(&free).acquire_owned().await;
        let received = events.receive(1).await;
        let (events, function) = (Arc::clone(&events), Arc::clone(&function));
        let options = Arc::clone(&options);
        running.spawn(async move {
            for event in received {
                attempt(&event, &events, &function, &options).await;
            }
            drop(permit);
        });
        while running.try_join_next().is_some() {}
    }
}

/// Invokes the function once, and decides what becomes of the event.
async fn attempt(
    event: &Message,
    events: &Queue,
    function: &Function,
    options: &AsynchronousOptions,
) {
    let payload = event.body.clone().into_bytes();
    let invocation = function.invoke_as(event.id.clone(), payload).await;
    let attempts = event.receive_count as usize;
    let delay = options.retry_delays.get(attempts.saturating_sub(1));
    let (condition, destination) = match (&invocation.result, delay) {
        (Ok(_), _) => ("Success", &options.on_success),
        (Err(_), None) => ("RetriesExhausted", &options.on_failure),
        (Err(_), Some(delay)) if is_too_old(event, *delay, options.max_event_age) => {
            ("EventAgeExceeded", &options.on_failure)
        }
        (Err(error), Some(delay)) => {
            tracing::warn!(attempts, error = error.message, "an asynchronous event failed");
            events.change_visibility(&event.receipt_handle, *delay);
            return;
        }
    };
    if let Some(destination) = destination {
        let record = record(condition, event, &invocation, &function.options());
        if let Err(error) = destination.send(record.to_string()) {
            tracing::error!(%error, "a destination did not take the record of an event");
        }
    }
    events.delete(&event.receipt_handle);
}

/// Whether the event would be older than allowed when its delay is over.
fn is_too_old(event: &Message, delay: Duration, max_age: Duration) -> bool {
    let now_ms = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
    let age_ms = u128::try_from(now_ms - i128::from(event.sent_ms)).unwrap_or_default();
    age_ms + delay.as_millis() > max_age.as_millis()
}

/// What a destination gets.
fn record(
    condition: &str,
    event: &Message,
    invocation: &Invocation,
    options: &FunctionOptions,
) -> Value {
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    let mut context = json!({ "statusCode": 200, "executedVersion": "$LATEST" });
    let answer = match &invocation.result {
        Ok(answer) => json(answer),
        Err(FunctionError { payload, .. }) => {
            context["functionError"] = "Unhandled".into();
            json(payload)
        }
    };
    json!({
        "version": "1.0",
        "timestamp": OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
        "requestContext": {
            "requestId": event.id,
            "functionArn": format!("{}:$LATEST", options.arn()),
            "condition": condition,
            "approximateInvokeCount": event.receive_count,
        },
        "requestPayload": json(event.body.as_bytes()),
        "responseContext": context,
        "responsePayload": answer,
    })
}
