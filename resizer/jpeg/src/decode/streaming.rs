//! A sequential scan of all components, decoded straight to samples a row of MCUs at a time.

use std::io::BufRead;
use std::ops::Range;
use std::sync::Arc;

use super::band_buffer::BandBuffer;
use super::block::BlockTables;
use super::block_index::{BlockIndex, PatternBlock};
use super::entropy::ScanData;
use super::huffman::Codes;
use super::restarts::{EntropyState, Restarts};
use super::sequential::{McuBlock, Row, Work, run};
use super::skip_table::{OTHERS, SkipTables};
use super::tables::{AcTable, Tables};
use crate::error::DecodeError;
use crate::frame::Frame;
use crate::idct::eighth;
use crate::marker::{Flaw, QuantizationTable, ScanHeader};
use crate::scale::Scale;
use resizer_cpu::Cpu;

/// A scan and how far it is decoded.
pub(crate) struct Streaming {
    plan: Plan,
    progress: Progress,
    /// Rows of MCUs decoded so far.
    rows_done: usize,
    concealed: Option<Concealed>,
}

/// The MCUs that damage took away.
#[derive(Debug)]
struct Concealed {
    /// The first MCU with intact data after the damage, `usize::MAX` for none.
    until: usize,
    /// The mean of the last block of each component.
    means: [u8; 4],
}

/// What is the same for all MCUs.
struct Plan {
    components: Vec<ScanComponentTables>,
    /// For coefficients that the scale does not need.
    skip_tables: SkipTables,
    frame: Frame,
    scale: Scale,
}

/// The state of decoding.
#[derive(Debug)]
struct Progress {
    carried: EntropyState,
    restarts: Restarts,
    /// The number of MCUs of the current row that are decoded.
    reached: usize,
    /// Only for 1/4 and 1/8, which need few coefficients of a block.
    index: Option<IndexedMcus>,
    scale: Scale,
    cpu: Cpu,
}

struct ScanComponentTables {
    /// Its index in the frame.
    index: usize,
    dc: Arc<Codes>,
    ac: Arc<AcTable>,
    /// Its section of the skip tables.
    section: u16,
    quantization: QuantizationTable,
}

/// The index of blocks that are found but not decoded yet.
#[derive(Debug)]
struct IndexedMcus {
    found: BlockIndex,
    /// How many of its blocks are decoded.
    taken: usize,
    /// MCUs of the picture that are not indexed yet.
    left: usize,
}

impl std::fmt::Debug for Streaming {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Streaming").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Streaming {
    pub(crate) fn new(
        header: &ScanHeader,
        frame: &Frame,
        scale: Scale,
        quantization: &[Option<QuantizationTable>; 4],
        tables: &mut Tables,
        cpu: Cpu,
    ) -> Result<Self, Flaw> {
        let mut skip_tables = SkipTables::new();
        let mut components: Vec<ScanComponentTables> = Vec::new();
        for (nth, component) in header.components().iter().enumerate() {
            let slots = (component.dc, component.ac);
            let twin = header.components()[..nth].iter().position(|c| (c.dc, c.ac) == slots);
            let section = match twin {
                _ if scale.block_side() > 4 => 0,
                Some(twin) => components[twin].section,
                None => skip_tables.add(&tables.lengths(0, slots.0)?, &tables.lengths(1, slots.1)?),
            };
            components.push(ScanComponentTables {
                index: component.index,
                dc: tables.dc(slots.0)?,
                ac: tables.ac(slots.1, false)?,
                section,
                quantization: quantization[component.index].unwrap_or([0; 64]),
            });
        }
        let indexed = matches!(scale, Scale::Quarter | Scale::Eighth);
        let (wide, high) = frame.mcus();
        Ok(Self {
            plan: Plan { components, skip_tables, frame: *frame, scale },
            progress: Progress {
                carried: EntropyState::default(),
                restarts: Restarts::new(tables.restart_interval),
                reached: 0,
                index: indexed.then(|| IndexedMcus {
                    found: BlockIndex::new(),
                    taken: 0,
                    left: wide * high,
                }),
                scale,
                cpu,
            },
            rows_done: 0,
            concealed: None,
        })
    }

    /// Decodes the next row of MCUs, or the rest of one after damage. Samples are made for the
    /// columns `wanted`.
    pub(crate) fn decode_row<R: BufRead>(
        &mut self,
        wanted: Range<usize>,
        samples: &mut BandBuffer,
        data: &mut ScanData<R>,
    ) -> Result<(), DecodeError> {
        let Self { plan, progress, rows_done, concealed } = self;
        let blocks = plan.mcu_blocks(samples);
        let pattern: Vec<PatternBlock<'_>> =
            blocks.iter().map(|block| PatternBlock::new(block.tables)).collect();
        let to = plan.frame.mcus().0;
        while progress.reached < to {
            let from = progress.reached;
            if let Some(lost) = concealed {
                let end = lost.until.saturating_sub(*rows_done * to).min(to);
                plan.fill(samples, from..end, lost.means);
                progress.reached = end;
                if lost.until == *rows_done * to + end {
                    *concealed = None;
                }
                continue;
            }
            let wanted = wanted.clone();
            let row = Row { blocks: &blocks, samples: &mut samples.bytes, from, to, wanted };
            if progress.index.is_some() {
                progress.decode_found(row, &pattern, data)?;
            } else {
                progress.decode(row, data)?;
            }
        }
        progress.reached = 0;
        *rows_done += 1;
        Ok(())
    }

    /// After damage: resumes after the next restart marker, if there is one. The MCUs in between
    /// get the mean of the last block of each component.
    pub(crate) fn resume<R: BufRead>(&mut self, data: &mut ScanData<R>) -> Result<(), DecodeError> {
        let Self { plan, progress, rows_done, .. } = self;
        let mut means = [0; 4];
        for component in &plan.components {
            let index = component.index & 3;
            means[index] =
                eighth(progress.carried.predicted[index] as i16, component.quantization[0]);
        }
        let (wide, high) = plan.frame.mcus();
        let counted = match &progress.index {
            Some(index) => wide * high - index.left,
            None => *rows_done * wide + progress.reached,
        };
        let between = progress.restarts.resume(data, &mut progress.carried, true)?;
        let until = between.map_or(usize::MAX, |between| counted.saturating_add(between));
        if let Some(index) = &mut progress.index {
            index.found.starts.clear();
            index.taken = 0;
            index.left = (wide * high).saturating_sub(until);
        }
        self.concealed = Some(Concealed { until, means });
        Ok(())
    }
}

impl Plan {
    /// Fills some MCUs of a band with one value per component.
    fn fill(&self, samples: &mut BandBuffer, mcus: Range<usize>, values: [u8; 4]) {
        let is_to_the_end = mcus.end == self.frame.mcus().0;
        for component in &self.components {
            let factors = self.frame.components()[component.index];
            let [horizontal, vertical] = [factors.horizontal, factors.vertical].map(usize::from);
            let side = self.scale.block_side();
            for line in 0..vertical * side {
                let row = samples.row_from(component.index, mcus.start * horizontal, line);
                let own = mcus.len() * horizontal * side;
                let length = if is_to_the_end { row.len() } else { own.min(row.len()) };
                row[..length].fill(values[component.index & 3]);
            }
        }
    }

    /// The blocks of an MCU in coding order.
    fn mcu_blocks(&self, samples: &BandBuffer) -> Vec<McuBlock<'_>> {
        let mut blocks = Vec::new();
        for component in &self.components {
            let factors = self.frame.components()[component.index];
            for line in 0..usize::from(factors.vertical) {
                for column in 0..usize::from(factors.horizontal) {
                    blocks.push(McuBlock {
                        component: component.index,
                        tables: BlockTables {
                            dc: &component.dc,
                            ac: &component.ac,
                            skip: self.skip_tables.entries(),
                            section: component.section.wrapping_add(OTHERS),
                        },
                        quantization: &component.quantization,
                        place: samples.place(component.index, column, line),
                        advance: usize::from(factors.horizontal) * self.scale.block_side(),
                    });
                }
            }
        }
        blocks
    }
}

impl Progress {
    /// Decodes some MCUs of a row, one block after the other.
    fn decode<R: BufRead>(
        &mut self,
        mut row: Row<'_>,
        data: &mut ScanData<R>,
    ) -> Result<(), DecodeError> {
        let from = row.from;
        let due = self.restarts.before(data, &mut self.carried)?;
        row.to = row.to.min(from.saturating_add(due));
        let predicted = &mut self.carried.predicted;
        let entropy = &mut data.entropy;
        let work = Work::Decode { row: &mut row, predicted, scale: self.scale, entropy };
        let decoded = run(self.cpu, work);
        self.reached = row.from;
        self.restarts.count(self.reached - from);
        data.check(decoded)
    }

    /// Decodes some MCUs of a row through the index of blocks.
    fn decode_found<R: BufRead>(
        &mut self,
        mut row: Row<'_>,
        pattern: &[PatternBlock<'_>],
        data: &mut ScanData<R>,
    ) -> Result<(), DecodeError> {
        let Some(index) = &mut self.index else { return Ok(()) };
        if index.taken == index.found.starts.len() {
            let due = self.restarts.before(data, &mut self.carried)?;
            let max_mcus = due.min(index.left);
            let (found, entropy) = (&mut index.found, &mut data.entropy);
            let work = Work::Find { index: found, blocks: pattern, max_mcus, entropy };
            let ran = run(self.cpu, work);
            data.check(ran)?;
            let mcus = index.found.starts.len() / pattern.len();
            self.restarts.count(mcus);
            index.left -= mcus;
            index.taken = 0;
        }
        let starts = &index.found.starts[index.taken..];
        row.to = row.to.min(row.from + starts.len() / pattern.len());
        let starts = &starts[..(row.to - row.from) * pattern.len()];
        index.taken += starts.len();
        let (predicted, scale) = (&mut self.carried.predicted, self.scale);
        let bytes = data.entropy.bytes();
        let work = Work::DecodeStarts { row: &mut row, predicted, starts, bytes, scale };
        let ran = run(self.cpu, work);
        self.reached = row.from;
        data.check(ran)
    }
}
