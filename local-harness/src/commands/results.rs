//! The options of commands that measure or simulate a run: its seed, its files, its prices.

use std::path::PathBuf;

/// The options that `load`, `tune` and `simulate` share.
#[derive(Debug, Clone, clap::Args)]
pub struct ResultArgs {
    /// Seed of all random choices.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Write the results into this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write a plot of the latency into this file, as SVG.
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Prices for the bill, a TOML file. Default: local-harness/prices.toml.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}
