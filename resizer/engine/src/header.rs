//! Source bytes in, `Header` out: what the limits and the plan need to know. No pixels, and
//! nothing allocated but small values. One reader per format in `header/`.

mod avif;
mod bmp;
mod gif;
#[cfg(feature = "heic")]
mod heic;
mod jpeg;
#[cfg(feature = "jxl")]
mod jxl;
mod png;
mod tiff;
mod webp;

pub(crate) use self::avif::{Coded as AvifCoded, Matrix as AvifMatrix, Pictures as AvifPictures};
pub(crate) use self::bmp::{Bmp, BmpPixels};
pub(crate) use self::gif::{GifBlocks, GifFrame};
#[cfg(feature = "heic")]
pub(crate) use self::heic::reject as heic_reject;
pub(crate) use self::jpeg::reject as jpeg_reject;
#[cfg(feature = "jxl")]
pub(crate) use self::jxl::{open as open_jxl, reject as jxl_reject};
pub(crate) use self::png::{
    Chunk as PngChunk, MAX_PROFILE_BYTES, checksum as png_checksum, chunks as png_chunks,
    transparency as png_transparency,
};
pub(crate) use self::tiff::{
    TiffColor, TiffCompression, TiffFax, TiffPicture, TiffSamples, TiffValues, TiffYCbCr,
};
pub(crate) use self::webp::chunks as webp_chunks;
use crate::error::Reject;
use crate::format::ImageFormat;
#[cfg(any(feature = "heic", feature = "jxl"))]
use crate::guard::guarded;
use crate::orientation::Orientation;
use crate::raster::{Layout, Size};

/// What a file says of itself before its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// As recognised by the magic bytes.
    pub format: ImageFormat,
    /// Stored width and height in pixels; of the canvas where there are frames.
    pub size: Size,
    /// How to turn the stored pixels upright.
    pub orientation: Orientation,
    /// The layout that decoding delivers.
    pub layout: Layout,
    /// Of a JPEG whose planes are YCbCr in sRGB: how many pixels one sample of a colour difference
    /// covers, across and down. `None` where only pixels will do.
    pub chroma: Option<[u32; 2]>,
    /// Scans of a JPEG, 1 for all others.
    pub scans: u32,
    /// Frames of an animation, 1 for a still picture.
    pub frames: u32,
    /// How often an animation is played, 0 being for ever.
    pub plays: u32,
    /// Predicted memory of the decoder, in bytes: its buffers, and all pixels where it delivers no
    /// rows.
    pub decode_bytes: u64,
    /// Predicted memory of its profile and of what follows from it, in bytes.
    pub colour_bytes: u64,
    /// What only the decoder of that format reads.
    pub detail: Detail,
}

/// Which decoder, and facts for it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// JPEG: nothing more to know.
    Jpeg,
    /// WebP: whether it has an animation chunk.
    Webp {
        /// True where the first frame must be composed on the canvas.
        animated: bool,
    },
    /// PNG: how its rows are ordered.
    Png {
        /// True where coarse rows of the whole image come before fine ones.
        interlaced: bool,
    },
    /// GIF: how large a frame may be, which the canvas does not bound.
    Gif {
        /// Pixels of the largest one.
        largest_frame_pixels: u64,
    },
    /// AVIF: nothing more to know.
    Avif,
    /// BMP: nothing more to know.
    Bmp,
    /// JPEG XL: nothing more to know.
    #[cfg(feature = "jxl")]
    Jxl,
    /// TIFF: nothing more to know.
    Tiff,
    /// HEIC: nothing more to know.
    #[cfg(feature = "heic")]
    Heic,
}

impl Header {
    /// Reads the header of a source recognised as `format`.
    ///
    /// # Errors
    /// `Malformed` when the header is cut short, contradicts itself or has a zero side;
    /// `Unsupported` for a coding process that is not decoded here.
    pub fn read(format: ImageFormat, source: &[u8]) -> Result<Self, Reject> {
        match format {
            ImageFormat::Jpeg => jpeg::read(source),
            ImageFormat::Png => png::read(source),
            ImageFormat::Webp => webp::read(source),
            ImageFormat::Gif => gif::read(source),
            ImageFormat::Avif => avif::read(source),
            ImageFormat::Bmp => bmp::read(source),
            ImageFormat::Tiff => tiff::read(source),
            #[cfg(feature = "heic")]
            ImageFormat::Heic => guarded(format, || heic::read(source)),
            #[cfg(feature = "jxl")]
            ImageFormat::Jxl => guarded(format, || jxl::read(source)),
        }
    }

    /// The size after turning upright.
    pub fn upright_size(&self) -> Size {
        self.orientation.upright_size(self.size)
    }
}

/// Curves of 16-bit samples on their way to sRGB, where they are converted before they are rounded.
const DEEP_TABLE_BYTES: u64 = 2 << 20;

/// What a transform from CMYK takes, however short its profile: 17 steps of each channel.
const CMYK_TABLE_BYTES: u64 = 2 << 20;

/// What a profile of this length takes: copies of it, its tables as numbers, and the transform.
/// Measured with one of 557 kB for inks, which takes nine times that.
fn colour_bytes(profile_bytes: usize) -> u64 {
    (profile_bytes as u64).saturating_mul(10)
}

/// The ICC profile chunk of a WebP, if it has one.
pub(crate) fn webp_icc(source: &[u8]) -> Option<&[u8]> {
    webp_chunks(source).find(|chunk| chunk.name == *b"ICCP").map(|chunk| chunk.body)
}

fn nonzero_size(format: ImageFormat, width: u32, height: u32) -> Result<Size, Reject> {
    Size::new(width, height)
        .ok_or_else(|| Reject::malformed(format, format_args!("it is {width}x{height} pixels")))
}
