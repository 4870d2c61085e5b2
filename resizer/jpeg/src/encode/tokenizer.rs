//! Blocks to the tokens of one scan. Source: ITU T.81, F.1.2, G.1.2 and figures G.3 to G.9.

use super::block::Block;
use super::component::Component;
use super::script::Scan;
use super::sequential::sized;
use super::tokens::{Kind, Tokens};
use crate::frame::Frame;

/// The longest end-of-band run that has a symbol.
const MAX_ENDED: u32 = 0x7FFF;

/// Makes the tokens of one scan.
#[derive(Debug)]
pub(super) struct Tokenizer {
    scan: Scan,
    tokens: Tokens,
    last_dc: [i32; 3],
    /// The current end-of-band run: blocks that ended and have no token yet.
    ended: u32,
    /// The correction bits of these blocks, as bits and their number.
    held: Vec<(u32, u32)>,
    restart_interval: u32,
    since_restart: u32,
}

/// Positions of nonzero coefficients within the band of the scan.
#[derive(Debug, Clone, Copy)]
struct Positions {
    /// Those that earlier scans have coded.
    old: u64,
    /// Those that this scan adds.
    new: u64,
}

impl Tokenizer {
    pub(super) fn new(scan: Scan, restart_interval: u16) -> Self {
        Self {
            scan,
            tokens: Tokens::new(),
            last_dc: [0; 3],
            ended: 0,
            held: Vec::new(),
            restart_interval: u32::from(restart_interval),
            since_restart: 0,
        }
    }

    /// Takes a row of MCUs of all components and codes those of the scan.
    pub(super) fn take_row(&mut self, components: &[Component], mcus: usize) {
        if self.scan.first > 0 {
            let component = self.scan.components.start;
            self.take_band(&components[component], Kind::ac(component));
            return;
        }
        for mcu in 0..mcus {
            self.begin_mcu();
            for at in self.scan.components.clone() {
                let component = &components[at];
                for row in 0..component.vertical {
                    let first = row * component.row_blocks + mcu * component.horizontal;
                    for block in first..first + component.horizontal {
                        self.take_dc(i32::from(component.blocks[block].0[0]), at);
                        if self.scan.last > 0 {
                            let new = component.levels[0][block] & !1;
                            let kind = Kind::ac(at);
                            self.take_coefficients(&component.blocks[block], kind, new);
                        }
                    }
                }
            }
        }
    }

    /// A scan of one component, which leaves out the blocks that only pad MCUs.
    fn take_band(&mut self, component: &Component, kind: Kind) {
        let band = u64::MAX >> (63 - self.scan.last) & u64::MAX << self.scan.first;
        let [new, old] =
            [self.scan.low, self.scan.high].map(|bit| &component.levels[usize::from(bit)]);
        for row in 0..component.filled_rows {
            let first = row * component.row_blocks;
            for at in first..first + component.filled_blocks() {
                self.begin_mcu();
                let block = &component.blocks[at];
                let positions = new[at] & band;
                if self.scan.high > 0 {
                    let old = old[at] & band;
                    self.refine(block, kind, Positions { old, new: positions & !old });
                } else {
                    self.take_coefficients(block, kind, positions);
                }
            }
        }
    }

    fn begin_mcu(&mut self) {
        if self.restart_interval == 0 {
            return;
        }
        if self.since_restart == self.restart_interval {
            self.write_ended();
            self.tokens.push_restart();
            self.last_dc = [0; 3];
            self.since_restart = 0;
        }
        self.since_restart += 1;
    }

    #[inline]
    fn take_dc(&mut self, value: i32, component: usize) {
        let value = value >> self.scan.low;
        if self.scan.high > 0 {
            self.tokens.push_bit(value as u32 & 1);
            return;
        }
        let (size, bits) = sized(value - self.last_dc[component]);
        self.last_dc[component] = value;
        self.tokens.push(Kind::dc(component), size, bits as u32, u32::from(size));
    }

    /// Codes the coefficients at these positions in their first scan.
    #[inline]
    fn take_coefficients(&mut self, block: &Block, kind: Kind, positions: u64) {
        let mut rest = positions;
        let mut next = u32::from(self.scan.first.max(1));
        if rest != 0 && self.ended > 0 {
            self.write_ended();
        }
        while rest != 0 {
            let at = rest.trailing_zeros();
            rest &= rest - 1;
            let mut run = at - next;
            next = at + 1;
            while run > 15 {
                self.tokens.push(kind, 0xF0, 0, 0);
                run -= 16;
            }
            let value = i32::from(block.0[at as usize & 63]);
            let size = (value.abs() >> self.scan.low) * value.signum();
            let (size, bits) = sized(size);
            self.tokens.push(kind, (run as u8) << 4 | size, bits as u32, u32::from(size));
        }
        if next <= u32::from(self.scan.last) {
            self.end_block(kind);
        }
    }

    /// Ends a block. A sequential scan codes each end, a progressive one counts a run of them.
    #[inline]
    fn end_block(&mut self, kind: Kind) {
        if self.scan.first == 0 {
            self.tokens.push(kind, 0, 0, 0);
            return;
        }
        self.ended += 1;
        if self.ended == MAX_ENDED {
            self.write_ended();
        }
    }

    fn write_ended(&mut self) {
        if self.ended > 0 {
            let kind = Kind::ac(self.scan.components.start);
            let size = self.ended.ilog2();
            self.tokens.push(kind, (size as u8) << 4, self.ended - (1 << size), size);
            self.ended = 0;
            for (bits, count) in self.held.drain(..) {
                self.tokens.push_bits(bits, count);
            }
        }
    }

    /// Codes one more bit of each coefficient.
    fn refine(&mut self, block: &Block, kind: Kind, positions: Positions) {
        let low = self.scan.low;
        let last_new = positions.new.checked_ilog2().unwrap_or(0);
        let mut rest = positions.old | positions.new;
        let mut next = u32::from(self.scan.first);
        let mut run = 0;
        let (mut corrections, mut count) = (0u64, 0);
        while rest != 0 {
            let at = rest.trailing_zeros();
            rest &= rest - 1;
            run += at - next;
            next = at + 1;
            while run > 15 && at <= last_new {
                self.write_ended();
                self.tokens.push(kind, 0xF0, 0, 0);
                self.write_corrections(corrections, count);
                (corrections, count) = (0, 0);
                run -= 16;
            }
            let value = block.0[at as usize & 63];
            if positions.old >> at & 1 == 1 {
                corrections = corrections << 1 | u64::from(value.unsigned_abs() >> low & 1);
                count += 1;
                continue;
            }
            self.write_ended();
            self.tokens.push(kind, (run as u8) << 4 | 1, u32::from(value > 0), 1);
            self.write_corrections(corrections, count);
            (corrections, count) = (0, 0);
            run = 0;
        }
        if count > 0 || run > 0 || next <= u32::from(self.scan.last) {
            for (bits, count) in pieces(corrections, count) {
                self.held.push((bits, count));
            }
            self.end_block(kind);
        }
    }

    fn write_corrections(&mut self, bits: u64, count: u32) {
        for (bits, count) in pieces(bits, count) {
            self.tokens.push_bits(bits, count);
        }
    }

    /// The approximate size of the scan.
    pub(super) fn size_bytes(&mut self) -> u64 {
        self.write_ended();
        self.tokens.size_bytes()
    }

    /// Appends the scan to the file so far.
    pub(super) fn write(mut self, file: Vec<u8>, frame: &Frame) -> Vec<u8> {
        self.write_ended();
        self.tokens.write(file, frame, &self.scan)
    }
}

/// Splits up to 63 bits into pieces of at most 16, the first bits first.
fn pieces(bits: u64, count: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..count.div_ceil(16)).rev().map(move |at| {
        let size = (count - at * 16).min(16);
        ((bits >> (at * 16)) as u32 & ((1 << size) - 1), size)
    })
}
