//! Bucket notifications: the messages that a bucket's rules send when an object changes.
//! In: a bucket's rules and one event. Out: messages on the channel, after the write is durable.
//! Knows nothing of how a destination is reached.

pub(crate) mod event;
pub(crate) mod filter;
pub(crate) mod message;
pub(crate) mod rule;

use time::OffsetDateTime;
use tokio::sync::mpsc::UnboundedSender;

use super::request::RequestInfo;
use message::ObjectEvent;
use rule::{DestinationKind, NotificationRule};

/// One message to one destination of a bucket's notification configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The ARN of the queue, topic or function, as it was configured.
    pub destination_arn: String,
    /// The S3 event as JSON, or the `s3:TestEvent`.
    pub body: String,
}

/// Sends notifications.
#[derive(Debug)]
pub(crate) struct Notifier {
    region: String,
    channel: UnboundedSender<Notification>,
}

impl Notifier {
    pub(crate) fn new(region: String, channel: UnboundedSender<Notification>) -> Self {
        Self { region, channel }
    }

    /// The region that records name.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// One message for every rule that wants the event.
    pub(crate) fn emit(&self, rules: &[NotificationRule], event: &ObjectEvent<'_>) {
        for rule in rules.iter().filter(|rule| rule.wants(event.name, &event.object.key)) {
            let body = message::event_json(&self.region, &rule.id, event);
            self.send(&rule.destination_arn, body);
        }
    }

    /// The test message that S3 sends when a configuration is put. Queues and topics get one
    /// each; of a function S3 checks the permission only, and never invokes it for a test.
    pub(crate) fn emit_test(
        &self,
        rules: &[NotificationRule],
        bucket: &str,
        request: &RequestInfo,
    ) {
        let mut sent: Vec<&str> = Vec::new();
        for rule in rules.iter().filter(|rule| rule.kind != DestinationKind::Function) {
            let destination = rule.destination_arn.as_str();
            if !sent.contains(&destination) {
                sent.push(destination);
                let body = message::test_json(bucket, OffsetDateTime::now_utc(), request);
                self.send(destination, body);
            }
        }
    }

    fn send(&self, destination_arn: &str, body: String) {
        let destination_arn = destination_arn.to_owned();
        // The receiver is gone when the harness shuts down; the write itself stands.
        let _ = self.channel.send(Notification { destination_arn, body });
    }
}
