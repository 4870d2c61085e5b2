//! One of several scans: its tables, and its way into the store.

use std::io::BufRead;
use std::sync::Arc;

use super::entropy::ScanData;
use super::huffman::Codes;
use super::restarts::{Carried, Restarts};
use super::store::Store;
use super::stretch::{Stretch, decode_stretch};
use super::tables::{AcTable, Tables};
use crate::error::Error;
use crate::frame::{Frame, Process};
use crate::marker::{Flaw, ScanHeader};
use resizer_cpu::Cpu;

/// The Huffman tables of one component; one that the scan does not need may be missing.
pub(crate) struct ScanTables {
    pub(crate) dc: Option<Arc<Codes>>,
    pub(crate) ac: Option<Arc<AcTable>>,
}

impl ScanTables {
    /// Those of all components of a scan.
    fn of(header: &ScanHeader, progressive: bool, tables: &mut Tables) -> Result<Vec<Self>, Flaw> {
        let needs_dc = header.first == 0 && header.high == 0;
        let needs_ac = header.first > 0 || !progressive;
        let components = header.components().iter();
        let of_component = components.map(|component| {
            Ok(Self {
                dc: needs_dc.then(|| tables.dc(component.dc)).transpose()?,
                ac: needs_ac.then(|| tables.ac(component.ac, progressive)).transpose()?,
            })
        });
        of_component.collect()
    }
}

/// A scan whose data come next.
pub(crate) struct Scan {
    header: ScanHeader,
    tables: Vec<ScanTables>,
    carried: Carried,
    restarts: Restarts,
    /// MCUs that are decoded or lost.
    reached: usize,
    frame: Frame,
}

impl Scan {
    pub(crate) fn new(
        header: ScanHeader,
        frame: &Frame,
        tables: &mut Tables,
    ) -> Result<Self, Flaw> {
        let progressive = frame.process == Process::Progressive;
        Ok(Self {
            header,
            tables: ScanTables::of(&header, progressive, tables)?,
            carried: Carried::default(),
            restarts: Restarts::new(tables.restart_interval),
            reached: 0,
            frame: *frame,
        })
    }

    /// The rest of the scan, which is all of it at first.
    pub(crate) fn decode_into<R: BufRead>(
        &mut self,
        cpu: Cpu,
        store: &mut Store,
        data: &mut ScanData<R>,
    ) -> Result<(), Error> {
        let (columns, rows) = self.mcus(store);
        while self.reached < columns * rows {
            let (row, from) = (self.reached / columns, self.reached % columns);
            let due = self.restarts.before(data, &mut self.carried)?;
            let mut stretch = Stretch {
                header: &self.header,
                progressive: self.frame.process == Process::Progressive,
                tables: &self.tables,
                carried: &mut self.carried,
                row,
                from,
                to: columns.min(from.saturating_add(due)),
            };
            let decoded = decode_stretch(cpu, &mut stretch, store, &mut data.entropy);
            let count = stretch.from - from;
            self.reached += count;
            self.restarts.count(count);
            data.check(decoded)?;
        }
        Ok(())
    }

    /// Behind damage: goes behind the next restart marker. False where there is none, and the scan
    /// is over.
    pub(crate) fn resume<R: BufRead>(&mut self, data: &mut ScanData<R>) -> Result<bool, Error> {
        let between = self.restarts.resume(data, &mut self.carried, false)?;
        self.reached = self.reached.saturating_add(between.unwrap_or(0));
        Ok(between.is_some())
    }

    fn mcus(&self, store: &Store) -> (usize, usize) {
        match self.header.components() {
            [alone] => store.components[alone.index].own,
            _ => self.frame.mcus(),
        }
    }
}
