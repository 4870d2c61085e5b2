//! The forward transform for any CPU.

use crate::transform::forward::{HALF_SECANTS, ROOT_OF_HALF, forward_transforms};
use crate::transform::{SINES_OF_NINTHS, TransformType, identity};

type Lanes = [f32; 8];

forward_transforms!(Lanes,);

#[inline(always)]
fn zero() -> Lanes {
    [0.0; 8]
}

#[inline(always)]
fn add(mut a: Lanes, b: Lanes) -> Lanes {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}

#[inline(always)]
fn subtract(mut a: Lanes, b: Lanes) -> Lanes {
    a.iter_mut().zip(b).for_each(|(a, b)| *a -= b);
    a
}

#[inline(always)]
fn scale(mut values: Lanes, factor: f32) -> Lanes {
    values.iter_mut().for_each(|value| *value *= factor);
    values
}

#[inline(always)]
fn load_residual(residual: &[i16; 8]) -> Lanes {
    residual.map(f32::from)
}

#[inline(always)]
fn store(values: Lanes, out: &mut [f32; 8]) {
    *out = values;
}

#[inline(always)]
fn transpose(rows: [Lanes; 8]) -> [Lanes; 8] {
    super::transpose(&rows)
}
