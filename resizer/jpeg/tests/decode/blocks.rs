//! Codes blocks of coefficients for every kind of scan. Source: ITU T.81, annexes F.1.2 and G.1.2.

use crate::huffman::{BitWriter, Huffman, bit_length};

/// In zigzag order.
pub(crate) type Block = [i16; 64];

/// The longest end-of-band run that has a code.
pub(crate) const LONGEST_RUN: u32 = 0x7fff;

/// The state of coding within a scan.
pub(crate) struct BlockWriter<'a> {
    pub(crate) out: &'a mut BitWriter,
    /// The last DC value of the component.
    pub(crate) others: &'a Huffman,
    /// The current end-of-band run.
    run: u32,
    /// Correction bits of these blocks.
    corrections: Vec<u32>,
}

impl<'a> BlockWriter<'a> {
    pub(crate) fn new(out: &'a mut BitWriter, others: &'a Huffman) -> Self {
        Self { out, others, run: 0, corrections: Vec::new() }
    }

    /// Codes the DC difference without its lowest bits.
    pub(crate) fn first(&mut self, table: &Huffman, block: &Block, low: u8, predicted: &mut i32) {
        let value = i32::from(block[0] >> low);
        let difference = value - *predicted;
        *predicted = value;
        self.out.symbol(table, bit_length(difference) as u8);
        self.out.magnitude(difference);
    }

    pub(crate) fn refine_first(&mut self, block: &Block, low: u8) {
        self.out.bits(u32::from(block[0] as u16 >> low & 1), 1);
    }

    /// Codes coefficients `first` to `last`; an end of block may join an end-of-band run.
    pub(crate) fn others(&mut self, block: &Block, first: u8, last: u8, low: u8, longest_run: u32) {
        let mut zeros = 0_u8;
        for place in first..=last {
            let coefficient = i32::from(block[usize::from(place)]);
            let value = coefficient.signum() * (coefficient.abs() >> low);
            if value == 0 {
                zeros += 1;
                continue;
            }
            self.end_run();
            while zeros > 15 {
                self.out.symbol(self.others, 0xf0);
                zeros -= 16;
            }
            self.out.symbol(self.others, zeros << 4 | bit_length(value) as u8);
            self.out.magnitude(value);
            zeros = 0;
        }
        if zeros > 0 {
            self.end_block(longest_run);
        }
    }

    /// Codes one more bit of coefficients `first` to `last`.
    pub(crate) fn refine(&mut self, block: &Block, first: u8, last: u8, low: u8, longest_run: u32) {
        let magnitude = |place: u8| block[usize::from(place)].unsigned_abs() >> low;
        let last_new = (first..=last).rev().find(|&place| magnitude(place) == 1).unwrap_or(0);
        let mut zeros = 0_u8;
        let mut corrections = Vec::new();
        for place in first..=last {
            let value = magnitude(place);
            if value == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 && place <= last_new {
                self.end_run();
                self.out.symbol(self.others, 0xf0);
                zeros -= 16;
                corrections.drain(..).for_each(|bit| self.out.bits(bit, 1));
            }
            if value > 1 {
                corrections.push(u32::from(value & 1));
                continue;
            }
            self.end_run();
            self.out.symbol(self.others, zeros << 4 | 1);
            self.out.bits(u32::from(block[usize::from(place)] > 0), 1);
            corrections.drain(..).for_each(|bit| self.out.bits(bit, 1));
            zeros = 0;
        }
        if zeros > 0 || !corrections.is_empty() {
            self.corrections.extend(corrections);
            self.end_block(longest_run);
        }
    }

    fn end_block(&mut self, longest_run: u32) {
        self.run += 1;
        if self.run == longest_run {
            self.end_run();
        }
    }

    /// Writes the end-of-band run.
    pub(crate) fn end_run(&mut self) {
        if self.run > 0 {
            let bits = self.run.ilog2();
            self.out.symbol(self.others, (bits << 4) as u8);
            self.out.bits(self.run - (1 << bits), bits);
            self.run = 0;
        }
        self.corrections.drain(..).for_each(|bit| self.out.bits(bit, 1));
    }
}
