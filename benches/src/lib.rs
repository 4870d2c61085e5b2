//! Measurements only: see `benches/`. `cargo bench` runs them.
#![warn(missing_docs)]
