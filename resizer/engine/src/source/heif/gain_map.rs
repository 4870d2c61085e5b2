//! The gain map of an AVIF or HEIC: the second input of a tone-mapped picture, or Apple's auxiliary
//! one. Source: ISO/IEC 23008-12, 6.6.2.4; Apple, Applying Apple HDR effect to your photos.

use std::borrow::Cow;

use super::items::Items;
use super::picture::{Picture, chain};
use super::tile_reader::TileReader;
use super::{Content, Heif};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;

const APPLE: &[u8] = b"urn:com:apple:photo:2020:aux:hdrgainmap";

/// What describes the samples of a map.
#[derive(Debug)]
pub(crate) enum MapKind<'a> {
    /// The body of the item that both pictures make.
    ToneMap(Cow<'a, [u8]>),
    /// Apple's, with the map's XMP.
    Apple(Option<Cow<'a, [u8]>>),
}

/// The map of the primary picture, as a file of its own would have it. `None` where there is none.
/// `orientation` is the picture's where EXIF turns it, and then turns the map as well.
///
/// # Errors
/// Those of any picture; `Malformed` where the item that both make has no second input.
pub(super) fn read<'a>(
    source: &'a [u8],
    format: ImageFormat,
    orientation: Option<Orientation>,
) -> Option<Result<(Heif<'a>, MapKind<'a>), Reject>> {
    let items = Items::read(source, format).ok()?;
    let chain = chain(&items, items.primary);
    let is_tone_map = |id: &u32| items.kind(*id) == Some(*b"tmap");
    let of_chain = chain.iter().copied().find(is_tone_map);
    let beside = || {
        chain.iter().find_map(|&id| {
            let is_base = |tone_map: &u32| items.targets(b"dimg", *tone_map).first() == Some(&id);
            items.sources(b"dimg", id).find(|one| is_tone_map(one) && is_base(one))
        })
    };
    let tone_map = of_chain.or_else(beside);
    let (map, kind) = match tone_map {
        Some(id) => {
            let map = items.targets(b"dimg", id).get(1).copied();
            let body = items.bytes(id).unwrap_or_default();
            (map, MapKind::ToneMap(body))
        }
        None => {
            let names_map = |&of: &u32| {
                let body = items.property(of, b"auxC").and_then(|body| body.get(4..));
                body.is_some_and(|name| name.starts_with(APPLE))
            };
            let map = chain.iter().find_map(|&id| items.sources(b"auxl", id).find(names_map))?;
            (Some(map), MapKind::Apple(items.xmp(map)))
        }
    };
    Some(picture(&items, source, map, orientation).map(|heif| (heif, kind)))
}

fn picture<'a>(
    items: &Items<'a>,
    source: &'a [u8],
    map: Option<u32>,
    orientation: Option<Orientation>,
) -> Result<Heif<'a>, Reject> {
    let missing = || Reject::malformed(items.format, "a tone-mapped picture without a gain map");
    let mut reader = TileReader::new(source, items.format);
    let (mut picture, said) = Picture::of_item(items, map.ok_or_else(missing)?, &mut reader)?;
    if let (Some(orientation), false) = (orientation, picture.is_oriented) {
        picture.orientation = orientation;
    }
    let heif = Heif::new(Content::Picture(Box::new(picture)), said);
    heif.admit(source)?;
    Ok(heif)
}
