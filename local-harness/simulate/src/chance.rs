//! Pseudorandom numbers and distributions: the same seed gives the same run.

use std::f64::consts::TAU;

use crate::time::Micros;

/// A sequence of pseudorandom numbers (splitmix64, Steele, Lea, and Flood 2014).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let value = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    /// Evenly distributed, at least 0 and less than 1.
    pub fn unit(&mut self) -> f64 {
        // The 53 bits of a double's mantissa.
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from 0 to `bound` - 1; 0 where `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.number() % bound }
    }

    /// True with this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.unit() < probability
    }

    /// Exponentially distributed with the mean 1.
    pub fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// Of the standard normal distribution (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        (2.0 * self.exponential()).sqrt() * (TAU * self.unit()).cos()
    }
}

/// A distribution of durations.
#[derive(Debug, Clone, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(Micros),
    /// Memoryless.
    Exponential {
        /// The mean.
        mean_us: Micros,
    },
    /// Lognormal: most values below the mean, some far above it.
    Lognormal {
        /// The mean.
        mean_us: Micros,
        /// The standard deviation, divided by the mean.
        spread: f64,
    },
    /// Each of these values is as likely as any other. None stands for 0.
    Sample(Vec<Micros>),
}

impl Distribution {
    /// A value.
    pub fn draw(&self, chance: &mut Chance) -> Micros {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential { mean_us } => {
                (chance.exponential() * *mean_us as f64).round() as Micros
            }
            Self::Lognormal { mean_us, spread } => {
                let variance = (1.0 + spread * spread).ln();
                let exponent = variance.sqrt() * chance.normal() - variance / 2.0;
                (exponent.exp() * *mean_us as f64).round() as Micros
            }
            Self::Sample(values) => {
                let at = chance.below(values.len() as u64) as usize;
                values.get(at).copied().unwrap_or_default()
            }
        }
    }

    /// The mean.
    pub fn mean_us(&self) -> f64 {
        match self {
            Self::Constant(mean_us)
            | Self::Exponential { mean_us }
            | Self::Lognormal { mean_us, .. } => *mean_us as f64,
            Self::Sample(values) => {
                values.iter().sum::<Micros>() as f64 / values.len().max(1) as f64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chance, Distribution};

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        let numbers = |seed| {
            let mut chance = Chance::new(seed);
            [chance.number(), chance.number()]
        };
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
        // The first number of the published algorithm for the seed 0.
        assert_eq!(Chance::new(0).number(), 0xE220_A839_7B1D_CDAF);
    }

    #[test]
    fn distributions_have_their_mean_and_spread() {
        let spreads = [
            (Distribution::Constant(1_000), 0.0),
            (Distribution::Exponential { mean_us: 1_000 }, 1.0),
            (Distribution::Lognormal { mean_us: 1_000, spread: 0.5 }, 0.5),
            (Distribution::Sample(vec![500, 1_500]), 0.5),
        ];
        for (distribution, spread) in spreads {
            let mut chance = Chance::new(7);
            let values: Vec<f64> =
                (0..200_000).map(|_| distribution.draw(&mut chance) as f64).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
            let found = (square / values.len() as f64).sqrt() / mean;
            assert!((mean - 1_000.0).abs() < 10.0, "{distribution:?}: mean {mean}");
            assert!((found - spread).abs() < 0.02, "{distribution:?}: spread {found}");
            assert!((distribution.mean_us() - 1_000.0).abs() < 1e-9);
        }
        assert_eq!(Distribution::Sample(Vec::new()).draw(&mut Chance::new(1)), 0);
    }
}
