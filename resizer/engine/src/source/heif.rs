//! The boxes of a HEIF file, AVIF or HEIC: the primary picture, its alpha, its tiles, how it is
//! turned and what its colors are. The coded pictures stay as they are.
//! Source: ISO/IEC 23008-12 (HEIF), 6.5 and 6.6; AV1 Image File Format 1.1; ISO/IEC 23000-22.

mod boxes;
mod canon_raw;
mod coded;
mod coding;
mod colors;
mod gain_map;
#[cfg_attr(not(feature = "heic"), path = "heif/no_hevc.rs")]
mod hevc;
mod items;
mod mini;
mod obu;
mod overlay;
mod picture;
mod samples;
mod sequence;
mod tile_reader;
mod tracks;
mod transforms;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) use self::canon_raw::canon_raw;
pub(crate) use self::coded::Coded;
#[cfg(feature = "heic")]
pub(crate) use self::coded::Tile;
pub(crate) use self::coding::Coding;
use self::colors::ColorBoxes;
pub(crate) use self::colors::Matrix;
pub(crate) use self::gain_map::MapKind;
pub(crate) use self::hevc::Hevc;
#[cfg(feature = "heic")]
pub(crate) use self::hevc::reject as hevc_reject;
use self::items::{Flaw, Items};
pub(crate) use self::overlay::Overlay;
pub(crate) use self::picture::Picture;
use self::picture::alpha_track;
pub(crate) use self::samples::{Sample, Samples};
pub(crate) use self::sequence::Sequence;
use self::tile_reader::TileReader;
pub(crate) use self::tile_reader::no_data;
use self::tracks::tracks;
use super::{Cicp, Memory, Parsed, StoredPicture, profile_bytes};
use crate::color::ColorDescription;
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

/// Pixels of all coded frames of all tiles, for each 10 MB of the file that are begun. Without
/// assembly the AV1 decoder takes 70 ns for each, however few bytes say it.
const MAX_AV1_PIXELS: u64 = if cfg!(feature = "assembly") { 256 << 20 } else { 64 << 20 };
/// The HEVC decoder takes 31 to 43 ns for each, so that this is 8 to 12 seconds.
const MAX_HEVC_PIXELS: u64 = 256 << 20;
const TIMED_BYTES: u64 = 10_000_000;

/// Coded frames of one picture. Progressive files have up to four layers, others one frame.
const MAX_LAYERS: u64 = 8;

/// A file's pictures and what is said of them.
#[derive(Debug)]
pub(crate) struct Heif<'a> {
    pub(crate) content: Content<'a>,
    /// The animation whose first frame, or whose still picture, the content is.
    pub(crate) sequence: Option<Sequence<'a>>,
    pub(crate) icc: Option<&'a [u8]>,
    pub(crate) cicp: Option<Cicp>,
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    pub(crate) xmp: Option<Cow<'a, [u8]>>,
}

/// What a file shows.
#[derive(Debug)]
pub(crate) enum Content<'a> {
    Picture(Box<Picture<'a>>),
    Overlay(Overlay<'a>),
}

pub(super) fn parse(source: &[u8], format: ImageFormat) -> Result<Parsed<Heif<'_>>, Reject> {
    Ok(parsed(Heif::read(source, format)?))
}

/// The gain map of a file that was read; `None` where it has none.
///
/// # Errors
/// Those of any picture.
pub(super) fn gain_map<'a>(
    source: &'a [u8],
    format: ImageFormat,
    picture: &Heif<'_>,
) -> Option<Result<(Parsed<Heif<'a>>, MapKind<'a>), Reject>> {
    let (orientation, is_oriented) = match &picture.content {
        Content::Picture(one) => (one.orientation, one.is_oriented),
        Content::Overlay(_) => return None,
    };
    let read = gain_map::read(source, format, (!is_oriented).then_some(orientation))?;
    Some(read.map(|(heif, kind)| (parsed(heif), kind)))
}

fn parsed(heif: Heif<'_>) -> Parsed<Heif<'_>> {
    let (aperture, orientation, layout, decoder_bytes) = match &heif.content {
        Content::Picture(one) => {
            let layout = one.layout();
            (one.aperture, one.orientation, layout, one.decoder_bytes(layout))
        }
        Content::Overlay(one) => (one.aperture, one.orientation, one.layout(), one.decoder_bytes()),
    };
    let picture = StoredPicture { size: aperture.size, orientation, layout };
    let lasting_bytes = profile_bytes(heif.icc.map_or(0, <[u8]>::len)) + heif.owned_bytes();
    Parsed { picture, memory: Memory { decoder_bytes, lasting_bytes }, container: heif }
}

/// Frames that later ones may refer to. Source: AV1, 7.20.
const REFERENCES: u64 = 8;

/// Whether the first brand is that of an AVIF that moves. Other files may have a sequence beside
/// their picture, as some telephones write it, and show the picture.
fn is_sequence(source: &[u8]) -> bool {
    source.get(8..12) == Some(b"avis")
}

/// Tables and contexts of AV1, whatever the picture.
const AV1_BYTES: u64 = 8 << 20;

impl<'a> Heif<'a> {
    /// Reads the boxes.
    ///
    /// # Errors
    /// `Malformed` where boxes that there must be are missing or truncated; `Unsupported` for files
    /// without a still picture and for items that must not be shown without knowing more.
    fn read(source: &'a [u8], format: ImageFormat) -> Result<Self, Reject> {
        let items = match Items::read(source, format) {
            Err(Flaw::Missing) => None,
            items => Some(items.map_err(|flaw| flaw.reject(format))?),
        };
        let mut reader = TileReader::new(source, format);
        let heif = match (items, mini::read(source, &mut reader)?) {
            (Some(items), _) => Self::of_items(&items, &mut reader)?,
            (None, Some(heif)) => heif,
            (None, None) if tracks(source).next().is_some() => {
                let (picture, said) = Picture::of_tracks(source, &mut reader)?;
                Self::new(Content::Picture(Box::new(picture)), said)
            }
            _ => return Err(Flaw::Missing.reject(format)),
        };
        let mut heif = heif.with_alpha_track(source, &mut reader)?;
        heif.admit(source)?;
        if let Content::Picture(picture) = &heif.content
            && is_sequence(source)
        {
            heif.sequence = Sequence::read(source, picture, &mut reader)?;
        }
        Ok(heif)
    }

    fn of_items(items: &Items<'a>, reader: &mut TileReader) -> Result<Self, Reject> {
        let id = items.primary;
        let mut heif = if Overlay::is_at(items, id) {
            let (overlay, said) = Overlay::of_item(items, id, reader)?;
            Self::new(Content::Overlay(overlay), said)
        } else {
            let (picture, said) = Picture::of_item(items, id, reader)?;
            Self::new(Content::Picture(Box::new(picture)), said)
        };
        (heif.exif, heif.xmp) = (items.exif(id), items.xmp(id));
        // Some phones turn a HEIC by EXIF alone. The boxes of an AVIF always count.
        if let (Coding::Hevc, Some(exif)) = (heif.coding(), &heif.exif) {
            let (orientation, is_oriented) = match &mut heif.content {
                Content::Picture(one) => (&mut one.orientation, one.is_oriented),
                Content::Overlay(one) => (&mut one.orientation, one.is_oriented),
            };
            if !is_oriented {
                *orientation = Orientation::from_exif(exif);
            }
        }
        Ok(heif)
    }

    fn new(content: Content<'a>, said: ColorBoxes<'a>) -> Self {
        let (exif, xmp) = (None, None);
        let heif = Self { content, sequence: None, icc: said.icc, cicp: None, exif, xmp };
        let first_tile = heif.pictures().next().and_then(|picture| picture.color.tiles.first());
        let hevc = first_tile.and_then(|tile| tile.hevc.as_deref());
        let cicp = said.cicp.or(hevc.and_then(|hevc| hevc.colors().1));
        Self { cicp, ..heif }
    }

    /// The alpha of a sequence's first picture may be in a track alone.
    fn with_alpha_track(
        mut self,
        source: &'a [u8],
        reader: &mut TileReader,
    ) -> Result<Self, Reject> {
        if let Content::Picture(picture) = &mut self.content
            && picture.alpha.is_none()
            && let Some((alpha, is_premultiplied)) = alpha_track(source, reader)?
        {
            picture.set_alpha(alpha, reader.format)?;
            picture.is_premultiplied = is_premultiplied;
        }
        Ok(self)
    }

    /// # Errors
    /// `TooLarge` where few bytes would keep the decoder busy for long.
    fn admit(&self, source: &[u8]) -> Result<(), Reject> {
        let coded_pixels = self.coded().map(Coded::coded_pixels);
        let coded_pixels = coded_pixels.fold(0, u64::saturating_add);
        let begun = (source.len() as u64).div_ceil(TIMED_BYTES);
        let most = match self.coding() {
            Coding::Av1 => MAX_AV1_PIXELS,
            Coding::Hevc => MAX_HEVC_PIXELS,
        };
        within(Quantity::CodedPixels, coded_pixels, most.saturating_mul(begun))
    }

    /// All pictures that are shown.
    fn pictures(&self) -> impl Iterator<Item = &Picture<'a>> {
        let (one, layers) = match &self.content {
            Content::Picture(picture) => (Some(&**picture), &[][..]),
            Content::Overlay(overlay) => (None, &overlay.layers[..]),
        };
        one.into_iter().chain(layers.iter().map(|(_, picture)| picture))
    }

    /// Whether the file ends before the last tile.
    pub(crate) fn is_truncated(&self) -> bool {
        self.coded().flat_map(|coded| &coded.tiles).any(|tile| tile.data.is_empty())
    }

    fn coded(&self) -> impl Iterator<Item = &Coded<'a>> {
        self.pictures().flat_map(Picture::coded)
    }

    /// Of the first picture.
    fn coding(&self) -> Coding {
        self.pictures().next().map_or(Coding::Av1, |picture| picture.coding)
    }

    /// By how its pictures are coded, whatever its first bytes say.
    pub(super) fn format(&self) -> ImageFormat {
        match self.coding() {
            #[cfg(feature = "heic")]
            Coding::Hevc => ImageFormat::Heic,
            _ => ImageFormat::Avif,
        }
    }

    /// A profile counts more than code points. Where neither says anything of colors, they are
    /// sRGB, or what the coded picture says.
    pub(super) fn color_descriptions(&self) -> Vec<ColorDescription> {
        let icc = self.icc.map(|icc| ColorDescription::Icc(icc.to_vec()));
        let code_points = self.cicp.and_then(|cicp| match self.coding() {
            Coding::Av1 => colors::of_av1(cicp),
            Coding::Hevc => colors::of_hevc(cicp),
        });
        [icc, code_points].into_iter().flatten().collect()
    }

    /// What decoding the animation takes: the planes of the frames that others refer to, of the one
    /// that is decoded, and of the filters behind it, for colors and alpha; and its pixels.
    pub(super) fn sequence_bytes(&self) -> u64 {
        let (Some(sequence), Content::Picture(picture)) = (&self.sequence, &self.content) else {
            return 0;
        };
        let decoders = 1 + u64::from(sequence.alpha.is_some());
        let sample_bytes = if picture.is_deep { 2 } else { 1 };
        let plane_bytes = picture.color.size.pixels().saturating_mul(3 * sample_bytes);
        let decoder_bytes = plane_bytes.saturating_mul(REFERENCES + 4).saturating_add(AV1_BYTES);
        let pixels_bytes = picture.color.size.pixels().saturating_mul(4);
        decoders.saturating_mul(decoder_bytes).saturating_add(pixels_bytes)
    }

    /// What lies in pieces in the file and was put together, and the configurations.
    fn owned_bytes(&self) -> u64 {
        let is_owned = |data: &Cow<'_, [u8]>| matches!(data, Cow::Owned(_));
        let tiles = || self.coded().flat_map(|coded| &coded.tiles);
        let owned_tiles = tiles().filter(|tile| is_owned(&tile.data));
        let coded_bytes: u64 = owned_tiles.map(|tile| tile.data.len() as u64).sum();
        let configurations = tiles().filter_map(|tile| tile.hevc.as_ref());
        let configurations: HashMap<_, _> =
            configurations.map(|hevc| (Arc::as_ptr(hevc), hevc.owned_bytes())).collect();
        let metadata = [&self.exif, &self.xmp].into_iter().flatten();
        let metadata = metadata.filter(|data| is_owned(data)).map(|data| data.len() as u64);
        coded_bytes + configurations.values().sum::<u64>() + metadata.sum::<u64>()
    }
}

impl Picture<'_> {
    fn decoder_bytes(&self, layout: Layout) -> u64 {
        match self.coding {
            Coding::Av1 => self.av1_bytes(layout),
            Coding::Hevc => self.hevc_bytes(),
        }
    }

    /// The whole raster, once more where it is cropped, and one tile at a time: its planes, those
    /// of the filters behind them, what is known of blocks, and its data.
    fn av1_bytes(&self, layout: Layout) -> u64 {
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
        AV1_BYTES.saturating_add(raster_bytes).saturating_add(tile_bytes)
    }

    /// A row of tiles as pixels, and those tiles of it that are decoded at a time.
    fn hevc_bytes(&self) -> u64 {
        let bytes = |coded: &Coded<'_>, channels: u64| {
            let hevc = coded.tiles.iter().filter_map(|tile| tile.hevc.as_deref());
            let picture_bytes = hevc.map(Hevc::decoder_bytes).max().unwrap_or(0);
            let tile_bytes = picture_bytes + 4 * coded.longest_bytes();
            let columns = u64::from(coded.columns);
            let row_bytes = coded.tile_size.pixels().saturating_mul(channels * columns);
            [row_bytes, tile_bytes.saturating_mul(columns.min(TILES_AT_A_TIME as u64))]
        };
        let [color_bytes, color_tiles] = bytes(&self.color, if self.is_gray { 1 } else { 3 });
        let [alpha_bytes, alpha_tiles] =
            self.alpha.as_ref().map_or([0; 2], |alpha| bytes(alpha, 1));
        // Both rows stay, but the tiles of one are decoded at a time.
        let rows_bytes = color_bytes.saturating_add(alpha_bytes);
        rows_bytes.saturating_add(color_tiles.max(alpha_tiles))
    }
}

/// Tiles of a row that are decoded beside each other, however many threads there are.
pub(crate) const TILES_AT_A_TIME: usize = 4;

fn within(quantity: Quantity, value: u64, limit: u64) -> Result<(), Reject> {
    if value > limit { Err(Reject::TooLarge { quantity, value, limit }) } else { Ok(()) }
}
