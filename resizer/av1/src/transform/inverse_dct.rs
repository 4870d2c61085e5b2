//! The inverse DCT with the exact arithmetic of the AV1 specification, section "Inverse DCT
//! process", of eight rows or columns at a time.

use super::{cosine, sine};

/// The values at one position of eight rows or columns.
pub(super) type Lanes = [i32; 8];

/// Rotates two values by an angle. `flip` exchanges the results.
#[inline(always)]
pub(super) fn rotate(values: &mut [Lanes], a: usize, b: usize, angle: i32, flip: bool) {
    let (cosine, sine) = (cosine(angle), sine(angle));
    let (first, second) = (values[a], values[b]);
    let (mut x, mut y) = ([0; 8], [0; 8]);
    for lane in 0..8 {
        x[lane] = (first[lane] * cosine - second[lane] * sine + 2048) >> 12;
        y[lane] = (first[lane] * sine + second[lane] * cosine + 2048) >> 12;
    }
    (values[a], values[b]) = if flip { (y, x) } else { (x, y) };
}

/// Replaces two values by their sum and their difference. `flip` exchanges their roles.
#[inline(always)]
pub(super) fn add_subtract(values: &mut [Lanes], a: usize, b: usize, flip: bool) {
    let (a, b) = if flip { (b, a) } else { (a, b) };
    let (first, second) = (values[a], values[b]);
    for lane in 0..8 {
        values[a][lane] = first[lane] + second[lane];
        values[b][lane] = first[lane] - second[lane];
    }
}

const fn reversed(value: usize, bits: u32) -> usize {
    value.reverse_bits() >> (usize::BITS - bits)
}

/// Transforms `N` coefficients, the lowest frequency first, to samples.
#[inline(always)]
pub(super) fn inverse_dct<const N: usize>(values: &mut [Lanes; N]) {
    let input = *values;
    for (at, value) in values.iter_mut().enumerate() {
        *value = input[reversed(at, N.ilog2())];
    }
    rotate(values, 0, 1, 32, true);
    if N >= 4 {
        rotate(values, 2, 3, 48, false);
        mirror(&mut values[..4]);
    }
    if N >= 8 {
        odd_8(&mut values[4..8]);
        mirror(&mut values[..8]);
    }
    if N >= 16 {
        odd_16(&mut values[8..16]);
        mirror(&mut values[..16]);
    }
    if N >= 32 {
        odd_32(&mut values[16..32]);
        mirror(&mut values[..32]);
    }
    if N >= 64 {
        odd_64(&mut values[32..64]);
        mirror(&mut values[..64]);
    }
}

/// Combines the halves of even and odd frequencies.
#[inline(always)]
fn mirror(values: &mut [Lanes]) {
    let count = values.len();
    for at in 0..count / 2 {
        add_subtract(values, at, count - 1 - at, false);
    }
}

/// The odd frequencies of 8 coefficients. This and the next functions get the upper half of the
/// values, so each index is smaller than in the specification by half of the size.
#[inline(always)]
fn odd_8(values: &mut [Lanes]) {
    for i in 0..2 {
        rotate(values, i, 3 - i, 56 - 32 * i as i32, false);
    }
    for i in 0..2 {
        add_subtract(values, 2 * i, 2 * i + 1, i == 1);
    }
    rotate(values, 2, 1, 32, true);
}

#[inline(always)]
fn odd_16(values: &mut [Lanes]) {
    for i in 0..4 {
        rotate(values, i, 7 - i, 12 + ((reversed(3 - i, 2) as i32) << 4), false);
    }
    for i in 0..4 {
        add_subtract(values, 2 * i, 2 * i + 1, i % 2 == 1);
    }
    for i in 0..2 {
        rotate(values, 6 - i, 1 + i, 48 + 64 * i as i32, true);
    }
    for i in 0..2 {
        for j in 0..2 {
            add_subtract(values, 4 * i + j, 3 + 4 * i - j, i == 1);
        }
    }
    for i in 0..2 {
        rotate(values, 5 - i, 2 + i, 32, true);
    }
}

#[inline(always)]
fn odd_32(values: &mut [Lanes]) {
    for i in 0..8 {
        rotate(values, i, 15 - i, 6 + ((reversed(7 - i, 3) as i32) << 3), false);
    }
    for i in 0..8 {
        add_subtract(values, 2 * i, 2 * i + 1, i % 2 == 1);
    }
    for i in 0..2 {
        for j in 0..2 {
            let angle = 24 + 64 * j as i32 + 32 * (1 - i as i32);
            rotate(values, 14 - 4 * i - j, 1 + 4 * i + j, angle, true);
        }
    }
    for i in 0..4 {
        for j in 0..2 {
            add_subtract(values, 4 * i + j, 3 + 4 * i - j, i % 2 == 1);
        }
    }
    for i in 0..4 {
        rotate(values, 13 - i, 2 + i, 48 + 64 * (i as i32 >> 1), true);
    }
    for i in 0..2 {
        for j in 0..4 {
            add_subtract(values, 8 * i + j, 7 + 8 * i - j, i == 1);
        }
    }
    for i in 0..4 {
        rotate(values, 11 - i, 4 + i, 32, true);
    }
}

#[inline(always)]
fn odd_64(values: &mut [Lanes]) {
    for i in 0..16 {
        rotate(values, i, 31 - i, 63 - 4 * reversed(i, 4) as i32, false);
    }
    for i in 0..16 {
        add_subtract(values, 2 * i, 2 * i + 1, i % 2 == 1);
    }
    for i in 0..4 {
        for j in 0..2 {
            let angle = 60 - 16 * reversed(i, 2) as i32 + 64 * j as i32;
            rotate(values, 30 - 4 * i - j, 1 + 4 * i + j, angle, true);
        }
    }
    for i in 0..8 {
        for j in 0..2 {
            add_subtract(values, 4 * i + j, 3 + 4 * i - j, i % 2 == 1);
        }
    }
    for i in 0..2 {
        for j in 0..4 {
            let angle = 56 - 32 * i as i32 + 64 * (j as i32 >> 1);
            rotate(values, 29 - 8 * i - j, 2 + 8 * i + j, angle, true);
        }
    }
    for i in 0..4 {
        for j in 0..4 {
            add_subtract(values, 8 * i + j, 7 + 8 * i - j, i % 2 == 1);
        }
    }
    for i in 0..8 {
        rotate(values, 27 - i, 4 + i, if i < 4 { 48 } else { 112 }, true);
    }
    for i in 0..8 {
        add_subtract(values, i, 15 - i, false);
        add_subtract(values, 16 + i, 31 - i, true);
    }
    for i in 0..8 {
        rotate(values, 23 - i, 8 + i, 32, true);
    }
}
