//! An overlay: pictures on a canvas, each over those before it.
//! Source: ISO/IEC 23008-12 (HEIF), 6.6.2.2.

use super::boxes::Numbers;
use super::colors::ColorBoxes;
use super::items::Items;
use super::picture::{Picture, chain, said_of_chain};
use super::tile_reader::TileReader;
use super::transforms::Transforms;
use super::within;
use crate::error::{Quantity, Reject};
use crate::orientation::Orientation;
use crate::raster::{Layout, Rect, Rgba, Size};

/// More than any picture has.
const MAX_LAYERS: u64 = 256;

/// A canvas and what lies on it.
#[derive(Debug)]
pub(crate) struct Overlay<'a> {
    /// Of the canvas.
    pub(crate) size: Size,
    pub(crate) background: Rgba,
    /// Each with the place of its upper left corner, which may lie outside of the canvas.
    pub(crate) layers: Vec<([i32; 2], Picture<'a>)>,
    /// The part of the canvas that is to be seen, before it is turned.
    pub(crate) aperture: Rect,
    pub(super) orientation: Orientation,
    pub(super) is_oriented: bool,
}

impl<'a> Overlay<'a> {
    /// Whether an item is one, or stands for one.
    pub(super) fn is_at(items: &Items<'_>, id: u32) -> bool {
        chain(items, id).last().and_then(|&id| items.kind(id)) == Some(*b"iovl")
    }

    /// The overlay of an item, and its color boxes.
    ///
    /// # Errors
    /// `Malformed` where its descriptor is truncated; `Unsupported` where its pictures have
    /// different codings; those of its pictures.
    pub(super) fn of_item(
        items: &Items<'a>,
        id: u32,
        reader: &mut TileReader,
    ) -> Result<(Self, ColorBoxes<'a>), Reject> {
        let chain = chain(items, id);
        let id = chain.last().copied().unwrap_or(id);
        let inputs = items.targets(b"dimg", id);
        within(Quantity::Tiles, inputs.len() as u64, MAX_LAYERS)?;
        let body = reader.data(items, id)?;
        let no_overlay = || Reject::malformed(items.format, "an overlay that makes no sense");
        let (size, background, places) = descriptor(&body, inputs.len()).ok_or_else(no_overlay)?;
        let pictures = inputs.iter().map(|&input| Ok(Picture::of_item(items, input, reader)?.0));
        let pictures = pictures.collect::<Result<Vec<_>, Reject>>()?;
        // What is said of colors, and how long decoding may take, depend on the coding.
        if pictures.windows(2).any(|two| two[0].coding != two[1].coding) {
            return Err(Reject::Unsupported { what: "a HEIF overlay of AV1 and HEVC pictures" });
        }
        let transforms = Transforms::none(size);
        let transforms =
            chain.iter().rev().fold(transforms, |all, &id| all.then(items.properties(id)));
        let Transforms { aperture, orientation, is_oriented, .. } = transforms;
        let layers = places.into_iter().zip(pictures).collect();
        let overlay = Self { size, background, layers, aperture, orientation, is_oriented };
        Ok((overlay, said_of_chain(items, &chain)))
    }

    /// Of the pixels that become of it.
    pub(crate) fn layout(&self) -> Layout {
        if self.background.0[3] < 255 { Layout::Rgba } else { Layout::Rgb }
    }

    /// The canvas, once more where it is cropped, and a layer with what turns it.
    pub(super) fn decoder_bytes(&self) -> u64 {
        let layer_bytes = |picture: &Picture<'_>| {
            let pixels = picture.color.size.pixels();
            picture.decoder_bytes(picture.layout()).saturating_add(pixels.saturating_mul(3 * 4))
        };
        let layer_bytes = self.layers.iter().map(|(_, picture)| layer_bytes(picture)).max();
        let canvas_bytes = self.size.pixels().saturating_mul(2 * 4);
        canvas_bytes.saturating_add(layer_bytes.unwrap_or(0))
    }
}

/// The size and the background of the canvas, and the places of so many layers.
fn descriptor(body: &[u8], count: usize) -> Option<(Size, Rgba, Vec<[i32; 2]>)> {
    let mut numbers = Numbers(body);
    let flags = numbers.next(2)?;
    let bytes = if flags & 1 == 1 { 4 } else { 2 };
    let mut background = [0; 4];
    for channel in &mut background {
        *channel = (numbers.next(2)? >> 8) as u8;
    }
    let size = Size::new(numbers.next(bytes)? as u32, numbers.next(bytes)? as u32)?;
    let mut place = || {
        let number = numbers.next(bytes)?;
        Some(if bytes == 4 { number as u32 as i32 } else { i32::from(number as u16 as i16) })
    };
    let places = (0..count).map(|_| Some([place()?, place()?])).collect::<Option<_>>()?;
    Some((size, Rgba(background), places))
}
