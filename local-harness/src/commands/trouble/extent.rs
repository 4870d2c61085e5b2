//! How long a stress test runs.

/// Amount and seed of a stress test.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// How much: of histories, faults, kills, keys, uploads or events.
    pub count: u64,
    /// Seed of all random choices.
    pub seed: u64,
}
