//! All coefficients of a picture, for files where more than one scan makes the pixels.

use std::ops::Range;

use super::options::Limits;
use super::samples::Samples;
use crate::error::{DecodeError, Quantity};
use crate::frame::{Component, Frame, Process};
use crate::idct::{InverseTransform, Pair, Portable, eighth};
use crate::marker::{ScanComponent, ScanHeader, Steps};
use crate::scale::Scale;
use resizer_cpu::Cpu;

/// Scans may go over this many blocks for each byte that was read. A first scan has a bit for each
/// block at least, later ones may pass over 32,767 blocks with three bytes; those that encoders
/// write stay far below. At some nanoseconds a block this bounds the time for a byte.
const BLOCKS_PER_BYTE: u64 = 256;
/// And these in any case.
const FREE_BLOCKS: u64 = 1 << 18;

/// Bits below which nothing is known of a coefficient yet.
const UNKNOWN: u8 = u8::MAX;

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) components: Vec<ComponentStore>,
    progressive: bool,
    scale: Scale,
    /// Blocks that the scans so far went over.
    work_blocks: u64,
}

#[derive(Debug)]
pub(crate) struct ComponentStore {
    pub(crate) factors: Component,
    /// Blocks of a row, whole MCUs.
    pub(crate) wide: usize,
    /// Blocks of a row and of a column that hold a part of the picture.
    pub(crate) own: (usize, usize),
    /// First coefficients, apart from the others: some scans are about them alone.
    pub(crate) dc: Vec<i16>,
    /// The others, row by row in each block of 64; empty where the scale does not need them. Flat,
    /// because only numbers come as zeros from the system, untouched until a scan needs them.
    pub(crate) ac: Vec<i16>,
    /// Bit n: the coefficient at zigzag position n is not 0.
    pub(crate) masks: Vec<u64>,
    /// Lowest bit that is known of each coefficient.
    lows: [u8; 64],
}

impl Store {
    pub(crate) fn new(frame: &Frame, scale: Scale, limits: &Limits) -> Result<Self, DecodeError> {
        let value = Self::bytes(frame, scale);
        if value > limits.max_memory_bytes {
            let limit = limits.max_memory_bytes;
            let quantity = Quantity::CoefficientBytes;
            return Err(DecodeError::TooLarge { quantity, value, limit });
        }
        let components = frame.components().iter().map(|factors| {
            let (wide, count) = blocks(frame, factors);
            let ac_count = if scale == Scale::Eighth { 0 } else { count };
            let (width, height) = frame.plane_size(factors, Scale::Full);
            ComponentStore {
                factors: *factors,
                wide,
                own: (width.div_ceil(8), height.div_ceil(8)),
                dc: vec![0; count],
                ac: vec![0; 64 * ac_count],
                masks: vec![0; ac_count],
                lows: [UNKNOWN; 64],
            }
        });
        Ok(Self {
            components: components.collect(),
            progressive: frame.process == Process::Progressive,
            scale,
            work_blocks: 0,
        })
    }

    /// What the coefficients of a picture take.
    pub(crate) fn bytes(frame: &Frame, scale: Scale) -> u64 {
        let others = size_of::<[i16; 64]>() + size_of::<u64>();
        let others = if scale == Scale::Eighth { 0 } else { others };
        block_count(frame) * (size_of::<i16>() + others) as u64
    }

    /// Whether the scan matters at this scale: of a block's mean alone, only those of the first
    /// coefficients do. In the others a refinement needs to know of every coefficient before it.
    pub(crate) fn needs(&self, scan: &ScanHeader) -> bool {
        !self.progressive || self.scale != Scale::Eighth || scan.first == 0
    }

    /// Notes what is known after the scan.
    pub(crate) fn note(&mut self, scan: &ScanHeader) {
        for component in scan.components() {
            let lows = &mut self.components[component.index].lows;
            lows[usize::from(scan.first)..=usize::from(scan.last)].fill(scan.low);
        }
    }

    /// Whether every bit of every coefficient is there.
    pub(crate) fn is_complete(&self) -> bool {
        self.components.iter().all(|component| component.lows.iter().all(|&low| low == 0))
    }

    /// Counts the blocks of a scan, and refuses files that make much work of next to nothing.
    pub(crate) fn count_work(&mut self, scan: &ScanHeader, bytes: u64) -> Result<(), DecodeError> {
        let blocks = |component: &ScanComponent| self.components[component.index].dc.len() as u64;
        self.work_blocks += scan.components().iter().map(blocks).sum::<u64>();
        let limit = FREE_BLOCKS + BLOCKS_PER_BYTE * bytes;
        if self.work_blocks > limit {
            let (quantity, value) = (Quantity::ScanBlocks, self.work_blocks);
            return Err(DecodeError::TooLarge { quantity, value, limit });
        }
        Ok(())
    }

    /// Samples of some MCUs: their row, and their columns within it.
    pub(crate) fn transform_row(
        &mut self,
        cpu: Cpu,
        steps: &[Steps; 4],
        mcus: (usize, Range<usize>),
        samples: &mut Samples,
    ) {
        match cpu {
            Cpu::Portable => transform_row(Portable, self, steps, mcus, samples),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(avx2) => {
                // SAFETY: `avx2` proves that the machine has these instructions.
                #[allow(unsafe_code, reason = "the call into code for one instruction set")]
                unsafe {
                    transform_row_avx2(avx2, self, steps, mcus, samples);
                }
            }
            #[cfg(target_arch = "aarch64")]
            Cpu::Neon(neon) => transform_row(neon, self, steps, mcus, samples),
        }
    }
}

/// Blocks of a component in a row, and in all, whole MCUs.
fn blocks(frame: &Frame, factors: &Component) -> (usize, usize) {
    let (mcus_wide, mcus_high) = frame.mcus();
    let wide = mcus_wide * usize::from(factors.horizontal);
    (wide, wide * mcus_high * usize::from(factors.vertical))
}

fn block_count(frame: &Frame) -> u64 {
    frame.components().iter().map(|factors| blocks(frame, factors).1 as u64).sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn transform_row_avx2(
    avx2: resizer_cpu::Avx2,
    store: &mut Store,
    steps: &[Steps; 4],
    mcus: (usize, Range<usize>),
    samples: &mut Samples,
) {
    transform_row(avx2, store, steps, mcus, samples);
}

#[inline(always)]
fn transform_row<T: InverseTransform>(
    transform: T,
    store: &mut Store,
    steps: &[Steps; 4],
    mcus: (usize, Range<usize>),
    samples: &mut Samples,
) {
    let scale = store.scale;
    let (row, columns) = mcus;
    for (index, component) in store.components.iter_mut().enumerate() {
        let steps = &steps[index];
        let factor = usize::from(component.factors.horizontal);
        let wanted = columns.start * factor..columns.end * factor;
        for line in 0..usize::from(component.factors.vertical) {
            let from = (row * usize::from(component.factors.vertical) + line) * component.wide;
            let blocks = from..from + component.wide;
            let dc = &component.dc[blocks.clone()];
            if scale == Scale::Eighth {
                for (column, &first) in dc.iter().enumerate() {
                    let place = samples.place(index, column, line);
                    samples.bytes[place.offset] = eighth(first, steps[0]);
                }
                continue;
            }
            let ac = &mut component.ac.as_chunks_mut::<64>().0[blocks.clone()];
            let masks = &component.masks[blocks];
            // For blocks of first coefficients alone, whose others need not be looked at.
            let mut means = [[0; 64]; 2];
            for column in wanted.clone().step_by(2) {
                // A block that is alone is its own twin.
                let chosen = [column, (column + 1).min(wanted.end - 1)];
                let mask = masks[chosen[0]] | masks[chosen[1]] | 1;
                for (mean, column) in means.iter_mut().zip(chosen) {
                    let block = if mask == 1 { mean } else { &mut ac[column] };
                    block[0] = dc[column];
                }
                let [left, right] = &means;
                let flat = [left, right];
                let pair = Pair {
                    blocks: if mask == 1 { flat } else { chosen.map(|column| &ac[column]) },
                    steps: [steps; 2],
                    last: 63 - mask.leading_zeros() as usize,
                    places: chosen.map(|column| samples.place(index, column, line)),
                };
                transform.at(scale, &pair, &mut samples.bytes);
            }
        }
    }
}
