//! What the headers say of a picture: its size, quantizer, filters, and tiles.

use crate::options::ColorCode;
use crate::picture::{Chroma, SUPERBLOCK};
use crate::quantizer::ac_step;

/// The widest tile, in superblocks: 4,096 samples.
const MAX_TILE_WIDTH: usize = 64;
/// The largest tile, in superblocks: 4,096 x 2,304 samples.
const MAX_TILE_AREA: usize = 64 * 36;
/// The most columns or rows of tiles.
const MAX_TILES: usize = 64;

/// The parameters of a coded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    /// In pixels.
    pub(crate) width: usize,
    /// In pixels.
    pub(crate) height: usize,
    pub(crate) chroma: Chroma,
    pub(crate) color: ColorCode,
    /// 1 to 255.
    pub(crate) q_index: u8,
    /// Whether high frequencies are quantized more.
    pub(crate) has_matrix: bool,
    /// Whether each superblock has a quantizer index of its own.
    pub(crate) has_delta_q: bool,
    /// Whether blocks can have palettes and the identity transform.
    pub(crate) is_screen_content: bool,
    /// Whether the decoder filters the edges of blocks, and ringing.
    pub(crate) has_filters: bool,
}

impl Frame {
    /// The level of the quantizer matrix, of 15 levels.
    pub(crate) const MATRIX_LEVEL: u32 = 2;

    /// The strength of the deblocking filter, 0 to 63. Source: the linear fit of libaom for key
    /// frames (`av1_pick_filter_level`).
    pub(crate) fn deblocking_level(&self) -> u32 {
        let level = (ac_step(self.q_index) * 17_563 - 421_574 + (1 << 17)) >> 18;
        if self.has_filters { level.clamp(0, 63) as u32 } else { 0 }
    }

    /// Whether the decoder filters ringing with CDEF. With small steps, the filter removes more of
    /// the picture than of the ringing: 3 % of the bytes at equal SSIMULACRA2 at the index 16.
    pub(crate) fn has_cdef(&self) -> bool {
        self.has_filters && self.q_index >= 32
    }

    /// The tiles. Pictures of at most 4,096 x 2,304 pixels have one.
    pub(crate) fn tiles(&self) -> Tiles {
        let columns = self.width.div_ceil(SUPERBLOCK);
        let rows = self.height.div_ceil(SUPERBLOCK);
        let min_columns_log2 = tile_log2(MAX_TILE_WIDTH, columns);
        let min_log2 = min_columns_log2.max(tile_log2(MAX_TILE_AREA, columns * rows));
        let tile_columns = columns.div_ceil(1 << min_columns_log2);
        let min_rows_log2 = min_log2 - min_columns_log2;
        let tile_rows = rows.div_ceil(1 << min_rows_log2);
        Tiles {
            width: tile_columns * SUPERBLOCK,
            height: tile_rows * SUPERBLOCK,
            columns: columns.div_ceil(tile_columns),
            rows: rows.div_ceil(tile_rows),
            can_have_more_columns: min_columns_log2 < tile_log2(1, columns.min(MAX_TILES)),
            can_have_more_rows: min_rows_log2 < tile_log2(1, rows.min(MAX_TILES)),
        }
    }
}

/// A grid of tiles of equal size. The last column and row can be smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tiles {
    /// Of a tile, in pixels.
    pub(crate) width: usize,
    /// Of a tile, in pixels.
    pub(crate) height: usize,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Whether the header has a flag that asks for more columns.
    pub(crate) can_have_more_columns: bool,
    /// Whether the header has a flag that asks for more rows.
    pub(crate) can_have_more_rows: bool,
}

impl Tiles {
    /// The number of bits of a tile's index.
    pub(crate) fn index_bits(&self) -> u32 {
        tile_log2(1, self.columns) + tile_log2(1, self.rows)
    }
}

/// The smallest k for which `size` << k is at least `target`.
pub(crate) fn tile_log2(size: usize, target: usize) -> u32 {
    let mut log2 = 0;
    while size << log2 < target {
        log2 += 1;
    }
    log2
}
