//! Source bytes in, [`Source`] out: one walk over the container, after which nothing walks it
//! again. No pixels are decoded; metadata and pixel data stay slices of the file. One reader per
//! format in `source/`.

mod bmp;
mod facts;
mod gif;
mod heif;
mod jpeg;
#[cfg(feature = "jxl")]
mod jxl;
mod png;
mod raw;
mod tiff;
mod webp;

pub(crate) use self::bmp::{Bmp, BmpPixels};
pub(crate) use self::facts::Cicp;
pub use self::facts::Facts;
pub(crate) use self::gif::{Gif, GifBlocks, GifFrame};
pub(crate) use self::heif::{
    Coded as HeifCoded, Content as HeifContent, Heif, MapKind as HeifMapKind, Matrix as HeifMatrix,
    Overlay as HeifOverlay, Picture as HeifPicture, Sample as HeifSample, Samples as HeifSamples,
    Sequence as HeifSequence, no_data as no_heif_data,
};
#[cfg(feature = "heic")]
pub(crate) use self::heif::{
    Coding as HeifCoding, Hevc, TILES_AT_A_TIME as HEIF_TILES_AT_A_TIME, Tile as HeifTile,
    hevc_reject,
};
pub(crate) use self::jpeg::{Jpeg, reject as jpeg_reject};
#[cfg(feature = "jxl")]
pub(crate) use self::jxl::{Jxl, THREADS as JXL_THREADS, open as open_jxl, reject as jxl_reject};
pub(crate) use self::png::{Png, checksum as png_checksum};
use self::raw::{CAMERA_RAW, Previews, Said};
pub(crate) use self::tiff::{
    Tiff, TiffColor, TiffCompression, TiffFax, TiffSamples, TiffValues, TiffYCbCr,
};
pub(crate) use self::webp::Webp;
use crate::error::Reject;
use crate::exif;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::{Layout, Size};

/// A source whose container was read: what it says of itself, and where its pixels lie.
///
/// Borrows from the file; only what lies there in pieces was put together.
#[derive(Debug)]
pub struct Source<'a> {
    /// Those of the picture: of a camera RAW file the JPEG in it.
    bytes: &'a [u8],
    /// Of the whole file.
    length_bytes: u64,
    /// Of a camera RAW file its name, and what it says of the JPEG in it.
    raw: Option<(&'static str, Said<'a>)>,
    picture: StoredPicture,
    memory: Memory,
    container: Container<'a>,
}

/// The picture as the decoder will deliver it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredPicture {
    /// Not yet upright; of the canvas where there are frames.
    pub(crate) size: Size,
    /// How the stored pixels are turned upright.
    pub(crate) orientation: Orientation,
    /// Of the rows that decoding delivers.
    pub(crate) layout: Layout,
}

/// Predicted memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The decoder's buffers, and all pixels where it delivers no rows.
    pub(crate) decoder_bytes: u64,
    /// From here to the last file: the color profile with what follows from it, and what parsing
    /// put together.
    pub(crate) lasting_bytes: u64,
}

/// What only one format has.
#[derive(Debug)]
pub(crate) enum Container<'a> {
    Jpeg(Jpeg<'a>),
    Png(Png<'a>),
    Webp(Webp<'a>),
    Gif(Gif<'a>),
    /// AVIF and HEIC.
    Heif(Box<Heif<'a>>),
    Bmp(Bmp<'a>),
    Tiff(Tiff<'a>),
    #[cfg(feature = "jxl")]
    Jxl(Box<Jxl<'a>>),
}

/// What a reader of one format returns.
struct Parsed<T> {
    picture: StoredPicture,
    memory: Memory,
    container: T,
}

impl<'a> Source<'a> {
    /// Recognizes the format by its first bytes and walks over the container, once. A camera RAW
    /// file becomes the largest JPEG in it, which [`Job::prepare`](crate::Job::prepare) takes where
    /// it is asked for.
    ///
    /// # Errors
    /// `NotAnImage` and `Unsupported` by the first bytes; `Unsupported` for a coding process that
    /// is not decoded here; `Malformed` when the container is cut short, contradicts itself or has
    /// a side of zero; `TooLarge` for a container that would cost more than any picture needs.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Reject> {
        match Self::of_picture(bytes) {
            Err(Reject::Unsupported { what }) if what.starts_with(CAMERA_RAW) => {
                Self::of_raw(bytes, what).ok_or(Reject::Unsupported { what })
            }
            parsed => parsed,
        }
    }

    /// The largest JPEG in a file that is no picture itself.
    fn of_raw(bytes: &'a [u8], what: &'static str) -> Option<Self> {
        let Previews { jpegs, said } = Previews::find(bytes);
        let jpegs = jpegs.into_iter().filter_map(|jpeg| {
            let source = Self::new(jpeg, jpeg::parse(jpeg).ok()?, Container::Jpeg);
            Some(Self { length_bytes: bytes.len() as u64, raw: Some((what, said)), ..source })
        });
        let mut largest = jpegs.max_by_key(|source| source.picture.size.pixels())?;
        if largest.exif().and_then(exif::orientation).is_none() {
            largest.picture.orientation = said.orientation.unwrap_or(Orientation::UPRIGHT);
        }
        Some(largest)
    }

    fn of_picture(bytes: &'a [u8]) -> Result<Self, Reject> {
        match ImageFormat::sniff(bytes)? {
            ImageFormat::Jpeg => Ok(Self::new(bytes, jpeg::parse(bytes)?, Container::Jpeg)),
            ImageFormat::Png => Ok(Self::new(bytes, png::parse(bytes)?, Container::Png)),
            ImageFormat::Webp => Ok(Self::new(bytes, webp::parse(bytes)?, Container::Webp)),
            ImageFormat::Gif => Ok(Self::new(bytes, gif::parse(bytes)?, Container::Gif)),
            format @ ImageFormat::Avif => Self::of_heif(bytes, format),
            #[cfg(feature = "heic")]
            format @ ImageFormat::Heic => Self::of_heif(bytes, format),
            ImageFormat::Bmp => Ok(Self::new(bytes, bmp::parse(bytes)?, Container::Bmp)),
            ImageFormat::Tiff => Ok(Self::new(bytes, tiff::parse(bytes)?, Container::Tiff)),
            #[cfg(feature = "jxl")]
            ImageFormat::Jxl => {
                Ok(Self::new(bytes, jxl::parse(bytes)?, |jxl| Container::Jxl(Box::new(jxl))))
            }
        }
    }

    fn of_heif(bytes: &'a [u8], format: ImageFormat) -> Result<Self, Reject> {
        let parsed = heif::parse(bytes, format)?;
        Ok(Self::new(bytes, parsed, |heif| Container::Heif(Box::new(heif))))
    }

    /// The gain map of an AVIF or HEIC, as a source of its own, and what describes it; `None` where
    /// there is none.
    ///
    /// # Errors
    /// Those of [`Source::parse`].
    pub(crate) fn heif_gain_map(&self) -> Option<Result<(Self, HeifMapKind<'a>), Reject>> {
        let Container::Heif(picture) = &self.container else { return None };
        let read = heif::gain_map(self.bytes, self.format(), picture)?;
        let source = |parsed| Self::new(self.bytes, parsed, |map| Container::Heif(Box::new(map)));
        Some(read.map(|(parsed, kind)| (source(parsed), kind)))
    }

    /// The same source, turned in another way.
    pub(crate) fn oriented(mut self, orientation: Orientation) -> Self {
        self.picture.orientation = orientation;
        self
    }

    fn new<T>(bytes: &'a [u8], parsed: Parsed<T>, of: impl Fn(T) -> Container<'a>) -> Self {
        let Parsed { picture, memory, container } = parsed;
        let length_bytes = bytes.len() as u64;
        Self { bytes, length_bytes, raw: None, picture, memory, container: of(container) }
    }

    /// Of the whole file.
    pub(crate) fn length_bytes(&self) -> u64 {
        self.length_bytes
    }

    /// The name of a camera RAW file, of which this is the largest JPEG.
    pub(crate) fn raw(&self) -> Option<&'static str> {
        self.raw.map(|(name, _)| name)
    }

    /// The picture's.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn picture(&self) -> StoredPicture {
        self.picture
    }

    pub(crate) fn memory(&self) -> Memory {
        self.memory
    }

    pub(crate) fn container(&self) -> &Container<'a> {
        &self.container
    }
}

/// Curves of 16-bit samples on their way to sRGB, where they are converted before they are rounded.
const DEEP_TABLE_BYTES: u64 = 2 << 20;

/// What a transform from CMYK takes, however short its profile: 17 steps of each channel.
const CMYK_TABLE_BYTES: u64 = 2 << 20;

/// What a profile of this length takes: copies of it, its tables as numbers, and the transform.
/// Measured with a CMYK profile of 557 kB, which takes nine times that.
fn profile_bytes(length_bytes: usize) -> u64 {
    (length_bytes as u64).saturating_mul(10)
}

fn nonzero_size(format: ImageFormat, width: u32, height: u32) -> Result<Size, Reject> {
    Size::new(width, height)
        .ok_or_else(|| Reject::malformed(format, format_args!("it is {width}x{height} pixels")))
}
