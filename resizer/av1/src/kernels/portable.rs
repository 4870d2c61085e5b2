//! The kernels for any CPU.

mod forward;

use crate::predict::Samples;
use crate::transform::{TransformType, inverse};

pub(super) use forward::transform;

/// The differences of samples and their prediction.
#[inline(always)]
pub(super) fn subtract(source: &[u8], prediction: &[u8], out: &mut [i16]) {
    for ((out, source), prediction) in out.iter_mut().zip(source).zip(prediction) {
        *out = i16::from(*source) - i16::from(*prediction);
    }
}

/// Operations on samples for any CPU.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portable;

impl Samples for Portable {
    #[inline(always)]
    fn transpose(self, rows: &[[u8; 8]; 8]) -> [[u8; 8]; 8] {
        transpose(rows)
    }

    #[inline(always)]
    fn interpolate<const N: usize>(self, first: &[u8; N], second: &[u8; N], weight: u8) -> [u8; N] {
        let (rest, weight) = (u16::from(32 - weight), u16::from(weight));
        let mut out = [0; N];
        for x in 0..N {
            let sum = u16::from(first[x]) * rest + u16::from(second[x]) * weight;
            out[x] = ((sum + 16) >> 5) as u8;
        }
        out
    }
}

pub(super) fn add_residual(
    kind: (usize, TransformType),
    coefficients: (&[i32], usize),
    out: (&mut [u8], usize),
) {
    inverse::add_residual(kind, coefficients, out, &transpose);
}

/// Transposes a block.
#[inline(always)]
fn transpose<T: Copy + Default>(rows: &[[T; 8]; 8]) -> [[T; 8]; 8] {
    let mut columns = [[T::default(); 8]; 8];
    for (y, row) in rows.iter().enumerate() {
        for (column, value) in columns.iter_mut().zip(row) {
            column[y] = *value;
        }
    }
    columns
}

pub(super) fn hadamard_cost(source: &[u8], prediction: &[u8], size: usize) -> u32 {
    match size {
        4 => block_sum::<4, 4>(source, prediction) / 4,
        8 => block_sum::<8, 8>(source, prediction) / 8,
        16 => block_sum::<16, 8>(source, prediction) / 8,
        32 => block_sum::<32, 8>(source, prediction) / 8,
        _ => block_sum::<64, 8>(source, prediction) / 8,
    }
}

/// The sum of the absolute Hadamard coefficients of all blocks of `SIDE` x `SIDE`.
fn block_sum<const N: usize, const SIDE: usize>(source: &[u8], prediction: &[u8]) -> u32 {
    let (source, _) = source.as_chunks::<N>();
    let (prediction, _) = prediction.as_chunks::<N>();
    let bands = source.chunks_exact(SIDE).zip(prediction.chunks_exact(SIDE)).take(N / SIDE);
    let mut sum = 0;
    for (source, prediction) in bands {
        for x in (0..N).step_by(SIDE) {
            let mut values = [[0i16; SIDE]; SIDE];
            for (row, (source, prediction)) in values.iter_mut().zip(source.iter().zip(prediction))
            {
                let samples = source[x..x + SIDE].iter().zip(&prediction[x..x + SIDE]);
                for (value, (source, prediction)) in row.iter_mut().zip(samples) {
                    *value = i16::from(*source) - i16::from(*prediction);
                }
            }
            hadamard_columns(&mut values);
            values.iter_mut().for_each(hadamard_row);
            let sums = values.iter().flatten().map(|value| u32::from(value.unsigned_abs()));
            sum += sums.sum::<u32>();
        }
    }
    sum
}

/// The Hadamard transform of columns.
#[inline(always)]
fn hadamard_columns<const SIDE: usize>(values: &mut [[i16; SIDE]; SIDE]) {
    let mut distance = 1;
    while distance < SIDE {
        for at in (0..SIDE).filter(|at| at & distance == 0) {
            let (first, second) = (values[at], values[at + distance]);
            for x in 0..SIDE {
                values[at][x] = first[x] + second[x];
                values[at + distance][x] = first[x] - second[x];
            }
        }
        distance *= 2;
    }
}

/// The Hadamard transform of a row.
#[inline(always)]
fn hadamard_row<const SIDE: usize>(values: &mut [i16; SIDE]) {
    let mut distance = 1;
    while distance < SIDE {
        let before = *values;
        for at in 0..SIDE {
            let (own, other) = (before[at], before[at ^ distance]);
            values[at] = if at & distance == 0 { own + other } else { other - own };
        }
        distance *= 2;
    }
}
