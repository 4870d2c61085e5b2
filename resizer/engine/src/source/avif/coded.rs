//! The coded pictures of an AVIF: one, or a grid of tiles, within limits on how many there are.
//! Source: ISO/IEC 23008-12 (HEIF), 6.6.2.3; ISO/IEC 23000-22 (MIAF), 7.3.11.

use std::borrow::Cow;

use super::boxes::Numbers;
use super::items::Items;
use super::tracks::Track;
use super::{malformed, nonzero_size, obu, within};
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::raster::Size;

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
    /// Row by row: the AV1 data of each.
    pub(crate) tiles: Vec<Cow<'a, [u8]>>,
    /// Of each tile.
    pub(crate) tile_size: Size,
}

impl Coded<'_> {
    /// Of those tiles, together.
    pub(super) fn bytes(&self, is_counted: impl Fn(&Cow<'_, [u8]>) -> bool) -> u64 {
        let counted = self.tiles.iter().filter(|data| is_counted(data));
        counted.map(|data| data.len() as u64).sum()
    }

    /// Of all frames of all tiles.
    pub(super) fn coded_pixels(&self) -> u64 {
        let frames: u64 = self.tiles.iter().map(|data| obu::coded_frames(data)).sum();
        self.tile_size.pixels().saturating_mul(frames)
    }

    pub(super) fn longest_bytes(&self) -> u64 {
        self.tiles.iter().map(|data| data.len() as u64).max().unwrap_or(0)
    }
}

/// The first picture of a track.
pub(super) fn coded_of_track<'a>(track: &Track<'a>) -> Result<Coded<'a>, Reject> {
    within(Quantity::Frames, obu::coded_frames(track.data), MAX_LAYERS)?;
    let size = nonzero_size(ImageFormat::Avif, track.size.0, track.size.1)?;
    let tiles = vec![Cow::Borrowed(track.data)];
    Ok(Coded { size, columns: 1, rows: 1, tiles, tile_size: size })
}

/// The coded pictures of an item, which is one or a grid of them.
pub(super) fn coded<'a>(items: &Items<'a>, id: u32) -> Result<Coded<'a>, Reject> {
    let size = size(items, id)?;
    let data = |id: u32| -> Result<Cow<'a, [u8]>, Reject> {
        let bytes = items.bytes(id).filter(|bytes| !bytes.is_empty());
        let bytes = bytes.ok_or_else(|| malformed("the picture's data lie outside of the file"))?;
        if items.kind(id) == Some(*b"av01") {
            within(Quantity::Frames, obu::coded_frames(&bytes), MAX_LAYERS)?;
        }
        Ok(bytes)
    };
    match items.kind(id).as_ref() {
        Some(b"av01") => {
            Ok(Coded { size, columns: 1, rows: 1, tiles: vec![data(id)?], tile_size: size })
        }
        Some(b"grid") => {
            let grid = data(id)?;
            let no_grid = || malformed("a grid that makes no sense");
            let mut numbers = Numbers(&grid);
            let flags = numbers.next(2).ok_or_else(no_grid)?;
            let sides = numbers.next(2).ok_or_else(no_grid)?;
            let (rows, columns) = ((sides >> 8) as u32 + 1, (sides & 0xff) as u32 + 1);
            let side_bytes = if flags & 1 == 1 { 4 } else { 2 };
            let mut side = || numbers.next(side_bytes).ok_or_else(no_grid);
            let (width, height) = (side()? as u32, side()? as u32);
            let ids = items.targets(b"dimg", id);
            let allowed = MAX_SMALL_TILES + size.pixels() / TILE_PIXELS;
            within(Quantity::Tiles, ids.len() as u64, allowed.min(MAX_TILES))?;
            let tile_size = self::size(items, *ids.first().ok_or_else(no_grid)?)?;
            let covered = [(columns, tile_size.width(), width), (rows, tile_size.height(), height)];
            let covers = |(count, tile, whole): (u32, u32, u32)| {
                let most = u64::from(count) * u64::from(tile);
                most >= whole.into() && most - u64::from(tile) < whole.into()
            };
            let fits = (width, height) == (size.width(), size.height())
                && ids.len() as u64 == u64::from(rows) * u64::from(columns)
                && ids.iter().all(|&id| items.kind(id) == Some(*b"av01"))
                && covered.into_iter().all(covers);
            if !fits {
                return Err(no_grid());
            }
            let tiles = ids.iter().map(|&id| data(id)).collect::<Result<_, _>>()?;
            Ok(Coded { size, columns, rows, tiles, tile_size })
        }
        Some(b"hvc1") => Err(Reject::Unsupported { what: "HEIC" }),
        Some(b"iden" | b"iovl" | b"tmap") => {
            Err(Reject::Unsupported { what: "an AVIF that is composed of others" })
        }
        _ => Err(malformed("the picture is of no kind that is known")),
    }
}

/// The item that is the alpha of another.
pub(super) fn alpha_of(items: &Items<'_>, id: u32) -> Option<u32> {
    let is_alpha = |&of: &u32| {
        let kind = items.property(of, b"auxC").and_then(|body| body.get(4..));
        let name = kind.and_then(|name| name.split(|&byte| byte == 0).next());
        name.is_some_and(|name| ALPHA.contains(&name))
    };
    items.sources(b"auxl", id).find(is_alpha)
}

/// The alpha of a grid whose tiles have one each, and of the same size.
pub(super) fn alphas_of_tiles<'a>(
    items: &Items<'a>,
    id: u32,
    color: &Coded<'a>,
) -> Result<Option<Coded<'a>>, Reject> {
    let alphas = items.targets(b"dimg", id).iter().map(|&tile| alpha_of(items, tile));
    let Some(alphas) = alphas.collect::<Option<Vec<u32>>>().filter(|ids| !ids.is_empty()) else {
        return Ok(None);
    };
    let mut tiles = Vec::new();
    for alpha in alphas {
        let mut alpha = coded(items, alpha)?;
        if alpha.size != color.tile_size || alpha.tiles.len() != 1 {
            return Err(malformed("the alpha of a tile has another size than the tile"));
        }
        tiles.append(&mut alpha.tiles);
    }
    let &Coded { size, columns, rows, tile_size, .. } = color;
    Ok(Some(Coded { size, columns, rows, tiles, tile_size }))
}

fn size(items: &Items<'_>, id: u32) -> Result<Size, Reject> {
    let sides = items.property(id, b"ispe").and_then(|body| {
        let (_, _, mut numbers) = Numbers::of_full_box(body)?;
        Some((numbers.next(4)? as u32, numbers.next(4)? as u32))
    });
    let (width, height) = sides.ok_or_else(|| malformed("the picture has no size"))?;
    nonzero_size(ImageFormat::Avif, width, height)
}
