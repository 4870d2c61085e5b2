//! The notifications that were not delivered yet, in a journal beside the objects.
//! A notification is held before its write is carried out, and sent after. So a process that is
//! killed loses none: the next one sends those that are left, unless their write never happened.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use journal::{Entry, Journal};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use crate::errors::at;

use crate::version_id::VersionId;

/// One message to one destination of a bucket's notification configuration.
#[derive(Clone)]
pub struct Notification {
    /// The ARN of the queue, topic or function, as it was configured.
    pub destination_arn: String,
    /// The S3 event as JSON, or the `s3:TestEvent`.
    pub body: String,
    id: u64,
    journal: Arc<Journal>,
}

impl Notification {
    /// Says that the message has arrived. Without it, the next start of the server sends the
    /// message again.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn delivered(self) -> io::Result<()> {
        self.journal.remove(self.id)
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Notification");
        shown.field("destination_arn", &self.destination_arn).field("body", &self.body);
        shown.finish_non_exhaustive()
    }
}

/// The write that a notification announces.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Announced {
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// Of the version that is added or removed.
    #[serde(default)]
    pub(crate) version_id: VersionId,
    pub(crate) sequencer: u64,
    pub(crate) is_removal: bool,
}

/// A message and what it announces; nothing for a message that follows no write.
#[derive(Serialize, Deserialize)]
struct Record<'r> {
    destination_arn: Cow<'r, str>,
    body: Cow<'r, str>,
    announced: Option<Announced>,
}

/// A notification that an earlier process left.
#[derive(Debug)]
pub(crate) struct Left {
    notification: Notification,
    pub(crate) announced: Option<Announced>,
}

/// Where notifications are held and sent.
#[derive(Debug)]
pub(crate) struct Outbox {
    journal: Arc<Journal>,
    channel: UnboundedSender<Notification>,
}

/// Notifications that wait for their write.
#[must_use = "they are sent or withdrawn"]
#[derive(Debug)]
pub(crate) struct Held<'o> {
    notifications: Vec<Notification>,
    channel: &'o UnboundedSender<Notification>,
}

impl Outbox {
    /// Opens the journal. Returns the notifications that were left in it, oldest first.
    pub(crate) fn open(
        path: &Path,
        channel: UnboundedSender<Notification>,
    ) -> io::Result<(Self, Vec<Left>)> {
        let (journal, entries) = Journal::open(path)?;
        if let Some(kept) = journal.damage() {
            let kept = kept.display();
            eprintln!(
                "s3: a part of the notifications was damaged, and some may be missing; see {kept}"
            );
        }
        let journal = Arc::new(journal);
        let left: io::Result<Vec<Left>> =
            entries.iter().map(|entry| parse(entry, &journal)).collect();
        let left = left.map_err(at(path));
        Ok((Self { journal, channel }, left?))
    }

    /// Sends what an earlier process left, or forgets it where its write never happened.
    pub(crate) fn settle(&self, left: Left, has_happened: bool) -> io::Result<()> {
        if !has_happened {
            return left.notification.delivered();
        }
        send(&self.channel, left.notification);
        Ok(())
    }

    /// Keeps the messages, by destination and body, until their write is carried out.
    pub(crate) fn hold(
        &self,
        messages: Vec<(String, String)>,
        announced: Option<&Announced>,
    ) -> io::Result<Held<'_>> {
        let records: Result<Vec<String>, serde_json::Error> = messages
            .iter()
            .map(|(destination_arn, body)| {
                let (destination_arn, body) = (destination_arn.into(), body.into());
                let announced = announced.cloned();
                serde_json::to_string(&Record { destination_arn, body, announced })
            })
            .collect();
        let ids = self.journal.add_all(&records?)?;
        let notification = |((destination_arn, body), id)| {
            let journal = Arc::clone(&self.journal);
            Notification { destination_arn, body, id, journal }
        };
        let notifications = messages.into_iter().zip(ids).map(notification).collect();
        Ok(Held { notifications, channel: &self.channel })
    }
}

impl Held<'_> {
    /// Sends them; their write is on the disk.
    pub(crate) fn send(self) {
        for notification in self.notifications {
            send(self.channel, notification);
        }
    }

    /// Forgets them; their write was not carried out.
    pub(crate) fn withdraw(self) {
        for notification in self.notifications {
            if let Err(error) = notification.delivered() {
                // The next start finds out that the write never happened.
                eprintln!("s3: {error}");
            }
        }
    }
}

fn send(channel: &UnboundedSender<Notification>, notification: Notification) {
    // The receiver is gone when the server shuts down; the next start sends the message again.
    let _ = channel.send(notification);
}

fn parse(entry: &Entry, journal: &Arc<Journal>) -> io::Result<Left> {
    let Record { destination_arn, body, announced } = serde_json::from_str(&entry.text)?;
    let (destination_arn, body) = (destination_arn.into_owned(), body.into_owned());
    let notification =
        Notification { destination_arn, body, id: entry.id, journal: Arc::clone(journal) };
    Ok(Left { notification, announced })
}

#[cfg(test)]
mod tests {
    use super::Announced;
    use crate::version_id::VersionId;

    #[test]
    fn what_an_earlier_release_announced_is_of_the_null_version() {
        let kept = r#"{"bucket":"photos","key":"k","sequencer":7,"is_removal":true}"#;
        let announced: Announced = serde_json::from_str(kept).unwrap();
        assert_eq!(announced.version_id, VersionId::Null);
    }
}
