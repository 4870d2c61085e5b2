//! Where the samples of one direction lie, and the Lanczos3 weights that lead from one grid to
//! another. Weights are in 14 bits, so that 16-bit samples times weights add up in 32 bits.
//! Source: Duchon, "Lanczos Filtering in One and Two Dimensions" (1979); widened by the scale where
//! it reduces, as Pillow and fast_image_resize do it.

use std::f64::consts::PI;
use std::ops::Range;

use crate::plan::Grid;

/// Bits of the fraction of a weight.
pub(crate) const WEIGHT_BITS: u32 = 14;

/// Lobes of the filter on each side.
const LOBES: f64 = 3.0;

/// The weights of every output sample of one direction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    input: usize,
    taps: usize,
    starts: Vec<usize>,
    weights: Vec<i16>,
}

impl Axis {
    /// From one grid to another. The number of taps is a multiple of `multiple` unless that is more
    /// than there are samples, or samples are copied.
    pub(crate) fn new(from: Grid, to: Grid, multiple: usize) -> Self {
        let step = to.pitch / from.pitch;
        let first = (to.origin - from.origin) / from.pitch;
        let mut windows: Vec<(usize, Vec<i16>)> = (0..to.count)
            .map(|at| window((at as f64 + 0.5) * step + first, step.max(1.0), from.count))
            .collect();
        let sole = |weights: &[i16]| weights.iter().filter(|&&weight| weight != 0).count() == 1;
        if windows.iter().all(|(_, weights)| sole(weights)) {
            for (start, weights) in &mut windows {
                *start += weights.iter().position(|&weight| weight != 0).unwrap_or(0);
                *weights = vec![1 << WEIGHT_BITS];
            }
        }
        let widest = windows.iter().map(|(_, weights)| weights.len()).max().unwrap_or(1);
        let taps = if widest == 1 { 1 } else { widest.next_multiple_of(multiple).min(from.count) };
        let mut axis = Self {
            input: from.count,
            taps,
            starts: Vec::with_capacity(to.count),
            weights: vec![0; taps * to.count],
        };
        for (padded, (start, weights)) in axis.weights.chunks_exact_mut(taps).zip(windows) {
            let moved = start.min(from.count - taps);
            padded[start - moved..][..weights.len()].copy_from_slice(&weights);
            axis.starts.push(moved);
        }
        axis
    }

    /// The input samples that count, and the axis from them alone.
    pub(crate) fn trimmed(mut self) -> (Range<usize>, Self) {
        let (first, last) = (self.starts[0], self.starts[self.output() - 1]);
        let used = first..last + self.taps;
        self.starts.iter_mut().for_each(|start| *start -= first);
        self.input = used.len();
        (used, self)
    }

    /// Samples on the way in.
    pub(crate) fn input(&self) -> usize {
        self.input
    }

    /// Samples on the way out.
    pub(crate) fn output(&self) -> usize {
        self.starts.len()
    }

    /// Weights of each output sample; 1 where samples are copied.
    pub(crate) fn taps(&self) -> usize {
        self.taps
    }

    /// The first input sample of each output sample, never falling. From it on there are `taps`
    /// samples: kernels rely on that.
    pub(crate) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// `taps` for each output sample; the sum of each is `1 << WEIGHT_BITS`.
    pub(crate) fn weights(&self) -> &[i16] {
        &self.weights
    }

    /// The first input sample and the weights of one output sample.
    pub(crate) fn window(&self, at: usize) -> (usize, &[i16]) {
        (self.starts[at], &self.weights[at * self.taps..][..self.taps])
    }
}

/// The weights around `centre`, and where they begin: never before those of a smaller centre.
fn window(centre: f64, scale: f64, count: usize) -> (usize, Vec<i16>) {
    let reach = LOBES * scale;
    let last = count as f64 - 1.0;
    let first = (centre - reach - 0.5).ceil().clamp(0.0, last) as usize;
    let end = ((centre + reach - 0.5).floor().clamp(0.0, last) as usize) + 1;
    let shares: Vec<f64> = Lanczos3::from((first as f64 + 0.5 - centre) / scale, 1.0 / scale)
        .take(end - first)
        .collect();
    let sum: f64 = shares.iter().sum();
    let one = f64::from(1 << WEIGHT_BITS);
    let mut weights: Vec<i16> =
        shares.iter().map(|share| (share / sum * one).round() as i16).collect();
    let rest = (1 << WEIGHT_BITS) - weights.iter().map(|&weight| i32::from(weight)).sum::<i32>();
    let largest = weights.iter_mut().max().expect("a window has at least one sample");
    *largest = (i32::from(*largest) + rest) as i16;
    (first, weights)
}

/// The filter at evenly spaced places. Each sine follows from the one before by a rotation, and the
/// other factor's from it (sin 3a = 3 sin a - 4 sin^3 a): with two sines for each weight, weights
/// were 5 % of the whole resampling.
struct Lanczos3 {
    x: f64,
    step: f64,
    /// Sine and cosine of a third of pi times x.
    angle: (f64, f64),
    turn: (f64, f64),
}

impl Lanczos3 {
    fn from(x: f64, step: f64) -> Self {
        let third = PI / LOBES;
        Self { x, step, angle: (x * third).sin_cos(), turn: (step * third).sin_cos() }
    }
}

impl Iterator for Lanczos3 {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        let (x, (sin, cos), turn) = (self.x, self.angle, self.turn);
        self.x += self.step;
        self.angle = (sin * turn.1 + cos * turn.0, cos * turn.1 - sin * turn.0);
        let triple = sin * (3.0 - 4.0 * sin * sin);
        Some(match x.abs() {
            // Rotations leave the middle a little beside 0.
            distance if distance < 1e-9 => 1.0,
            distance if distance < LOBES => LOBES * triple * sin / (PI * PI * x * x),
            _ => 0.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, WEIGHT_BITS};
    use crate::plan::Grid;

    fn whole(count: usize, over: usize) -> Grid {
        Grid { origin: 0.0, pitch: over as f64 / count as f64, count }
    }

    #[test]
    fn weights_add_up_and_stay_inside() {
        for input in 1..70 {
            for output in 1..70 {
                for multiple in [1, 8] {
                    let axis = Axis::new(whole(input, input), whole(output, input), multiple);
                    assert_eq!(axis.output(), output);
                    for at in 0..output {
                        let (start, weights) = axis.window(at);
                        assert!(start + weights.len() <= input);
                        let sum: i32 = weights.iter().map(|&weight| i32::from(weight)).sum();
                        assert_eq!(sum, 1 << WEIGHT_BITS, "{input} to {output} at {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn whole_samples_are_copied() {
        let cut = Grid { origin: 7.0, pitch: 1.0, count: 20 };
        let axis = Axis::new(whole(40, 40), cut, 8);
        assert_eq!((axis.taps, axis.starts[0], axis.starts[19]), (1, 7, 26));
    }

    #[test]
    fn halving_has_the_weights_of_the_filter() {
        let axis = Axis::new(whole(64, 64), whole(32, 64), 1);
        let (start, weights) = axis.window(16);
        // sinc(x) * sinc(x / 3) at 2.75, 2.25, 1.75, 1.25, 0.75 and 0.25, normalised.
        assert_eq!((start, weights.len()), (27, 12));
        assert_eq!(weights[..6], [60, 247, -557, -1092, 2220, 7314]);
        assert!(weights.iter().eq(weights.iter().rev()));
    }
}
