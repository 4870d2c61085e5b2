//! The inverse transforms: coefficients of two blocks at a time to samples.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;

pub(crate) use portable::Portable;

use crate::marker::QuantizationTable;
use crate::scale::Scale;

/// Where the samples of a block go.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// The index of the first sample.
    pub(crate) offset: usize,
    /// Samples from one row to the next.
    pub(crate) stride: usize,
}

/// Two blocks that are transformed together.
pub(crate) struct Pair<'a> {
    /// Coefficients row by row, not dequantized yet.
    pub(crate) blocks: [&'a [i16; 64]; 2],
    pub(crate) quantization: [&'a QuantizationTable; 2],
    /// The zigzag position after which both blocks hold only zeros.
    pub(crate) last: usize,
    pub(crate) places: [Place; 2],
}

/// The transforms of one instruction set. Each writes squares of `Scale::block_side` samples.
pub(crate) trait InverseTransform: Copy {
    /// The accurate integer transform of the Independent JPEG Group.
    fn full(self, pair: &Pair<'_>, samples: &mut [u8]);

    /// The transform of the `SIDE` lowest frequencies in each direction, 3 or 5 to 7. It may write
    /// anything to the samples right of each row, up to the eighth.
    fn reduced<const SIDE: usize>(self, pair: &Pair<'_>, samples: &mut [u8]);

    /// The 4-point transform of the four lowest frequencies in each direction: what a picture of
    /// half the size would have in its blocks.
    fn half(self, pair: &Pair<'_>, samples: &mut [u8]);

    /// The transform for a scale.
    #[inline(always)]
    fn at(self, scale: Scale, pair: &Pair<'_>, samples: &mut [u8]) {
        match scale {
            Scale::Full => self.full(pair, samples),
            Scale::SevenEighths => self.reduced::<7>(pair, samples),
            Scale::ThreeQuarters => self.reduced::<6>(pair, samples),
            Scale::FiveEighths => self.reduced::<5>(pair, samples),
            Scale::Half => self.half(pair, samples),
            Scale::ThreeEighths => self.reduced::<3>(pair, samples),
            Scale::Quarter => {
                for index in 0..2 {
                    let (block, quantization) = (pair.blocks[index], pair.quantization[index]);
                    quarter(block, quantization, pair.places[index], samples);
                }
            }
            Scale::Eighth => {
                for index in 0..2 {
                    let value = eighth(pair.blocks[index][0], pair.quantization[index][0]);
                    samples[pair.places[index].offset] = value;
                }
            }
        }
    }
}

/// The weights of the transforms of `SIDE` frequencies with 13 fraction bits, by sample and
/// frequency: sqrt(2) times cosines, 1 for the lowest frequency.
struct Weights<const SIDE: usize>;

impl<const SIDE: usize> Weights<SIDE> {
    const TABLE: [[i32; SIDE]; SIDE] = {
        let mut table = [[8192; SIDE]; SIDE];
        let mut sample = 0;
        while sample < SIDE {
            let mut frequency = 1;
            while frequency < SIDE {
                table[sample][frequency] = cosine(SIDE, (2 * sample + 1) * frequency);
                frequency += 1;
            }
            sample += 1;
        }
        table
    };
}

/// sqrt(2) * cos(parts / quarter * pi / 2) with 13 fraction bits.
const fn cosine(quarter: usize, parts: usize) -> i32 {
    let first: &[i32] = match quarter {
        3 => &[11585, 10033, 5793, 0],
        5 => &[11585, 11018, 9373, 6810, 3580, 0],
        6 => &[11585, 11190, 10033, 8192, 5793, 2998, 0],
        7 => &[11585, 11295, 10438, 9058, 7223, 5027, 2578, 0],
        _ => panic!("sides of 3 and of 5 to 7"),
    };
    let parts = parts % (4 * quarter);
    let mirrored = if parts > 2 * quarter { 4 * quarter - parts } else { parts };
    if mirrored > quarter { -first[2 * quarter - mirrored] } else { first[mirrored] }
}

/// Blocks with only a DC coefficient, which fills squares of `SIDE` samples.
#[inline(always)]
fn flat<const SIDE: usize>(pair: &Pair<'_>, samples: &mut [u8]) {
    for index in 0..2 {
        let value = eighth(pair.blocks[index][0], pair.quantization[index][0]);
        let Place { offset, stride } = pair.places[index];
        for y in 0..SIDE {
            samples[offset + y * stride..][..SIDE].fill(value);
        }
    }
}

/// The 2-point transform of the two lowest frequencies in each direction: sums and differences.
#[inline(always)]
pub(crate) fn quarter(
    block: &[i16; 64],
    quantization: &QuantizationTable,
    place: Place,
    samples: &mut [u8],
) {
    let value = |at: usize| i32::from(block[at].wrapping_mul(quantization[at] as i16));
    let (top, bottom) = (value(0) + value(8), value(0) - value(8));
    let (top_slope, bottom_slope) = (value(1) + value(9), value(1) - value(9));
    let upper = [sample(top + top_slope), sample(top - top_slope)];
    let lower = [sample(bottom + bottom_slope), sample(bottom - bottom_slope)];
    samples[place.offset..][..2].copy_from_slice(&upper);
    samples[place.offset + place.stride..][..2].copy_from_slice(&lower);
}

/// The mean of a block, from its DC coefficient.
#[inline(always)]
pub(crate) fn eighth(first: i16, step: u16) -> u8 {
    sample(i32::from(first.wrapping_mul(step as i16)))
}

/// A sample from 8 times its value.
#[inline(always)]
fn sample(eightfold: i32) -> u8 {
    (((eightfold + 4) >> 3).clamp(-128, 127) + 128) as u8
}

#[cfg(test)]
mod tests {
    use super::{InverseTransform, Pair, Place, Portable};
    use crate::marker::QuantizationTable;
    use crate::scale::Scale;
    use crate::zigzag::ZIGZAG;
    use resizer_cpu::Cpu;

    fn transform(cpu: Cpu, scale: Scale, pair: &Pair<'_>, samples: &mut [u8]) {
        match cpu {
            Cpu::Portable => Portable.at(scale, pair, samples),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(avx2) => avx2.at(scale, pair, samples),
            #[cfg(target_arch = "aarch64")]
            Cpu::Neon(neon) => neon.at(scale, pair, samples),
        }
    }

    /// xorshift64.
    fn next(seed: &mut u64) -> u64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed
    }

    #[test]
    fn every_instruction_set_gives_the_same_samples() {
        let mut seed = 0x9e37_79b9_7f4a_7c15;
        for round in 0..4000 {
            let last = round % 64;
            // From coefficients like those of photographs to numbers that no encoder writes.
            let (most, most_step) = [(20, 20), (300, 4), (2000, 255), (32768, 65536)][round / 1000];
            let mut blocks = [[0_i16; 64]; 2];
            let mut quantization: [QuantizationTable; 2] = [[1; 64]; 2];
            for index in 0..2 {
                for &place in &ZIGZAG[..=last] {
                    let value = (next(&mut seed) % (2 * most)) as i64 - most as i64;
                    blocks[index][usize::from(place)] = value as i16;
                }
                quantization[index] = std::array::from_fn(|_| (next(&mut seed) % most_step) as u16);
            }
            let places = [Place { offset: 3, stride: 21 }, Place { offset: 200, stride: 8 }];
            let pair = Pair {
                blocks: [&blocks[0], &blocks[1]],
                quantization: [&quantization[0], &quantization[1]],
                last,
                places,
            };
            assert_same_samples(&pair, round);
        }
    }

    /// A column whose second sum is 512 below 2^31 and wraps with the rounding.
    #[test]
    fn sums_wrap_with_their_rounding() {
        let mut block = [0; 64];
        for (y, value) in [32767, -1, 3170, 32767, -32768, -32768, -22907, 1].iter().enumerate() {
            block[8 * y] = *value;
        }
        let places = [Place { offset: 0, stride: 8 }, Place { offset: 64, stride: 8 }];
        let pair = Pair { blocks: [&block; 2], quantization: [&[1; 64]; 2], last: 63, places };
        let mut samples = [7; 128];
        transform(Cpu::Portable, Scale::Full, &pair, &mut samples);
        assert_eq!(samples[8..16], [0; 8]);
        assert_same_samples(&pair, 0);
    }

    fn assert_same_samples(pair: &Pair<'_>, round: usize) {
        for scale in Scale::ALL {
            let mut expected = vec![7; 300];
            transform(Cpu::Portable, scale, pair, &mut expected);
            for cpu in Cpu::available() {
                let mut found = vec![7; 300];
                transform(cpu, scale, pair, &mut found);
                for Place { offset, stride } in pair.places {
                    for y in 0..scale.block_side() {
                        let end = offset + y * stride + scale.block_side();
                        found[end..][..scale.overhang()].fill(7);
                    }
                }
                assert_eq!(found, expected, "{cpu:?} {scale:?} round {round}");
            }
        }
    }

    /// Compares with the definition in floating point.
    #[test]
    fn the_transforms_are_cosine_transforms() {
        let mut seed = 77;
        for scale in Scale::ALL {
            let side = scale.block_side();
            for _ in 0..200 {
                let block: [i16; 64] = std::array::from_fn(|index| {
                    (next(&mut seed) % 240) as i16 / (1 + index as i16 / 4) - 20
                });
                let mut samples = [0; 70];
                let place = Place { offset: 0, stride: side };
                let pair = Pair {
                    blocks: [&block; 2],
                    quantization: [&[1; 64]; 2],
                    last: 63,
                    places: [place; 2],
                };
                transform(Cpu::detect(), scale, &pair, &mut samples);
                for (index, &sample) in samples[..side * side].iter().enumerate() {
                    let wave = |at: usize, frequency: usize| {
                        let angle = (2 * at + 1) as f64 * frequency as f64 / (2 * side) as f64;
                        let weight = if frequency == 0 { 0.5_f64.sqrt() } else { 1.0 };
                        weight * (angle * std::f64::consts::PI).cos() / 2.0
                    };
                    let mut exact = 128.0;
                    for v in 0..side {
                        for u in 0..side {
                            let weight = wave(index % side, u) * wave(index / side, v);
                            exact += f64::from(block[8 * v + u]) * weight;
                        }
                    }
                    let error = (exact.clamp(0.0, 255.0) - f64::from(sample)).abs();
                    assert!(error < 0.6, "{scale:?}: {exact} became {sample}");
                }
            }
        }
    }
}
