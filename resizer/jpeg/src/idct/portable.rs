//! The transforms in portable Rust. All instruction sets give the same bytes as these. Sums of 16
//! bits wrap and results saturate where vector instructions do so; neither happens for the
//! coefficients that encoders write.
//!
//! Source: C. Loeffler, A. Ligtenberg, G. Moschytz, "Practical fast 1-D DCT algorithms with 11
//! multiplications", ICASSP 1989, figure 1, with 13 fraction bits.

use super::{InverseTransform, Pair, Place, Weights, flat};
use crate::marker::QuantizationTable;

/// Fraction bits of the constants below.
const FRACTION_BITS: i32 = 13;
/// Fraction bits that are kept between the two passes.
const KEPT_BITS: i32 = 2;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

impl InverseTransform for Portable {
    #[inline(always)]
    fn full(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<8>(pair, samples);
        }
        for index in 0..2 {
            full(pair.blocks[index], pair.quantization[index], pair.places[index], samples);
        }
    }

    #[inline(always)]
    fn reduced<const SIDE: usize>(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<SIDE>(pair, samples);
        }
        for index in 0..2 {
            reduced::<SIDE>(
                pair.blocks[index],
                pair.quantization[index],
                pair.places[index],
                samples,
            );
        }
    }

    #[inline(always)]
    fn half(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<4>(pair, samples);
        }
        for index in 0..2 {
            half(pair.blocks[index], pair.quantization[index], pair.places[index], samples);
        }
    }
}

fn full(block: &[i16; 64], quantization: &QuantizationTable, place: Place, samples: &mut [u8]) {
    let mut between = [0; 64];
    for x in 0..8 {
        let column =
            std::array::from_fn(|y| block[8 * y + x].wrapping_mul(quantization[8 * y + x] as i16));
        let results = line(column, FRACTION_BITS - KEPT_BITS);
        for y in 0..8 {
            between[8 * y + x] = results[y];
        }
    }
    for (y, row) in between.as_chunks::<8>().0.iter().enumerate() {
        let results = line(*row, FRACTION_BITS + KEPT_BITS + 3);
        let out = &mut samples[place.offset + y * place.stride..][..8];
        for (sample, result) in out.iter_mut().zip(results) {
            *sample = (result.clamp(-128, 127) + 128) as u8;
        }
    }
}

/// Transforms eight coefficients to eight samples and rounds off `shift` fraction bits.
#[inline(always)]
fn line(input: [i16; 8], shift: i32) -> [i16; 8] {
    let wide = input.map(i32::from);
    let round = 1 << (shift - 1);
    // Even part.
    let sum = ((wide[0] + wide[4]) << FRACTION_BITS).wrapping_add(round);
    let difference = ((wide[0] - wide[4]) << FRACTION_BITS).wrapping_add(round);
    let low = wide[2] * 4433 + wide[6] * (4433 - 15137);
    let high = wide[2] * (4433 + 6270) + wide[6] * 4433;
    let even = [
        sum.wrapping_add(high),
        difference.wrapping_add(low),
        difference.wrapping_sub(low),
        sum.wrapping_sub(high),
    ];
    // Odd part.
    let z3 = i32::from(input[7].wrapping_add(input[3]));
    let z4 = i32::from(input[5].wrapping_add(input[1]));
    let cross3 = z3 * (9633 - 16069) + z4 * 9633;
    let cross4 = z3 * 9633 + z4 * (9633 - 3196);
    let odd = [
        (wide[1] * (12299 - 7373) - wide[7] * 7373).wrapping_add(cross4),
        (wide[3] * (25172 - 20995) - wide[5] * 20995).wrapping_add(cross3),
        (wide[5] * (16819 - 20995) - wide[3] * 20995).wrapping_add(cross4),
        (wide[7] * (2446 - 7373) - wide[1] * 7373).wrapping_add(cross3),
    ];
    std::array::from_fn(|index| {
        let mirrored = index.min(7 - index);
        let value = if index < 4 {
            even[mirrored].wrapping_add(odd[mirrored])
        } else {
            even[mirrored].wrapping_sub(odd[mirrored])
        };
        (value >> shift).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    })
}

fn reduced<const SIDE: usize>(
    block: &[i16; 64],
    quantization: &QuantizationTable,
    place: Place,
    samples: &mut [u8],
) {
    let mut between = [[0; SIDE]; SIDE];
    for x in 0..SIDE {
        let column =
            std::array::from_fn(|y| block[8 * y + x].wrapping_mul(quantization[8 * y + x] as i16));
        let results = reduced_line::<SIDE>(column, FRACTION_BITS - KEPT_BITS);
        for y in 0..SIDE {
            between[y][x] = results[y];
        }
    }
    for (y, row) in between.into_iter().enumerate() {
        let results = reduced_line::<SIDE>(row, FRACTION_BITS + KEPT_BITS + 3);
        let out = &mut samples[place.offset + y * place.stride..][..SIDE];
        for (sample, result) in out.iter_mut().zip(results) {
            *sample = (result.clamp(-128, 127) + 128) as u8;
        }
    }
}

/// Transforms as many coefficients as samples and rounds off `shift` fraction bits.
#[inline(always)]
fn reduced_line<const SIDE: usize>(input: [i16; SIDE], shift: i32) -> [i16; SIDE] {
    Weights::<SIDE>::TABLE.map(|weights| {
        let products = input.iter().zip(weights).map(|(&value, weight)| i32::from(value) * weight);
        let sum = products.fold(1 << (shift - 1), i32::wrapping_add);
        (sum >> shift).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    })
}

fn half(block: &[i16; 64], quantization: &QuantizationTable, place: Place, samples: &mut [u8]) {
    let mut between = [0; 16];
    for x in 0..4 {
        let column =
            std::array::from_fn(|y| block[8 * y + x].wrapping_mul(quantization[8 * y + x] as i16));
        let results = short_line(column, FRACTION_BITS - KEPT_BITS);
        for y in 0..4 {
            between[4 * y + x] = results[y];
        }
    }
    for (y, row) in between.as_chunks::<4>().0.iter().enumerate() {
        let results = short_line(*row, FRACTION_BITS + KEPT_BITS + 3);
        let out = &mut samples[place.offset + y * place.stride..][..4];
        for (sample, result) in out.iter_mut().zip(results) {
            *sample = (result.clamp(-128, 127) + 128) as u8;
        }
    }
}

/// Transforms four coefficients to four samples and rounds off `shift` fraction bits.
#[inline(always)]
fn short_line(input: [i16; 4], shift: i32) -> [i16; 4] {
    let wide = input.map(i32::from);
    let round = 1 << (shift - 1);
    let sum = ((wide[0] + wide[2]) << FRACTION_BITS) + round;
    let difference = ((wide[0] - wide[2]) << FRACTION_BITS) + round;
    // sqrt(2) times the cosines of pi/8 and 3 pi/8.
    let outer = wide[1] * 10703 + wide[3] * 4433;
    let inner = wide[1] * 4433 - wide[3] * 10703;
    [sum + outer, difference + inner, difference - inner, sum - outer]
        .map(|value| (value >> shift).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16)
}
