//! The options of `simulate`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use simulate::time::{Micros, from_seconds};
use simulate::{
    Arrivals, Distribution, Effect, Gaps, Poison, Polling, Sample, Scenario, ServiceTimes,
};

use super::SimulateOptions;
use crate::bill::{Architecture, Prices};
use crate::commands::results::ResultArgs;
use crate::commands::{CommandError, cost};
use crate::measured::Measured;

/// What is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// 10 million uploads in a day whose rate follows a curve.
    Day,
    /// A million uploads within a minute.
    Burst,
    /// The day, with an hour in which one upload in a hundred always runs into the timeout.
    Poisoned,
    /// Uploads at a constant rate (`--rate`) or at given times (`--times`).
    Custom,
    /// The run of `--measured` again, to compare the simulator with it.
    Load,
}

/// The options that only `simulate` has. Defaults are those of infra/template.yaml.
#[derive(Debug, Clone, clap::Args)]
pub struct SimulateArgs {
    /// What is simulated.
    #[arg(long, value_enum, default_value_t = Kind::Day)]
    pub scenario: Kind,
    /// Uploads. Default: those of the scenario; 100,000 if it is custom.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub uploads: Option<u64>,
    /// Seconds of a burst.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    pub over: f64,
    /// Highest rate of a day, divided by its mean rate: 1 to 2.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.8)]
    pub peak: f64,
    /// Uploads for each second of a custom scenario.
    #[arg(long, value_name = "NUMBER", default_value_t = 100.0)]
    pub rate: f64,
    /// File with the times of a custom scenario's uploads: seconds, ascending, one in each line.
    #[arg(long, value_name = "FILE")]
    pub times: Option<PathBuf>,
    /// Durations of the function: a file that `load --json` has written.
    #[arg(long, value_name = "FILE")]
    pub measured: Option<PathBuf>,
    /// Without such a file: mean milliseconds of the function for one upload at 1,769 MB.
    #[arg(long, value_name = "MS", default_value_t = 250.0)]
    pub mean: f64,
    /// Without such a file: their standard deviation, divided by the mean.
    #[arg(long, value_name = "FACTOR", default_value_t = 0.8)]
    pub spread: f64,
    /// Without such a file: milliseconds of an init.
    #[arg(long, value_name = "MS", default_value_t = 30.0)]
    pub init: f64,
    /// How the platform is set.
    #[command(flatten)]
    pub platform: PlatformArgs,
    /// The share of uploads that are poisoned: 0 to 1, for an hour in a poisoned day, else always.
    #[arg(long, value_name = "SHARE")]
    pub poison: Option<f64>,
    /// How poisoned uploads fail.
    #[arg(long, value_enum, default_value_t = EffectName::TimesOut)]
    pub poison_effect: EffectName,
    /// The delivery that refuses a poisoned upload. Default: none does.
    #[arg(long, value_name = "NUMBER")]
    pub refused_at: Option<u16>,
    /// Seed, files and prices.
    #[command(flatten)]
    pub results: ResultArgs,
    /// Write a plot of messages and environments into this file, as SVG.
    #[arg(long, value_name = "FILE")]
    pub plot_queue: Option<PathBuf>,
    /// Bill the prices of arm64.
    #[arg(long)]
    pub arm64: bool,
}

/// How poisoned uploads fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EffectName {
    /// The answer names them.
    Fails,
    /// Their whole batch runs into the timeout.
    TimesOut,
}

/// How the platform is set.
#[derive(Debug, Clone, clap::Args)]
pub struct PlatformArgs {
    /// Memory of the function in MB. Default: 1769, or as measured.
    #[arg(long, value_name = "MB")]
    pub memory: Option<u32>,
    /// Timeout of the function.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    pub timeout: f64,
    /// Visibility timeout of the queue.
    #[arg(long, value_name = "SECONDS", default_value_t = 360.0)]
    pub visibility_timeout: f64,
    /// Receives before a message becomes a dead letter.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub max_receive_count: u16,
    /// Messages for each invocation, at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    pub batch_size: usize,
    /// How long a message waits for a full batch.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    pub batch_window: f64,
    /// Maximum concurrency of the mapping; 0 for none.
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    pub maximum_concurrency: u64,
    /// Provisioned pollers at least, instead of a maximum concurrency.
    #[arg(
        long,
        value_name = "NUMBER",
        requires = "maximum_pollers",
        conflicts_with = "maximum_concurrency"
    )]
    pub minimum_pollers: Option<u64>,
    /// Provisioned pollers at most.
    #[arg(long, value_name = "NUMBER", requires = "minimum_pollers")]
    pub maximum_pollers: Option<u64>,
    /// Reserved concurrency of the function. Default: none.
    #[arg(long, value_name = "NUMBER")]
    pub reserved_concurrency: Option<u64>,
    /// Concurrency that the account leaves for the function.
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000)]
    pub account_concurrency: u64,
    /// Prefixes for which S3 has partitions.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub prefixes: u16,
    /// How long each of the three steps at S3 takes.
    #[arg(long, value_name = "MS", default_value_t = 100.0)]
    pub s3_step: f64,
}

impl PlatformArgs {
    fn apply(&self, scenario: &mut Scenario) {
        scenario.lambda.timeout_us = from_seconds(self.timeout);
        scenario.lambda.reserved_concurrency = self.reserved_concurrency;
        scenario.lambda.account_concurrency = self.account_concurrency;
        scenario.queue.visibility_timeout_us = from_seconds(self.visibility_timeout);
        scenario.queue.max_receive_count = self.max_receive_count;
        scenario.mapping.batch_size = self.batch_size;
        scenario.mapping.batch_window_us = from_seconds(self.batch_window);
        let limit = (self.maximum_concurrency > 0).then_some(self.maximum_concurrency);
        scenario.mapping.polling = match (self.minimum_pollers, self.maximum_pollers) {
            (Some(minimum_pollers), Some(maximum_pollers)) => {
                Polling::Provisioned { minimum_pollers, maximum_pollers }
            }
            _ => Polling::Standard { maximum_concurrency: limit },
        };
        scenario.s3.prefixes = self.prefixes;
        scenario.s3.step_us = milliseconds(self.s3_step);
    }
}

impl SimulateArgs {
    /// The options with their files read.
    ///
    /// # Errors
    /// `File` for a file that cannot be read, `Prices` for that of prices, `Check` for
    /// another one that is wrong, and `Scenario` for values that AWS would refuse.
    pub fn options(&self) -> Result<SimulateOptions, CommandError> {
        let measured = self.measured.as_deref().map(cost::read).transpose()?;
        let (times, source) = self.service_times(measured.as_ref())?;
        let mut scenario = self.scenario(measured.as_ref())?;
        scenario.lambda.memory_size_mb = self.platform.memory.unwrap_or(times.memory_size_mb);
        scenario.validate()?;
        let name = match self.scenario {
            Kind::Day => "day",
            Kind::Burst => "burst",
            Kind::Poisoned => "poisoned",
            Kind::Custom => "custom",
            Kind::Load => "load",
        };
        Ok(SimulateOptions {
            name,
            scenario,
            times,
            source,
            measured: measured.filter(|_| self.scenario == Kind::Load),
            seed: self.results.seed,
            architecture: if self.arm64 { Architecture::Arm64 } else { Architecture::X86_64 },
            prices: Prices::read(self.results.prices.as_deref())?,
            json: self.results.json.clone(),
            plot: self.results.plot.clone(),
            plot_queue: self.plot_queue.clone(),
        })
    }

    fn scenario(&self, measured: Option<&Measured>) -> Result<Scenario, CommandError> {
        if self.scenario == Kind::Load {
            let measured = measured.ok_or_else(|| CommandError::Check {
                what: "the scenario load".to_owned(),
                problem: "it needs --measured FILE, which `load --json FILE` writes".to_owned(),
            })?;
            let uploads = measured.uploads as u64;
            let arrivals = match measured.setup.rate {
                Some(per_s) => Arrivals::Constant { uploads, per_s, gaps: Gaps::Even },
                None => Arrivals::Burst { uploads, over_us: 0 },
            };
            let setup = &measured.setup;
            let environments = setup.environments as u64;
            return Ok(Scenario::of_harness(arrivals, environments, setup.batch_size));
        }
        let mut scenario = match self.scenario {
            Kind::Poisoned => Scenario::poisoned(),
            _ => Scenario::day(),
        };
        scenario.arrivals = self.arrivals()?;
        self.platform.apply(&mut scenario);
        let everything = Poison {
            effect: Effect::TimesOut,
            share: 0.0,
            from_us: 0,
            until_us: Micros::MAX,
            refused_at: None,
        };
        let poison = scenario.poison.take().unwrap_or(everything);
        let share = self.poison.unwrap_or(poison.share);
        let effect = match self.poison_effect {
            EffectName::Fails => Effect::Fails,
            EffectName::TimesOut => Effect::TimesOut,
        };
        let refused_at = self.refused_at;
        scenario.poison = (share > 0.0).then_some(Poison { share, effect, refused_at, ..poison });
        Ok(scenario)
    }

    fn arrivals(&self) -> Result<Arrivals, CommandError> {
        let uploads = |default| self.uploads.unwrap_or(default);
        Ok(match (self.scenario, &self.times) {
            (Kind::Burst, _) => {
                let over_us = from_seconds(self.over);
                Arrivals::Burst { uploads: uploads(1_000_000), over_us }
            }
            (Kind::Custom, Some(path)) => Arrivals::Times(times(path)?),
            (Kind::Custom, None) => {
                let per_s = self.rate;
                Arrivals::Constant { uploads: uploads(100_000), per_s, gaps: Gaps::Random }
            }
            _ => Arrivals::Day { uploads: uploads(10_000_000), peak_to_mean: self.peak },
        })
    }

    fn service_times(
        &self,
        measured: Option<&Measured>,
    ) -> Result<(ServiceTimes, String), CommandError> {
        let Some(measured) = measured else {
            let upload =
                Distribution::Lognormal { mean_us: milliseconds(self.mean), spread: self.spread };
            let init = Distribution::Constant(milliseconds(self.init));
            let source = format!(
                "lognormal, mean {} ms for an upload at 1769 MB, spread {}; init {} ms",
                self.mean, self.spread, self.init
            );
            return Ok((ServiceTimes::of_uploads(1_769, upload, init), source));
        };
        let sample = |service: &crate::measured::Service| Sample {
            messages: service.messages,
            duration_us: milliseconds(service.duration_ms),
            init_us: service.init_ms.map(milliseconds),
        };
        let samples: Vec<Sample> = measured.services.iter().map(sample).collect();
        let setup = &measured.setup;
        let times = ServiceTimes::of_samples(setup.memory_size_mb, &samples);
        let times = times.ok_or_else(|| CommandError::Check {
            what: "the file of --measured".to_owned(),
            problem: "it lists no invocations".to_owned(),
        })?;
        let source = format!(
            "{} invocations that `load` measured: pictures {}, {} MB, batches of up to {}",
            samples.len(),
            setup.pictures,
            setup.memory_size_mb,
            setup.batch_size
        );
        Ok((times, source))
    }
}

fn milliseconds(time_ms: f64) -> Micros {
    from_seconds(time_ms / 1e3)
}

fn times(path: &Path) -> Result<Vec<Micros>, CommandError> {
    let text = std::fs::read_to_string(path).map_err(CommandError::file(path))?;
    let parsed = text.split_whitespace().map(|time| time.parse().map(from_seconds));
    parsed.collect::<Result<Vec<Micros>, _>>().map_err(|error| CommandError::Check {
        what: path.display().to_string(),
        problem: format!("it is no list of seconds: {error}"),
    })
}
