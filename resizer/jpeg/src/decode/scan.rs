//! One of several scans, decoded into the coefficient store.

use std::io::BufRead;

use super::coefficient_store::CoefficientStore;
use super::entropy::{Broken, Entropy, ScanData};
use super::mcu_run::{McuRun, Source, decode_mcus};
use super::progressive;
use super::restarts::{EntropyState, Restarts};
use super::tables::{ScanTables, Tables};
use crate::deposit::Deposit;
use crate::error::DecodeError;
use crate::frame::{Frame, Process};
use crate::idct::Portable;
use crate::marker::{Flaw, ScanHeader};
use resizer_cpu::Cpu;

/// A scan and how far it is decoded.
pub(crate) struct Scan {
    header: ScanHeader,
    tables: Vec<ScanTables>,
    state: EntropyState,
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
            state: EntropyState::default(),
            restarts: Restarts::new(tables.restart_interval),
            reached: 0,
            frame: *frame,
        })
    }

    /// Decodes the rest of the scan, which is all of it at first.
    pub(crate) fn decode_into<R: BufRead>(
        &mut self,
        cpu: Cpu,
        store: &mut CoefficientStore,
        data: &mut ScanData<R>,
    ) -> Result<(), DecodeError> {
        let (columns, rows) = self.mcus(store);
        while self.reached < columns * rows {
            let (row, from) = (self.reached / columns, self.reached % columns);
            let due = self.restarts.before(data, &mut self.state)?;
            let mut mcus = McuRun {
                header: &self.header,
                progressive: self.frame.process == Process::Progressive,
                tables: &self.tables,
                state: &mut self.state,
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

    /// After damage: resumes after the next restart marker. Returns false if there is none and the
    /// scan is over.
    pub(crate) fn resume<R: BufRead>(
        &mut self,
        data: &mut ScanData<R>,
    ) -> Result<bool, DecodeError> {
        let between = self.restarts.resume(data, &mut self.state, false)?;
        self.reached = self.reached.saturating_add(between.unwrap_or(0));
        Ok(between.is_some())
    }

    fn mcus(&self, store: &CoefficientStore) -> (usize, usize) {
        match self.header.components() {
            [alone] => store.components[alone.index].own,
            _ => self.frame.mcus(),
        }
    }
}

/// Decodes as many MCUs as the bytes at hand are sure to hold; `mcus.from` tells how many.
fn decode_run(
    cpu: Cpu,
    mcus: &mut McuRun<'_>,
    store: &mut CoefficientStore,
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
    store: &mut CoefficientStore,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    decode_with(avx2, mcus, store, entropy)
}

#[inline(always)]
fn decode_with<D: Deposit>(
    deposit: D,
    mcus: &mut McuRun<'_>,
    store: &mut CoefficientStore,
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
