//! The blocks of a scan that fills the store: a row or a part of one at a time. Here those of whole
//! blocks and of first coefficients, which may interleave components.

use super::block::{Coefficients, decode_first, decode_others};
use super::entropy::{Bits, Broken, Bytes, Entropy};
use super::progressive;
use super::restarts::Carried;
use super::scan::ScanTables;
use super::store::Store;
use crate::deposit::Deposit;
use crate::idct::Portable;
use crate::marker::ScanHeader;
use resizer_cpu::Cpu;

/// Blocks of an MCU, at most.
const MCU_BLOCKS: usize = 10;

/// What is decoded at a stretch.
pub(crate) struct Stretch<'a> {
    pub(crate) header: &'a ScanHeader,
    pub(crate) progressive: bool,
    pub(crate) tables: &'a [ScanTables],
    pub(crate) carried: &'a mut Carried,
    /// Row of MCUs; of blocks where the scan has one component.
    pub(crate) row: usize,
    /// The next MCU or block.
    pub(crate) from: usize,
    /// The one to stop before.
    pub(crate) to: usize,
}

/// Decodes as much as the bytes at hand surely hold; `stretch.from` tells how far it came.
pub(crate) fn decode_stretch(
    cpu: Cpu,
    stretch: &mut Stretch<'_>,
    store: &mut Store,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => {
            // SAFETY: the token proves that the machine has these instructions.
            #[allow(unsafe_code, reason = "the call into code for one instruction set")]
            unsafe {
                run_avx2(avx2, stretch, store, entropy)
            }
        }
        _ => run(Portable, stretch, store, entropy),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn run_avx2(
    avx2: resizer_cpu::Avx2,
    stretch: &mut Stretch<'_>,
    store: &mut Store,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    run(avx2, stretch, store, entropy)
}

#[inline(always)]
fn run<D: Deposit>(
    deposit: D,
    stretch: &mut Stretch<'_>,
    store: &mut Store,
    entropy: &mut Entropy,
) -> Result<(), Broken> {
    let mut bits = entropy.bits;
    let source = Source { bytes: entropy.bytes(), safe_next: entropy.safe_next() };
    let header = *stretch.header;
    let done = if !stretch.progressive || header.first == 0 {
        mcus(stretch, store, &mut bits, &source)
    } else {
        let component = header.components()[0];
        let target = &mut store.components[component.index];
        match &stretch.tables[0].ac {
            Some(table) if header.high == 0 => {
                progressive::first_pass(stretch, table, target, &mut bits, &source)
            }
            Some(table) => {
                progressive::refinement(deposit, stretch, &table.codes, target, &mut bits, &source)
            }
            None => None,
        }
    };
    entropy.bits = bits;
    done.ok_or(Broken)
}

pub(crate) struct Source<'a> {
    pub(crate) bytes: &'a Bytes,
    pub(crate) safe_next: usize,
}

/// One block of an MCU.
#[derive(Clone, Copy, Default)]
struct Spot {
    /// Of its component in the scan, and in the frame.
    order: usize,
    component: usize,
    /// In the component's blocks: of the row's first MCU, and from one MCU to the next.
    index: usize,
    advance: usize,
}

/// The blocks of an MCU in their order.
fn spots(stretch: &Stretch<'_>, store: &Store, spots: &mut [Spot; MCU_BLOCKS]) -> usize {
    let alone = stretch.header.components().len() == 1;
    let mut count = 0;
    for (order, component) in stretch.header.components().iter().enumerate() {
        let component = component.index;
        let target = &store.components[component];
        let factors = (target.factors.horizontal, target.factors.vertical);
        let (advance, lines) = if alone { (1, 1) } else { (factors.0.into(), factors.1.into()) };
        for line in 0..lines {
            for column in 0..advance {
                let index = (stretch.row * lines + line) * target.wide + column;
                spots[count % MCU_BLOCKS] = Spot { order, component, index, advance };
                count += 1;
            }
        }
    }
    count
}

/// Scans of whole blocks or first coefficients, of one or several components.
#[inline(always)]
fn mcus(
    stretch: &mut Stretch<'_>,
    store: &mut Store,
    bits: &mut Bits,
    source: &Source<'_>,
) -> Option<()> {
    let header = *stretch.header;
    let mut room = [Spot::default(); MCU_BLOCKS];
    let count = spots(stretch, store, &mut room);
    let spots = room.get(..count)?;
    let mut scratch: Coefficients = [0; 256];
    while stretch.from < stretch.to && bits.next < source.safe_next {
        // Enough for one bit of each block.
        bits.refill(source.bytes);
        for spot in spots {
            let target = &mut store.components[spot.component];
            let index = spot.index + stretch.from * spot.advance;
            if header.high != 0 {
                target.dc[index] |= ((bits.window >> 63) as i16) << header.low;
                bits.consume(1);
                continue;
            }
            let tables = &stretch.tables[spot.order];
            let predicted = &mut stretch.carried.predicted[spot.order & 3];
            let dc = tables.dc.as_deref()?;
            let first = decode_first(bits, source.bytes, dc, predicted)?;
            target.dc[index] = first << header.low;
            if !stretch.progressive {
                scratch[..64].fill(0);
                let ac = tables.ac.as_deref()?;
                let (last, _) = decode_others::<63>(bits, source.bytes, ac, &mut scratch)?;
                // Zeros over zeros would only take memory.
                if !target.ac.is_empty() && (last > 0 || target.masks[index] > 1) {
                    target.ac[64 * index..][..64].copy_from_slice(&scratch[..64]);
                    target.masks[index] = u64::MAX >> (63 - last);
                }
            }
        }
        stretch.from += 1;
    }
    Some(())
}
