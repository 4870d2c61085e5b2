//! A sequential scan that holds everything: from its bits to samples, a row of MCUs at a time.

use std::io::BufRead;
use std::sync::Arc;

use super::block::BlockTables;
use super::entropy::ScanData;
use super::huffman::Codes;
use super::index::{BlockIndex, PatternBlock};
use super::restarts::{Carried, Restarts};
use super::samples::Samples;
use super::sequential::{McuBlock, Row, Work, run};
use super::steps::{OTHERS, StepTables};
use super::tables::{AcTable, Tables};
use crate::cpu::Cpu;
use crate::error::Error;
use crate::frame::{Frame, Scale};
use crate::idct::eighth;
use crate::marker::{Flaw, ScanHeader, Steps};

/// A scan whose data come next, or some rows into them.
pub(crate) struct Streaming {
    components: Vec<ScanComponentTables>,
    /// For passing over what the scale does not need.
    step_tables: StepTables,
    /// For the scales that need little of a block.
    index: Option<IndexedMcus>,
    carried: Carried,
    restarts: Restarts,
    /// MCUs of the row that are decoded; the first that is not, where its data are broken.
    reached: usize,
    /// Whether the rest is concealed.
    damaged: bool,
    frame: Frame,
    scale: Scale,
    cpu: Cpu,
}

struct ScanComponentTables {
    /// In the frame.
    index: usize,
    dc: Arc<Codes>,
    ac: Arc<AcTable>,
    /// Of the step tables.
    section: u16,
    steps: Steps,
}

/// MCUs that are found, but not decoded yet.
struct IndexedMcus {
    found: BlockIndex,
    /// Blocks of them that are decoded.
    taken: usize,
    /// MCUs of the picture that are not found.
    left: usize,
}

impl std::fmt::Debug for Streaming {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Streaming").field("restarts", &self.restarts).finish_non_exhaustive()
    }
}

impl Streaming {
    pub(crate) fn new(
        header: &ScanHeader,
        frame: &Frame,
        scale: Scale,
        steps: &[Option<Steps>; 4],
        tables: &mut Tables,
    ) -> Result<Self, Flaw> {
        let mut step_tables = StepTables::new();
        let mut components: Vec<ScanComponentTables> = Vec::new();
        for (nth, component) in header.components().iter().enumerate() {
            let slots = (component.dc, component.ac);
            let twin = header.components()[..nth].iter().position(|c| (c.dc, c.ac) == slots);
            let section = match twin {
                _ if scale == Scale::Full => 0,
                Some(twin) => components[twin].section,
                None => step_tables.add(&tables.lengths(0, slots.0)?, &tables.lengths(1, slots.1)?),
            };
            components.push(ScanComponentTables {
                index: component.index,
                dc: tables.dc(slots.0)?,
                ac: tables.ac(slots.1, false)?,
                section,
                steps: steps[component.index].unwrap_or([0; 64]),
            });
        }
        let indexed = matches!(scale, Scale::Quarter | Scale::Eighth);
        let (wide, high) = frame.mcus();
        Ok(Self {
            components,
            step_tables,
            index: indexed.then(|| IndexedMcus {
                found: BlockIndex::new(),
                taken: 0,
                left: wide * high,
            }),
            carried: Carried::default(),
            restarts: Restarts::new(tables.restart_interval),
            reached: 0,
            damaged: false,
            frame: *frame,
            scale,
            cpu: Cpu::detect(),
        })
    }

    /// One row of MCUs.
    pub(crate) fn decode_row<R: BufRead>(
        &mut self,
        samples: &mut Samples,
        data: &mut ScanData<R>,
    ) -> Result<(), Error> {
        if self.damaged {
            self.conceal(samples);
            return Ok(());
        }
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
                            steps: self.step_tables.entries(),
                            section: component.section.wrapping_add(OTHERS),
                        },
                        steps: &component.steps,
                        place: samples.place(component.index, column, line),
                        advance: usize::from(factors.horizontal) * self.scale.block_side(),
                    });
                }
            }
        }
        let pattern: Vec<PatternBlock<'_>> = blocks.iter().map(PatternBlock::of).collect();
        let mcus = self.frame.mcus().0;
        self.reached = 0;
        while self.reached < mcus {
            let from = self.reached;
            let mut row = Row { blocks: &blocks, samples: &mut samples.bytes, from, to: mcus };
            let Some(index) = &mut self.index else {
                let due = self.restarts.before(data, &mut self.carried)?;
                row.to = mcus.min(from.saturating_add(due));
                let predicted = &mut self.carried.predicted;
                let entropy = &mut data.entropy;
                let work = Work::Decode { row: &mut row, predicted, scale: self.scale, entropy };
                let decoded = run(self.cpu, work);
                self.reached = row.from;
                data.check(decoded)?;
                self.restarts.count(self.reached - from);
                continue;
            };
            if index.taken == index.found.starts.len() {
                let due = self.restarts.before(data, &mut self.carried)?;
                let most_mcus = due.min(index.left);
                let (found, entropy) = (&mut index.found, &mut data.entropy);
                let work = Work::Find { index: found, blocks: &pattern, most_mcus, entropy };
                let ran = run(self.cpu, work);
                data.check(ran)?;
                let mcus = index.found.starts.len() / blocks.len();
                self.restarts.count(mcus);
                index.left -= mcus;
                index.taken = 0;
            }
            let starts = &index.found.starts[index.taken..];
            row.to = mcus.min(from + starts.len() / blocks.len());
            let starts = &starts[..(row.to - from) * blocks.len()];
            index.taken += starts.len();
            let predicted = &mut self.carried.predicted;
            let bytes = data.entropy.bytes();
            let scale = self.scale;
            let ran = run(
                self.cpu,
                Work::DecodeStarts { row: &mut row, predicted, starts, bytes, scale },
            );
            self.reached = row.from;
            data.check(ran)?;
        }
        Ok(())
    }

    /// Fills the rest of the row, and any row after it, with the last mean of each component.
    pub(crate) fn conceal(&mut self, samples: &mut Samples) {
        for component in &self.components {
            let factors = self.frame.components()[component.index];
            let first = self.carried.predicted[component.index & 3] as i16;
            let value = eighth(first, component.steps[0]);
            let column = self.reached * usize::from(factors.horizontal);
            for line in 0..usize::from(factors.vertical) * self.scale.block_side() {
                samples.row_from(component.index, column, line).fill(value);
            }
        }
        self.reached = 0;
        self.damaged = true;
    }
}
