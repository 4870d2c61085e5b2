//! The MCUs of an interleaved sequential scan, straight into the planes of a band.

use super::block::{BlockTables, Coefficients, decode_block};
use super::entropy::Entropy;
use crate::cpu::Cpu;
use crate::frame::Scale;
use crate::idct::{InverseTransform, Pair, Place, Portable, eighth};
use crate::marker::Steps;

/// Blocks decoded before they are transformed: some MCUs, so that pairs come out even.
const BATCH_BLOCKS: usize = 12;

/// One block of an MCU.
#[derive(Clone, Copy)]
pub(crate) struct McuBlock<'a> {
    pub(crate) component: usize,
    pub(crate) tables: BlockTables<'a>,
    pub(crate) steps: &'a Steps,
    /// Of its samples in the first MCU of a row.
    pub(crate) place: Place,
    /// From one MCU to the next, in samples.
    pub(crate) advance: usize,
}

/// A row of MCUs and how far it is.
pub(crate) struct Row<'a> {
    /// The blocks of one MCU in their order.
    pub(crate) blocks: &'a [McuBlock<'a>],
    /// The samples of all planes of the band.
    pub(crate) samples: &'a mut [u8],
    /// The last DC value of each component.
    pub(crate) predicted: &'a mut [i32; 4],
    /// The next MCU.
    pub(crate) from: usize,
    /// The MCU to stop before.
    pub(crate) to: usize,
}

/// The last coefficient in zigzag order that matters at a scale.
pub(crate) const fn last_kept(scale: Scale) -> usize {
    match scale {
        Scale::Full => 63,
        Scale::Half => 24,
        Scale::Quarter => 4,
        Scale::Eighth => 0,
    }
}

/// Broken codes, or more of them than data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// Decodes as many MCUs as the bytes at hand surely hold; `row.from` tells how many.
pub(crate) fn decode_mcus(
    cpu: Cpu,
    scale: Scale,
    row: &mut Row<'_>,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    match cpu {
        Cpu::Portable => run_at(Portable, scale, row, entropy),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => {
            // SAFETY: `avx2` proves that the machine has these instructions.
            #[allow(unsafe_code, reason = "the call into code for one instruction set")]
            unsafe {
                run_avx2(avx2, scale, row, entropy)
            }
        }
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(_) => run_at(Portable, scale, row, entropy),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn run_avx2(
    avx2: crate::cpu::Avx2,
    scale: Scale,
    row: &mut Row<'_>,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    run_at(avx2, scale, row, entropy)
}

#[inline(always)]
fn run_at<T: InverseTransform>(
    transform: T,
    scale: Scale,
    row: &mut Row<'_>,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    match scale {
        Scale::Full => run::<T, { last_kept(Scale::Full) }>(transform, scale, row, entropy),
        Scale::Half => run::<T, { last_kept(Scale::Half) }>(transform, scale, row, entropy),
        Scale::Quarter => run::<T, { last_kept(Scale::Quarter) }>(transform, scale, row, entropy),
        Scale::Eighth => run::<T, { last_kept(Scale::Eighth) }>(transform, scale, row, entropy),
    }
}

#[inline(always)]
fn run<T: InverseTransform, const LAST: usize>(
    transform: T,
    scale: Scale,
    row: &mut Row<'_>,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    let blocks = row.blocks;
    let mcus_at_once = match blocks.len() {
        1 => 8,
        2 => 4,
        3..=5 => 2,
        _ => 1,
    };
    let mut coefficients: [Coefficients; BATCH_BLOCKS] = [[0; 128]; BATCH_BLOCKS];
    let mut places = [Place::default(); BATCH_BLOCKS];
    let mut lasts = [0; BATCH_BLOCKS];
    let mut bits = entropy.bits;
    let (bytes, safe_next) = (entropy.bytes(), entropy.safe_next());
    let mut broken = false;
    'batches: while row.from < row.to && bits.next < safe_next {
        let until = row.to.min(row.from + mcus_at_once);
        let mut count = 0;
        for mcu in row.from..until {
            for block in blocks {
                let predicted = &mut row.predicted[block.component & 3];
                let place = Place {
                    offset: block.place.offset + mcu * block.advance,
                    stride: block.place.stride,
                };
                let target = &mut coefficients[count % BATCH_BLOCKS];
                let decoded =
                    decode_block::<LAST>(&mut bits, bytes, block.tables, predicted, target);
                let Some(last) = decoded else {
                    broken = true;
                    break 'batches;
                };
                if LAST == 0 {
                    row.samples[place.offset] = eighth(target[0], block.steps[0]);
                } else {
                    places[count % BATCH_BLOCKS] = place;
                    lasts[count % BATCH_BLOCKS] = last;
                    count += 1;
                }
            }
        }
        let mut index = 0;
        while index < count {
            // A block that is alone is its own twin.
            let other = (index + 1).min(count - 1);
            let chosen = [index % BATCH_BLOCKS, other % BATCH_BLOCKS];
            let pair = Pair {
                blocks: chosen.map(|index| coefficients[index].first_chunk().expect("128 of 64")),
                steps: chosen.map(|index| blocks[index % blocks.len()].steps),
                last: chosen.map(|index| lasts[index]).into_iter().max().unwrap_or(63),
                places: chosen.map(|index| places[index]),
            };
            transform.at(scale, &pair, row.samples);
            index += 2;
        }
        row.from = until;
    }
    entropy.bits = bits;
    if broken { Err(Broken) } else { Ok(()) }
}
