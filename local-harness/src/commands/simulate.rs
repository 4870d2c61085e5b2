//! `simulate`: the same control plane in virtual time, for as many uploads as AWS would take.

pub mod arguments;
mod plot;
mod report;

use std::path::PathBuf;

use serde::Serialize;
use simulate::{Advice, Outcome, Scenario, ServiceTimes, simulate};

use super::CommandError;
use crate::bill::{Architecture, BillLine, Prices, Usage};
use crate::measured::Measured;
use crate::stdout::{out, outln};

/// Options of a run.
#[derive(Debug, Clone)]
pub struct SimulateOptions {
    /// Its name on the command line.
    pub name: &'static str,
    /// What is simulated.
    pub scenario: Scenario,
    /// How long the function takes.
    pub times: ServiceTimes,
    /// Where they come from, for a reader.
    pub source: String,
    /// The run that is simulated again, if it is one of `load`.
    pub measured: Option<Measured>,
    /// Seed of all random choices.
    pub seed: u64,
    /// The processor, which decides the price of its time.
    pub architecture: Architecture,
    /// What AWS asks.
    pub prices: Prices,
    /// A file for the results as JSON.
    pub json: Option<PathBuf>,
    /// A file for a plot of the latency as SVG.
    pub plot: Option<PathBuf>,
    /// A file for a plot of messages and environments as SVG.
    pub plot_queue: Option<PathBuf>,
}

/// What is written as JSON.
#[derive(Debug, Serialize)]
struct Results<'a> {
    scenario: &'static str,
    seed: u64,
    outcome: &'a Outcome,
    bill: Vec<BillLine>,
    advice: &'a Advice,
}

/// Simulates, and prints the results.
///
/// # Errors
/// `File` for a file that cannot be written.
pub fn run(options: &SimulateOptions) -> Result<(), CommandError> {
    let outcome = simulate(&options.scenario, &options.times, options.seed);
    let advice = Advice::of(&options.scenario, &options.times, &outcome);
    out!("{}", report::text(options, &outcome, &advice));
    let write = |path: &Option<PathBuf>, what: &str, text: String| {
        let Some(path) = path else { return Ok(()) };
        std::fs::write(path, text).map_err(CommandError::file(path))?;
        outln!("{what:11} {}", path.display());
        Ok(())
    };
    let bill = usage(&outcome).bill(&options.prices, options.architecture);
    let (scenario, seed) = (options.name, options.seed);
    let results = Results { scenario, seed, outcome: &outcome, bill, advice: &advice };
    let json = serde_json::to_string_pretty(&results).expect("the results are JSON");
    write(&options.json, "results", json + "\n")?;
    write(&options.plot, "plot", plot::latency(options.name, &outcome))?;
    write(&options.plot_queue, "plot", plot::queue(options.name, &outcome))
}

/// What the whole run used of AWS.
fn usage(outcome: &Outcome) -> Usage {
    let used = &outcome.used;
    Usage {
        gb_s: used.gb_s,
        invocations: outcome.events.invocations as f64,
        writes: used.puts as f64,
        reads: used.reads as f64,
        queue_requests: used.queue_requests as f64,
        ..Usage::default()
    }
}
