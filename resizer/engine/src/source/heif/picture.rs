//! One picture of a HEIF file that can be shown: its colors, its alpha, and how it is cropped and
//! turned. Source: ISO/IEC 23008-12 (HEIF), 6.5, 6.6, and 6.8.

use super::boxes::boxes;
use super::coded::{Coded, names_alpha};
use super::coding::Coding;
use super::colors::{ColorBoxes, Matrix};
use super::items::Items;
use super::tile_reader::TileReader;
use super::tracks::tracks;
use super::transforms::Transforms;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::{Layout, Rect};

/// Pictures that stand for others, one inside the other.
const MAX_DEPTH: usize = 4;

/// Planes and what makes pixels of them.
#[derive(Debug)]
pub(crate) struct Picture<'a> {
    pub(crate) coding: Coding,
    pub(crate) color: Coded<'a>,
    pub(crate) alpha: Option<Coded<'a>>,
    /// Whether the colors are multiplied with their alpha.
    pub(crate) is_premultiplied: bool,
    /// How planes become colors, where a box says it; otherwise the coded picture does.
    pub(crate) matrix: Option<Matrix>,
    /// The part of colors and alpha that is to be seen, before it is turned.
    pub(crate) aperture: Rect,
    pub(crate) orientation: Orientation,
    /// Whether a box says how it is turned.
    pub(super) is_oriented: bool,
    pub(super) is_gray: bool,
    /// Whether samples take two bytes.
    pub(super) is_deep: bool,
}

impl<'a> Picture<'a> {
    /// The picture of an item, and its color boxes.
    ///
    /// # Errors
    /// Those of [`Coded::of_item`]; `Malformed` for an alpha of another size.
    pub(super) fn of_item(
        items: &Items<'a>,
        id: u32,
        reader: &mut TileReader,
    ) -> Result<(Self, ColorBoxes<'a>), Reject> {
        let chain = chain(items, id);
        let coded_id = chain.last().copied().unwrap_or(id);
        let color = Coded::of_item(items, coded_id, reader)?;
        let alpha_id = chain.iter().find_map(|&id| Some((id, alpha_of(items, id)?)));
        let alpha = match alpha_id {
            Some((_, alpha)) => {
                reader.expect_alpha();
                let alpha = chain_end(items, alpha);
                Some(Coded::of_item(items, alpha, reader)?)
            }
            None => alphas_of_tiles(items, coded_id, &color, reader)?,
        };
        let is_premultiplied =
            alpha_id.is_some_and(|(id, alpha)| items.targets(b"prem", id) == [alpha]);
        let said = said_of_chain(items, &chain);
        let first_tile = first_input(items, coded_id);
        let transforms = Transforms::none(color.size);
        let transforms =
            chain.iter().rev().fold(transforms, |all, &id| all.then(items.properties(id)));
        let configuration = items.property(first_tile, b"av1C");
        let picture = Self::new(color, alpha, transforms, configuration, items.format)?;
        let matrix = said.matrix.or(picture.matrix);
        Ok((Self { is_premultiplied, matrix, ..picture }, said))
    }

    /// The first picture of a sequence that has no still one, and its color boxes.
    pub(super) fn of_tracks(
        source: &'a [u8],
        reader: &mut TileReader,
    ) -> Result<(Self, ColorBoxes<'a>), Reject> {
        let format = reader.format;
        let track = tracks(source).find(|track| !track.is_alpha);
        let track =
            track.ok_or_else(|| Reject::malformed(format, "a sequence without pictures"))?;
        let said = ColorBoxes::of(boxes(track.properties));
        let color = Coded::of_track(&track, reader)?;
        let transforms = Transforms::none(color.size).then(boxes(track.properties));
        let configuration = track.configuration(track.coding(format)?);
        let picture = Self::new(color, None, transforms, configuration, format)?;
        Ok((Self { matrix: said.matrix.or(picture.matrix), ..picture }, said))
    }

    /// A picture without boxes around it.
    pub(super) fn of_coded(
        color: Coded<'a>,
        alpha: Option<Coded<'a>>,
        configuration: Option<&[u8]>,
        format: ImageFormat,
    ) -> Result<Self, Reject> {
        let transforms = Transforms::none(color.size);
        Self::new(color, alpha, transforms, configuration, format)
    }

    fn new(
        color: Coded<'a>,
        alpha: Option<Coded<'a>>,
        transforms: Transforms,
        configuration: Option<&[u8]>,
        format: ImageFormat,
    ) -> Result<Self, Reject> {
        let hevc = color.tiles.first().and_then(|tile| tile.hevc.as_deref());
        // Flags of `av1C`.
        let flags = configuration.and_then(|body| body.get(2).copied()).unwrap_or(0);
        let (coding, is_gray, is_deep, matrix) = match hevc {
            Some(hevc) => (Coding::Hevc, hevc.is_gray(), false, Some(hevc.colors().0)),
            None => (Coding::Av1, flags & 0x10 != 0, flags & 0x40 != 0, None),
        };
        let Transforms { aperture, orientation, is_oriented, .. } = transforms;
        let mut picture = Self {
            coding,
            color,
            alpha: None,
            is_premultiplied: false,
            matrix,
            aperture,
            orientation,
            is_oriented,
            is_gray,
            is_deep,
        };
        if let Some(alpha) = alpha {
            picture.set_alpha(alpha, format)?;
        }
        Ok(picture)
    }

    /// # Errors
    /// `Malformed` where it does not fit to the colors.
    pub(super) fn set_alpha(
        &mut self,
        alpha: Coded<'a>,
        format: ImageFormat,
    ) -> Result<(), Reject> {
        let is_hevc = alpha.tiles.iter().any(|tile| tile.hevc.is_some());
        if alpha.size != self.color.size || is_hevc != (self.coding == Coding::Hevc) {
            let detail = "the alpha has another size than the picture, or another coding";
            return Err(Reject::malformed(format, detail));
        }
        self.alpha = Some(alpha);
        Ok(())
    }

    /// Of the pixels that become of it.
    pub(crate) fn layout(&self) -> Layout {
        match (self.is_gray, self.alpha.is_some()) {
            (true, false) => Layout::Gray,
            (true, true) => Layout::GrayAlpha,
            (false, false) => Layout::Rgb,
            (false, true) => Layout::Rgba,
        }
    }

    pub(super) fn coded(&self) -> impl Iterator<Item = &Coded<'a>> {
        [Some(&self.color), self.alpha.as_ref()].into_iter().flatten()
    }
}

/// The first picture of a sequence's alpha, if it has one, and whether colors are multiplied with
/// it.
pub(super) fn alpha_track<'a>(
    source: &'a [u8],
    reader: &mut TileReader,
) -> Result<Option<(Coded<'a>, bool)>, Reject> {
    let mut alphas =
        tracks(source).filter(|track| track.is_alpha && track.coding(reader.format).is_ok());
    let Some(track) = alphas.next() else { return Ok(None) };
    let alpha = Coded::of_track(&track, reader)?;
    Ok(Some((alpha, tracks(source).any(|track| track.is_premultiplied))))
}

/// What is said of the colors of an item that stands for others: what the outermost does not say,
/// those inside of it do, and the first tile or layer at last.
pub(super) fn said_of_chain<'a>(items: &Items<'a>, chain: &[u32]) -> ColorBoxes<'a> {
    let first = chain.last().map(|&id| first_input(items, id));
    let said = chain.iter().copied().chain(first);
    said.fold(ColorBoxes::default(), |said, id| said.or(ColorBoxes::of(items.properties(id))))
}

/// The first picture that an item is composed of, or itself.
fn first_input(items: &Items<'_>, id: u32) -> u32 {
    items.targets(b"dimg", id).first().copied().unwrap_or(id)
}

/// An item and those that it stands for, down to the coded one.
pub(super) fn chain(items: &Items<'_>, mut id: u32) -> Vec<u32> {
    let mut chain = vec![id];
    while chain.len() < MAX_DEPTH {
        // Of a tone-mapped picture the first input is what screens without HDR show.
        let Some(b"iden" | b"tmap") = items.kind(id).as_ref() else { break };
        let Some(&next) = items.targets(b"dimg", id).first() else { break };
        chain.push(next);
        id = next;
    }
    chain
}

fn chain_end(items: &Items<'_>, id: u32) -> u32 {
    chain(items, id).last().copied().unwrap_or(id)
}

/// The item that is the alpha of another.
fn alpha_of(items: &Items<'_>, id: u32) -> Option<u32> {
    let is_alpha = |&of: &u32| items.property(of, b"auxC").is_some_and(names_alpha);
    items.sources(b"auxl", id).find(is_alpha)
}

/// The alpha of a grid whose tiles have one each, and of the same size.
fn alphas_of_tiles<'a>(
    items: &Items<'a>,
    id: u32,
    color: &Coded<'a>,
    reader: &mut TileReader,
) -> Result<Option<Coded<'a>>, Reject> {
    let alphas = items.targets(b"dimg", id).iter().map(|&tile| alpha_of(items, tile));
    let Some(alphas) = alphas.collect::<Option<Vec<u32>>>().filter(|ids| !ids.is_empty()) else {
        return Ok(None);
    };
    reader.expect_alpha();
    let mut tiles = Vec::new();
    for alpha in alphas {
        let mut alpha = Coded::of_item(items, alpha, reader)?;
        if alpha.size != color.tile_size || alpha.tiles.len() != 1 {
            let detail = "the alpha of a tile has another size than the tile";
            return Err(Reject::malformed(items.format, detail));
        }
        tiles.append(&mut alpha.tiles);
    }
    let &Coded { size, columns, rows, tile_size, .. } = color;
    Ok(Some(Coded { size, columns, rows, tiles, tile_size }))
}
