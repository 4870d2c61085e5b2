//! The inverse transform of a block, and its addition to the prediction. Source: AV1 specification,
//! section "2D inverse transform process".

use super::inverse_adst::inverse_adst;
use super::inverse_dct::{Lanes, inverse_dct};
use super::{TransformType, coded_side, identity};

/// What is left of the decoder's intermediate values, in bits with sign.
const LIMIT: i32 = 1 << 15;

/// Adds a residual to predicted samples.
///
/// `coefficients` has [`coded_side`] dequantized values in each row, of which only the first `rows`
/// rows are not 0. The block in `out` begins at its first sample.
#[inline(always)]
pub(crate) fn add_residual(
    (size, kind): (usize, TransformType),
    coefficients: &[i32],
    rows: usize,
    (out, stride): (&mut [u8], usize),
) {
    match size {
        4 => add::<4>(kind, coefficients, rows, (out, stride)),
        8 => add::<8>(kind, coefficients, rows, (out, stride)),
        16 => add::<16>(kind, coefficients, rows, (out, stride)),
        32 => add::<32>(kind, coefficients, rows, (out, stride)),
        _ => add::<64>(kind, coefficients, rows, (out, stride)),
    }
}

#[inline(always)]
fn transform<const N: usize>(values: &mut [Lanes; N], is_adst: bool, is_identity: bool) {
    if is_identity {
        for value in values.as_flattened_mut() {
            *value = identity::scale(*value, N);
        }
    } else if is_adst && N <= 16 {
        inverse_adst(values);
    } else {
        inverse_dct(values);
    }
}

#[inline(always)]
fn add<const N: usize>(
    kind: TransformType,
    coefficients: &[i32],
    rows: usize,
    (out, stride): (&mut [u8], usize),
) {
    let coded = coded_side(N);
    let row_shift = match N {
        4 => 0,
        8 => 1,
        _ => 2,
    };
    let mut residual = [[0i32; N]; N];
    for first in (0..rows).step_by(8) {
        let count = (rows - first).min(8);
        let mut values = [[0; 8]; N];
        for lane in 0..count {
            let row = &coefficients[(first + lane) * coded..][..coded];
            for (value, coefficient) in values.iter_mut().zip(row) {
                value[lane] = (*coefficient).clamp(-LIMIT, LIMIT - 1);
            }
        }
        transform(&mut values, kind.has_row_adst(), kind == TransformType::Identity);
        for lane in 0..count {
            for (value, output) in values.iter().zip(&mut residual[first + lane]) {
                let rounded = (value[lane] + (1 << row_shift >> 1)) >> row_shift;
                *output = rounded.clamp(-LIMIT, LIMIT - 1);
            }
        }
    }
    for first in (0..N).step_by(8) {
        let count = (N - first).min(8);
        let mut values = [[0; 8]; N];
        for (value, row) in values.iter_mut().zip(&residual).take(rows) {
            value[..count].copy_from_slice(&row[first..first + count]);
        }
        transform(&mut values, kind.has_column_adst(), kind == TransformType::Identity);
        for (y, value) in values.iter().enumerate() {
            let samples = &mut out[y * stride + first..][..count];
            for (sample, value) in samples.iter_mut().zip(value) {
                *sample = (i32::from(*sample) + ((value + 8) >> 4)).clamp(0, 255) as u8;
            }
        }
    }
}
