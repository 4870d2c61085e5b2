//! One scan: its tables, its predictions, its restart intervals.

use std::io::BufRead;
use std::rc::Rc;

use super::block::BlockTables;
use super::entropy::Entropy;
use super::huffman::Codes;
use super::input::{End, Input};
use super::progressive::{Stretch, decode_stretch};
use super::samples::Samples;
use super::sequential::{McuBlock, Row, decode_mcus};
use super::store::Store;
use super::tables::{AcTable, Tables};
use crate::cpu::Cpu;
use crate::error::Error;
use crate::frame::{Frame, Process, Scale};
use crate::marker::{Flaw, RST0, ScanHeader, Steps};

/// Blocks of an MCU, at most.
const MCU_BLOCKS: usize = 10;

pub(crate) struct Scan {
    pub(crate) header: ScanHeader,
    pub(crate) tables: Vec<ScanTables>,
    /// The last DC value of each component of the scan.
    pub(crate) predicted: [i32; 4],
    /// Blocks whose end was told in advance.
    pub(crate) end_run: u32,
    frame: Frame,
    restarts: Restarts,
}

/// The Huffman tables of one component; one that the scan does not need may be missing.
pub(crate) struct ScanTables {
    pub(crate) dc: Option<Rc<Codes>>,
    pub(crate) ac: Option<Rc<AcTable>>,
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
        let mut own = Vec::new();
        for component in header.components() {
            let dc = needs_dc.then(|| tables.dc(component.dc)).transpose()?;
            let ac = match (progressive, header.first) {
                (true, 0) => None,
                (true, _) => Some(tables.progressive_ac(component.ac)?),
                (false, _) => Some(tables.ac(component.ac, scale)?),
            };
            own.push(ScanTables { dc, ac });
        }
        let interval = usize::from(tables.restart_interval);
        Ok(Self {
            header,
            tables: own,
            predicted: [0; 4],
            end_run: 0,
            frame: *frame,
            restarts: Restarts { interval, left: interval, next: 0 },
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
        for (component, tables) in self.header.components().iter().zip(&self.tables) {
            let (Some(dc), Some(ac)) = (&tables.dc, &tables.ac) else { continue };
            let factors = self.frame.components()[component.index];
            for row in 0..usize::from(factors.vertical) {
                for column in 0..usize::from(factors.horizontal) {
                    blocks.push(McuBlock {
                        component: component.index,
                        tables: BlockTables {
                            dc,
                            ac: &ac.codes,
                            pairs: &ac.pairs,
                            skips: &ac.skips,
                        },
                        steps: &steps[component.index],
                        place: samples.place(component.index, column, row),
                        advance: usize::from(factors.horizontal) * scale.block_side(),
                    });
                }
            }
        }
        let mcus = self.frame.mcus().0;
        let mut from = 0;
        while from < mcus {
            let due = self.restarts.before(input, entropy, &mut self.predicted, &mut 0)?;
            let to = mcus.min(from.saturating_add(due));
            let mut row = Row {
                blocks: &blocks,
                samples: &mut samples.bytes,
                predicted: &mut self.predicted,
                from,
                to,
            };
            if entropy.is_short() {
                entropy.fill(input)?;
            }
            let decoded = decode_mcus(cpu, scale, &mut row, entropy);
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
