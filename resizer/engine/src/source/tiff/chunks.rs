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

/// Smaller tiles would cost more than their pixels. In TIFF 6.0 sides are multiples of 16.
const MIN_TILE_PIXELS: u64 = 256;

/// JPEGs in a file, each of which has tables of its own. So many cover the largest picture in tiles
/// of 64 by 64.
const MAX_JPEGS: u64 = 1 << 16;

/// Headers, checksums and end codes of a chunk; quantization and Huffman tables of a JPEG.
const OVERHEAD_BYTES: u64 = 64;
const JPEG_OVERHEAD_BYTES: u64 = 4096;

/// Parts of equal size, row by row; the last ones may reach beyond the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunks<'a> {
    bytes: &'a [u8],
    offsets: Values<'a>,
    counts: Option<Values<'a>>,
    /// Of each, in pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Whether the bytes are pixels, without any compression.
    is_raw: bool,
    /// What a chunk may have beside its pixels: tables.
    overhead_bytes: u64,
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
        let is_jpeg = matches!(compression, Compression::Jpeg { .. });
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
            is_raw: compression == Compression::None,
            overhead_bytes: if is_jpeg { JPEG_OVERHEAD_BYTES } else { OVERHEAD_BYTES },
            across: size.width().div_ceil(width),
            down: size.height().div_ceil(height),
        };
        let pixels = u64::from(width) * u64::from(height);
        if chunks.across > 1 && pixels < MIN_TILE_PIXELS {
            return Err(unsupported("a TIFF of tiles of fewer than 256 pixels"));
        }
        if chunks.down > 1 && !(height as usize).is_multiple_of(rows_per_line) {
            return Err(malformed("strips that divide lines of YCbCr"));
        }
        if is_jpeg && u64::from(chunks.across) * u64::from(chunks.down) > MAX_JPEGS {
            return Err(unsupported("a TIFF of more than 65,536 JPEGs"));
        }
        Ok(chunks)
    }

    /// The bytes of a chunk, as far as the file has them; `None` without an offset. Where nothing
    /// says how many they are, those of the whole rest: what is decoded ends by itself.
    ///
    /// `raw_bytes` are those of its pixels without any compression. A single chunk of raw pixels
    /// that would be shorter is taken as if nothing was said: some writers count wrong. Coded ones
    /// have a limit, because chunks may share their bytes: each could make a decoder pass over the
    /// whole file.
    pub(crate) fn data(&self, index: u64, raw_bytes: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(self.offsets.get(index)?).ok()?;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let count = self.counts.and_then(|counts| counts.get(index));
        let is_only = self.across == 1 && self.down == 1;
        let counts_wrong = |count: u64| is_only && self.is_raw && count < raw_bytes;
        let count = count.filter(|&count| count > 0 && !counts_wrong(count));
        let count = count.unwrap_or(u64::MAX).min(self.most_coded_bytes(raw_bytes));
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Some(&rest[..rest.len().min(count)])
    }

    /// More than any coder makes of so many bytes: fax codes of single pixels have five bits for
    /// each. An equal part of the file besides, so that a single chunk may be all of it.
    fn most_coded_bytes(&self, raw_bytes: u64) -> u64 {
        let equal_part = self.bytes.len() as u64 / (u64::from(self.across) * u64::from(self.down));
        raw_bytes.saturating_mul(8).saturating_add(equal_part).saturating_add(self.overhead_bytes)
    }
}
