//! `tune`: the same load at several memory sizes, and which of them costs least.

use std::fmt::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::CommandError;
use super::load::{LoadOptions, measure, usage};
use crate::bill::{Architecture, Prices};
use crate::chart::{Chart, Series};
use crate::harness::HarnessOptions;
use crate::measured::Measured;
use crate::stdout::{out, outln};

/// A size is as good as the cheapest one if a million uploads cost at most this part more.
const AS_CHEAP: f64 = 0.05;

/// The options that only `tune` has.
#[derive(Debug, Clone, clap::Args)]
pub struct TuneArgs {
    /// Memory sizes in MB. May be repeated, or separated by commas.
    #[arg(long = "sizes", value_delimiter = ',', value_name = "MB",
          default_values_t = [512, 1024, 1769, 2048, 3008, 3538],
          value_parser = clap::value_parser!(u32).range(128..=10_240))]
    pub sizes: Vec<u32>,
}

/// One memory size.
#[derive(Debug, Clone, Serialize)]
struct Trial {
    memory_mb: u32,
    processors: f64,
    /// Billed milliseconds for each upload.
    billed_ms: f64,
    dollars_per_million: f64,
    measured: Measured,
}

/// Runs the load at each size, and prints a table and a recommendation.
///
/// # Errors
/// Those of [`measure`], and `File` for the results.
pub async fn run(
    options: HarnessOptions,
    load: LoadOptions,
    args: TuneArgs,
) -> Result<(), CommandError> {
    if options.environment_concurrency > 1 {
        eprintln!("note: environments get one invocation at a time, whose time Lambda bills");
    }
    let mut trials = Vec::new();
    for memory_mb in args.sizes {
        eprintln!("{memory_mb} MB ...");
        let mut options = options.clone();
        (options.memory_size_mb, options.limits_cpu) = (memory_mb, true);
        options.environment_concurrency = 1;
        let measured = measure(options, &load).await?;
        trials.push(Trial::new(memory_mb, measured, &load.prices));
    }
    out!("{}", text(&trials));
    if let Some(path) = &load.json {
        write_file(
            path,
            &(serde_json::to_string_pretty(&trials).expect("trials are JSON") + "\n"),
        )?;
    }
    if let Some(path) = &load.plot {
        write_file(path, &plot(&trials))?;
    }
    Ok(())
}

fn write_file(path: &PathBuf, text: &str) -> Result<(), CommandError> {
    std::fs::write(path, text).map_err(CommandError::file(path))?;
    outln!("{}", path.display());
    Ok(())
}

impl Trial {
    fn new(memory_mb: u32, measured: Measured, prices: &Prices) -> Self {
        let uploads = measured.uploads.max(1) as f64;
        let million = usage(&measured).share(1e6 / uploads);
        let gb = f64::from(memory_mb) / 1024.0;
        Self {
            memory_mb,
            processors: lambda_local::processors(memory_mb),
            billed_ms: measured.billed_gb_s / gb / uploads * 1e3,
            dollars_per_million: million.dollars(prices, Architecture::of_this_machine()),
            measured,
        }
    }

    fn has_failed(&self) -> bool {
        self.measured.failed_deliveries + self.measured.dead_letters > 0
    }
}

/// The size to set: the fastest of those that cost about as little as the cheapest one.
fn recommended(trials: &[Trial]) -> Option<&Trial> {
    let sound = || trials.iter().filter(|trial| !trial.has_failed());
    let least = sound().map(|trial| trial.dollars_per_million).min_by(f64::total_cmp)?;
    let cheap = sound().filter(|trial| trial.dollars_per_million <= least * (1.0 + AS_CHEAP));
    cheap.min_by(|a, b| a.billed_ms.total_cmp(&b.billed_ms))
}

fn text(trials: &[Trial]) -> String {
    let mut text = String::new();
    write(&mut text, trials).expect("a String takes every write");
    text
}

fn write(text: &mut String, trials: &[Trial]) -> std::fmt::Result {
    writeln!(
        text,
        "{:>9}{:>12}{:>15}{:>15}{:>12}{:>15}",
        "MB", "processors", "billed ms each", "peak MB", "failed", "$ per million"
    )?;
    for trial in trials {
        let Trial { memory_mb, processors, billed_ms, dollars_per_million, measured } = trial;
        writeln!(
            text,
            "{memory_mb:>9}{processors:>12.2}{billed_ms:>15.1}{:>15}{:>12}{:>15.2}",
            measured.max_memory_used_mb, measured.failed_deliveries, dollars_per_million
        )?;
    }
    match recommended(trials) {
        Some(best) => writeln!(
            text,
            "\nSet the memory to {} MB: the fastest size within {:.0} % of the lowest cost.",
            best.memory_mb,
            AS_CHEAP * 100.0
        )?,
        None => writeln!(text, "\nDeliveries failed at every size; choose larger ones.")?,
    }
    let seen = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if trials.iter().any(|trial| trial.processors > seen as f64) {
        writeln!(
            text,
            "This machine has {seen} processors; larger sizes would be faster on AWS than here."
        )?;
    }
    Ok(())
}

fn plot(trials: &[Trial]) -> String {
    let series = |name: &str, value: fn(&Trial) -> f64| Series {
        name: name.to_owned(),
        points: trials.iter().map(|trial| (f64::from(trial.memory_mb), value(trial))).collect(),
    };
    let chart = Chart {
        title: "Time and cost by memory size".to_owned(),
        x: "memory, MB".to_owned(),
        y: "billed ms each, $ per million".to_owned(),
        is_log: true,
        series: vec![
            series("billed ms", |trial| trial.billed_ms),
            series("$ per million", |trial| trial.dollars_per_million),
        ],
    };
    chart.to_svg()
}

#[cfg(test)]
mod tests {
    use super::{Trial, recommended};
    use crate::measured::Measured;

    fn trial(memory_mb: u32, billed_ms: f64, dollars: f64, failed_deliveries: usize) -> Trial {
        let measured = Measured { failed_deliveries, ..Measured::default() };
        let dollars_per_million = dollars;
        Trial { memory_mb, processors: 1.0, billed_ms, dollars_per_million, measured }
    }

    #[test]
    fn the_fastest_of_the_cheap_sizes_is_recommended() {
        let trials = [
            trial(512, 900.0, 27.0, 1),
            trial(1024, 400.0, 30.0, 0),
            trial(1769, 220.0, 31.0, 0),
            trial(3538, 150.0, 36.0, 0),
        ];
        assert_eq!(recommended(&trials).map(|trial| trial.memory_mb), Some(1769));
        assert!(recommended(&trials[..1]).is_none(), "a size that fails is no bargain");
    }
}
