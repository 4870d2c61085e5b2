//! Measurements only: see `benches/`. `cargo bench` runs them.
