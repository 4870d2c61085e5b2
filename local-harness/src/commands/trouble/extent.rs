//! How long a command under trouble runs.

/// How much of what, and with which seed.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    pub count: u64,
    pub seed: u64,
}
