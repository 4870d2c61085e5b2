//! The passes in Rust alone; what the other instruction sets are held to.

use crate::resize::axis::{Axis, WEIGHT_BITS};

/// Half of a sample, for rounding.
pub(super) const HALF: i32 = 1 << (WEIGHT_BITS - 1);

pub(super) fn vertical(rows: &[&[i16]], weights: &[i16], out: &mut [i16]) {
    vertical_from(rows, weights, 0, out);
}

/// The columns from `x` on alone.
pub(super) fn vertical_from(rows: &[&[i16]], weights: &[i16], x: usize, out: &mut [i16]) {
    const COLUMNS: usize = 64;
    for (part, out) in out[x..].chunks_mut(COLUMNS).enumerate() {
        let mut sums = [HALF; COLUMNS];
        for (row, &weight) in rows.iter().zip(weights) {
            for (sum, &sample) in sums.iter_mut().zip(&row[x + part * COLUMNS..]) {
                *sum += i32::from(sample) * i32::from(weight);
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = narrowed(sum);
        }
    }
}

pub(super) fn horizontal(row: &[i16], axis: &Axis, out: &mut [i16]) {
    horizontal_from(row, axis, 0, out);
}

/// The columns from `x` on alone.
pub(super) fn horizontal_from(row: &[i16], axis: &Axis, x: usize, out: &mut [i16]) {
    for (at, out) in out.iter_mut().enumerate().skip(x) {
        let (start, weights) = axis.window(at);
        let products = row[start..].iter().zip(weights);
        let sum: i32 = products.map(|(&s, &weight)| i32::from(s) * i32::from(weight)).sum();
        *out = narrowed(sum + HALF);
    }
}

fn narrowed(sum: i32) -> i16 {
    (sum >> WEIGHT_BITS).clamp(i16::MIN.into(), i16::MAX.into()) as i16
}
