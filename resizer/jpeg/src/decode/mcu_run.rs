//! A run of MCUs of a scan that is decoded into the coefficient store, and the decoding of scans
//! that may interleave components: sequential ones and those of DC coefficients.

use super::block::{Coefficients, decode_first, decode_others};
use super::coefficient_store::CoefficientStore;
use super::entropy::{Bits, Bytes};
use super::restarts::EntropyState;
use super::tables::ScanTables;
use crate::marker::ScanHeader;

/// The most blocks of an MCU.
const MCU_BLOCKS: usize = 10;

/// MCUs side by side, at most a row.
pub(crate) struct McuRun<'a> {
    pub(crate) header: &'a ScanHeader,
    pub(crate) progressive: bool,
    pub(crate) tables: &'a [ScanTables],
    pub(crate) state: &'a mut EntropyState,
    /// The row of MCUs, or of blocks if the scan has one component.
    pub(crate) row: usize,
    /// The next MCU or block.
    pub(crate) from: usize,
    /// The MCU or block to stop before.
    pub(crate) to: usize,
}

/// The entropy-coded bytes at hand.
pub(crate) struct Source<'a> {
    pub(crate) bytes: &'a Bytes,
    pub(crate) safe_next: usize,
}

/// One block of an MCU.
#[derive(Clone, Copy, Default)]
struct Spot {
    /// The index of its component in the scan and in the frame.
    order: usize,
    component: usize,
    /// Its index in the blocks of the component for the first MCU of the row, and the distance to
    /// the next MCU.
    index: usize,
    advance: usize,
}

/// Lists the blocks of an MCU in coding order and returns their number.
fn spots(mcus: &McuRun<'_>, store: &CoefficientStore, spots: &mut [Spot; MCU_BLOCKS]) -> usize {
    let alone = mcus.header.components().len() == 1;
    let mut count = 0;
    for (order, component) in mcus.header.components().iter().enumerate() {
        let component = component.index;
        let target = &store.components[component];
        let factors = (target.factors.horizontal, target.factors.vertical);
        let (advance, lines) = if alone { (1, 1) } else { (factors.0.into(), factors.1.into()) };
        for line in 0..lines {
            for column in 0..advance {
                let index = (mcus.row * lines + line) * target.wide + column;
                spots[count % MCU_BLOCKS] = Spot { order, component, index, advance };
                count += 1;
            }
        }
    }
    count
}

/// Decodes whole blocks or DC coefficients of one or several components.
#[inline(always)]
pub(super) fn decode_mcus(
    mcus: &mut McuRun<'_>,
    store: &mut CoefficientStore,
    bits: &mut Bits,
    source: &Source<'_>,
) -> Option<()> {
    let header = *mcus.header;
    let mut room = [Spot::default(); MCU_BLOCKS];
    let count = spots(mcus, store, &mut room);
    let spots = room.get(..count)?;
    let mut scratch: Coefficients = [0; 256];
    while mcus.from < mcus.to && bits.next < source.safe_next {
        // One refill is enough for a bit of each block.
        bits.refill(source.bytes);
        for spot in spots {
            let target = &mut store.components[spot.component];
            let index = spot.index + mcus.from * spot.advance;
            if header.high != 0 {
                target.dc[index] |= ((bits.window >> 63) as i16) << header.low;
                bits.consume(1);
                continue;
            }
            let tables = &mcus.tables[spot.order];
            let predicted = &mut mcus.state.predicted[spot.order & 3];
            let dc = tables.dc.as_deref()?;
            let first = decode_first(bits, source.bytes, dc, predicted)?;
            target.dc[index] = first << header.low;
            if !mcus.progressive {
                scratch[..64].fill(0);
                let ac = tables.ac.as_deref()?;
                let (last, _) = decode_others::<63>(bits, source.bytes, ac, &mut scratch)?;
                // Writing zeros over zeros would touch fresh pages.
                if !target.ac.is_empty() && (last > 0 || target.masks[index] > 1) {
                    target.ac[64 * index..][..64].copy_from_slice(&scratch[..64]);
                    target.masks[index] = u64::MAX >> (63 - last);
                }
            }
        }
        mcus.from += 1;
    }
    Some(())
}
