//! What others are told when an upload is done: one message to an EventBridge bus or an SNS topic.
//! At least once: a message that did not get through fails its delivery, which comes back.

use serde::Serialize;
use serde_json::{Value, json};

use crate::client::{ClientError, Environment};
use crate::error::{Fault, FaultKind, Phase};
use crate::manifest::ManifestVariant;
use crate::metrics::Report;
use crate::signed::{Answer, SignedClient};

/// `source` and `detail-type` of the events, and the message's attribute on SNS.
const SOURCE: &str = "image-resizer";
const DETAIL_TYPE: &str = "Image Variants Completed";

/// Where completions go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channel {
    /// Name or ARN of an EventBridge bus.
    EventBus(String),
    /// ARN of an SNS topic.
    SnsTopic(String),
}

/// Tells of uploads that are done.
#[derive(Debug)]
pub struct Announcer {
    channel: Channel,
    client: SignedClient,
}

/// The `detail` of the event, or the message.
#[derive(Debug, Serialize)]
struct Completion<'a> {
    bucket: &'a str,
    key: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    variants: &'a [ManifestVariant],
}

impl Announcer {
    /// A client for the service behind the channel.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(channel: Channel, environment: &Environment) -> Result<Self, ClientError> {
        let client = match &channel {
            Channel::EventBus(_) => environment.service("events", "EVENTBRIDGE", None)?,
            Channel::SnsTopic(arn) => environment.service("sns", "SNS", arn.split(':').nth(3))?,
        };
        Ok(Self { channel, client })
    }

    /// Tells of one upload's outcome.
    ///
    /// # Errors
    /// `Throttle`, `Setup` or `Io`, by what the service answered.
    pub async fn announce(&self, report: &Report) -> Result<(), Fault> {
        let completion = Completion {
            bucket: &report.object.bucket,
            key: &report.object.key,
            outcome: report.outcome.code(),
            message: report.outcome.message(),
            etag: report.source.as_ref().map(|source| source.etag.as_str()),
            variants: &report.variants,
        };
        let text = serde_json::to_string(&completion).expect("strings and numbers serialise");
        let sent = match &self.channel {
            Channel::EventBus(bus) => self.put_event(bus, &text).await,
            Channel::SnsTopic(arn) => self.publish(arn, &text).await,
        };
        sent.map_err(|(kind, cause)| {
            let (phase, object) = (Phase::Announcing, report.object.clone());
            Fault { kind, phase, object, cause: cause.into() }
        })
    }

    /// Source: Amazon EventBridge API Reference, PutEvents. 200 may still say that it failed.
    async fn put_event(&self, bus: &str, detail: &str) -> Result<(), (FaultKind, String)> {
        let entry = json!({
            "EventBusName": bus, "Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": detail,
        });
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "AWSEvents.PutEvents"),
        ];
        let body = json!({ "Entries": [entry] }).to_string();
        let answer = accepted(self.client.post(&headers, body).await)?;
        let answer: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        if answer["FailedEntryCount"] == 0 {
            return Ok(());
        }
        Err((FaultKind::Throttle, format!("EventBridge did not take the event: {answer}")))
    }

    /// Source: Amazon SNS API Reference, Publish.
    async fn publish(&self, arn: &str, message: &str) -> Result<(), (FaultKind, String)> {
        let form = [
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("TopicArn", arn),
            ("Subject", DETAIL_TYPE),
            ("Message", message),
        ];
        let encoded =
            |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        let pairs: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        accepted(self.client.post(&headers, pairs.join("&")).await).map(|_| ())
    }
}

fn accepted(sent: Result<Answer, String>) -> Result<Answer, (FaultKind, String)> {
    let answer = sent.map_err(|cause| (FaultKind::Io, cause))?;
    let kind = match answer.status {
        200..=299 => return Ok(answer),
        429 | 503 => FaultKind::Throttle,
        400..=499 => FaultKind::Setup,
        _ => FaultKind::Io,
    };
    Err((kind, format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body))))
}
