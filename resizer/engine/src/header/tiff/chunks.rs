//! Strips and tiles: how the picture is divided, and where the bytes of each part lie. Their
//! tables are read by index, however long they are.

use super::coding::Compression;
use super::directory::Values;
use super::picture::{malformed, unsupported};
use super::tags::{
    ROWS_PER_STRIP, STRIP_BYTES, STRIP_OFFSETS, TILE_BYTES, TILE_HEIGHT, TILE_OFFSETS, TILE_WIDTH,
    Tags,
};
use crate::error::Reject;
use crate::raster::Size;

/// Smaller tiles would cost more than their pixels. TIFF has sides that are multiples of 16.
const MIN_TILE_PIXELS: u64 = 64;

/// JPEGs in a file, each of which has tables of its own. So many cover the largest picture in tiles
/// of 64 by 64.
const MAX_JPEGS: u64 = 1 << 16;

/// Parts of equal size, row by row; the last ones may reach beyond the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunks<'a> {
    bytes: &'a [u8],
    offsets: Values<'a>,
    counts: Option<Values<'a>>,
    /// Of each, in pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// How many lie beside and below each other.
    pub(crate) across: u32,
    pub(crate) down: u32,
}

impl<'a> Chunks<'a> {
    pub(super) fn read(
        bytes: &'a [u8],
        tags: &Tags<'a>,
        size: Size,
        compression: Compression<'_>,
        rows_per_line: usize,
    ) -> Result<Self, Reject> {
        let side = |tag: u16| tags.number(tag).map(|side| u32::try_from(side).unwrap_or(u32::MAX));
        let is_tiled = tags.values(TILE_WIDTH).is_some() || tags.values(TILE_HEIGHT).is_some();
        let (width, height) = if is_tiled {
            (side(TILE_WIDTH).unwrap_or(0), side(TILE_HEIGHT).unwrap_or(0))
        } else {
            let rows = side(ROWS_PER_STRIP).filter(|rows| *rows > 0);
            (size.width(), rows.map_or(size.height(), |rows| rows.min(size.height())))
        };
        if width == 0 || height == 0 {
            return Err(malformed("tiles without width or height"));
        }
        // Some writers say strips where they mean tiles.
        let offsets = if is_tiled { tags.values(TILE_OFFSETS) } else { None };
        let offsets = offsets.or_else(|| tags.values(STRIP_OFFSETS));
        let counts = if is_tiled { tags.values(TILE_BYTES) } else { None };
        let chunks = Self {
            bytes,
            offsets: offsets.ok_or_else(|| malformed("its pixels have no place"))?,
            counts: counts.or_else(|| tags.values(STRIP_BYTES)),
            width,
            height,
            across: size.width().div_ceil(width),
            down: size.height().div_ceil(height),
        };
        let pixels = u64::from(width) * u64::from(height);
        if chunks.across > 1 && pixels < MIN_TILE_PIXELS {
            return Err(unsupported("a TIFF of tiles of fewer than 64 pixels"));
        }
        if chunks.down > 1 && !(height as usize).is_multiple_of(rows_per_line) {
            return Err(malformed("strips that divide lines of YCbCr"));
        }
        let is_jpeg = matches!(compression, Compression::Jpeg { .. });
        if is_jpeg && u64::from(chunks.across) * u64::from(chunks.down) > MAX_JPEGS {
            return Err(unsupported("a TIFF of more than 65,536 JPEGs"));
        }
        Ok(chunks)
    }

    /// The bytes of a chunk, as far as the file has them; `None` without an offset. Where nothing
    /// says how many they are, those of the whole rest: what is decoded ends by itself.
    ///
    /// A single chunk that would be shorter than `least_bytes`, which its pixels take without any
    /// compression, is taken as if nothing was said: some writers count wrong.
    pub(crate) fn data(&self, index: u64, least_bytes: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(self.offsets.get(index)?).ok()?;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let count = self.counts.and_then(|counts| counts.get(index));
        let is_only = self.across == 1 && self.down == 1;
        let count = count.filter(|&count| count > 0 && !(is_only && count < least_bytes));
        let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(rest.len());
        Some(&rest[..rest.len().min(count)])
    }
}
