//! The coefficients of a whole picture, for files that need more than one scan.

use std::ops::Range;

use super::band_buffer::BandBuffer;
use super::options::Limits;
use crate::error::{DecodeError, Quantity};
use crate::frame::{Component, Frame, Process};
use crate::idct::{InverseTransform, Pair, Portable, eighth};
use crate::marker::{QuantizationTable, ScanComponent, ScanHeader};
use crate::scale::Scale;
use resizer_cpu::Cpu;

/// The scans may visit this many blocks per byte of the file. A first scan has at least a bit for
/// each block, and later ones may skip 32,767 blocks with three bytes; encoders stay far below. At
/// some nanoseconds per block this bounds the time per byte.
const BLOCKS_PER_BYTE: u64 = 256;
/// Blocks that the scans of any file may visit.
const FREE_BLOCKS: u64 = 1 << 18;

/// Nothing is known of a coefficient yet.
const UNKNOWN: u8 = u8::MAX;

#[derive(Debug)]
pub(crate) struct CoefficientStore {
    pub(crate) components: Vec<ComponentCoefficients>,
    progressive: bool,
    scale: Scale,
    /// Blocks visited by the scans so far.
    work_blocks: u64,
}

#[derive(Debug)]
pub(crate) struct ComponentCoefficients {
    pub(crate) factors: Component,
    /// Blocks in a row, including those that pad the last MCU.
    pub(crate) wide: usize,
    /// Blocks in a row and in a column that hold a part of the picture.
    pub(crate) own: (usize, usize),
    /// DC coefficients, apart from the others because some scans hold only them.
    pub(crate) dc: Vec<i16>,
    /// AC coefficients, row by row in each block of 64; empty at 1/8, which does not need them. The
    /// vector is flat because only then are its zeros fresh pages of the system, untouched until a
    /// scan needs them.
    pub(crate) ac: Vec<i16>,
    /// A mask for each block: bit n is set if the coefficient at zigzag position n is not 0.
    pub(crate) masks: Vec<u64>,
    /// The lowest known bit of each coefficient.
    lows: [u8; 64],
}

impl CoefficientStore {
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
            ComponentCoefficients {
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

    /// The size of the coefficients of a picture.
    pub(crate) fn bytes(frame: &Frame, scale: Scale) -> u64 {
        let others = size_of::<[i16; 64]>() + size_of::<u64>();
        let others = if scale == Scale::Eighth { 0 } else { others };
        block_count(frame) * (size_of::<i16>() + others) as u64
    }

    /// Whether the scan must be decoded at this scale. At 1/8 only scans of DC coefficients must;
    /// at the others all must, because refinements depend on the coefficients before them.
    pub(crate) fn needs(&self, scan: &ScanHeader) -> bool {
        !self.progressive || self.scale != Scale::Eighth || scan.first == 0
    }

    /// Notes which bits are known after the scan.
    pub(crate) fn note(&mut self, scan: &ScanHeader) {
        for component in scan.components() {
            let lows = &mut self.components[component.index].lows;
            lows[usize::from(scan.first)..=usize::from(scan.last)].fill(scan.low);
        }
    }

    /// Whether all bits of all coefficients are known.
    pub(crate) fn is_complete(&self) -> bool {
        self.components.iter().all(|component| component.lows.iter().all(|&low| low == 0))
    }

    /// Counts the blocks of a scan, and refuses files that ask for much work in few bytes.
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

    /// Transforms some MCUs to samples: their row, and their columns within it.
    pub(crate) fn transform_row(
        &mut self,
        cpu: Cpu,
        quantization: &[QuantizationTable; 4],
        mcus: (usize, Range<usize>),
        samples: &mut BandBuffer,
    ) {
        match cpu {
            Cpu::Portable => transform_row(Portable, self, quantization, mcus, samples),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(avx2) => {
                // SAFETY: `avx2` proves that the machine has these instructions.
                #[expect(unsafe_code, reason = "the call into code for one instruction set")]
                unsafe {
                    transform_row_avx2(avx2, self, quantization, mcus, samples);
                }
            }
            #[cfg(target_arch = "aarch64")]
            Cpu::Neon(neon) => transform_row(neon, self, quantization, mcus, samples),
        }
    }
}

/// The blocks of a component in a row and in all, including padding.
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
    store: &mut CoefficientStore,
    quantization: &[QuantizationTable; 4],
    mcus: (usize, Range<usize>),
    samples: &mut BandBuffer,
) {
    transform_row(avx2, store, quantization, mcus, samples);
}

#[inline(always)]
fn transform_row<T: InverseTransform>(
    transform: T,
    store: &mut CoefficientStore,
    quantization: &[QuantizationTable; 4],
    mcus: (usize, Range<usize>),
    samples: &mut BandBuffer,
) {
    let scale = store.scale;
    let (row, columns) = mcus;
    for (index, component) in store.components.iter_mut().enumerate() {
        let quantization = &quantization[index];
        let factor = usize::from(component.factors.horizontal);
        let wanted = columns.start * factor..columns.end * factor;
        for line in 0..usize::from(component.factors.vertical) {
            let from = (row * usize::from(component.factors.vertical) + line) * component.wide;
            let blocks = from..from + component.wide;
            let dc = &component.dc[blocks.clone()];
            if scale == Scale::Eighth {
                for (column, &first) in dc.iter().enumerate() {
                    let place = samples.place(index, column, line);
                    samples.bytes[place.offset] = eighth(first, quantization[0]);
                }
                continue;
            }
            let ac = &mut component.ac.as_chunks_mut::<64>().0[blocks.clone()];
            let masks = &component.masks[blocks];
            // Blocks with only a DC coefficient, whose AC coefficients need not be read.
            let mut means = [[0; 64]; 2];
            for column in wanted.clone().step_by(2) {
                // A single block is paired with itself.
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
                    quantization: [quantization; 2],
                    last: 63 - mask.leading_zeros() as usize,
                    places: chosen.map(|column| samples.place(index, column, line)),
                };
                transform.at(scale, &pair, &mut samples.bytes);
            }
        }
    }
}
