//! Prediction without an angle: DC, smooth, and Paeth.

use super::neighbors::{Neighbors, ORIGIN};

/// Weights of the smooth predictions for sides of 4 to 64 samples, one after the other. Source: AV1
/// specification, tables "Sm_Weights_Tx".
const WEIGHTS: [u8; 124] = [
    255, 149, 85, 64, 255, 197, 146, 105, 73, 50, 37, 32, 255, 225, 196, 170, 145, 123, 102, 84,
    68, 54, 43, 33, 26, 20, 17, 16, 255, 240, 225, 210, 196, 182, 169, 157, 145, 133, 122, 111,
    101, 92, 83, 74, 66, 59, 52, 45, 39, 34, 29, 25, 21, 17, 14, 12, 10, 9, 8, 8, 255, 248, 240,
    233, 225, 218, 210, 203, 196, 189, 182, 176, 169, 163, 156, 150, 144, 138, 133, 127, 121, 116,
    111, 106, 101, 96, 91, 86, 82, 77, 73, 69, 65, 61, 57, 54, 50, 47, 44, 41, 38, 35, 32, 29, 27,
    25, 22, 20, 18, 16, 15, 13, 12, 10, 9, 8, 7, 6, 6, 5, 5, 4, 4, 4,
];

/// The `N` samples beside the block.
#[inline(always)]
fn beside<const N: usize>(samples: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&samples[ORIGIN..ORIGIN + N]);
    out
}

#[inline(always)]
fn weights<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&WEIGHTS[N - 4..2 * N - 4]);
    out
}

#[inline(always)]
pub(super) fn dc<const N: usize>(neighbors: &Neighbors, out: &mut [[u8; N]]) {
    let sum = |samples: [u8; N]| samples.iter().map(|sample| u32::from(*sample)).sum::<u32>();
    let (above, left) = (sum(beside(&neighbors.above)), sum(beside(&neighbors.left)));
    let size = N as u32;
    let value = match (neighbors.has_above, neighbors.has_left) {
        (true, true) => (above + left + size) / (2 * size),
        (true, false) => (above + size / 2) / size,
        (false, true) => (left + size / 2) / size,
        (false, false) => 128,
    };
    out.iter_mut().for_each(|row| *row = [value as u8; N]);
}

#[inline(always)]
pub(super) fn smooth<const N: usize>(neighbors: &Neighbors, out: &mut [[u8; N]]) {
    let (above, left) = (beside::<N>(&neighbors.above), beside::<N>(&neighbors.left));
    let weights = weights::<N>();
    let (bottom, right) = (u16::from(left[N - 1]), u16::from(above[N - 1]));
    let mut horizontal = [0u16; N];
    for x in 0..N {
        horizontal[x] = (256 - u16::from(weights[x])) * right;
    }
    for (y, row) in out.iter_mut().enumerate() {
        let weight = u16::from(weights[y]);
        let (vertical, start) = ((256 - weight) * bottom, u16::from(left[y]));
        for x in 0..N {
            let first = weight * u16::from(above[x]) + vertical;
            let second = u16::from(weights[x]) * start + horizontal[x];
            // Half of the sum, which itself has 17 bits.
            let half = (first & second) + ((first ^ second) >> 1);
            row[x] = ((half + 128) >> 8) as u8;
        }
    }
}

#[inline(always)]
pub(super) fn smooth_vertical<const N: usize>(neighbors: &Neighbors, out: &mut [[u8; N]]) {
    let (above, left) = (beside::<N>(&neighbors.above), beside::<N>(&neighbors.left));
    let bottom = u16::from(left[N - 1]);
    for (row, weight) in out.iter_mut().zip(weights::<N>()) {
        let weight = u16::from(weight);
        let vertical = (256 - weight) * bottom + 128;
        for x in 0..N {
            row[x] = ((weight * u16::from(above[x]) + vertical) >> 8) as u8;
        }
    }
}

#[inline(always)]
pub(super) fn smooth_horizontal<const N: usize>(neighbors: &Neighbors, out: &mut [[u8; N]]) {
    let (above, left) = (beside::<N>(&neighbors.above), beside::<N>(&neighbors.left));
    let weights = weights::<N>();
    let right = u16::from(above[N - 1]);
    for (row, start) in out.iter_mut().zip(left) {
        for x in 0..N {
            let weight = u16::from(weights[x]);
            row[x] = ((weight * u16::from(start) + (256 - weight) * right + 128) >> 8) as u8;
        }
    }
}

#[inline(always)]
pub(super) fn paeth<const N: usize>(neighbors: &Neighbors, out: &mut [[u8; N]]) {
    let (above, left) = (beside::<N>(&neighbors.above), beside::<N>(&neighbors.left));
    let corner = i16::from(neighbors.above[ORIGIN - 1]);
    for (row, start) in out.iter_mut().zip(left) {
        let from_start = i16::from(start) - corner;
        for x in 0..N {
            let top = i16::from(above[x]);
            let from_top = top - corner;
            // The distances of the base `top + start - corner` from each neighbor.
            let (to_left, to_top) = (from_top.abs(), from_start.abs());
            let to_corner = (from_top + from_start).abs();
            let nearer = if to_top <= to_corner { above[x] } else { corner as u8 };
            row[x] = if to_left <= to_top && to_left <= to_corner { start } else { nearer };
        }
    }
}
