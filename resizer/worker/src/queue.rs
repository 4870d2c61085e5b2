//! An SQS queue in, its messages as deliveries out: long polls, messages that stay hidden while
//! they are worked on, and deletion of those that are done. What failed comes back by a backoff,
//! and what fails for ever becomes a dead letter by the queue's own redrive policy.

mod delivery;
mod finisher;
mod poll;
mod redrive;

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{Config, Region};
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use resizer::client::{ClientError, Environment, endpoint, https_client};
use resizer::error::with_sources;

pub(crate) use poll::work;

/// How long SQS waits for a message before it answers with none; its maximum.
const LONG_POLL: Duration = Duration::from_secs(20);

/// How long any answer may take, the long poll among them.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// The most messages that one request receives, deletes or hides; SQS's own limit.
const MAX_MESSAGES: usize = 10;

/// One queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    client: Client,
    url: String,
    visibility: Duration,
}

/// Which queue, and how its messages are taken.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) region: String,
    /// How long messages stay hidden without news.
    pub(crate) visibility: Duration,
}

/// A message as it was received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    id: String,
    receipt_handle: String,
    body: String,
    /// How often, this time included.
    received: u32,
}

/// The credentials of the place where the worker runs: environment, profile, web identity (EKS),
/// container (ECS), instance (EC2), in this order. They rotate.
///
/// # Errors
/// `ClientError` where TLS cannot be set up.
pub(crate) async fn credentials(region: &str) -> Result<SharedCredentialsProvider, ClientError> {
    let loaded = aws_config::defaults(aws_config::BehaviorVersion::latest())
        // For requests to STS and to metadata services. It avoids loading the system's roots.
        .http_client(https_client()?)
        .region(Region::new(region.to_owned()))
        .load()
        .await;
    Ok(loaded.credentials_provider().expect("the default chain is a provider"))
}

impl Queue {
    /// With a client at `AWS_ENDPOINT_URL_SQS` or `AWS_ENDPOINT_URL` where one is set.
    ///
    /// # Errors
    /// `ClientError` where TLS cannot be set up.
    pub(crate) fn new(
        Place { url, region, visibility }: Place,
        environment: &Environment,
        credentials: SharedCredentialsProvider,
    ) -> Result<Self, ClientError> {
        let endpoint = endpoint("SQS");
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        let mut config = Config::builder()
            .region(Region::new(region))
            .credentials_provider(credentials)
            .http_client(environment.http_client(endpoint.as_deref())?)
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts);
        config.set_endpoint_url(endpoint);
        let client = Client::from_conf(config.build());
        Ok(Self { client, url, visibility })
    }

    /// Waits for up to `max` messages, at most as long as `wait`.
    ///
    /// # Errors
    /// Why none could be asked for.
    async fn receive(&self, max: usize, wait: Duration) -> Result<Vec<Received>, String> {
        let request = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(max.min(MAX_MESSAGES)).unwrap_or(1))
            .wait_time_seconds(seconds(wait))
            .visibility_timeout(seconds(self.visibility))
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount);
        let output = request.send().await.map_err(|error| explained(&error))?;
        Ok(output.messages.unwrap_or_default().into_iter().filter_map(received).collect())
    }

    /// Hides a message for so long from now on.
    ///
    /// # Errors
    /// Why it could not be.
    async fn hide(&self, receipt_handle: &str, time: Duration) -> Result<(), String> {
        let request = self.client.change_message_visibility().queue_url(&self.url);
        let request = request.receipt_handle(receipt_handle).visibility_timeout(seconds(time));
        request.send().await.map(|_| ()).map_err(|error| explained(&error))
    }

    /// What is probably a mistake in the queue's attributes, one sentence each.
    ///
    /// # Errors
    /// Why they could not be read.
    async fn warnings(&self) -> Result<Vec<String>, String> {
        let request = self.client.get_queue_attributes().queue_url(&self.url);
        let request = request.attribute_names(QueueAttributeName::RedrivePolicy);
        let output = request.send().await.map_err(|error| explained(&error))?;
        let attributes = output.attributes.unwrap_or_default();
        let policy = attributes.get(&QueueAttributeName::RedrivePolicy);
        Ok(redrive::warnings(policy.map(String::as_str)))
    }
}

/// `None` for a message without an id or a receipt handle, which SQS never sends.
fn received(message: aws_sdk_sqs::types::Message) -> Option<Received> {
    let attributes = message.attributes.unwrap_or_default();
    let count = attributes.get(&MessageSystemAttributeName::ApproximateReceiveCount);
    let received = count.and_then(|count| count.parse().ok()).unwrap_or(1);
    let body = message.body.unwrap_or_default();
    let (id, receipt_handle) = (message.message_id?, message.receipt_handle?);
    Some(Received { id, receipt_handle, body, received })
}

/// Whole seconds, rounded up: a message must not come back earlier than it may.
fn seconds(time: Duration) -> i32 {
    let rounded_up = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    i32::try_from(rounded_up).unwrap_or(i32::MAX)
}

/// Who is to blame, and what to do.
fn explained<E>(error: &SdkError<E>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let advice = match error.code() {
        Some("QueueDoesNotExist" | "AWS.SimpleQueueService.NonExistentQueue") => {
            "RESIZER_QUEUE_URL names no queue of this account and region"
        }
        Some("AccessDenied" | "AccessDeniedException") => {
            "the role of the worker needs sqs:ReceiveMessage, sqs:DeleteMessage, \
             sqs:ChangeMessageVisibility and sqs:GetQueueAttributes of this queue"
        }
        Some(code) => return format!("{code}: {}", error.message().unwrap_or("no message")),
        None => return with_sources(error),
    };
    let (code, message) = (error.code().unwrap_or_default(), error.message().unwrap_or_default());
    format!("{code}: {advice}; SQS says: {message}")
}
