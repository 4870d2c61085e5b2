//! The boxes of an AVIF: the primary picture, its alpha, its tiles, how it is turned and what its
//! colours are. The coded pictures stay as they are.
//! Source: AV1 Image File Format 1.1; ISO/IEC 23008-12 (HEIF), 6.5 and 6.6; ISO/IEC 23000-22.

mod aperture;
mod boxes;
mod coded;
mod items;
mod obu;
mod tracks;

use std::borrow::Cow;

use self::aperture::aperture;
use self::boxes::{Box, boxes};
pub(crate) use self::coded::Coded;
use self::coded::{alpha_of, alphas_of_tiles, coded, coded_of_track};
use self::items::{Flaw, Items};
use self::tracks::tracks;
use super::{Detail, Header, colour_bytes, nonzero_size};
use crate::color::ColorDescription;
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::{Layout, Rect};

/// What all tiles may take together: as much as the file twice, because equal tiles may share their
/// bytes, and this for small files.
const SHARED_BYTES: u64 = 1 << 20;

/// Pixels of all coded frames of all tiles, for each 10 MB of the file that are begun. Without
/// assembly the decoder takes 70 ns for each, however few bytes say it.
const MAX_CODED_PIXELS: u64 = if cfg!(feature = "assembly") { 256 << 20 } else { 64 << 20 };
const TIMED_BYTES: u64 = 10_000_000;

/// How three planes become colours; code points of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Matrix {
    pub(crate) coefficients: u8,
    pub(crate) full_range: bool,
}

/// An AVIF's pictures and what is said of them.
#[derive(Debug)]
pub(crate) struct Pictures<'a> {
    pub(crate) colour: Coded<'a>,
    pub(crate) alpha: Option<Coded<'a>>,
    /// The part of both that is to be seen, before it is turned.
    pub(crate) aperture: Rect,
    /// Whether the colours are multiplied with their alpha.
    pub(crate) premultiplied: bool,
    /// What the file says; without it the coded picture does.
    pub(crate) matrix: Option<Matrix>,
    /// The first word counts most.
    pub(crate) colours: Vec<ColorDescription>,
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    pub(crate) xmp: Option<Cow<'a, [u8]>>,
    monochrome: bool,
    deep: bool,
    orientation: Orientation,
}

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let pictures = Pictures::read(source)?;
    let (size, coded_size) = (pictures.aperture.size, pictures.colour.size);
    let layout = match (pictures.monochrome, pictures.alpha.is_some()) {
        (true, false) => Layout::Gray,
        (true, true) => Layout::GrayAlpha,
        (false, false) => Layout::Rgb,
        (false, true) => Layout::Rgba,
    };
    let cropped_pixels = if size == coded_size { 0 } else { size.pixels() };
    let pixels = coded_size.pixels().saturating_add(cropped_pixels);
    let raster_bytes = pixels.saturating_mul(layout.channels() as u64);
    let profile_bytes = pictures.colours.iter().map(|words| match words {
        ColorDescription::Icc(icc) => icc.len(),
        _ => 0,
    });
    let profile_bytes = profile_bytes.sum();
    let sample_bytes = if pictures.deep { 2 } else { 1 };
    // One tile at a time: its planes, those of the filters behind them, what is known of blocks,
    // and its data.
    let tile_bytes = |coded: &Coded<'_>| {
        let pixel_bytes = sample_bytes * 6 + 4;
        coded.tile_size.pixels().saturating_mul(pixel_bytes).saturating_add(coded.longest_bytes())
    };
    let parts = || [Some(&pictures.colour), pictures.alpha.as_ref()].into_iter().flatten();
    let tile_bytes = parts().map(tile_bytes).max().unwrap_or(0);
    // What lies in pieces in the file was put together.
    let is_owned = |data: &Cow<'_, [u8]>| matches!(data, Cow::Owned(_));
    let owned_bytes: u64 = parts().map(|coded| coded.bytes(is_owned)).sum();
    let told = [&pictures.exif, &pictures.xmp].into_iter().flatten().filter(|data| is_owned(data));
    let owned_bytes = owned_bytes + told.map(|data| data.len() as u64).sum::<u64>();
    Ok(Header {
        format: ImageFormat::Avif,
        size,
        orientation: pictures.orientation,
        layout,
        chroma: None,
        scans: 1,
        frames: 1,
        plays: 1,
        decode_bytes: (DECODER_BYTES + owned_bytes)
            .saturating_add(raster_bytes)
            .saturating_add(tile_bytes),
        colour_bytes: colour_bytes(profile_bytes),
        detail: Detail::Avif,
    })
}

/// Tables and contexts, whatever the picture.
const DECODER_BYTES: u64 = 8 << 20;

impl<'a> Pictures<'a> {
    /// Reads the boxes.
    ///
    /// # Errors
    /// `Malformed` where boxes that there must be are missing or cut; `Unsupported` for files
    /// without a still picture and for items that must not be shown without knowing more.
    pub(crate) fn read(source: &'a [u8]) -> Result<Self, Reject> {
        let items = match Items::read(source) {
            Err(Flaw::Missing) if tracks(source).next().is_some() => {
                return Self::of_tracks(source);
            }
            items => items?,
        };
        let id = items.primary;
        let colour = coded(&items, id)?;
        let alpha_id = alpha_of(&items, id);
        let mut alpha = match alpha_id {
            Some(alpha) => Some(coded(&items, alpha)?),
            None => alphas_of_tiles(&items, id, &colour)?,
        };
        let mut premultiplied = alpha_id.is_some_and(|alpha| items.targets(b"prem", id) == [alpha]);
        if alpha.is_none() {
            // That of a sequence is its first one, whose alpha may be in a track alone.
            (alpha, premultiplied) = alpha_track(source, &colour)?;
        }
        if alpha.as_ref().is_some_and(|alpha| alpha.size != colour.size) {
            return Err(malformed("the alpha has another size than the picture"));
        }
        let parts = [Some(&colour), alpha.as_ref()].into_iter().flatten();
        let coded_bytes = parts.map(|coded| coded.bytes(|_| true)).sum();
        within(Quantity::TileBytes, coded_bytes, 2 * source.len() as u64 + SHARED_BYTES)?;
        let parts = [Some(&colour), alpha.as_ref()].into_iter().flatten();
        let coded_pixels = parts.map(Coded::coded_pixels).fold(0, u64::saturating_add);
        let begun = (source.len() as u64).div_ceil(TIMED_BYTES);
        within(Quantity::CodedPixels, coded_pixels, MAX_CODED_PIXELS.saturating_mul(begun))?;
        let (matrix, colours) = colours(items.properties(id));
        let first_tile = items.targets(b"dimg", id).first().copied().unwrap_or(id);
        let coding = items.property(first_tile, b"av1C").and_then(|body| body.get(2).copied());
        let coding = coding.unwrap_or(0);
        let aperture = aperture(items.properties(id), colour.size);
        Ok(Self {
            colour,
            alpha,
            aperture,
            premultiplied,
            matrix,
            colours,
            exif: items.exif(id),
            xmp: items.xmp(id),
            monochrome: coding & 0x10 != 0,
            deep: coding & 0x40 != 0,
            orientation: orientation(items.properties(id)),
        })
    }

    /// The first picture of a sequence that has no still one.
    fn of_tracks(source: &'a [u8]) -> Result<Self, Reject> {
        let color = tracks(source).find(|track| !track.is_alpha);
        let color = color.ok_or_else(|| malformed("a sequence without pictures"))?;
        let (matrix, colours) = colours(boxes(color.properties));
        let av1c = boxes(color.properties).find(|one| one.name == *b"av1C");
        let coding = av1c.and_then(|one| one.body.get(2).copied()).unwrap_or(0);
        let colour = coded_of_track(&color)?;
        let (alpha, premultiplied) = alpha_track(source, &colour)?;
        Ok(Self {
            aperture: aperture(boxes(color.properties), colour.size),
            colour,
            alpha,
            premultiplied,
            matrix,
            colours,
            exif: None,
            xmp: None,
            monochrome: coding & 0x10 != 0,
            deep: coding & 0x40 != 0,
            orientation: orientation(boxes(color.properties)),
        })
    }
}

/// The first picture of a sequence's alpha, if it fits, and whether colors are multiplied with it.
fn alpha_track<'a>(
    source: &'a [u8],
    colour: &Coded<'_>,
) -> Result<(Option<Coded<'a>>, bool), Reject> {
    let Some(track) = tracks(source).find(|track| track.is_alpha) else { return Ok((None, false)) };
    let alpha = coded_of_track(&track)?;
    if alpha.size != colour.size {
        return Err(malformed("the alpha has another size than the picture"));
    }
    let premultiplied = tracks(source).any(|track| track.is_premultiplied);
    Ok((Some(alpha), premultiplied))
}

fn within(quantity: Quantity, value: u64, limit: u64) -> Result<(), Reject> {
    if value > limit { Err(Reject::TooLarge { quantity, value, limit }) } else { Ok(()) }
}

/// A profile counts more than code points. Where neither says anything of colours, they are sRGB.
fn colours<'a>(
    properties: impl Iterator<Item = Box<'a>>,
) -> (Option<Matrix>, Vec<ColorDescription>) {
    let (mut matrix, mut profile, mut code_points) = (None, None, None);
    for colr in properties.filter(|one| one.name == *b"colr") {
        match colr.body.split_first_chunk::<4>() {
            Some((b"nclx", &[_, primaries, _, transfer, _, coefficients, range, ..])) => {
                matrix = Some(Matrix { coefficients, full_range: range & 0x80 != 0 });
                code_points = match (primaries, transfer) {
                    (1 | 2, 2 | 13) => Some(ColorDescription::Srgb),
                    (2, 16 | 18) => Some(ColorDescription::CodePoints { primaries: 9, transfer }),
                    (2, _) => None,
                    (primaries, 2) => {
                        Some(ColorDescription::CodePoints { primaries, transfer: 13 })
                    }
                    (primaries, transfer) => {
                        Some(ColorDescription::CodePoints { primaries, transfer })
                    }
                };
            }
            Some((b"prof" | b"rICC", icc)) => profile = Some(ColorDescription::Icc(icc.to_vec())),
            _ => {}
        }
    }
    (matrix, [profile, code_points].into_iter().flatten().collect())
}

/// The turn and the mirroring, in the order that MIAF prescribes for them. EXIF's word is for other
/// formats.
fn orientation<'a>(properties: impl Iterator<Item = Box<'a>>) -> Orientation {
    let (mut quarters, mut mirror) = (0, None);
    for one in properties {
        match (&one.name, one.body) {
            // Against the clock.
            (b"irot", &[angle, ..]) => quarters = angle & 3,
            // 0 exchanges top and bottom, 1 left and right.
            (b"imir", &[axis, ..]) => mirror = Some(axis & 1),
            _ => {}
        }
    }
    Orientation::from_exif_value(match (quarters, mirror) {
        (0, None) => 1,
        (0, Some(1)) | (2, Some(0)) => 2,
        (2, None) => 3,
        (0, Some(_)) | (2, Some(_)) => 4,
        (1, Some(0)) | (3, Some(1)) => 5,
        (3, None) => 6,
        (1, Some(_)) | (3, Some(_)) => 7,
        _ => 8,
    })
}

fn malformed(detail: &str) -> Reject {
    Reject::malformed(ImageFormat::Avif, detail)
}
