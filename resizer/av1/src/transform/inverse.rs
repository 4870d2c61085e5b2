//! The inverse transform of a block, and its addition to the prediction. Source: AV1 specification,
//! section "2D inverse transform process".

use super::inverse_adst::inverse_adst;
use super::inverse_dct::{Lanes, inverse_dct};
use super::{TransformType, coded_side, identity};

/// What is left of the decoder's intermediate values, in bits with sign.
const LIMIT: i32 = 1 << 15;

/// Adds a residual to predicted samples.
///
/// `coefficients` has [`coded_side`] rows of as many dequantized values of equal horizontal
/// frequency. Only the first `count` rows, and the first `count` values of each, are not 0. The
/// block in `out` begins at its first sample. `transpose` exchanges rows and columns.
#[inline(always)]
pub(crate) fn add_residual(
    (size, kind): (usize, TransformType),
    (coefficients, count): (&[i32], usize),
    out: (&mut [u8], usize),
    transpose: &impl Fn(&[Lanes; 8]) -> [Lanes; 8],
) {
    match size {
        4 => add::<4, 4>(kind, (coefficients, count), out, transpose),
        8 => add::<8, 8>(kind, (coefficients, count), out, transpose),
        16 => add::<16, 16>(kind, (coefficients, count), out, transpose),
        32 => add::<32, 32>(kind, (coefficients, count), out, transpose),
        _ => add::<64, 32>(kind, (coefficients, count), out, transpose),
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
fn add<const N: usize, const CODED: usize>(
    kind: TransformType,
    (coefficients, count): (&[i32], usize),
    (out, stride): (&mut [u8], usize),
    transpose: &impl Fn(&[Lanes; 8]) -> [Lanes; 8],
) {
    const { assert!(CODED == coded_side(N)) }
    let row_shift = match N {
        4 => 0,
        8 => 1,
        _ => 2,
    };
    let side = N.min(8);
    let (coefficients, _) = coefficients.as_chunks::<CODED>();
    let mut residual = [[0i32; N]; N];
    for first in (0..count).step_by(8) {
        let mut values = [[0; 8]; N];
        for (value, row) in values.iter_mut().zip(&coefficients[..count]) {
            for (value, coefficient) in value.iter_mut().zip(&row[first..first + side]) {
                *value = (*coefficient).clamp(-LIMIT, LIMIT - 1);
            }
        }
        transform(&mut values, kind.has_row_adst(), kind == TransformType::Identity);
        for (group, values) in values.chunks(8).enumerate() {
            let mut block = [[0; 8]; 8];
            for (row, value) in block.iter_mut().zip(values) {
                for (out, value) in row.iter_mut().zip(value) {
                    let rounded = (value + (1 << row_shift >> 1)) >> row_shift;
                    *out = rounded.clamp(-LIMIT, LIMIT - 1);
                }
            }
            let block = transpose(&block);
            for (row, values) in residual[first..first + side].iter_mut().zip(&block) {
                row[8 * group..][..side].copy_from_slice(&values[..side]);
            }
        }
    }
    for first in (0..N).step_by(8) {
        let mut values = [[0; 8]; N];
        for (value, row) in values.iter_mut().zip(&residual[..count]) {
            value[..side].copy_from_slice(&row[first..first + side]);
        }
        transform(&mut values, kind.has_column_adst(), kind == TransformType::Identity);
        for (y, value) in values.iter().enumerate() {
            let samples = &mut out[y * stride + first..][..side];
            for (sample, value) in samples.iter_mut().zip(value) {
                *sample = (i32::from(*sample) + ((value + 8) >> 4)).clamp(0, 255) as u8;
            }
        }
    }
}
