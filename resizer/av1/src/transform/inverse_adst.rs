//! The inverse ADST with the exact arithmetic of the AV1 specification, section "Inverse ADST
//! process", of eight rows or columns at a time.

use super::SINES_OF_NINTHS;
use super::inverse_dct::{Lanes, add_subtract, rotate};

/// Transforms `N` coefficients, the lowest frequency first, to samples. `N` is 4, 8, or 16.
#[inline(always)]
pub(super) fn inverse_adst<const N: usize>(values: &mut [Lanes; N]) {
    match N {
        4 => inverse_adst_4(values),
        8 => inverse_adst_8(values),
        _ => inverse_adst_16(values),
    }
}

#[inline(always)]
fn inverse_adst_4(values: &mut [Lanes]) {
    let [s1, s2, s3, s4] = SINES_OF_NINTHS;
    let inputs = [values[0], values[1], values[2], values[3]];
    for lane in 0..8 {
        let [a, b, c, d] = inputs.map(|input| input[lane]);
        let x = s1 * a + s4 * c + s2 * d;
        let y = s2 * a - s1 * c - s4 * d;
        let z = s3 * b;
        let outputs = [x + z, y + z, s3 * (a - c + d), x + y - z];
        for (at, output) in outputs.into_iter().enumerate() {
            values[at][lane] = (output + 2048) >> 12;
        }
    }
}

#[inline(always)]
fn inverse_adst_8(values: &mut [Lanes]) {
    permute_input(values);
    for i in 0..4 {
        rotate(values, 2 * i, 2 * i + 1, 60 - 16 * i as i32, true);
    }
    for i in 0..4 {
        add_subtract(values, i, 4 + i, false);
    }
    for i in 0..2 {
        rotate(values, 4 + 3 * i, 5 + i, 48 - 32 * i as i32, true);
    }
    for i in 0..2 {
        for j in 0..2 {
            add_subtract(values, 4 * j + i, 2 + 4 * j + i, false);
        }
    }
    for i in 0..2 {
        rotate(values, 2 + 4 * i, 3 + 4 * i, 32, true);
    }
    permute_output(values);
}

#[inline(always)]
fn inverse_adst_16(values: &mut [Lanes]) {
    permute_input(values);
    for i in 0..8 {
        rotate(values, 2 * i, 2 * i + 1, 62 - 8 * i as i32, true);
    }
    for i in 0..8 {
        add_subtract(values, i, 8 + i, false);
    }
    for i in 0..2 {
        rotate(values, 8 + 2 * i, 9 + 2 * i, 56 - 32 * i as i32, true);
        rotate(values, 13 + 2 * i, 12 + 2 * i, 8 + 32 * i as i32, true);
    }
    for i in 0..4 {
        for j in 0..2 {
            add_subtract(values, 8 * j + i, 4 + 8 * j + i, false);
        }
    }
    for i in 0..2 {
        for j in 0..2 {
            rotate(values, 4 + 8 * j + 3 * i, 5 + 8 * j + i, 48 - 32 * i as i32, true);
        }
    }
    for i in 0..2 {
        for j in 0..4 {
            add_subtract(values, 4 * j + i, 2 + 4 * j + i, false);
        }
    }
    for i in 0..4 {
        rotate(values, 2 + 4 * i, 3 + 4 * i, 32, true);
    }
    permute_output(values);
}

#[inline(always)]
fn permute_input(values: &mut [Lanes]) {
    let count = values.len();
    let mut input = [[0; 8]; 16];
    input[..count].copy_from_slice(values);
    for (at, value) in values.iter_mut().enumerate() {
        *value = input[if at % 2 == 1 { at - 1 } else { count - 1 - at }];
    }
}

#[inline(always)]
fn permute_output(values: &mut [Lanes]) {
    let count = values.len();
    let mut input = [[0; 8]; 16];
    input[..count].copy_from_slice(values);
    for (at, value) in values.iter_mut().enumerate() {
        // The Gray code of the position, with its bits in reverse order.
        let gray = at ^ (at >> 1);
        let from = gray.reverse_bits() >> (usize::BITS - count.ilog2());
        *value = input[from];
        if at % 2 == 1 {
            *value = value.map(|value| -value);
        }
    }
}
