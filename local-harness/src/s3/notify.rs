//! Bucket notifications: which rules a bucket has, and what goes out when an object changed.
//! In: a bucket's rules and one event. Out: messages on the channel, after the write is durable.
//! Knows nothing of how a destination is reached.

pub(crate) mod filter;
pub(crate) mod record;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::mpsc::UnboundedSender;

use super::Notification;
use super::records::ObjectRecord;
use super::request::RequestInfo;
use filter::KeyFilter;

/// What kind of destination a rule names; they only differ in their XML and the test event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DestinationKind {
    Queue,
    Topic,
    Function,
}

/// One queue, topic or function configuration of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NotificationRule {
    pub(crate) id: String,
    pub(crate) kind: DestinationKind,
    pub(crate) destination_arn: String,
    /// Such as `s3:ObjectCreated:*`.
    pub(crate) events: Vec<String>,
    pub(crate) filter: KeyFilter,
}

impl NotificationRule {
    fn wants(&self, event: EventName, key: &str) -> bool {
        self.events.iter().any(|pattern| filter::covers(pattern, event.name()))
            && self.filter.matches(key)
    }
}

/// The events this server emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventName {
    CreatedPut,
    CreatedPost,
    CreatedCopy,
    CreatedCompleteMultipartUpload,
    RemovedDelete,
    RestoreCompleted,
}

impl EventName {
    /// With the `s3:` of configurations, which records leave out.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatedPut => "s3:ObjectCreated:Put",
            Self::CreatedPost => "s3:ObjectCreated:Post",
            Self::CreatedCopy => "s3:ObjectCreated:Copy",
            Self::CreatedCompleteMultipartUpload => "s3:ObjectCreated:CompleteMultipartUpload",
            Self::RemovedDelete => "s3:ObjectRemoved:Delete",
            Self::RestoreCompleted => "s3:ObjectRestore:Completed",
        }
    }
}

/// One change of one object.
#[derive(Debug)]
pub(crate) struct ObjectEvent<'a> {
    pub(crate) name: EventName,
    pub(crate) bucket: &'a str,
    /// The object as it is now, or as it was before it was deleted.
    pub(crate) object: &'a ObjectRecord,
    /// The change's own number, also for a delete.
    pub(crate) sequencer: u64,
    pub(crate) time: OffsetDateTime,
    pub(crate) request: &'a RequestInfo,
}

/// Sends notifications on their way.
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
            let body = record::event_json(&self.region, &rule.id, event);
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
        let mut told: Vec<&str> = Vec::new();
        for rule in rules.iter().filter(|rule| rule.kind != DestinationKind::Function) {
            let destination = rule.destination_arn.as_str();
            if !told.contains(&destination) {
                told.push(destination);
                let body = record::test_json(bucket, OffsetDateTime::now_utc(), request);
                self.send(destination, body);
            }
        }
    }

    fn send(&self, destination_arn: &str, body: String) {
        let destination_arn = destination_arn.to_owned();
        // Nobody listens any more when the harness shuts down; the write itself stands.
        let _ = self.channel.send(Notification { destination_arn, body });
    }
}
