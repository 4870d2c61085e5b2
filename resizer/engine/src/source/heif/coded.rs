//! The coded pictures of a HEIF file: one, or a grid of tiles, within limits on how many there are.
//! Source: ISO/IEC 23008-12 (HEIF), 6.6.2.3; ISO/IEC 23000-22 (MIAF), 7.3.11.

use std::borrow::Cow;
use std::sync::Arc;

use super::boxes::Numbers;
use super::coding::Coding;
use super::hevc::Hevc;
use super::items::Items;
use super::tracks::Track;
use super::{obu, within};
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::raster::Size;
use crate::source::nonzero_size;

/// The names of the auxiliary picture that is an alpha.
pub(super) const ALPHA: [&[u8]; 2] =
    [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"];

/// Each tile costs a decoder, about a millisecond: there may be so many of any size, and one more
/// for each of these pixels of the whole. MIAF asks for sides of 64 at least, encoders take 256 or
/// more.
const MAX_SMALL_TILES: u64 = 256;
const TILE_PIXELS: u64 = 1 << 16;
const MAX_TILES: u64 = 4096;

/// Coded frames of one picture. Progressive files have up to four layers, others one frame.
const MAX_LAYERS: u64 = 8;

/// One coded picture, or several that lie side by side.
#[derive(Debug)]
pub(crate) struct Coded<'a> {
    /// Of the whole.
    pub(crate) size: Size,
    /// Tiles across and down.
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    /// Row by row.
    pub(crate) tiles: Vec<Tile<'a>>,
    /// Of each tile.
    pub(crate) tile_size: Size,
}

/// A coded picture.
#[derive(Debug)]
pub(crate) struct Tile<'a> {
    /// AV1 units, or HEVC units with their lengths.
    pub(crate) data: Cow<'a, [u8]>,
    /// What an HEVC picture is decoded with; tiles share it.
    pub(crate) hevc: Option<Arc<Hevc>>,
}

impl<'a> Coded<'a> {
    /// Of those tiles, together.
    pub(super) fn bytes(&self, is_counted: impl Fn(&Cow<'_, [u8]>) -> bool) -> u64 {
        let counted = self.tiles.iter().filter(|tile| is_counted(&tile.data));
        counted.map(|tile| tile.data.len() as u64).sum()
    }

    /// Of all frames of all tiles.
    pub(super) fn coded_pixels(&self) -> u64 {
        self.tiles.iter().map(|tile| tile.coded_pixels(self.tile_size)).sum()
    }

    pub(super) fn longest_bytes(&self) -> u64 {
        self.tiles.iter().map(|tile| tile.data.len() as u64).max().unwrap_or(0)
    }

    fn of_tile(size: Size, tile: Tile<'a>) -> Self {
        Self { size, columns: 1, rows: 1, tiles: vec![tile], tile_size: size }
    }

    /// The first picture of a track.
    pub(super) fn of_track(track: &Track<'a>, format: ImageFormat) -> Result<Self, Reject> {
        Self::of_data(track.data, track.coding, track.configuration(), track.size, format)
    }

    /// A picture that is no item; the size counts where the configuration says none.
    pub(super) fn of_data(
        data: &'a [u8],
        coding: Coding,
        configuration: Option<&'a [u8]>,
        size: (u32, u32),
        format: ImageFormat,
    ) -> Result<Self, Reject> {
        let mut reader = TileReader { format, configuration: None };
        let (tile, own_size) = reader.tile(Cow::Borrowed(data), coding, configuration)?;
        let (width, height) = own_size.unwrap_or(size);
        Ok(Self::of_tile(nonzero_size(format, width, height)?, tile))
    }

    /// The coded pictures of an item, which is one or a grid of them.
    ///
    /// # Errors
    /// `Malformed` for data that are missing and grids that are not covered; `Unsupported` for
    /// other kinds of items; `TooLarge` for too many tiles or frames.
    pub(super) fn of_item(items: &Items<'a>, id: u32) -> Result<Self, Reject> {
        let kind = items.kind(id);
        if kind == Some(*b"grid") {
            return Self::of_grid(items, id);
        }
        let coding = Coding::of_kind(kind, items.format)?;
        let mut reader = TileReader { format: items.format, configuration: None };
        let (tile, size) = reader.item(items, id, coding)?;
        Ok(Self::of_tile(size, tile))
    }

    fn of_grid(items: &Items<'a>, id: u32) -> Result<Self, Reject> {
        let grid = items.data(id)?;
        let no_grid = || Reject::malformed(items.format, "a grid that makes no sense");
        let Grid { rows, columns, size } = Grid::read(&grid).ok_or_else(no_grid)?;
        let ids = items.targets(b"dimg", id);
        let allowed = MAX_SMALL_TILES + size.pixels() / TILE_PIXELS;
        within(Quantity::Tiles, ids.len() as u64, allowed.min(MAX_TILES))?;
        let coding = Coding::of_kind(ids.first().and_then(|&id| items.kind(id)), items.format)?;
        let is_alike = |&id: &u32| Coding::of_kind(items.kind(id), items.format) == Ok(coding);
        let fits = ids.len() as u64 == u64::from(rows) * u64::from(columns)
            && ids.iter().all(is_alike)
            && items.size(id).is_none_or(|said| said == (size.width(), size.height()));
        if !fits {
            return Err(no_grid());
        }
        let mut reader = TileReader { format: items.format, configuration: None };
        let mut tiles = Vec::with_capacity(ids.len());
        let mut tile_size = None;
        for &id in ids {
            // Tiles of AV1 may say less than they have: the decoder compares.
            let (tile, own_size) = reader.item(items, id, coding)?;
            if *tile_size.get_or_insert(own_size) != own_size && coding != Coding::Av1 {
                return Err(no_grid());
            }
            tiles.push(tile);
        }
        let tile_size = tile_size.ok_or_else(no_grid)?;
        let covers = |count: u32, tile: u32, whole: u32| {
            let most = u64::from(count) * u64::from(tile);
            most >= whole.into() && most - u64::from(tile) < whole.into()
        };
        if !(covers(columns, tile_size.width(), size.width())
            && covers(rows, tile_size.height(), size.height()))
        {
            return Err(no_grid());
        }
        Ok(Self { size, columns, rows, tiles, tile_size })
    }
}

impl Tile<'_> {
    /// Of all of its frames, with what a window leaves out.
    fn coded_pixels(&self, size: Size) -> u64 {
        if let Some(hevc) = &self.hevc {
            return hevc.coded_pixels();
        }
        size.pixels().saturating_mul(obu::coded_frames(&self.data))
    }
}

/// The descriptor of a grid.
struct Grid {
    rows: u32,
    columns: u32,
    size: Size,
}

impl Grid {
    fn read(body: &[u8]) -> Option<Self> {
        let mut numbers = Numbers(body);
        let flags = numbers.next(2)?;
        let sides = numbers.next(2)?;
        let side_bytes = if flags & 1 == 1 { 4 } else { 2 };
        let mut side = || numbers.next(side_bytes);
        let size = Size::new(side()? as u32, side()? as u32)?;
        Some(Self { rows: (sides >> 8) as u32 + 1, columns: (sides & 0xff) as u32 + 1, size })
    }
}

/// Reads the tiles of a picture, which mostly share one configuration.
struct TileReader<'a> {
    format: ImageFormat,
    configuration: Option<(&'a [u8], Arc<Hevc>)>,
}

impl<'a> TileReader<'a> {
    /// An item's picture and its size.
    fn item(
        &mut self,
        items: &Items<'a>,
        id: u32,
        coding: Coding,
    ) -> Result<(Tile<'a>, Size), Reject> {
        let configuration = items.property(id, coding.configuration());
        let (tile, size) = self.tile(items.data(id)?, coding, configuration)?;
        let size = size.or_else(|| items.size(id));
        let (width, height) =
            size.ok_or_else(|| Reject::malformed(self.format, "the picture has no size"))?;
        Ok((tile, nonzero_size(self.format, width, height)?))
    }

    /// A picture, and its size where the configuration says it.
    fn tile(
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
        let hevc = match &self.configuration {
            Some((read, hevc)) if std::ptr::eq(*read, configuration) => hevc.clone(),
            _ => Arc::new(Hevc::read(configuration)?),
        };
        self.configuration = Some((configuration, hevc.clone()));
        let size = hevc.size();
        Ok((Tile { data, hevc: Some(hevc) }, Some(size)))
    }
}
