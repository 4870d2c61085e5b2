//! One component's row of MCUs: from rows of samples to quantized blocks.

use super::block::Block;
use super::kernels;
use super::quantization::Divisors;
use super::search::Search;
use resizer_cpu::Cpu;

/// The blocks of the present row of MCUs.
#[derive(Debug)]
pub(super) struct Component {
    /// Samples of a row.
    pub(super) width: usize,
    /// Rows in all.
    pub(super) height: usize,
    /// Blocks of an MCU beside each other.
    pub(super) horizontal: usize,
    /// Blocks of an MCU below each other.
    pub(super) vertical: usize,
    /// Blocks in a row, with those that only fill the last MCU.
    pub(super) row_blocks: usize,
    /// How many rows of blocks hold samples.
    pub(super) filled_rows: usize,
    /// `vertical` rows of `row_blocks`.
    pub(super) blocks: Vec<Block>,
    /// Which coefficients of each block are not 0; and which not without their last bit, without
    /// their last two bits, as far as some scan leaves these out.
    pub(super) levels: Vec<Vec<u64>>,
    divisors: Divisors,
    search: Option<Search>,
    /// The coefficients of a row of blocks before they were rounded, for the search.
    exact: Vec<Block>,
}

impl Component {
    /// For a plane of this size; sampling factors are horizontal and vertical.
    pub(super) fn new(
        size: (usize, usize),
        sampling: (u8, u8),
        mcus: usize,
        most_low: u8,
        (divisors, search): (Divisors, Option<Search>),
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
            levels: vec![vec![0; row_blocks * vertical]; usize::from(most_low) + 1],
            divisors,
            search,
            exact: Vec::new(),
        }
    }

    pub(super) fn blocks_in_mcu(&self) -> usize {
        self.horizontal * self.vertical
    }

    /// Rows of samples in a full row of MCUs.
    pub(super) fn mcu_rows(&self) -> usize {
        self.vertical * 8
    }

    /// Blocks of a row that hold samples.
    pub(super) fn filled_blocks(&self) -> usize {
        self.width.div_ceil(8)
    }

    /// Takes one row of MCUs, of which the last rows may be missing, as the file ends.
    pub(super) fn take_rows(&mut self, cpu: Cpu, rows: &[&[u8]]) {
        self.filled_rows = rows.len().div_ceil(8);
        for (at, rows) in rows.chunks(8).enumerate() {
            // The last row stands for those below it.
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
        if self.search.is_some() {
            self.exact.clear();
            self.exact.extend_from_slice(blocks);
        }
        kernels::quantize(cpu, blocks, &self.divisors, masks);
        if let Some(search) = &self.search {
            for ((exact, block), mask) in self.exact.iter().zip(blocks).zip(masks) {
                search.refine(exact, block, mask);
            }
        }
    }

    /// Blocks without samples repeat the mean of the one coded before them, which costs least.
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

/// Of these positions those whose coefficients are not 0 without their last bits.
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
