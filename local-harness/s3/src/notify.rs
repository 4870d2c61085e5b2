//! Bucket notifications: the messages that a bucket's rules send when an object changes.
//! In: a bucket's rules and one event. Out: messages that are held before the write, and sent on
//! the channel after it. `outbox` keeps them until they are delivered.
//! Knows nothing of how a destination is reached.

pub(crate) mod event;
pub(crate) mod filter;
pub(crate) mod message;
pub(crate) mod outbox;
pub(crate) mod rule;

use std::io;
use std::path::Path;

use time::OffsetDateTime;
use tokio::sync::mpsc::UnboundedSender;

use super::request::RequestInfo;
use message::ObjectEvent;
pub use outbox::Notification;
use outbox::{Announced, Held, Left, Outbox};
use rule::{DestinationKind, NotificationRule};

/// Makes notifications and sends them.
#[derive(Debug)]
pub(crate) struct Notifier {
    region: String,
    outbox: Outbox,
}

impl Notifier {
    /// Keeps undelivered notifications in a journal at `path`. Returns those that are left in it.
    pub(crate) fn open(
        region: String,
        channel: UnboundedSender<Notification>,
        path: &Path,
    ) -> io::Result<(Self, Vec<Left>)> {
        let (outbox, left) = Outbox::open(path, channel)?;
        Ok((Self { region, outbox }, left))
    }

    /// Sends a notification that an earlier process left, unless its write never happened.
    pub(crate) fn settle(&self, left: Left, has_happened: bool) -> io::Result<()> {
        self.outbox.settle(left, has_happened)
    }

    /// The region that records name.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// Holds one message for every rule that wants the event, until its write is carried out.
    pub(crate) fn hold(
        &self,
        rules: &[NotificationRule],
        event: &ObjectEvent<'_>,
    ) -> io::Result<Held<'_>> {
        let wanting = rules.iter().filter(|rule| rule.wants(event.name, event.version.key()));
        let message = |rule: &NotificationRule| {
            let body = message::event_json(&self.region, &rule.id, event);
            (rule.destination_arn.clone(), body)
        };
        let announced = event.name.write().map(|is_removal| Announced {
            bucket: event.bucket.to_owned(),
            key: event.version.key().to_owned(),
            version_id: event.version.id(),
            sequencer: event.sequencer,
            is_removal,
        });
        self.outbox.hold(wanting.map(message).collect(), announced.as_ref())
    }

    /// The test message that S3 sends when a configuration is put. Queues and topics get one
    /// each; of a function S3 checks the permission only, and never invokes it for a test.
    pub(crate) fn emit_test(
        &self,
        rules: &[NotificationRule],
        bucket: &str,
        request: &RequestInfo,
    ) -> io::Result<()> {
        let mut messages: Vec<(String, String)> = Vec::new();
        for rule in rules.iter().filter(|rule| rule.kind != DestinationKind::Function) {
            if !messages.iter().any(|(destination, _)| *destination == rule.destination_arn) {
                let body = message::test_json(bucket, OffsetDateTime::now_utc(), request);
                messages.push((rule.destination_arn.clone(), body));
            }
        }
        self.outbox.hold(messages, None)?.send();
        Ok(())
    }
}
