//! A message, and the error for one that is too large.

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

/// The error for a message that is too large for a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of {size_bytes} bytes is larger than a queue takes ({limit_bytes} bytes)")]
pub struct MessageTooLarge {
    /// Size of its body.
    pub size_bytes: usize,
    /// The largest body that a queue takes.
    pub limit_bytes: usize,
}
