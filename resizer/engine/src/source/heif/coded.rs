//! The coded pictures of a HEIF file: one, or a grid of tiles.
//! Source: ISO/IEC 23008-12 (HEIF), 6.6.2.3; ISO/IEC 23000-22 (MIAF), 7.3.11.

use std::borrow::Cow;
use std::sync::Arc;

use super::boxes::Numbers;
use super::coding::Coding;
use super::hevc::Hevc;
use super::items::Items;
use super::obu;
use super::tile_reader::{TileReader, no_data};
use super::tracks::Track;
use crate::error::Reject;
use crate::raster::Size;
use crate::source::nonzero_size;

/// The names of the auxiliary picture that is an alpha.
const ALPHA: [&[u8]; 2] =
    [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"];

/// Whether the body of an `auxC` or `auxi` box names an alpha.
pub(super) fn names_alpha(body: &[u8]) -> bool {
    // A name ends with a zero or with its box. Only its begin is read, however long the box is.
    let name = body.get(4..).unwrap_or_default();
    let rest = ALPHA.iter().find_map(|alpha| name.strip_prefix(*alpha));
    rest.is_some_and(|rest| rest.first().is_none_or(|&byte| byte == 0))
}

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
    /// AV1 units, or HEVC units with their lengths; nothing where the file ends before they do.
    pub(crate) data: Cow<'a, [u8]>,
    /// What an HEVC picture is decoded with; tiles share it.
    pub(crate) hevc: Option<Arc<Hevc>>,
}

impl<'a> Coded<'a> {
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
    pub(super) fn of_track(track: &Track<'a>, reader: &mut TileReader) -> Result<Self, Reject> {
        let coding = track.coding(reader.format)?;
        Self::of_data(track.data, coding, track.configuration(coding), track.size, reader)
    }

    /// A picture that is no item; the size counts where the configuration says none.
    pub(super) fn of_data(
        data: &'a [u8],
        coding: Coding,
        configuration: Option<&'a [u8]>,
        size: (u32, u32),
        reader: &mut TileReader,
    ) -> Result<Self, Reject> {
        let (tile, own_size) = reader.tile(Cow::Borrowed(data), coding, configuration)?;
        let (width, height) = own_size.unwrap_or(size);
        Ok(Self::of_tile(nonzero_size(reader.format, width, height)?, tile))
    }

    /// The coded pictures of an item, which is one or a grid of them.
    ///
    /// # Errors
    /// `Malformed` for data that are missing and grids that are not covered; `Unsupported` for
    /// other kinds of items; `TooLarge` for too many tiles or frames.
    pub(super) fn of_item(
        items: &Items<'a>,
        id: u32,
        reader: &mut TileReader,
    ) -> Result<Self, Reject> {
        let kind = items.kind(id);
        if kind == Some(*b"grid") {
            return Self::of_grid(items, id, reader);
        }
        let coding = Coding::of_kind(kind, items.format)?;
        let (tile, size) = reader.item(items, id, coding)?;
        reader.count(1, size)?;
        if tile.data.is_empty() {
            return Err(no_data(items.format));
        }
        Ok(Self::of_tile(size, tile))
    }

    fn of_grid(items: &Items<'a>, id: u32, reader: &mut TileReader) -> Result<Self, Reject> {
        let grid = reader.data(items, id)?;
        let no_grid = || Reject::malformed(items.format, "a grid that makes no sense");
        let Grid { rows, columns, size } = Grid::read(&grid).ok_or_else(no_grid)?;
        let ids = items.targets(b"dimg", id);
        reader.count(ids.len() as u64, size)?;
        let coding = Coding::of_kind(ids.first().and_then(|&id| items.kind(id)), items.format)?;
        let is_alike = |&id: &u32| Coding::of_kind(items.kind(id), items.format) == Ok(coding);
        let fits = ids.len() as u64 == u64::from(rows) * u64::from(columns)
            && ids.iter().all(is_alike)
            && items.size(id).is_none_or(|said| said == (size.width(), size.height()));
        if !fits {
            return Err(no_grid());
        }
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
        // Without the first tile there is nothing to be seen.
        if tiles.first().is_some_and(|tile| tile.data.is_empty()) {
            return Err(no_data(items.format));
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
