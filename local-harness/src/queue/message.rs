//! A message, and the one that is refused.

/// A message as its receiver gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    /// Valid until the message is received again.
    pub receipt_handle: String,
    pub body: String,
    /// MD5 of the body, hexadecimal.
    pub body_md5: String,
    /// How often it has been received, this time included.
    pub receive_count: u32,
    /// Unix time in milliseconds.
    pub sent_ms: u64,
    /// Unix time in milliseconds.
    pub first_received_ms: u64,
}

/// A message that a queue does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of {size_bytes} bytes is larger than a queue takes ({limit_bytes} bytes)")]
pub struct MessageTooLarge {
    pub size_bytes: usize,
    pub limit_bytes: usize,
}
