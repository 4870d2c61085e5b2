//! A message, and why a queue does not take one.

use std::io;

/// A message as a receiver gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The same for all deliveries.
    pub id: String,
    /// Valid until the next receive of the message.
    pub receipt_handle: String,
    /// As it was sent.
    pub body: String,
    /// MD5 of the body, hexadecimal.
    pub body_md5: String,
    /// Number of receives, this one included.
    pub receive_count: u32,
    /// Unix time of the send in milliseconds.
    pub sent_ms: u64,
    /// Unix time of the first receive in milliseconds.
    pub first_received_ms: u64,
}

/// Why a queue does not take a message.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The message is too large.
    #[error("a message of {size_bytes} bytes is larger than a queue takes ({limit_bytes} bytes)")]
    TooLarge {
        /// Size of its body.
        size_bytes: usize,
        /// The largest body that a queue takes.
        limit_bytes: usize,
    },
    /// The journal could not be written.
    #[error("the queue's journal: {0}")]
    Journal(#[from] io::Error),
}
