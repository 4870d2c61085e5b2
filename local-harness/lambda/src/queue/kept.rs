//! The journal of a queue: what each message is, and how far it is.
//! In: new messages and changes. Out: the messages that an earlier process left. Blocks.

use std::io;
use std::path::Path;

use journal::{Entry, Journal};
use serde::{Deserialize, Serialize};

use super::messages::{Change, New, Note};

/// A message in the journal.
#[derive(Serialize, Deserialize)]
struct Record<'b> {
    sent_ms: u64,
    #[serde(borrow)]
    body: std::borrow::Cow<'b, str>,
}

/// Opens the journal at `path`. Returns the messages in it too, in the order in which they were
/// sent.
///
/// # Errors
/// `InvalidData` where the file is no journal of a queue, and errors of the disk.
pub(super) fn open(path: &Path) -> io::Result<(Journal, Vec<(New, Note)>)> {
    let (journal, entries) = Journal::open(path)?;
    if let Some(kept) = journal.damage() {
        let kept = kept.display();
        tracing::warn!("a part of the queue was damaged, and messages may be missing; see {kept}");
    }
    let messages: io::Result<Vec<(New, Note)>> = entries.iter().map(parse).collect();
    Ok((journal, messages?))
}

fn parse(entry: &Entry) -> io::Result<(New, Note)> {
    let Record { sent_ms, body } = serde_json::from_str(&entry.text)?;
    let note = entry.note.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    Ok((New { number: entry.id, body: body.into_owned(), sent_ms }, note))
}

/// Adds messages that were sent at this time. Returns the number of each.
///
/// # Errors
/// Errors of the disk; then none of them is added.
pub(super) fn add(journal: &Journal, bodies: &[String], sent_ms: u64) -> io::Result<Vec<u64>> {
    let record = |body: &String| {
        serde_json::to_string(&Record { sent_ms, body: body.as_str().into() })
            .expect("a record is always JSON")
    };
    journal.add_all(&bodies.iter().map(record).collect::<Vec<String>>())
}

/// Keeps the changes. Where that fails, a message may be delivered again after a restart.
pub(super) fn keep(journal: &Journal, changes: Vec<Change>) {
    for change in changes {
        let kept = match change {
            Change::Noted(number, note) => {
                let note = serde_json::to_string(&note).expect("a note is always JSON");
                journal.note(number, &note)
            }
            Change::Deleted(number) => journal.remove(number),
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "a restart of the queue may deliver a message again");
        }
    }
}
