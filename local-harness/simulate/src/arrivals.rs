//! When uploads happen. In: a pattern and chance. Out: times in ascending order.

use std::f64::consts::TAU;

use crate::chance::Chance;
use crate::time::{DAY, Micros, SECOND, seconds};

/// A pattern of uploads.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// At a rate that never changes.
    Constant {
        /// How many.
        uploads: u64,
        /// Uploads for each second.
        per_s: f64,
        /// Whether gaps are all the same or random (a Poisson process).
        gaps: Gaps,
    },
    /// A day whose rate follows a cosine: lowest at the start and the end, highest at noon.
    Day {
        /// How many.
        uploads: u64,
        /// The highest rate, divided by the mean rate: 1 to 2.
        peak_to_mean: f64,
    },
    /// Evenly distributed over a short time, or all at once.
    Burst {
        /// How many.
        uploads: u64,
        /// How long the burst takes; 0 for all at once.
        over_us: Micros,
    },
    /// At these times, in ascending order.
    Times(Vec<Micros>),
}

/// The time between two uploads at a constant rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gaps {
    /// Always the same.
    Even,
    /// Exponentially distributed.
    Random,
}

impl Arrivals {
    /// How many uploads there are.
    pub fn uploads(&self) -> u64 {
        match self {
            Self::Constant { uploads, .. }
            | Self::Day { uploads, .. }
            | Self::Burst { uploads, .. } => *uploads,
            Self::Times(times) => times.len() as u64,
        }
    }

    /// The highest rate, in uploads for each second; the mean rate of a list.
    pub fn peak_per_s(&self) -> f64 {
        match self {
            Self::Constant { per_s, .. } => *per_s,
            Self::Day { uploads, peak_to_mean } => *uploads as f64 / seconds(DAY) * peak_to_mean,
            Self::Burst { uploads, over_us } => *uploads as f64 / seconds((*over_us).max(SECOND)),
            Self::Times(times) => {
                let last_us = times.last().copied().unwrap_or_default();
                times.len() as f64 / seconds(last_us.max(SECOND))
            }
        }
    }
}

/// The times of a pattern, one by one.
#[derive(Debug)]
pub(crate) struct Clock<'a> {
    arrivals: &'a Arrivals,
    count: u64,
    last_us: f64,
}

impl<'a> Clock<'a> {
    pub(crate) fn new(arrivals: &'a Arrivals) -> Self {
        Self { arrivals, count: 0, last_us: 0.0 }
    }

    /// The time of the next upload.
    pub(crate) fn next(&mut self, chance: &mut Chance) -> Option<Micros> {
        if self.count == self.arrivals.uploads() {
            return None;
        }
        let number = self.count;
        self.count += 1;
        let mut after = |gap_us: f64| {
            self.last_us += gap_us;
            self.last_us as Micros
        };
        let second = SECOND as f64;
        Some(match self.arrivals {
            Arrivals::Constant { per_s, gaps: Gaps::Even, .. } => {
                (number as f64 / per_s * second) as Micros
            }
            Arrivals::Constant { per_s, gaps: Gaps::Random, .. } => {
                after(chance.exponential() / per_s * second)
            }
            Arrivals::Day { uploads, peak_to_mean } => {
                let mean_per_s = *uploads as f64 / seconds(DAY);
                let time = self.last_us / DAY as f64;
                let rate = mean_per_s * (1.0 - (peak_to_mean - 1.0) * (TAU * time).cos());
                // The rate of a moment holds for the gap after it; where it is nearly nothing, the
                // gap would step over the morning.
                self.last_us += chance.exponential() / rate.max(mean_per_s / 50.0) * second;
                self.last_us as Micros
            }
            Arrivals::Burst { uploads, over_us } => {
                (u128::from(*over_us) * u128::from(number) / u128::from(*uploads)) as Micros
            }
            Arrivals::Times(times) => times[number as usize],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrivals, Clock, Gaps};
    use crate::chance::Chance;
    use crate::time::{DAY, HOUR, SECOND};

    fn times(arrivals: &Arrivals) -> Vec<u64> {
        let (mut clock, mut chance) = (Clock::new(arrivals), Chance::new(1));
        let times: Vec<u64> = std::iter::from_fn(|| clock.next(&mut chance)).collect();
        assert!(times.is_sorted());
        assert_eq!(times.len() as u64, arrivals.uploads());
        times
    }

    #[test]
    fn even_gaps_bursts_and_lists_are_exact() {
        let even = Arrivals::Constant { uploads: 3, per_s: 4.0, gaps: Gaps::Even };
        assert_eq!(times(&even), [0, 250_000, 500_000]);
        assert_eq!(
            times(&Arrivals::Burst { uploads: 4, over_us: SECOND }),
            [0, 250_000, 500_000, 750_000]
        );
        assert_eq!(times(&Arrivals::Burst { uploads: 2, over_us: 0 }), [0, 0]);
        assert_eq!(times(&Arrivals::Times(vec![1, 5])), [1, 5]);
    }

    #[test]
    fn random_gaps_keep_the_rate() {
        let arrivals = Arrivals::Constant { uploads: 100_000, per_s: 50.0, gaps: Gaps::Random };
        let last = times(&arrivals)[99_999] as f64 / SECOND as f64;
        assert!((last - 2_000.0).abs() < 20.0, "{last}");
    }

    #[test]
    fn a_day_has_its_peak_at_noon() {
        let arrivals = Arrivals::Day { uploads: 500_000, peak_to_mean: 1.8 };
        let times = times(&arrivals);
        let last = times[times.len() - 1] as f64 / DAY as f64;
        assert!((last - 1.0).abs() < 0.02, "{last}");
        let between =
            |from, to| times.iter().filter(|time| (from..to).contains(*time)).count() as f64;
        let mean = 500_000.0 / 24.0;
        let noon = between(12 * HOUR - HOUR / 2, 12 * HOUR + HOUR / 2) / mean;
        let morning = between(0, HOUR) / mean;
        assert!((noon - 1.8).abs() < 0.05, "{noon}");
        assert!((morning - 0.2).abs() < 0.05, "{morning}");
        assert!((arrivals.peak_per_s() - 1.8 * 500_000.0 / 86_400.0).abs() < 1e-9);
    }
}
