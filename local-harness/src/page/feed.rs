//! What the page is told while it is open: one history for all readers, and what happens live.
//! A reader that does not keep up is ended; nothing waits for it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::timeout;

/// Uploads that a new reader is told.
const HISTORY: usize = 200;
/// Messages that a new reader is told: uploads, and the ends of their invocations.
const MAX_KEPT: usize = 2 * HISTORY;
/// Messages that a reader may be late by.
const MAX_LATE: usize = 512;
/// Readers at the same time.
const MAX_READERS: usize = 32;
/// Between two comments on a quiet feed, which find readers that are gone.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The kinds of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// An invocation began.
    Started,
    /// An invocation ended; kept in the history with its uploads.
    Ended,
    /// An upload is done with; kept in the history.
    Upload,
    /// Sums and the bill; the last one is kept.
    Totals,
    /// The queue; the last one is kept.
    Queue,
}

/// The feed; share it by reference.
#[derive(Debug)]
pub struct Feed {
    state: Mutex<State>,
    live: Sender<Arc<str>>,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    history: VecDeque<(Topic, Arc<str>)>,
    uploads: usize,
    totals: Option<Arc<str>>,
    queue: Option<Arc<str>>,
}

/// One reader of the feed.
pub(super) struct Reader {
    backlog: VecDeque<Arc<str>>,
    live: Receiver<Arc<str>>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { state: Mutex::default(), live: channel(MAX_LATE).0 }
    }
}

impl Topic {
    fn name(self) -> &'static str {
        match self {
            Self::Started | Self::Ended => "invocation",
            Self::Upload => "upload",
            Self::Totals => "totals",
            Self::Queue => "queue",
        }
    }
}

impl Feed {
    /// Tells all readers, and later ones as the topic says.
    ///
    /// # Panics
    /// For data that JSON cannot hold.
    pub fn publish(&self, topic: Topic, data: &impl Serialize) {
        let json = serde_json::to_string(data).expect("plain data can be written as JSON");
        let mut state = self.state();
        state.last_id += 1;
        let text = format!("event: {}\nid: {}\ndata: {json}\n\n", topic.name(), state.last_id);
        let text: Arc<str> = text.into();
        match topic {
            Topic::Started => {}
            Topic::Upload | Topic::Ended => state.keep(topic, &text),
            Topic::Totals => state.totals = Some(Arc::clone(&text)),
            Topic::Queue => state.queue = Some(Arc::clone(&text)),
        }
        // There may be no reader.
        let _ = self.live.send(text);
    }

    /// A new reader; none where there are too many.
    pub(super) fn read(&self) -> Option<Reader> {
        let state = self.state();
        if self.live.receiver_count() >= MAX_READERS {
            return None;
        }
        let history = state.history.iter().map(|(_, text)| Arc::clone(text));
        let mut backlog: VecDeque<Arc<str>> = history.collect();
        backlog.extend(state.totals.clone());
        backlog.extend(state.queue.clone());
        Some(Reader { backlog, live: self.live.subscribe() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the history")
    }
}

impl State {
    fn keep(&mut self, topic: Topic, text: &Arc<str>) {
        self.uploads += usize::from(topic == Topic::Upload);
        self.history.push_back((topic, Arc::clone(text)));
        while self.uploads > HISTORY || self.history.len() > MAX_KEPT {
            if let Some((Topic::Upload, _)) = self.history.pop_front() {
                self.uploads -= 1;
            }
        }
    }
}

impl Reader {
    /// The next message; none for a reader that is too late.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(text) = self.backlog.pop_front() {
            return Some(Bytes::copy_from_slice(text.as_bytes()));
        }
        match timeout(KEEP_ALIVE, self.live.recv()).await {
            Ok(Ok(text)) => Some(Bytes::copy_from_slice(text.as_bytes())),
            Ok(Err(RecvError::Lagged(_) | RecvError::Closed)) => None,
            Err(_) => Some(Bytes::from_static(b": nothing new\n\n")),
        }
    }

    /// The body of its answer.
    pub(super) fn body(
        self,
    ) -> StreamBody<impl futures::Stream<Item = Result<Frame<Bytes>, Infallible>>> {
        StreamBody::new(stream::unfold(self, |mut reader| async {
            let bytes = reader.next().await?;
            Some((Ok(Frame::data(bytes)), reader))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{Feed, HISTORY, MAX_LATE, MAX_READERS, Topic};

    async fn text(reader: &mut super::Reader) -> String {
        String::from_utf8(reader.next().await.expect("a message").to_vec()).expect("UTF-8")
    }

    #[tokio::test]
    async fn a_new_reader_gets_the_history_the_sums_and_what_follows() {
        let feed = Feed::default();
        for number in 0..HISTORY + 5 {
            feed.publish(Topic::Upload, &number);
            feed.publish(Topic::Totals, &number);
        }
        feed.publish(Topic::Started, &"not kept");
        let mut reader = feed.read().expect("a reader");
        assert!(text(&mut reader).await.ends_with("data: 5\n\n"), "the oldest are forgotten");
        for _ in 1..HISTORY {
            assert!(text(&mut reader).await.starts_with("event: upload\n"));
        }
        assert!(text(&mut reader).await.starts_with("event: totals\n"));
        feed.publish(Topic::Queue, &0);
        assert!(text(&mut reader).await.starts_with("event: queue\nid: 412\n"));
    }

    #[tokio::test]
    async fn a_slow_reader_is_ended_and_there_are_not_too_many() {
        let feed = Feed::default();
        let mut slow = feed.read().expect("a reader");
        (0..=MAX_LATE).for_each(|number| feed.publish(Topic::Started, &number));
        assert!(slow.next().await.is_none());
        let others: Vec<_> = std::iter::from_fn(|| feed.read()).collect();
        assert_eq!(others.len() + 1, MAX_READERS);
    }
}
