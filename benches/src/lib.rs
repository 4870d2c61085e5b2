//! This crate contains only benchmarks. They are in `benches/`, and `cargo bench` runs them.
