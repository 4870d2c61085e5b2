//! Options of a queue, and the disorder that SQS permits itself.

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
