//! Reads the coded pictures of one HEIF file, within limits on their number and bytes in all.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::coded::Tile;
use super::coding::Coding;
use super::hevc::Hevc;
use super::items::{Items, joined};
use super::{MAX_LAYERS, obu, within};
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::raster::Size;
use crate::source::nonzero_size;

/// A tile has a fixed cost, whatever its size: a decoder, about a millisecond. So a file may have
/// 256 tiles, as many again where it has alpha, plus one for each 65,536 pixels of its pictures,
/// and at most 4,096. MIAF asks for sides of 64 at least, encoders take 256 or more.
const MAX_SMALL_TILES: u64 = 256;
const TILE_PIXELS: u64 = 1 << 16;
const MAX_TILES: u64 = 4096;

/// What all tiles may take together: as much as the file twice, because equal tiles may share their
/// bytes, and this for small files.
const SHARED_BYTES: u64 = 1 << 20;

/// One for each file. What is used several times counts as often.
pub(super) struct TileReader {
    /// As recognized by the first bytes.
    pub(super) format: ImageFormat,
    /// By the place of the box in the file.
    configurations: HashMap<*const [u8], Arc<Hevc>>,
    tiles: u64,
    /// What may be there whatever the size.
    small_tiles: u64,
    /// Of the pictures whose tiles were counted.
    pixels: u64,
    bytes: u64,
    max_bytes: u64,
}

impl TileReader {
    pub(super) fn new(file: &[u8], format: ImageFormat) -> Self {
        let max_bytes = 2 * file.len() as u64 + SHARED_BYTES;
        let configurations = HashMap::new();
        let small_tiles = MAX_SMALL_TILES;
        Self { format, configurations, tiles: 0, small_tiles, pixels: 0, bytes: 0, max_bytes }
    }

    /// Alpha has tiles as small as those of the colors, and as many.
    pub(super) fn expect_alpha(&mut self) {
        self.small_tiles = 2 * MAX_SMALL_TILES;
    }

    /// Counts the tiles of a picture.
    ///
    /// # Errors
    /// `TooLarge`.
    pub(super) fn count(&mut self, tiles: u64, size: Size) -> Result<(), Reject> {
        self.tiles = self.tiles.saturating_add(tiles);
        self.pixels = self.pixels.saturating_add(size.pixels());
        let allowed = self.small_tiles + self.pixels / TILE_PIXELS;
        within(Quantity::Tiles, self.tiles, allowed.min(MAX_TILES))
    }

    /// An item's bytes, of which there must be some.
    ///
    /// # Errors
    /// `Malformed`; `TooLarge` before bytes are copied.
    pub(super) fn data<'a>(&mut self, items: &Items<'a>, id: u32) -> Result<Cow<'a, [u8]>, Reject> {
        let data = self.data_if_whole(items, id)?;
        if data.is_empty() { Err(no_data(self.format)) } else { Ok(data) }
    }

    /// An item's bytes; none where the file ends before they do.
    fn data_if_whole<'a>(&mut self, items: &Items<'a>, id: u32) -> Result<Cow<'a, [u8]>, Reject> {
        let parts = items.parts(id).unwrap_or_default();
        let length: u64 = parts.iter().map(|part| part.len() as u64).sum();
        self.count_bytes(length)?;
        Ok(joined(&parts))
    }

    /// Counts bytes that are to be decoded.
    ///
    /// # Errors
    /// `TooLarge`.
    pub(super) fn count_bytes(&mut self, length: u64) -> Result<(), Reject> {
        self.bytes = self.bytes.saturating_add(length);
        within(Quantity::TileBytes, self.bytes, self.max_bytes)
    }

    /// An item's picture and its size. The picture has no data where the file ends before they do.
    pub(super) fn item<'a>(
        &mut self,
        items: &Items<'a>,
        id: u32,
        coding: Coding,
    ) -> Result<(Tile<'a>, Size), Reject> {
        let data = self.data_if_whole(items, id)?;
        let configuration = items.property(id, coding.configuration());
        let (tile, size) = self.tile(data, coding, configuration)?;
        let size = size.or_else(|| items.size(id));
        let (width, height) =
            size.ok_or_else(|| Reject::malformed(self.format, "the picture has no size"))?;
        Ok((tile, nonzero_size(self.format, width, height)?))
    }

    /// A picture, and its size where the configuration says it.
    pub(super) fn tile<'a>(
        &mut self,
        data: Cow<'a, [u8]>,
        coding: Coding,
        configuration: Option<&'a [u8]>,
    ) -> Result<(Tile<'a>, Option<(u32, u32)>), Reject> {
        if coding == Coding::Av1 {
            within(Quantity::Frames, obu::coded_frames(&data), MAX_LAYERS)?;
            return Ok((Tile { data, hevc: None }, None));
        }
        let configuration = configuration
            .ok_or_else(|| Reject::malformed(self.format, "the picture has no configuration"))?;
        let hevc = match self.configurations.entry(std::ptr::from_ref(configuration)) {
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => entry.insert(Arc::new(Hevc::read(configuration)?)).clone(),
        };
        let size = hevc.size();
        Ok((Tile { data, hevc: Some(hevc) }, Some(size)))
    }
}

/// The refusal of a picture of which too little is there.
pub(crate) fn no_data(format: ImageFormat) -> Reject {
    Reject::malformed(format, "the picture's data lie outside of the file")
}
