//! Directional prediction, with the filters of the neighbors. Source: AV1 specification, section
//! "Directional intra prediction process".

use super::neighbors::{LENGTH, Neighbors, ORIGIN};

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

/// One side of the neighbors, filtered.
struct Edge {
    samples: [u8; LENGTH],
    /// 1 if there are two samples for each pixel.
    upsampled: usize,
}

impl Edge {
    /// `angle` is measured from the direction of the edge, `length` is the number of samples that
    /// the prediction reads, without the corner.
    #[inline(always)]
    fn new(
        samples: &[u8; LENGTH],
        (size, angle, is_smooth): (usize, i32, bool),
        (filtered, length): (usize, usize),
    ) -> Self {
        let mut edge = Self { samples: *samples, upsampled: 0 };
        if filtered > 0 {
            filter(&mut edge.samples, filtered, strength(size, angle.abs(), is_smooth));
        }
        let mut end = length;
        if is_upsampled(size, angle.abs(), is_smooth) {
            upsample(&mut edge.samples, length);
            edge.upsampled = 1;
            end = 2 * length - 1;
        }
        let last = edge.samples[ORIGIN + end - 1];
        edge.samples[ORIGIN + end..].fill(last);
        edge
    }
}

/// Predicts at an angle of more than 0 and less than 270 degrees.
#[inline(always)]
pub(super) fn predict<const N: usize>(neighbors: &Neighbors, angle: i32, out: &mut [[u8; N]]) {
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
        _ => predict_filtered(neighbors, angle, out),
    }
}

#[inline(always)]
fn predict_filtered<const N: usize>(neighbors: &Neighbors, angle: i32, out: &mut [[u8; N]]) {
    let (mut above, mut left) = (neighbors.above, neighbors.left);
    let is_between = angle > 90 && angle < 180;
    if is_between && N >= 16 {
        let sum = 5 * u32::from(left[ORIGIN]) + 5 * u32::from(above[ORIGIN]);
        let corner = ((sum + 6 * u32::from(above[ORIGIN - 1]) + 8) >> 4) as u8;
        above[ORIGIN - 1] = corner;
        left[ORIGIN - 1] = corner;
    }
    let edge = |samples, angle, is_beyond, exists, visible| {
        let beyond = if is_beyond { N } else { 0 };
        let filtered = if exists { visible + beyond + 1 } else { 0 };
        Edge::new(samples, (N, angle, neighbors.is_smooth), (filtered, N + beyond))
    };
    let (columns, rows) = neighbors.visible;
    let above = || edge(&above, angle - 90, angle < 90, neighbors.has_above, columns);
    let left = || edge(&left, angle - 180, angle > 180, neighbors.has_left, rows);
    if angle < 90 {
        from_above(&above(), step(angle), out);
    } else if angle > 180 {
        from_left(&left(), step(270 - angle), out);
    } else {
        from_both((&above(), step(180 - angle)), (&left(), step(angle - 90)), out);
    }
}

/// `N` samples between those of the edge, from index `at` on. `shift` is in 1/32 sample.
#[inline(always)]
fn interpolate<const N: usize>(edge: &[u8; LENGTH], at: usize, shift: usize) -> [u8; N] {
    let samples = &edge[at..at + N + 1];
    let (weight, shift) = (32 - shift as u16, shift as u16);
    let mut out = [0; N];
    for x in 0..N {
        let sum = u16::from(samples[x]) * weight + u16::from(samples[x + 1]) * shift;
        out[x] = ((sum + 16) >> 5) as u8;
    }
    out
}

/// As [`interpolate`], in an edge with two samples for each pixel.
#[inline(always)]
fn interpolate_upsampled<const N: usize>(edge: &[u8; LENGTH], at: usize, shift: usize) -> [u8; N] {
    let mut out = [0; N];
    for (x, out) in out.iter_mut().enumerate() {
        let (a, b) = (edge[at + 2 * x], edge[at + 2 * x + 1]);
        *out = ((usize::from(a) * (32 - shift) + usize::from(b) * shift + 16) >> 5) as u8;
    }
    out
}

/// A line of the prediction, which begins `position` / 64 samples after the start of the edge.
/// Samples before the corner have any value.
#[inline(always)]
fn line<const N: usize>(edge: &Edge, position: i32) -> [u8; N] {
    let at = ((position >> (6 - edge.upsampled)) + ORIGIN as i32).max(0) as usize;
    let shift = ((position << edge.upsampled) >> 1 & 31) as usize;
    if edge.upsampled == 1 {
        interpolate_upsampled(&edge.samples, at.min(LENGTH - 2 * N), shift)
    } else {
        interpolate(&edge.samples, at.min(LENGTH - N - 1), shift)
    }
}

#[inline(always)]
fn from_above<const N: usize>(edge: &Edge, step: usize, out: &mut [[u8; N]]) {
    for (y, row) in out.iter_mut().enumerate() {
        *row = line(edge, ((y + 1) * step) as i32);
    }
}

#[inline(always)]
fn from_left<const N: usize>(edge: &Edge, step: usize, out: &mut [[u8; N]]) {
    let mut columns = [[0; N]; N];
    from_above(edge, step, &mut columns);
    for (y, row) in out.iter_mut().enumerate() {
        for x in 0..N {
            row[x] = columns[x][y];
        }
    }
}

/// Each row comes from above where that is not before the corner, else from the left.
#[inline(always)]
fn from_both<const N: usize>(
    (above, step_x): (&Edge, usize),
    (left, step_y): (&Edge, usize),
    out: &mut [[u8; N]],
) {
    // The number of samples of a row that come from the left. The others lie at least -1 sample
    // after the start of the edge above.
    let from_left = |y: usize| ((y + 1) * step_x).saturating_sub(64).div_ceil(64).min(N);
    let mut columns = [[0; N]; N];
    for (x, column) in columns.iter_mut().enumerate().take(from_left(N - 1)) {
        *column = line(left, -(((x + 1) * step_y) as i32));
    }
    for (y, row) in out.iter_mut().enumerate() {
        *row = line(above, -(((y + 1) * step_x) as i32));
        for x in 0..from_left(y) {
            row[x] = columns[x][y];
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

/// Smooths the first `length` samples from the corner on, except for the corner.
#[inline(always)]
fn filter(samples: &mut [u8; LENGTH], length: usize, strength: usize) {
    const KERNELS: [[u16; 3]; 3] = [[0, 4, 8], [0, 5, 6], [2, 4, 4]];
    let Some(index) = strength.checked_sub(1) else { return };
    let [outer, inner, middle] = KERNELS[index];
    let mut padded = [0u8; LENGTH + 4];
    padded[2..length + 2].copy_from_slice(&samples[ORIGIN - 1..][..length]);
    let (first, last) = (padded[2], padded[length + 1]);
    padded[..2].fill(first);
    padded[length + 2..length + 4].fill(last);
    let out = &mut samples[ORIGIN..][..length - 1];
    let windows = padded[1..length + 4].windows(5);
    for (out, window) in out.iter_mut().zip(windows) {
        let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|at: usize| u16::from(window[at]));
        *out = (((a + e) * outer + (b + d) * inner + c * middle + 8) >> 4) as u8;
    }
}

/// Puts a sample between each two of the first `length` samples, and before the first one.
#[inline(always)]
fn upsample(samples: &mut [u8; LENGTH], length: usize) {
    let mut input = [0i32; 2 * 8 + 4];
    let count = length + 3;
    for (at, value) in input[..count].iter_mut().enumerate() {
        let at = at.saturating_sub(1).min(length);
        *value = i32::from(samples[ORIGIN - 1 + at]);
    }
    samples[ORIGIN - 2] = input[0] as u8;
    for at in 0..length {
        let sum = 9 * (input[at + 1] + input[at + 2]) - input[at] - input[at + 3];
        samples[ORIGIN + 2 * at - 1] = ((sum + 8) >> 4).clamp(0, 255) as u8;
        samples[ORIGIN + 2 * at] = input[at + 2] as u8;
    }
}
