//! What the encoder remembers of the blocks above and to the left, as contexts of later symbols.

use crate::predict::Mode;

use super::UNITS;
use super::palette::Palette;

/// Values along a row or column, in units of 4 samples.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The modes of luma.
    pub(super) modes: Vec<Mode>,
    pub(super) has_smooth_chroma: Vec<bool>,
    /// Whether the block has no coefficients.
    pub(super) is_empty: Vec<bool>,
    /// The sides of the blocks, in luma samples.
    pub(super) sizes: Vec<u8>,
    /// The palettes of luma and of Cb.
    pub(super) palettes: [Vec<Palette>; 2],
    /// The sums of the levels of transform blocks, at most 63, for each plane.
    pub(super) levels: [Vec<u8>; 3],
    /// The signs of their DC coefficients, -1 to 1, for each plane.
    pub(super) dc_signs: [Vec<i8>; 3],
}

impl Line {
    pub(super) fn new(units: usize) -> Self {
        Self {
            modes: vec![Mode::Dc; units],
            has_smooth_chroma: vec![false; units],
            is_empty: vec![false; units],
            sizes: vec![u8::MAX; units],
            palettes: [(); 2].map(|()| vec![Palette::default(); units]),
            levels: [(); 3].map(|()| vec![0; units]),
            dc_signs: [(); 3].map(|()| vec![0; units]),
        }
    }

    /// As at the edge of the tile.
    pub(super) fn clear(&mut self) {
        *self = Self::new(self.modes.len());
    }
}

/// Which units of a plane are decoded, in a superblock and around it. Source: AV1 specification,
/// section "Clear block decoded flags function".
#[derive(Debug, Clone, Default)]
pub(super) struct Decoded {
    /// Rows and columns begin one unit before the superblock.
    flags: [[bool; UNITS + 2]; UNITS + 2],
}

impl Decoded {
    /// At the start of a superblock of `side` units. `columns` and `rows` are those from its start
    /// to the end of the tile.
    pub(super) fn start(&mut self, side: usize, columns: usize, rows: usize) {
        self.flags = Default::default();
        self.flags[0][..(columns + 1).min(side + 2)].fill(true);
        for row in &mut self.flags[1..(rows + 1).min(side + 1)] {
            row[0] = true;
        }
    }

    /// Whether a unit is decoded. -1 wraps around.
    pub(super) fn is_decoded(&self, column: usize, row: usize) -> bool {
        self.flags[row.wrapping_add(1)][column.wrapping_add(1)]
    }

    /// Marks the units of a block.
    pub(super) fn mark(&mut self, column: usize, row: usize, units: usize) {
        for flags in &mut self.flags[row + 1..row + 1 + units] {
            flags[column + 1..column + 1 + units].fill(true);
        }
    }
}
