//! A histogram of durations with buckets of equal relative width: constant memory, and percentiles
//! within 1 %.

use serde::Serialize;

use crate::time::{Micros, seconds};

/// Buckets for each doubling, as a power of two.
const BITS: u32 = 6;
const PER_DOUBLING: usize = 1 << BITS;
/// Values of up to 2^44 microseconds, half a year.
const BUCKETS: usize = (44 - BITS as usize + 1) * PER_DOUBLING;

/// How many durations fall into each bucket.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    counts: Vec<u32>,
    count: u64,
    sum_us: u64,
    max_us: Micros,
}

/// A distribution of durations, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// The mean.
    pub mean_s: f64,
    /// Half are at most this.
    pub p50_s: f64,
    /// Nine of ten.
    pub p90_s: f64,
    /// 99 of 100.
    pub p99_s: f64,
    /// The longest.
    pub max_s: f64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], count: 0, sum_us: 0, max_us: 0 }
    }
}

fn bucket_of(value_us: Micros) -> usize {
    if value_us < PER_DOUBLING as Micros {
        return value_us as usize;
    }
    let exponent = value_us.ilog2();
    let below = (value_us >> (exponent - BITS)) as usize - PER_DOUBLING;
    ((exponent - BITS + 1) as usize * PER_DOUBLING + below).min(BUCKETS - 1)
}

/// The middle of a bucket.
fn value_of(bucket: usize) -> f64 {
    if bucket < PER_DOUBLING {
        return bucket as f64;
    }
    let shift = (bucket / PER_DOUBLING - 1) as i32;
    (PER_DOUBLING + bucket % PER_DOUBLING) as f64 * 2_f64.powi(shift)
        + (2_f64.powi(shift) - 1.0) / 2.0
}

impl Histogram {
    pub(crate) fn add(&mut self, value_us: Micros) {
        self.counts[bucket_of(value_us)] += 1;
        self.count += 1;
        self.sum_us += value_us;
        self.max_us = self.max_us.max(value_us);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.count += other.count;
        self.sum_us += other.sum_us;
        self.max_us = self.max_us.max(other.max_us);
    }

    /// The smallest value that this share of all values are at most.
    fn percentile_s(&self, share: f64) -> f64 {
        let rank = ((share * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let bucket = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= rank
        });
        bucket.map_or(0.0, |bucket| value_of(bucket).min(self.max_us as f64) / 1e6)
    }

    pub(crate) fn spread(&self) -> Spread {
        Spread {
            count: self.count,
            mean_s: seconds(self.sum_us) / self.count.max(1) as f64,
            p50_s: self.percentile_s(0.5),
            p90_s: self.percentile_s(0.9),
            p99_s: self.percentile_s(0.99),
            max_s: seconds(self.max_us),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Histogram, Spread, bucket_of, value_of};

    #[test]
    fn buckets_are_within_one_percent_of_their_values() {
        for value in [0, 1, 63, 64, 127, 128, 1_000, 999_999, 123_456_789, 1 << 43] {
            let near = value_of(bucket_of(value));
            assert!((near - value as f64).abs() <= value as f64 * 0.008, "{value}: {near}");
        }
        assert!((0..100_000_u64).map(bucket_of).is_sorted());
    }

    #[test]
    fn percentiles_are_those_of_the_values() {
        let (mut low, mut high) = (Histogram::default(), Histogram::default());
        (1..=500_u64).for_each(|number| low.add(number * 10_000));
        (501..=1_000_u64).for_each(|number| high.add(number * 10_000));
        low.merge(&high);
        let Spread { count, mean_s, p50_s, p90_s, p99_s, max_s } = low.spread();
        assert_eq!((count, max_s), (1_000, 10.0));
        assert_eq!(mean_s, 5.005);
        for (found, wanted) in [(p50_s, 5.0), (p90_s, 9.0), (p99_s, 9.9)] {
            assert!((found - wanted).abs() < wanted * 0.01, "{found}, not {wanted}");
        }
        assert_eq!(Histogram::default().spread(), Spread::default());
    }
}
