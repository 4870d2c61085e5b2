//! One of several scans: its tables, and its way into the store.

use std::io::BufRead;

use super::entropy::{Broken, Entropy, ScanData};
use super::mcu_run::{McuRun, Source, decode_mcus};
use super::progressive;
use super::restarts::{Carried, Restarts};
use super::store::Store;
use super::tables::{ScanTables, Tables};
use crate::deposit::Deposit;
use crate::error::DecodeError;
use crate::frame::{Frame, Process};
use crate::idct::Portable;
use crate::marker::{Flaw, ScanHeader};
use resizer_cpu::Cpu;

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
    ) -> Result<(), DecodeError> {
        let (columns, rows) = self.mcus(store);
        while self.reached < columns * rows {
            let (row, from) = (self.reached / columns, self.reached % columns);
            let due = self.restarts.before(data, &mut self.carried)?;
            let mut mcus = McuRun {
                header: &self.header,
                progressive: self.frame.process == Process::Progressive,
                tables: &self.tables,
                carried: &mut self.carried,
                row,
                from,
                to: columns.min(from.saturating_add(due)),
            };
            let decoded = decode_run(cpu, &mut mcus, store, &mut data.entropy);
            let count = mcus.from - from;
            self.reached += count;
            self.restarts.count(count);
            data.check(decoded)?;
        }
        Ok(())
    }

    /// Behind damage: goes behind the next restart marker. False where there is none, and the scan
    /// is over.
    pub(crate) fn resume<R: BufRead>(
        &mut self,
        data: &mut ScanData<R>,
    ) -> Result<bool, DecodeError> {
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

/// Decodes as much as the bytes at hand surely hold; `mcus.from` tells how far it came.
fn decode_run(
    cpu: Cpu,
    mcus: &mut McuRun<'_>,
    store: &mut Store,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => {
            // SAFETY: the token proves that the machine has these instructions.
            #[expect(unsafe_code, reason = "the call into code for one instruction set")]
            unsafe {
                decode_avx2(avx2, mcus, store, entropy)
            }
        }
        _ => decode_with(Portable, mcus, store, entropy),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn decode_avx2(
    avx2: resizer_cpu::Avx2,
    mcus: &mut McuRun<'_>,
    store: &mut Store,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    decode_with(avx2, mcus, store, entropy)
}

#[inline(always)]
fn decode_with<D: Deposit>(
    deposit: D,
    mcus: &mut McuRun<'_>,
    store: &mut Store,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    let mut bits = entropy.bits;
    let source = Source { bytes: entropy.bytes(), safe_next: entropy.safe_next() };
    let header = *mcus.header;
    let done = if !mcus.progressive || header.first == 0 {
        decode_mcus(mcus, store, &mut bits, &source)
    } else {
        let component = header.components()[0];
        let target = &mut store.components[component.index];
        match &mcus.tables[0].ac {
            Some(table) if header.high == 0 => {
                progressive::first_pass(mcus, table, target, &mut bits, &source)
            }
            Some(table) => {
                progressive::refinement(deposit, mcus, &table.codes, target, &mut bits, &source)
            }
            None => None,
        }
    };
    entropy.bits = bits;
    done.ok_or(Broken)
}
