//! Directional prediction, with the filters of the neighbors. Source: AV1 specification, section
//! "Directional intra prediction process".

use super::neighbors::{Neighbors, ORIGIN};
use super::{Samples, transpose_block};

/// The step along the edge for one row or column, in 1/64 sample, by the angle in degrees, of which
/// only every third is used. Source: AV1 specification, table "Dr_Intra_Derivative".
const STEPS: [u16; 90] = [
    0, 0, 0, 1023, 0, 0, 547, 0, 0, 372, 0, 0, 0, 0, 273, 0, 0, 215, 0, 0, 178, 0, 0, 151, 0, 0,
    132, 0, 0, 116, 0, 0, 102, 0, 0, 0, 90, 0, 0, 80, 0, 0, 71, 0, 0, 64, 0, 0, 57, 0, 0, 51, 0, 0,
    45, 0, 0, 0, 40, 0, 0, 35, 0, 0, 31, 0, 0, 27, 0, 0, 23, 0, 0, 19, 0, 0, 15, 0, 0, 0, 0, 11, 0,
    0, 7, 0, 0, 3, 0, 0,
];

fn step(angle: i32) -> usize {
    usize::from(STEPS[angle as usize])
}

/// One side of the neighbors, filtered. The first sample beside the block has the index
/// [`origin`]; the corner is before it.
struct Edge<const LENGTH: usize> {
    samples: [u8; LENGTH],
    /// The samples between each sample and the next one, if `is_upsampled`.
    halves: [u8; LENGTH],
    is_upsampled: bool,
}

/// The index of the first sample beside a block of `size` x `size` samples in an [`Edge`]. A
/// line that ends at the corner fits before it.
const fn origin(size: usize) -> usize {
    (size + 8).next_multiple_of(16)
}

impl<const LENGTH: usize> Edge<LENGTH> {
    /// The edge of a block of `N` x `N` samples, of which the prediction reads `COUNT` samples and
    /// the corner. `angle` is measured from the direction of the edge. The first `filtered` samples
    /// from the corner on are filtered.
    #[inline(always)]
    fn new<const N: usize, const COUNT: usize>(
        samples: &[u8; LENGTH],
        (angle, is_smooth): (i32, bool),
        filtered: usize,
    ) -> Self {
        let origin = origin(N);
        let mut edge = Self { samples: *samples, halves: [0; LENGTH], is_upsampled: false };
        if filtered > 0 {
            let strength = strength(N, angle.abs(), is_smooth);
            filter::<N, COUNT, LENGTH>(&mut edge.samples, filtered, strength);
        }
        if N <= 8 && is_upsampled(N, angle.abs(), is_smooth) {
            upsample::<N, COUNT, LENGTH>(&edge.samples, &mut edge.halves);
            edge.is_upsampled = true;
        }
        if COUNT > N {
            let last = edge.samples[origin + COUNT - 1];
            edge.samples[origin + COUNT..][..N + 2].fill(last);
            if N <= 8 {
                edge.halves[origin + COUNT - 1..][..N + 2].fill(last);
            }
        }
        edge
    }

    /// A line of the prediction, which begins `position` / 64 samples after the start of the edge.
    /// Samples before the corner have any value.
    #[inline(always)]
    fn line<const N: usize>(&self, kernels: impl Samples, position: i32) -> [u8; N] {
        let origin = origin(N);
        let at = |steps: i32| {
            (steps + origin as i32).clamp((origin - N - 1) as i32, (origin + 2 * N) as i32) as usize
        };
        let row = |samples: &[u8], at: usize| {
            let mut row = [0; N];
            row.copy_from_slice(&samples[at..at + N]);
            row
        };
        let first = at(position >> 6);
        let (first, second, weight) = if N <= 8 && self.is_upsampled {
            let (samples, halves) = (row(&self.samples, first), row(&self.halves, first));
            if position & 32 == 0 {
                (samples, halves, position & 31)
            } else {
                (halves, row(&self.samples, first + 1), position & 31)
            }
        } else {
            let (samples, next) = (row(&self.samples, first), row(&self.samples, first + 1));
            (samples, next, (position >> 1) & 31)
        };
        kernels.interpolate(&first, &second, weight as u8)
    }
}

/// Predicts `N` x `N` samples at an angle of more than 0 and less than 270 degrees. `DOUBLE` is
/// twice `N`. `LENGTH` is the length of an edge, at least [`origin`] + 3 `N` + 2.
#[inline(always)]
pub(super) fn predict<const N: usize, const DOUBLE: usize, const LENGTH: usize>(
    neighbors: &Neighbors,
    angle: i32,
    out: &mut [[u8; N]],
    kernels: impl Samples,
) {
    const { assert!(DOUBLE == 2 * N && LENGTH >= origin(N) + 3 * N + 2) }
    match angle {
        90 => {
            let mut row = [0; N];
            row.copy_from_slice(&neighbors.above[ORIGIN..ORIGIN + N]);
            out.fill(row);
        }
        180 => {
            let left = &neighbors.left[ORIGIN..];
            out.iter_mut().zip(left).for_each(|(row, sample)| *row = [*sample; N]);
        }
        _ => {
            let local = |samples: &[u8]| {
                let mut local = [0; LENGTH];
                local.copy_from_slice(&samples[ORIGIN - origin(N)..][..LENGTH]);
                local
            };
            let sides = (local(&neighbors.above), local(&neighbors.left));
            if angle < 90 {
                from_above::<N, DOUBLE, LENGTH>(neighbors, &sides.0, angle, (out, kernels));
            } else if angle > 180 {
                from_left::<N, DOUBLE, LENGTH>(neighbors, &sides.1, angle, (out, kernels));
            } else {
                from_both::<N, LENGTH>(neighbors, sides, angle, (out, kernels));
            }
        }
    }
}

/// The number of samples of an edge to filter, with the corner: `visible` ones beside the block and
/// `beyond` after these.
#[inline(always)]
const fn filtered(exists: bool, visible: usize, beyond: usize) -> usize {
    if exists { visible + beyond + 1 } else { 0 }
}

#[inline(always)]
fn from_above<const N: usize, const DOUBLE: usize, const LENGTH: usize>(
    neighbors: &Neighbors,
    above: &[u8; LENGTH],
    angle: i32,
    (out, kernels): (&mut [[u8; N]], impl Samples),
) {
    let filtered = filtered(neighbors.has_above, neighbors.visible.0, N);
    let edge = Edge::new::<N, DOUBLE>(above, (angle - 90, neighbors.is_smooth), filtered);
    let step = step(angle);
    for (y, row) in out.iter_mut().enumerate() {
        *row = edge.line(kernels, ((y + 1) * step) as i32);
    }
}

#[inline(always)]
fn from_left<const N: usize, const DOUBLE: usize, const LENGTH: usize>(
    neighbors: &Neighbors,
    left: &[u8; LENGTH],
    angle: i32,
    (out, kernels): (&mut [[u8; N]], impl Samples),
) {
    let filtered = filtered(neighbors.has_left, neighbors.visible.1, N);
    let edge = Edge::new::<N, DOUBLE>(left, (angle - 180, neighbors.is_smooth), filtered);
    let step = step(270 - angle);
    let mut columns = [[0; N]; N];
    for (x, column) in columns.iter_mut().enumerate() {
        *column = edge.line(kernels, ((x + 1) * step) as i32);
    }
    transpose_block(kernels, &columns, out);
}

/// As many ones as the largest block has columns, and as many zeros.
const MASK: [u8; 128] = {
    let mut mask = [0; 128];
    let mut at = 0;
    while at < 64 {
        mask[at] = u8::MAX;
        at += 1;
    }
    mask
};

/// Each row comes from above where that is not before the corner, else from the left.
#[inline(always)]
fn from_both<const N: usize, const LENGTH: usize>(
    neighbors: &Neighbors,
    (mut above, mut left): ([u8; LENGTH], [u8; LENGTH]),
    angle: i32,
    (out, kernels): (&mut [[u8; N]], impl Samples),
) {
    let origin = origin(N);
    if N >= 16 {
        let sum = 5 * u32::from(left[origin]) + 5 * u32::from(above[origin]);
        let corner = ((sum + 6 * u32::from(above[origin - 1]) + 8) >> 4) as u8;
        above[origin - 1] = corner;
        left[origin - 1] = corner;
    }
    let (columns, rows) = neighbors.visible;
    let is_smooth = neighbors.is_smooth;
    let filtered_above = filtered(neighbors.has_above, columns, 0);
    let above = Edge::new::<N, N>(&above, (angle - 90, is_smooth), filtered_above);
    let filtered_left = filtered(neighbors.has_left, rows, 0);
    let left = Edge::new::<N, N>(&left, (angle - 180, is_smooth), filtered_left);
    let (step_x, step_y) = (step(180 - angle), step(angle - 90));
    // The number of samples of a row that come from the left. The others lie at least -1 sample
    // after the start of the edge above.
    let from_left = |y: usize| ((y + 1) * step_x).saturating_sub(64).div_ceil(64).min(N);
    let mut columns = [[0; N]; N];
    for (x, column) in columns.iter_mut().enumerate().take(from_left(N - 1)) {
        *column = left.line(kernels, -(((x + 1) * step_y) as i32));
    }
    transpose_block(kernels, &columns, out);
    for (y, row) in out.iter_mut().enumerate() {
        let line: [u8; N] = above.line(kernels, -(((y + 1) * step_x) as i32));
        // A mask, because a condition would not become vector code.
        let is_left = &MASK[64 - from_left(y)..][..N];
        for x in 0..N {
            row[x] = (row[x] & is_left[x]) | (line[x] & !is_left[x]);
        }
    }
}

/// The strength of the filter of an edge, 0 to 3. Source: section "Intra edge filter strength
/// selection process". For squares, the sum of the sides is twice the size.
fn strength(size: usize, angle: i32, is_smooth: bool) -> usize {
    let from = |limits: [i32; 3]| limits.iter().filter(|limit| angle >= **limit).count();
    const NEVER: i32 = 360;
    match (size, is_smooth) {
        (4, false) => from([56, NEVER, NEVER]),
        (8, false) => from([40, NEVER, NEVER]),
        (16, false) => from([0, 4, 32]),
        (4, true) => from([40, 64, NEVER]),
        (8, true) => from([20, 48, NEVER]),
        _ => 3,
    }
}

fn is_upsampled(size: usize, angle: i32, is_smooth: bool) -> bool {
    angle > 0 && angle < 40 && size <= if is_smooth { 4 } else { 8 }
}

/// Smooths the first `count` samples from the corner on, except for the corner. Of these, at most
/// `COUNT` are beside the block.
#[inline(always)]
fn filter<const N: usize, const COUNT: usize, const LENGTH: usize>(
    samples: &mut [u8; LENGTH],
    count: usize,
    strength: usize,
) {
    const KERNELS: [[u16; 3]; 3] = [[0, 4, 8], [0, 5, 6], [2, 4, 4]];
    let Some(index) = strength.checked_sub(1) else { return };
    let [outer, inner, middle] = KERNELS[index];
    let origin = origin(N);
    let mut padded = *samples;
    padded[origin - 3..origin - 1].fill(samples[origin - 1]);
    let last = samples[origin + count - 2];
    padded[origin + count - 1..][..2].fill(last);
    let mut smoothed = [0; COUNT];
    let window = &padded[origin - 2..][..COUNT + 4];
    for (at, out) in smoothed.iter_mut().enumerate() {
        let sample = |offset: usize| u16::from(window[at + offset]);
        let sum =
            (sample(0) + sample(4)) * outer + (sample(1) + sample(3)) * inner + sample(2) * middle;
        *out = ((sum + 8) >> 4) as u8;
    }
    if count == COUNT + 1 {
        samples[origin..][..COUNT].copy_from_slice(&smoothed);
    } else {
        samples[origin..][..count - 1].copy_from_slice(&smoothed[..count - 1]);
    }
}

/// Computes the samples between each of `COUNT` samples and the one before it.
#[inline(always)]
fn upsample<const N: usize, const COUNT: usize, const LENGTH: usize>(
    samples: &[u8; LENGTH],
    halves: &mut [u8; LENGTH],
) {
    let origin = origin(N);
    let mut padded = *samples;
    padded[origin - 2] = samples[origin - 1];
    padded[origin + COUNT] = samples[origin + COUNT - 1];
    let window = &padded[origin - 2..][..COUNT + 3];
    for (at, out) in halves[origin - 1..][..COUNT].iter_mut().enumerate() {
        let sample = |offset: usize| i16::from(window[at + offset]);
        let sum = 9 * (sample(1) + sample(2)) - sample(0) - sample(3);
        *out = ((sum + 8) >> 4).clamp(0, 255) as u8;
    }
}
