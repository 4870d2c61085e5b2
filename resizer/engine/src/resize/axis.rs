//! Where the samples of one direction lie, and the weights that lead from one grid to another: a
//! filter's, widened by the scale where pixels become fewer, as Pillow and fast_image_resize do it.

use std::ops::Range;

use crate::filter::Filter;
use crate::plan::Grid;

/// Bits of the fraction of a weight.
pub(crate) const WEIGHT_BITS: u32 = 14;

/// No sum of 16-bit samples times the weights of a window overflows 32 bits, with half a sample for
/// rounding.
const _: () = {
    let mut at = 0;
    while at < Filter::ALL.len() {
        let largest = Filter::ALL[at].gain() * (1 << 15) as f64 * (1 << WEIGHT_BITS) as f64;
        assert!(largest + ((1 << WEIGHT_BITS) as f64) < i32::MAX as f64);
        at += 1;
    }
};

/// The weight of a sample that stands alone.
const ONE: i16 = 1 << WEIGHT_BITS;

/// The weights of every output sample of one direction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Axis {
    input: usize,
    taps: usize,
    starts: Vec<usize>,
    weights: Vec<i16>,
}

impl Axis {
    /// From one grid to another. Windows start at a multiple of `alignment`, and the number of taps
    /// is a multiple of `multiple` unless that is more than there are samples, or samples are
    /// copied.
    pub(crate) fn new(
        filter: Filter,
        from: Grid,
        to: Grid,
        [alignment, multiple]: [usize; 2],
    ) -> Self {
        if let Some(first) = copied(from, to) {
            let starts = (first..).take(to.count).collect();
            return Self { input: from.count, taps: 1, starts, weights: vec![ONE; to.count] };
        }
        Self::aligned(filter, from, to, [alignment, multiple])
    }

    /// The same with even starts and even taps. Where the number of samples is odd a window may
    /// reach one beyond them, with a weight of 0.
    pub(crate) fn in_pairs(filter: Filter, from: Grid, to: Grid) -> Self {
        // Each sample covers one other and touches no more.
        let filter = if copied(from, to).is_some() { Filter::Area } else { filter };
        Self::aligned(filter, from, to, [2, 2])
    }

    /// Windows that start at a multiple of `alignment`.
    fn aligned(filter: Filter, from: Grid, to: Grid, [alignment, multiple]: [usize; 2]) -> Self {
        let step = to.pitch / from.pitch;
        let first = (to.origin - from.origin) / from.pitch;
        let scale = step.max(1.0);
        let windows: Vec<Window> = (0..to.count)
            .map(|at| Window::new(filter, (at as f64 + 0.5) * step + first, scale, from.count))
            .collect();
        let aligned = |start: usize| start - start % alignment;
        let reach = |window: &Window| window.samples.end - aligned(window.samples.start);
        let widest = windows.iter().map(reach).max().unwrap_or(1);
        let count = from.count.next_multiple_of(alignment);
        let taps = widest.next_multiple_of(multiple).min(count);
        let mut axis = Self {
            input: from.count,
            taps,
            starts: Vec::with_capacity(to.count),
            weights: vec![0; taps * to.count],
        };
        // Whole grids meet in the same way again and again, 1920 from 4032 at every tenth sample.
        let period = to.count / greatest_common_divisor(from.count, to.count);
        let mut shares = Vec::with_capacity(widest);
        for (at, window) in windows.iter().enumerate() {
            let start = aligned(window.samples.start).min(count - taps);
            let place = at * taps + window.samples.start - start;
            let twin = at.checked_sub(period).filter(|&twin| windows[twin].is_like(window));
            if let Some(twin) = twin {
                let first = twin * taps + windows[twin].samples.start - axis.starts[twin];
                axis.weights.copy_within(first..first + window.samples.len(), place);
            } else {
                window.write_weights(filter, &mut axis.weights[place..], &mut shares);
            }
            axis.starts.push(start);
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

    /// From the first input sample of some output samples to behind the last one.
    pub(crate) fn reach(&self, outputs: Range<usize>) -> (usize, usize) {
        (self.starts[outputs.start], self.starts[outputs.end - 1] + self.taps)
    }

    /// The most input samples that `count` neighbors are made of.
    pub(crate) fn reach_of(&self, count: usize) -> usize {
        let whole = |first: usize| first..(first + count).min(self.output());
        let reaches = (0..self.output()).map(|first| self.reach(whole(first)));
        reaches.map(|(start, end)| end - start).max().unwrap_or(self.taps)
    }

    /// The first input sample and the weights of one output sample.
    pub(crate) fn window(&self, at: usize) -> (usize, &[i16]) {
        (self.starts[at], &self.weights[at * self.taps..][..self.taps])
    }
}

/// The first of the input samples that become output samples as they are: those of one pitch that
/// lie on each other. Mitchell's filter would blur them; all others meet a single sample there.
fn copied(from: Grid, to: Grid) -> Option<usize> {
    let first = (to.origin - from.origin) / from.pitch;
    let is_inside = first >= 0.0 && first + to.count as f64 <= from.count as f64;
    let is_copied = to.pitch / from.pitch == 1.0 && first.fract() == 0.0 && is_inside;
    is_copied.then_some(first as usize)
}

/// The input samples that one output sample is made of.
struct Window {
    center: f64,
    scale: f64,
    /// They never begin before those of a smaller center.
    samples: Range<usize>,
}

impl Window {
    /// `scale` is the number of input samples that an output sample covers, at least 1.
    fn new(filter: Filter, center: f64, scale: f64, count: usize) -> Self {
        let reach = filter.reach(1.0, scale);
        let last = count as f64 - 1.0;
        let first = (center - reach - 0.5).ceil().clamp(0.0, last) as usize;
        let end = (center + reach - 0.5).floor().clamp(0.0, last) as usize + 1;
        Self { center, scale, samples: first..end }
    }

    /// Whether it has the same weights.
    fn is_like(&self, other: &Self) -> bool {
        let from_start = |window: &Self| window.center - window.samples.start as f64;
        let beside = from_start(self) - from_start(other);
        self.samples.len() == other.samples.len() && beside.abs() < 1e-6
    }

    /// To the start of `weights`; `shares` is room for them before they are rounded.
    fn write_weights(&self, filter: Filter, weights: &mut [i16], shares: &mut Vec<f32>) {
        let first = self.samples.start as f64 + 0.5 - self.center;
        shares.clear();
        filter.extend(shares, first, self.scale, self.samples.len());
        let whole = f32::from(ONE) / shares.iter().sum::<f32>();
        let mut rest = ONE;
        let weights = &mut weights[..shares.len()];
        for (weight, share) in weights.iter_mut().zip(&*shares) {
            *weight = (share * whole + 0.5_f32.copysign(*share)) as i16;
            rest -= *weight;
        }
        let largest = weights.iter_mut().max().expect("a window has at least one sample");
        *largest += rest;
    }
}

fn greatest_common_divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use super::{Axis, WEIGHT_BITS};
    use crate::filter::Filter;
    use crate::plan::Grid;

    fn whole(count: usize, over: usize) -> Grid {
        Grid { origin: 0.0, pitch: over as f64 / count as f64, count }
    }

    #[test]
    fn weights_add_up_and_stay_inside() {
        for filter in Filter::ALL {
            for (input, output) in (1..70).flat_map(|input| (1..70).map(move |o| (input, o))) {
                let (from, to) = (whole(input, input), whole(output, input));
                let in_pairs = (Axis::in_pairs(filter, from, to), input.next_multiple_of(2));
                let others =
                    [1, 8].map(|multiple| (Axis::new(filter, from, to, [1, multiple]), input));
                for (axis, end) in others.into_iter().chain([in_pairs]) {
                    assert_eq!(axis.output(), output);
                    for at in 0..output {
                        let (start, weights) = axis.window(at);
                        assert!(start + weights.len() <= end);
                        assert!(weights.iter().skip(input - start).all(|&weight| weight == 0));
                        let sum: i32 = weights.iter().map(|&weight| i32::from(weight)).sum();
                        assert_eq!(sum, 1 << WEIGHT_BITS, "{input} to {output} at {at}");
                        check_gain(filter, weights);
                    }
                }
            }
        }
    }

    /// Rounding adds half of a bit for each weight, and again as much to the largest.
    fn check_gain(filter: Filter, weights: &[i16]) {
        let sum: f64 = weights.iter().map(|&weight| f64::from(weight).abs()).sum();
        let bound = filter.gain() * f64::from(1 << WEIGHT_BITS) + weights.len() as f64;
        assert!(sum <= bound, "{filter:?}: {weights:?}");
    }

    #[test]
    fn no_crop_has_a_larger_gain() {
        for filter in Filter::ALL {
            for step in 0..400 {
                let pitch = 0.3 + f64::from(step % 37) / 20.0;
                let origin = (12.0 - 3.0 * pitch) * f64::from(step) / 399.0;
                let to = Grid { origin, pitch, count: 3 };
                let axis = Axis::new(filter, whole(12, 12), to, [1, 1]);
                (0..3).for_each(|at| check_gain(filter, axis.window(at).1));
            }
        }
    }

    #[test]
    fn whole_samples_are_copied() {
        let crop = Grid { origin: 7.0, pitch: 1.0, count: 20 };
        let axis = Axis::new(Filter::Lanczos3, whole(40, 40), crop, [1, 8]);
        assert_eq!((axis.taps, axis.starts[0], axis.starts[19]), (1, 7, 26));
    }

    #[test]
    fn halving_has_the_weights_of_the_filter() {
        let axis = Axis::new(Filter::Lanczos3, whole(64, 64), whole(32, 64), [1, 1]);
        let (start, weights) = axis.window(16);
        // sinc(x) * sinc(x / 3) at 2.75, 2.25, 1.75, 1.25, 0.75 and 0.25, normalized.
        assert_eq!((start, weights.len()), (27, 12));
        assert_eq!(weights[..6], [60, 247, -557, -1092, 2220, 7314]);
        assert!(weights.iter().eq(weights.iter().rev()));
    }
}
