//! One scan: its tables, its predictions, its restart intervals.

use std::io::BufRead;
use std::rc::Rc;

use super::block::BlockTables;
use super::entropy::Entropy;
use super::huffman::Codes;
use super::index::{BlockIndex, Pattern, PatternBlock};
use super::input::{End, Input};

use super::samples::Samples;
use super::sequential::{McuBlock, Row, Work, run};
use super::steps::{OTHERS, Steps as SkipSteps};
use super::store::Store;
use super::stretch::{Stretch, decode_stretch};
use super::tables::{AcTable, Tables};
use crate::cpu::Cpu;
use crate::error::Error;
use crate::frame::{Frame, Process, Scale};
use crate::marker::{Flaw, RST0, ScanComponent, ScanHeader, Steps};

/// Blocks of an MCU, at most.
pub(crate) const MCU_BLOCKS: usize = 10;

pub(crate) struct Scan {
    pub(crate) header: ScanHeader,
    pub(crate) tables: Vec<ScanTables>,
    /// The last DC value of each component of the scan.
    pub(crate) predicted: [i32; 4],
    /// Blocks whose end was told in advance.
    pub(crate) end_run: u32,
    frame: Frame,
    restarts: Restarts,
    /// For the scales that need little of a block.
    steps: SkipSteps,
    index: Option<BlockIndex>,
    index_taken: usize,
    mcus_left: usize,
}

/// The Huffman tables of one component; one that the scan does not need may be missing.
pub(crate) struct ScanTables {
    pub(crate) dc: Option<Rc<Codes>>,
    pub(crate) ac: Option<Rc<AcTable>>,
    /// In the steps of the scan.
    section: u16,
}

/// Where the restart markers are due.
#[derive(Debug)]
struct Restarts {
    /// In MCUs; 0 for none.
    interval: usize,
    /// MCUs up to the next one.
    left: usize,
    /// 0 to 7.
    next: u8,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Scan").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Scan {
    pub(crate) fn new(
        header: ScanHeader,
        frame: &Frame,
        scale: Scale,
        tables: &mut Tables,
    ) -> Result<Self, Flaw> {
        let progressive = frame.process == Process::Progressive;
        let needs_dc = header.first == 0 && header.high == 0;
        let passes_over = !progressive
            && scale != Scale::Full
            && header.components().len() == frame.components().len();
        let mut steps = SkipSteps::new();
        let mut own: Vec<ScanTables> = Vec::new();
        for component in header.components() {
            let dc = needs_dc.then(|| tables.dc(component.dc)).transpose()?;
            let ac = match (progressive, header.first) {
                (true, 0) => None,
                _ => Some(tables.ac(component.ac, progressive)?),
            };
            let mut section = 0;
            if passes_over {
                let twin = own.len();
                let earlier = header.components()[..twin].iter().zip(&own);
                let same =
                    |other: &ScanComponent| (other.dc, other.ac) == (component.dc, component.ac);
                let known = earlier.clone().find(|(other, _)| same(other));
                section = match known {
                    Some((_, tables)) => tables.section,
                    None => steps
                        .add(&tables.lengths(0, component.dc)?, &tables.lengths(1, component.ac)?),
                };
            }
            own.push(ScanTables { dc, ac, section });
        }
        let interval = usize::from(tables.restart_interval);
        Ok(Self {
            header,
            tables: own,
            predicted: [0; 4],
            end_run: 0,
            frame: *frame,
            restarts: Restarts { interval, left: interval, next: 0 },
            steps,
            index: (passes_over && scale != Scale::Half).then(BlockIndex::new),
            index_taken: 0,
            mcus_left: frame.mcus().0 * frame.mcus().1,
        })
    }

    /// One row of MCUs of a sequential scan that holds all components.
    pub(crate) fn decode_row<R: BufRead>(
        &mut self,
        cpu: Cpu,
        scale: Scale,
        steps: &[Steps; 4],
        samples: &mut Samples,
        entropy: &mut Entropy,
        input: &mut Input<R>,
    ) -> Result<(), Error> {
        let mut blocks = Vec::with_capacity(MCU_BLOCKS);
        let mut pattern = Vec::with_capacity(MCU_BLOCKS);
        for (component, tables) in self.header.components().iter().zip(&self.tables) {
            let (Some(dc), Some(ac)) = (&tables.dc, &tables.ac) else { continue };
            let factors = self.frame.components()[component.index];
            for row in 0..usize::from(factors.vertical) {
                for column in 0..usize::from(factors.horizontal) {
                    blocks.push(McuBlock {
                        component: component.index,
                        tables: BlockTables {
                            dc,
                            ac,
                            steps: self.steps.entries(),
                            section: tables.section.wrapping_add(OTHERS),
                        },
                        steps: &steps[component.index],
                        place: samples.place(component.index, column, row),
                        advance: usize::from(factors.horizontal) * scale.block_side(),
                    });
                    pattern.push(PatternBlock {
                        section: tables.section,
                        first: dc,
                        others: &ac.codes,
                    });
                }
            }
        }
        let pattern = Pattern { steps: &self.steps, blocks: &pattern };
        let mcus = self.frame.mcus().0;
        let mut from = 0;
        while from < mcus {
            let mut row = Row {
                blocks: &blocks,
                samples: &mut samples.bytes,
                predicted: &mut self.predicted,
                from,
                to: mcus,
            };
            if let Some(index) = &mut self.index {
                if self.index_taken == index.starts.len() {
                    let due = self.restarts.before(input, entropy, row.predicted, &mut 0)?;
                    if entropy.is_short() {
                        entropy.fill(input)?;
                    }
                    let most_mcus = due.min(self.mcus_left);
                    let work = Work::Find { index, pattern: &pattern, most_mcus, entropy };
                    if run(cpu, work).is_err() {
                        return Err(entropy.failure(input));
                    }
                    let found = index.starts.len() / blocks.len();
                    self.restarts.count(found);
                    self.mcus_left -= found;
                    self.index_taken = 0;
                }
                let starts = &index.starts[self.index_taken..];
                row.to = mcus.min(from + starts.len() / blocks.len());
                let count = (row.to - from) * blocks.len();
                self.index_taken += count;
                let starts = &starts[..count];
                let work =
                    Work::DecodeStarts { row: &mut row, starts, bytes: entropy.bytes(), scale };
                if run(cpu, work).is_err() {
                    return Err(entropy.failure(input));
                }
                from = row.from;
                continue;
            }
            let due = self.restarts.before(input, entropy, row.predicted, &mut 0)?;
            row.to = mcus.min(from.saturating_add(due));
            if entropy.is_short() {
                entropy.fill(input)?;
            }
            let decoded = run(cpu, Work::Decode { row: &mut row, scale, entropy });
            let reached = row.from;
            if decoded.is_err() || entropy.is_overdrawn() {
                return Err(entropy.failure(input));
            }
            self.restarts.count(reached - from);
            from = reached;
        }
        Ok(())
    }
}

impl Scan {
    /// The whole scan, one of several, into the store. Gives what follows it.
    pub(crate) fn decode_into<R: BufRead>(
        &mut self,
        cpu: Cpu,
        store: &mut Store,
        entropy: &mut Entropy,
        input: &mut Input<R>,
    ) -> Result<End, Error> {
        let (columns, rows) = match self.header.components() {
            [alone] => store.components[alone.index].own,
            _ => self.frame.mcus(),
        };
        for row in 0..rows {
            let mut from = 0;
            while from < columns {
                let due =
                    self.restarts.before(input, entropy, &mut self.predicted, &mut self.end_run)?;
                let mut stretch = Stretch {
                    header: &self.header,
                    progressive: self.frame.process == Process::Progressive,
                    tables: &self.tables,
                    predicted: &mut self.predicted,
                    end_run: &mut self.end_run,
                    row,
                    from,
                    to: columns.min(from.saturating_add(due)),
                };
                if entropy.is_short() {
                    entropy.fill(input)?;
                }
                let decoded = decode_stretch(cpu, &mut stretch, store, entropy);
                let reached = stretch.from;
                if decoded.is_err() || entropy.is_overdrawn() {
                    return Err(entropy.failure(input));
                }
                self.restarts.count(reached - from);
                from = reached;
            }
        }
        entropy.finish(input)
    }
}

impl Restarts {
    /// MCUs that may follow before the next marker; takes the marker if it is due now.
    fn before<R: BufRead>(
        &mut self,
        input: &mut Input<R>,
        entropy: &mut Entropy,
        predicted: &mut [i32; 4],
        end_run: &mut u32,
    ) -> Result<usize, Error> {
        if self.interval == 0 {
            return Ok(usize::MAX);
        }
        if self.left == 0 {
            match entropy.finish(input)? {
                End::Marker(marker) if marker == RST0 + self.next => {}
                End::Marker(_) => {
                    return Err(Flaw("another marker than the next restart").at(input.offset));
                }
                End::Input => return Err(Error::Truncated { offset: input.offset }),
            }
            entropy.restart();
            *predicted = [0; 4];
            *end_run = 0;
            self.left = self.interval;
            self.next = (self.next + 1) & 7;
        }
        Ok(self.left)
    }

    fn count(&mut self, mcus: usize) {
        self.left = self.left.saturating_sub(mcus);
    }
}
