//! What is simulated: the uploads, and how each part of the platform is set. The defaults are those
//! of `infra/template.yaml`.

use crate::arrivals::Arrivals;
use crate::chance::Distribution;
use crate::lambda::LambdaOptions;
use crate::mapping::{MappingOptions, Polling};
use crate::queue::QueueOptions;
use crate::s3::S3Options;
use crate::time::{HOUR, MINUTE, Micros};

/// A run of uploads through the whole platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// When uploads happen. Default: 10 million in a day with a peak of 1.8 times the mean.
    pub arrivals: Arrivals,
    /// Uploads that the function cannot process. Default: none.
    pub poison: Option<Poison>,
    /// The buckets and their notifications.
    pub s3: S3Options,
    /// The queue.
    pub queue: QueueOptions,
    /// The event source mapping.
    pub mapping: MappingOptions,
    /// The function.
    pub lambda: LambdaOptions,
    /// Whether AWS's scaling rates apply. Default: they do.
    pub ramps: Ramps,
}

/// Scaling rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ramps {
    /// Pollers and environments grow as fast as AWS lets them.
    Aws,
    /// All are there from the start, as in the local harness.
    None,
}

/// Uploads that fail each delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Poison {
    /// How they fail.
    pub effect: Effect,
    /// The share of uploads, 0 to 1.
    pub share: f64,
    /// When the first such upload happens.
    pub from_us: Micros,
    /// When they end.
    pub until_us: Micros,
    /// The delivery that refuses the upload, which ends it: the third with this project's function
    /// if the file is at fault. `None` if every delivery fails.
    pub refused_at: Option<u16>,
}

/// How a delivery fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The answer of the invocation names the message; the others of its batch succeed.
    Fails,
    /// The invocation runs into its timeout, and its whole batch fails.
    TimesOut,
}

/// Why a scenario cannot be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidScenario {
    /// What is wrong, and what is allowed.
    pub problem: &'static str,
}

impl std::fmt::Display for InvalidScenario {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.problem)
    }
}

impl std::error::Error for InvalidScenario {}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            arrivals: Arrivals::Day { uploads: 10_000_000, peak_to_mean: 1.8 },
            poison: None,
            s3: S3Options::default(),
            queue: QueueOptions::default(),
            mapping: MappingOptions::default(),
            lambda: LambdaOptions::default(),
            ramps: Ramps::Aws,
        }
    }
}

impl Scenario {
    /// A day of 10 million uploads.
    pub fn day() -> Self {
        Self::default()
    }

    /// A million uploads within one minute.
    pub fn burst() -> Self {
        let arrivals = Arrivals::Burst { uploads: 1_000_000, over_us: MINUTE };
        Self { arrivals, ..Self::default() }
    }

    /// The same day, with an hour from noon in which the processing of one upload in a hundred
    /// always runs into the timeout.
    pub fn poisoned() -> Self {
        let poison = Poison {
            effect: Effect::TimesOut,
            share: 0.01,
            from_us: 12 * HOUR,
            until_us: 13 * HOUR,
            refused_at: None,
        };
        Self { poison: Some(poison), ..Self::default() }
    }

    /// As the local harness: so many environments, all there from the start, no delays, and no
    /// limits of S3. A run of `load` and one of this scenario with the durations that `load` has
    /// measured take about the same time.
    pub fn of_harness(arrivals: Arrivals, environments: u64, batch_size: usize) -> Self {
        let none = Distribution::Constant(0);
        let mut scenario = Self { arrivals, ramps: Ramps::None, ..Self::default() };
        scenario.mapping.batch_size = batch_size;
        scenario.mapping.polling = Polling::Standard { maximum_concurrency: Some(environments) };
        scenario.s3.notification_delay = none.clone();
        // The measured durations have the steps at S3 in them.
        scenario.s3.step_us = 0;
        (scenario.s3.writes_per_s, scenario.s3.reads_per_s) = (1_000_000, 1_000_000);
        scenario.lambda.platform_start = none;
        scenario.lambda.keep_warm_us = HOUR;
        scenario.queue.duplicate_share = 0.0;
        scenario
    }

    /// Checks what AWS would check.
    ///
    /// # Errors
    /// The first value that AWS would refuse, or that cannot be simulated.
    pub fn validate(&self) -> Result<(), InvalidScenario> {
        let Self { arrivals, queue, mapping, lambda, s3, .. } = self;
        let peak_to_mean = match arrivals {
            Arrivals::Day { peak_to_mean, .. } => *peak_to_mean,
            _ => 1.0,
        };
        let pollers_are_valid = match mapping.polling {
            Polling::Standard { maximum_concurrency } => {
                maximum_concurrency.is_none_or(|limit| (2..=1_000).contains(&limit))
            }
            Polling::Provisioned { minimum_pollers: low, maximum_pollers: high } => {
                (2..=200).contains(&low) && (low..=10_000).contains(&high)
            }
        };
        let times_ascend = match arrivals {
            Arrivals::Times(times) => times.is_sorted(),
            _ => true,
        };
        let window_allows = mapping.batch_size <= 10 || mapping.batch_window_us > 0;
        let rules = [
            ((1..=10_000).contains(&mapping.batch_size), "a batch has 1 to 10,000 messages"),
            (window_allows, "a batch of more than 10 messages needs a batch window"),
            (
                pollers_are_valid,
                "maximum concurrency is 2 to 1,000; pollers are 2 to 200 at least \
                                 and 2 to 10,000 at most",
            ),
            ((128..=10_240).contains(&lambda.memory_size_mb), "the memory is 128 to 10,240 MB"),
            (lambda.timeout_us > 0, "the timeout is more than 0"),
            (
                queue.visibility_timeout_us >= lambda.timeout_us,
                "the visibility timeout is at least the function's timeout",
            ),
            (
                s3.prefixes > 0 && s3.writes_per_s > 0 && s3.reads_per_s > 0,
                "S3 has at least one prefix, and accepts requests",
            ),
            ((1.0..=2.0).contains(&peak_to_mean), "the peak of a day is 1 to 2 times the mean"),
            (times_ascend, "the times of uploads are in ascending order"),
        ];
        match rules.into_iter().find(|(is_valid, _)| !is_valid) {
            Some((_, problem)) => Err(InvalidScenario { problem }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scenario;
    use crate::mapping::Polling;
    use crate::time::MINUTE;

    #[test]
    fn the_scenarios_are_valid_and_what_aws_refuses_is_not() {
        for scenario in [Scenario::day(), Scenario::burst(), Scenario::poisoned()] {
            assert_eq!(scenario.validate(), Ok(()));
        }
        let mut scenario = Scenario::day();
        scenario.mapping.polling = Polling::Standard { maximum_concurrency: Some(1) };
        assert!(scenario.validate().is_err());
        let mut scenario = Scenario::day();
        scenario.lambda.timeout_us = 7 * MINUTE;
        let problem = scenario.validate().expect_err("too long").to_string();
        assert!(problem.contains("visibility timeout"), "{problem}");
        let mut scenario = Scenario::day();
        scenario.mapping.batch_size = 100;
        assert!(scenario.validate().is_err());
    }
}
