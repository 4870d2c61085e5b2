//! Options of a queue, of a receive, and the disorder that SQS permits itself.

use std::time::Duration;

/// Options of a queue.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Its name, which also seeds the message ids. Default `queue`.
    pub name: String,
    /// How long a received message stays hidden. Default 30 s, as in SQS; AWS recommends six times
    /// the function's timeout.
    pub visibility_timeout: Duration,
    /// Receives before a message becomes a dead letter; at least 1. Default 3.
    pub max_receive_count: u32,
    /// Duplicates, delays and reordering. Default none.
    pub disorder: Disorder,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            name: "queue".to_owned(),
            visibility_timeout: Duration::from_secs(30),
            max_receive_count: 3,
            disorder: Disorder::default(),
        }
    }
}

/// What one receive takes.
#[derive(Debug, Clone)]
pub struct Receive {
    /// The most messages, at least 1. Default 1.
    pub max: usize,
    /// The most bytes of all bodies together as JSON strings, with [`Receive::envelope_bytes`] for
    /// each; the first message may have more. Default no limit.
    pub max_bytes: usize,
    /// Bytes of messages that the receiver has already, which count too. Then the first one must
    /// fit as well. Default 0.
    pub taken_bytes: usize,
    /// Bytes that the receiver adds to each body. Default 0.
    pub envelope_bytes: usize,
    /// How long the messages stay hidden. Default None: as the options of the queue say.
    pub visibility_timeout: Option<Duration>,
}

impl Default for Receive {
    fn default() -> Self {
        Self {
            max: 1,
            max_bytes: usize::MAX,
            taken_bytes: 0,
            envelope_bytes: 0,
            visibility_timeout: None,
        }
    }
}

impl Receive {
    /// The bytes of a body as a JSON string, and of its envelope.
    pub(crate) fn size_of(&self, body: &str) -> usize {
        let escaped = |byte: u8| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
            0..0x20 => 6,
            _ => 1,
        };
        body.bytes().map(escaped).sum::<usize>() + self.envelope_bytes
    }
}

/// What SQS may do to messages and seldom does.
#[derive(Debug, Clone, Default)]
pub struct Disorder {
    /// Seed of all random choices.
    pub seed: u64,
    /// One message in this many is delivered twice; 0 for none.
    pub duplicate_one_in: u32,
    /// One message in this many is delayed; 0 for none.
    pub delay_one_in: u32,
    /// The longest delay.
    pub delay_max: Duration,
    /// Whether visible messages are received in random order.
    pub is_reordered: bool,
}
