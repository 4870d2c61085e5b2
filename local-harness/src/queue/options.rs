//! How a queue behaves, and what SQS is allowed to do to its messages.

use std::time::Duration;

/// How a queue behaves.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Message ids are decided by it.
    pub name: String,
    /// How long a received message stays hidden. Default 30 s, as in SQS; six times the function's
    /// timeout is advised.
    pub visibility_timeout: Duration,
    /// How often a message is received before it becomes a dead letter; at least 1. Default 3.
    pub max_receive_count: u32,
    /// What SQS is allowed to do and seldom does. Default nothing.
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

/// Trouble on request; the seed decides where it strikes.
#[derive(Debug, Clone, Default)]
pub struct Disorder {
    pub seed: u64,
    /// One message in so many is delivered twice; 0 for none.
    pub duplicate_one_in: u32,
    /// One message in so many comes late; 0 for none.
    pub delay_one_in: u32,
    /// The longest such delay.
    pub delay_max: Duration,
    /// Visible messages come in any order.
    pub is_reordered: bool,
}
