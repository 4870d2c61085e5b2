//! Converts the samples of one channel to gain factors, which can be averaged, and back.

use super::parameters::Channel;

/// The headroom at which factors are averaged, as a fraction of the full headroom. A map can give
/// the mean light at one headroom only. At this one, the largest difference at any headroom is
/// least: 2.1 % for a map of 7.6 stops, instead of 2.9 % at the full headroom and 5.2 % at 60 %.
/// The choice hardly matters where the map varies less than its picture.
const MATCHED_PART: f64 = 0.85;

/// The low bits of a factor's mantissa that are ignored. The other bits distinguish 1024 factors in
/// each stop.
const IGNORED_BITS: u32 = 13;

/// Tables from samples to factors and back.
#[derive(Debug)]
pub(crate) struct Curve {
    /// The factor by which each sample of the source multiplies light.
    factors: [f32; 256],
    /// The sample of a variant for each sample of the source.
    copies: [u8; 256],
    /// The sample of a variant for each factor without its ignored bits, from the smallest on.
    samples: Vec<u8>,
}

impl Curve {
    /// `shares` has each sample of the source on the scale of the parameters, from 0 to 1.
    pub(super) fn new(channel: &Channel, shares: &[f64; 256]) -> Self {
        let Channel { min, max, gamma, .. } = *channel;
        let factor = |share: f64| {
            let stops = min + (max - min) * share.powf(1.0 / gamma);
            (stops * MATCHED_PART).exp2() as f32
        };
        let sample = |at: u32| {
            let middle = f32::from_bits((at << IGNORED_BITS) | 1 << (IGNORED_BITS - 1));
            let stops = f64::from(middle).log2() / MATCHED_PART;
            let share = if max > min { (stops - min) / (max - min) } else { 0.0 };
            (share.clamp(0.0, 1.0).powf(gamma) * 255.0).round() as u8
        };
        let [first, last] = [factor(0.0), factor(1.0)].map(Self::place);
        Self {
            factors: shares.map(factor),
            copies: shares.map(|share| (share * 255.0).round() as u8),
            samples: (first..=last).map(sample).collect(),
        }
    }

    /// The factor by which a sample of the source multiplies light.
    pub(crate) fn factor(&self, sample: u8) -> f32 {
        self.factors[usize::from(sample)]
    }

    /// The sample of a variant for a sample of the source.
    pub(crate) fn copy(&self, sample: u8) -> u8 {
        self.copies[usize::from(sample)]
    }

    /// The nearest sample of a variant. Factors out of range become the first or the last one.
    pub(crate) fn sample(&self, factor: f32) -> u8 {
        let least = self.factors[0];
        let place = Self::place(factor.max(least)) - Self::place(least);
        self.samples[(place as usize).min(self.samples.len() - 1)]
    }

    /// The bits of a factor without the ignored ones. They grow with it, because it is positive.
    fn place(factor: f32) -> u32 {
        factor.to_bits() >> IGNORED_BITS
    }
}

#[cfg(test)]
mod tests {
    use super::Curve;
    use crate::gain_map::parameters::Channel;

    fn curve(min: f64, max: f64, gamma: f64) -> Curve {
        let channel = Channel { min, max, gamma, base_offset: 0.0, alternate_offset: 0.0 };
        Curve::new(&channel, &std::array::from_fn(|sample| sample as f64 / 255.0))
    }

    #[test]
    fn every_sample_comes_back() {
        for (min, max, gamma) in [
            (0.0, 1.0, 1.0),
            (-3.8, 3.8, 1.1),
            (0.0, 7.6, 1.0),
            (-20.0, 64.0, 0.5),
            (2.0, 4.0, 2.2),
        ] {
            let curve = curve(min, max, gamma);
            for sample in 0..=255 {
                assert_eq!(curve.copy(sample), sample);
                let back = curve.sample(curve.factor(sample));
                // With a gamma below 1, the factors of the first samples are close together.
                let step = 2.0 / 1024.0 / (max - min);
                let far = |sample: u8| (f64::from(sample) / 255.0).powf(1.0 / gamma);
                let is_near = (far(back) - far(sample)).abs() < step;
                assert!(back == sample || is_near, "{min} {max} {gamma}: {back} for {sample}");
            }
        }
    }

    #[test]
    fn factors_beyond_the_samples_are_clamped() {
        let curve = curve(-1.0, 2.0, 1.0);
        let far = [f32::NEG_INFINITY, -1.0, -0.0, 0.0, f32::MIN_POSITIVE, f32::NAN];
        assert!(far.iter().all(|&factor| curve.sample(factor) == 0));
        assert!([4.1, 1e30, f32::INFINITY].iter().all(|&factor| curve.sample(factor) == 255));
    }

    #[test]
    fn a_map_of_one_gain_has_one_sample() {
        let curve = curve(1.0, 1.0, 1.0);
        assert_eq!([curve.sample(0.1), curve.sample(curve.factor(9)), curve.sample(9.0)], [0; 3]);
    }
}
