//! Rows of samples of one component to the quantized blocks of a row of MCUs.

use super::block::Block;
use super::kernels;
use super::quantization::Divisors;
use super::trellis::Trellis;
use resizer_cpu::Cpu;

/// A component, and its blocks in the current row of MCUs.
#[derive(Debug)]
pub(super) struct Component {
    /// The width in samples.
    pub(super) width: usize,
    /// The height in samples.
    pub(super) height: usize,
    /// Blocks of an MCU side by side.
    pub(super) horizontal: usize,
    /// Blocks of an MCU on top of each other.
    pub(super) vertical: usize,
    /// Blocks in a row, including those that only pad the last MCU.
    pub(super) row_blocks: usize,
    /// The number of rows of blocks that hold samples.
    pub(super) filled_rows: usize,
    /// `vertical` rows of `row_blocks`.
    pub(super) blocks: Vec<Block>,
    /// Masks of nonzero coefficients for each block: as they are, and without their lowest bit or
    /// bits for successive approximation.
    pub(super) levels: Vec<Vec<u64>>,
    divisors: Divisors,
    trellis: Option<Trellis>,
    /// The coefficients of a row of blocks before rounding, for the trellis.
    exact: Vec<Block>,
}

impl Component {
    /// A component of this size, with horizontal and vertical sampling factors.
    pub(super) fn new(
        size: (usize, usize),
        sampling: (u8, u8),
        mcus: usize,
        max_low: u8,
        (divisors, trellis): (Divisors, Option<Trellis>),
    ) -> Self {
        let (horizontal, vertical) = (usize::from(sampling.0), usize::from(sampling.1));
        let row_blocks = mcus * horizontal;
        Self {
            width: size.0,
            height: size.1,
            horizontal,
            vertical,
            row_blocks,
            filled_rows: 0,
            blocks: vec![Block::ZERO; row_blocks * vertical],
            levels: vec![vec![0; row_blocks * vertical]; usize::from(max_low) + 1],
            divisors,
            trellis,
            exact: Vec::new(),
        }
    }

    pub(super) fn blocks_in_mcu(&self) -> usize {
        self.horizontal * self.vertical
    }

    /// Rows of samples in a complete row of MCUs.
    pub(super) fn mcu_rows(&self) -> usize {
        self.vertical * 8
    }

    /// Blocks in a row that hold samples.
    pub(super) fn filled_blocks(&self) -> usize {
        self.width.div_ceil(8)
    }

    /// Takes the rows of one row of MCUs. At the bottom of the picture there may be fewer.
    pub(super) fn take_rows(&mut self, cpu: Cpu, rows: &[&[u8]]) {
        self.filled_rows = rows.len().div_ceil(8);
        for (at, rows) in rows.chunks(8).enumerate() {
            // The last row is repeated.
            let rows = std::array::from_fn(|y| rows[y.min(rows.len() - 1)]);
            self.take_block_row(cpu, at, rows);
        }
        self.fill_up();
        for low in 1..self.levels.len() {
            let [.., all, out] = &mut self.levels[..=low] else { continue };
            for ((block, all), out) in self.blocks.iter().zip(all).zip(out) {
                *out = at_least(block, *all, low);
            }
        }
    }

    fn take_block_row(&mut self, cpu: Cpu, at: usize, rows: [&[u8]; 8]) {
        let first = at * self.row_blocks;
        let blocks = &mut self.blocks[first..first + self.width.div_ceil(8)];
        let (whole, part) = blocks.split_at_mut(self.width / 8);
        kernels::transform(cpu, rows, whole);
        if !part.is_empty() {
            let padded = rows.map(|row| {
                let row = &row[self.width / 8 * 8..self.width];
                std::array::from_fn::<u8, 8, _>(|x| row[x.min(row.len() - 1)])
            });
            kernels::transform(cpu, padded.each_ref().map(<[u8; 8]>::as_slice), part);
        }
        let masks = &mut self.levels[0][first..];
        if self.trellis.is_some() {
            self.exact.clear();
            self.exact.extend_from_slice(blocks);
        }
        kernels::quantize(cpu, blocks, &self.divisors, masks);
        if let Some(trellis) = &self.trellis {
            for ((exact, block), mask) in self.exact.iter().zip(blocks).zip(masks) {
                trellis.refine(exact, block, mask);
            }
        }
    }

    /// Blocks without samples repeat the DC value of the block coded before them, which costs the
    /// fewest bits.
    fn fill_up(&mut self) {
        let filled = self.filled_blocks();
        for row in 0..self.vertical {
            let first = row * self.row_blocks;
            let missing =
                if row < self.filled_rows { filled..self.row_blocks } else { 0..self.row_blocks };
            for at in missing {
                let column = at % self.horizontal;
                let before = match (row, column) {
                    (0, 0) => None,
                    (_, 0) => Some(first - self.row_blocks + at + self.horizontal - 1),
                    _ => Some(first + at - 1),
                };
                let mean = before.map_or(0, |before| self.blocks[before].0[0]);
                self.blocks[first + at] = Block::ZERO;
                self.blocks[first + at].0[0] = mean;
                self.levels[0][first + at] = u64::from(mean != 0);
            }
        }
    }
}

/// The positions whose coefficients are not 0 without their `low` lowest bits.
#[inline]
fn at_least(block: &Block, positions: u64, low: usize) -> u64 {
    let mut out = 0;
    let mut rest = positions;
    while rest != 0 {
        let at = rest.trailing_zeros();
        rest &= rest - 1;
        out |= u64::from(block.0[at as usize & 63].unsigned_abs() >> low != 0) << at;
    }
    out
}
