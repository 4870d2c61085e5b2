//! MCUs of a sequential scan of all components, straight to the planes of a band: decoded in order,
//! or through the index of blocks.

use std::ops::Range;

use super::block::{BlockTables, Coefficients, decode_block, decode_corner, decode_first};
use super::block_index::{BlockIndex, PatternBlock};
use super::entropy::{Bits, Broken, Bytes, Entropy};
use crate::idct::{InverseTransform, Pair, Place, Portable, eighth, quarter};
use crate::marker::QuantizationTable;
use crate::scale::Scale;
use resizer_cpu::Cpu;

/// Blocks that are decoded before they are transformed in pairs: some MCUs with an even number of
/// blocks, 12 at most. A power of 2, so that a masked index needs no bounds check.
const BATCH_BLOCKS: usize = 16;

/// One block of an MCU.
#[derive(Clone, Copy)]
pub(crate) struct McuBlock<'a> {
    pub(crate) component: usize,
    pub(crate) tables: BlockTables<'a>,
    pub(crate) quantization: &'a QuantizationTable,
    /// The place of its samples in the first MCU of a row.
    pub(crate) place: Place,
    /// The distance from one MCU to the next, in samples.
    pub(crate) advance: usize,
}

/// A row of MCUs and how far it is decoded.
pub(crate) struct Row<'a> {
    /// The blocks of an MCU in coding order.
    pub(crate) blocks: &'a [McuBlock<'a>],
    /// The buffer of the band.
    pub(crate) samples: &'a mut [u8],
    /// The next MCU.
    pub(crate) from: usize,
    /// The end of the MCUs to decode.
    pub(crate) to: usize,
    /// The MCUs whose samples are wanted.
    pub(crate) wanted: Range<usize>,
}

/// A task for the code of one instruction set. `predicted` are the last DC values.
pub(crate) enum Work<'a, 'b> {
    /// Decode as many MCUs as the bytes at hand are sure to hold; `row.from` tells how many.
    Decode {
        row: &'a mut Row<'b>,
        predicted: &'a mut [i32; 4],
        scale: Scale,
        entropy: &'a mut Entropy,
    },
    /// Find where the blocks of up to so many MCUs begin.
    Find {
        index: &'a mut BlockIndex,
        blocks: &'a [PatternBlock<'b>],
        max_mcus: usize,
        entropy: &'a mut Entropy,
    },
    /// Decode the MCUs whose blocks begin at `starts`.
    DecodeStarts {
        row: &'a mut Row<'b>,
        predicted: &'a mut [i32; 4],
        starts: &'a [u32],
        bytes: &'a Bytes,
        scale: Scale,
    },
}

pub(crate) fn run(cpu: Cpu, work: Work<'_, '_>) -> Result<(), Broken> {
    match cpu {
        Cpu::Portable => run_with(Portable, work),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => {
            // SAFETY: `avx2` proves that the machine has these instructions.
            #[expect(unsafe_code, reason = "the call into code for one instruction set")]
            unsafe {
                run_avx2(avx2, work)
            }
        }
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => run_with(neon, work),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn run_avx2(avx2: resizer_cpu::Avx2, work: Work<'_, '_>) -> Result<(), Broken> {
    run_with(avx2, work)
}

#[inline(always)]
fn run_with<T: InverseTransform>(transform: T, work: Work<'_, '_>) -> Result<(), Broken> {
    match work {
        Work::Decode { row, predicted, scale, entropy } => match scale.block_side() {
            5.. => decode::<T, 63>(transform, scale, row, predicted, entropy),
            _ => decode::<T, 24>(transform, scale, row, predicted, entropy),
        },
        Work::Find { index, blocks, max_mcus, entropy } => index.find(blocks, max_mcus, entropy),
        Work::DecodeStarts { row, predicted, starts, bytes, scale } => match scale {
            Scale::Eighth => decode_firsts(row, predicted, starts, bytes),
            _ => decode_quarters(row, predicted, starts, bytes),
        }
        .ok_or(Broken),
    }
}

/// Decoded blocks that wait for the transform.
struct Batch {
    coefficients: [Coefficients; BATCH_BLOCKS],
    places: [Place; BATCH_BLOCKS],
    lasts: [usize; BATCH_BLOCKS],
    count: usize,
}

impl Batch {
    #[inline(always)]
    fn new() -> Self {
        Self {
            coefficients: [[0; 256]; BATCH_BLOCKS],
            places: [Place::default(); BATCH_BLOCKS],
            lasts: [0; BATCH_BLOCKS],
            count: 0,
        }
    }

    /// The coefficients of the next block.
    #[inline(always)]
    fn next(&mut self) -> &mut Coefficients {
        &mut self.coefficients[self.count % BATCH_BLOCKS]
    }

    #[inline(always)]
    fn add(&mut self, place: Place, last: usize) {
        self.places[self.count % BATCH_BLOCKS] = place;
        self.lasts[self.count % BATCH_BLOCKS] = last;
        self.count += 1;
    }

    #[inline(always)]
    fn transform<T: InverseTransform>(&self, transform: T, scale: Scale, row: &mut Row<'_>) {
        let length = row.blocks.len();
        // Two MCUs of three blocks: blocks of the same component are paired, because they end at
        // similar positions. The samples that a block writes beyond its own must not overwrite
        // those of an earlier block.
        let in_order = length == 3 || length == 5 && scale.overhang() == 0;
        let alike = in_order && self.count == 2 * length;
        let (apart, step) = if alike { (length, 1) } else { (1, 2) };
        for nth in 0..self.count.div_ceil(2) {
            let index = nth * step;
            // A single block is paired with itself.
            let other = (index + apart).min(self.count - 1);
            let chosen = [index % BATCH_BLOCKS, other % BATCH_BLOCKS];
            let pair = Pair {
                blocks: chosen.map(|index| self.coefficients[index].first_chunk().expect("of 256")),
                quantization: chosen.map(|index| row.blocks[index % length].quantization),
                last: self.lasts[chosen[0]].max(self.lasts[chosen[1]]),
                places: chosen.map(|index| self.places[index]),
            };
            transform.at(scale, &pair, row.samples);
        }
    }
}

impl McuBlock<'_> {
    #[inline(always)]
    fn place(&self, mcu: usize) -> Place {
        Place { offset: self.place.offset + mcu * self.advance, stride: self.place.stride }
    }
}

/// The number of MCUs in a batch, so that pairs come out even.
#[inline(always)]
fn mcus_at_once(blocks: usize) -> usize {
    match blocks {
        1 => 8,
        2 => 4,
        3..=5 => 2,
        _ => 1,
    }
}

#[inline(always)]
fn decode<T: InverseTransform, const LAST: usize>(
    transform: T,
    scale: Scale,
    row: &mut Row<'_>,
    predicted: &mut [i32; 4],
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    let blocks = row.blocks;
    let mut batch = Batch::new();
    let mut bits = entropy.bits;
    let (bytes, safe_next) = (entropy.bytes(), entropy.safe_next());
    let end = entropy.end_position();
    let mut broken = false;
    while row.from < row.to && bits.next < safe_next {
        let until = row.to.min(row.from + mcus_at_once(blocks.len()));
        let before = *predicted;
        'batch: for mcu in row.from..until {
            for block in blocks {
                let predicted = &mut predicted[block.component & 3];
                let target = batch.next();
                let decoded =
                    decode_block::<LAST>(&mut bits, bytes, block.tables, predicted, target);
                let Some(last) = decoded else {
                    broken = true;
                    break 'batch;
                };
                batch.add(block.place(mcu), last);
            }
        }
        if broken || bits.position() > end {
            // After the last byte there are zeros, which may look like codes.
            *predicted = before;
            broken = true;
            break;
        }
        if row.from < row.wanted.end && until > row.wanted.start {
            batch.transform(transform, scale, row);
        }
        batch.count = 0;
        row.from = until;
    }
    entropy.bits = bits;
    if broken { Err(Broken) } else { Ok(()) }
}

#[inline(always)]
fn decode_quarters(
    row: &mut Row<'_>,
    predicted: &mut [i32; 4],
    starts: &[u32],
    bytes: &Bytes,
) -> Option<()> {
    let mut target = [0; 256];
    for (mcu, starts) in (row.from..row.to).zip(starts.chunks_exact(row.blocks.len())) {
        for (block, &start) in row.blocks.iter().zip(starts) {
            let bits = Bits::at(bytes, start as usize);
            let predicted = &mut predicted[block.component & 3];
            let place = block.place(mcu);
            if decode_corner(bits, bytes, block.tables, predicted, &mut target)? {
                quarter(target.first_chunk()?, block.quantization, place, row.samples);
            } else {
                let value = eighth(target[0], block.quantization[0]);
                row.samples[place.offset..][..2].fill(value);
                row.samples[place.offset + place.stride..][..2].fill(value);
            }
        }
    }
    row.from = row.to;
    Some(())
}

#[inline(always)]
fn decode_firsts(
    row: &mut Row<'_>,
    all_predicted: &mut [i32; 4],
    starts: &[u32],
    bytes: &Bytes,
) -> Option<()> {
    // The prediction stays in a register while blocks are of one component.
    let mut component = row.blocks[0].component;
    let mut predicted = all_predicted[component & 3];
    for (mcu, starts) in (row.from..row.to).zip(starts.chunks_exact(row.blocks.len())) {
        for (block, &start) in row.blocks.iter().zip(starts) {
            if block.component != component {
                all_predicted[component & 3] = predicted;
                component = block.component;
                predicted = all_predicted[component & 3];
            }
            let mut bits = Bits::at(bytes, start as usize);
            let first = decode_first(&mut bits, bytes, block.tables.dc, &mut predicted)?;
            row.samples[block.place(mcu).offset] = eighth(first, block.quantization[0]);
        }
    }
    all_predicted[component & 3] = predicted;
    row.from = row.to;
    Some(())
}
