//! The boxes of an AVIF: the primary picture, its alpha, its tiles, how it is turned and what its
//! colors are. The coded pictures stay as they are.
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
use super::{Cicp, Memory, Parsed, StoredPicture, nonzero_size, profile_bytes};
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

/// How three planes become colors; code points of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Matrix {
    pub(crate) coefficients: u8,
    pub(crate) full_range: bool,
}

/// An AVIF's pictures and what is said of them.
#[derive(Debug)]
pub(crate) struct Avif<'a> {
    pub(crate) color: Coded<'a>,
    pub(crate) alpha: Option<Coded<'a>>,
    /// The part of both that is to be seen, before it is turned.
    pub(crate) aperture: Rect,
    /// Whether the colors are multiplied with their alpha.
    pub(crate) is_premultiplied: bool,
    /// What the file says; without it the coded picture does.
    pub(crate) matrix: Option<Matrix>,
    pub(crate) icc: Option<&'a [u8]>,
    pub(crate) cicp: Option<Cicp>,
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    pub(crate) xmp: Option<Cow<'a, [u8]>>,
    is_monochrome: bool,
    is_deep: bool,
    orientation: Orientation,
}

/// What the color boxes of a picture say.
#[derive(Debug, Default, Clone, Copy)]
struct ColorBoxes<'a> {
    matrix: Option<Matrix>,
    icc: Option<&'a [u8]>,
    cicp: Option<Cicp>,
}

pub(super) fn parse(source: &[u8]) -> Result<Parsed<Avif<'_>>, Reject> {
    let avif = Avif::read(source)?;
    let layout = match (avif.is_monochrome, avif.alpha.is_some()) {
        (true, false) => Layout::Gray,
        (true, true) => Layout::GrayAlpha,
        (false, false) => Layout::Rgb,
        (false, true) => Layout::Rgba,
    };
    let picture = StoredPicture { size: avif.aperture.size, orientation: avif.orientation, layout };
    let memory = Memory {
        decoder_bytes: avif.decoder_bytes(layout),
        lasting_bytes: profile_bytes(avif.icc.map_or(0, <[u8]>::len)) + avif.owned_bytes(),
    };
    Ok(Parsed { picture, memory, container: avif })
}

/// Tables and contexts, whatever the picture.
const DECODER_BYTES: u64 = 8 << 20;

impl<'a> Avif<'a> {
    /// Reads the boxes.
    ///
    /// # Errors
    /// `Malformed` where boxes that there must be are missing or cut; `Unsupported` for files
    /// without a still picture and for items that must not be shown without knowing more.
    fn read(source: &'a [u8]) -> Result<Self, Reject> {
        let items = match Items::read(source) {
            Err(Flaw::Missing) if tracks(source).next().is_some() => {
                return Self::of_tracks(source);
            }
            items => items?,
        };
        let id = items.primary;
        let color = coded(&items, id)?;
        let alpha_id = alpha_of(&items, id);
        let mut alpha = match alpha_id {
            Some(alpha) => Some(coded(&items, alpha)?),
            None => alphas_of_tiles(&items, id, &color)?,
        };
        let mut is_premultiplied =
            alpha_id.is_some_and(|alpha| items.targets(b"prem", id) == [alpha]);
        if alpha.is_none() {
            // That of a sequence is its first one, whose alpha may be in a track alone.
            (alpha, is_premultiplied) = alpha_track(source, &color)?;
        }
        if alpha.as_ref().is_some_and(|alpha| alpha.size != color.size) {
            return Err(malformed("the alpha has another size than the picture"));
        }
        let parts = [Some(&color), alpha.as_ref()].into_iter().flatten();
        let coded_bytes = parts.map(|coded| coded.bytes(|_| true)).sum();
        within(Quantity::TileBytes, coded_bytes, 2 * source.len() as u64 + SHARED_BYTES)?;
        let parts = [Some(&color), alpha.as_ref()].into_iter().flatten();
        let coded_pixels = parts.map(Coded::coded_pixels).fold(0, u64::saturating_add);
        let begun = (source.len() as u64).div_ceil(TIMED_BYTES);
        within(Quantity::CodedPixels, coded_pixels, MAX_CODED_PIXELS.saturating_mul(begun))?;
        let ColorBoxes { matrix, icc, cicp } = ColorBoxes::of(items.properties(id));
        let first_tile = items.targets(b"dimg", id).first().copied().unwrap_or(id);
        let coding = items.property(first_tile, b"av1C").and_then(|body| body.get(2).copied());
        let coding = coding.unwrap_or(0);
        let aperture = aperture(items.properties(id), color.size);
        Ok(Self {
            color,
            alpha,
            aperture,
            is_premultiplied,
            matrix,
            icc,
            cicp,
            exif: items.exif(id),
            xmp: items.xmp(id),
            is_monochrome: coding & 0x10 != 0,
            is_deep: coding & 0x40 != 0,
            orientation: orientation(items.properties(id)),
        })
    }

    /// The first picture of a sequence that has no still one.
    fn of_tracks(source: &'a [u8]) -> Result<Self, Reject> {
        let track = tracks(source).find(|track| !track.is_alpha);
        let track = track.ok_or_else(|| malformed("a sequence without pictures"))?;
        let ColorBoxes { matrix, icc, cicp } = ColorBoxes::of(boxes(track.properties));
        let av1c = boxes(track.properties).find(|one| one.name == *b"av1C");
        let coding = av1c.and_then(|one| one.body.get(2).copied()).unwrap_or(0);
        let color = coded_of_track(&track)?;
        let (alpha, is_premultiplied) = alpha_track(source, &color)?;
        Ok(Self {
            aperture: aperture(boxes(track.properties), color.size),
            color,
            alpha,
            is_premultiplied,
            matrix,
            icc,
            cicp,
            exif: None,
            xmp: None,
            is_monochrome: coding & 0x10 != 0,
            is_deep: coding & 0x40 != 0,
            orientation: orientation(boxes(track.properties)),
        })
    }

    /// A profile counts more than code points. Where neither says anything of colors, they are
    /// sRGB, or what the coded picture says.
    pub(super) fn color_descriptions(&self) -> Vec<ColorDescription> {
        let icc = self.icc.map(|icc| ColorDescription::Icc(icc.to_vec()));
        let code_points = self.cicp.and_then(|cicp| match (cicp.primaries, cicp.transfer) {
            (1 | 2, 2 | 13) => Some(ColorDescription::Srgb),
            (2, transfer @ (16 | 18)) => {
                Some(ColorDescription::CodePoints { primaries: 9, transfer })
            }
            (2, _) => None,
            (primaries, 2) => Some(ColorDescription::CodePoints { primaries, transfer: 13 }),
            (primaries, transfer) => Some(ColorDescription::CodePoints { primaries, transfer }),
        });
        [icc, code_points].into_iter().flatten().collect()
    }

    /// The whole raster, once more where it is cropped, and one tile at a time: its planes, those
    /// of the filters behind them, what is known of blocks, and its data.
    fn decoder_bytes(&self, layout: Layout) -> u64 {
        let (size, coded_size) = (self.aperture.size, self.color.size);
        let cropped_pixels = if size == coded_size { 0 } else { size.pixels() };
        let pixels = coded_size.pixels().saturating_add(cropped_pixels);
        let raster_bytes = pixels.saturating_mul(layout.channels() as u64);
        let pixel_bytes = if self.is_deep { 2 } else { 1 } * 6 + 4;
        let tile_bytes = |coded: &Coded<'_>| {
            let planes_bytes = coded.tile_size.pixels().saturating_mul(pixel_bytes);
            planes_bytes.saturating_add(coded.longest_bytes())
        };
        let tile_bytes = self.coded().map(tile_bytes).max().unwrap_or(0);
        DECODER_BYTES.saturating_add(raster_bytes).saturating_add(tile_bytes)
    }

    /// What lies in pieces in the file and was put together.
    fn owned_bytes(&self) -> u64 {
        let is_owned = |data: &Cow<'_, [u8]>| matches!(data, Cow::Owned(_));
        let coded_bytes: u64 = self.coded().map(|coded| coded.bytes(is_owned)).sum();
        let metadata = [&self.exif, &self.xmp].into_iter().flatten();
        let metadata = metadata.filter(|data| is_owned(data)).map(|data| data.len() as u64);
        coded_bytes + metadata.sum::<u64>()
    }

    fn coded(&self) -> impl Iterator<Item = &Coded<'a>> {
        [Some(&self.color), self.alpha.as_ref()].into_iter().flatten()
    }
}

/// The first picture of a sequence's alpha, if it fits, and whether colors are multiplied with it.
fn alpha_track<'a>(
    source: &'a [u8],
    color: &Coded<'_>,
) -> Result<(Option<Coded<'a>>, bool), Reject> {
    let Some(track) = tracks(source).find(|track| track.is_alpha) else { return Ok((None, false)) };
    let alpha = coded_of_track(&track)?;
    if alpha.size != color.size {
        return Err(malformed("the alpha has another size than the picture"));
    }
    let is_premultiplied = tracks(source).any(|track| track.is_premultiplied);
    Ok((Some(alpha), is_premultiplied))
}

fn within(quantity: Quantity, value: u64, limit: u64) -> Result<(), Reject> {
    if value > limit { Err(Reject::TooLarge { quantity, value, limit }) } else { Ok(()) }
}

impl<'a> ColorBoxes<'a> {
    /// Of several boxes of a kind the last counts.
    fn of(properties: impl Iterator<Item = Box<'a>>) -> Self {
        let mut boxes = Self::default();
        for colr in properties.filter(|one| one.name == *b"colr") {
            match colr.body.split_first_chunk::<4>() {
                Some((b"nclx", &[_, primaries, _, transfer, _, coefficients, range, ..])) => {
                    boxes.matrix = Some(Matrix { coefficients, full_range: range & 0x80 != 0 });
                    boxes.cicp = Some(Cicp { primaries, transfer });
                }
                Some((b"prof" | b"rICC", icc)) => boxes.icc = Some(icc),
                _ => {}
            }
        }
        boxes
    }
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
