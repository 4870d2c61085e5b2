//! A finished picture and a file's plan in, the bytes of the file out. Each format has one file in
//! `encode/` with its encoder, what it takes and what its files can hold; the table below names
//! them. None writes metadata of its own.

mod animation;
mod avif;
mod gain_map;
mod gif;
mod jpeg;
mod png;
mod webp;

use self::animation::EncodeFrames;
pub(crate) use self::animation::{AnimationEncoder, Loops, Timed};
pub(crate) use self::gain_map::{MapFile, encode_map};
use crate::error::RenderError;
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::plan::VariantPlan;
use crate::raster::{Raster, Size};
use crate::resize::Picture;
use crate::spec::OutputFormat;
use crate::stop::Stop;

/// What a file says beside its pixels, where its format can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extras<'a> {
    /// An ICC profile, in JPEG, PNG and WebP.
    pub icc: Option<&'a [u8]>,
    /// A TIFF structure, in all but GIF.
    pub exif: Option<&'a [u8]>,
    /// An XML document, in JPEG, PNG and WebP.
    pub xmp: Option<&'a [u8]>,
}

/// The file that is encoded.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// What the source is, which is to blame for pixels that confuse an encoder.
    pub source: ImageFormat,
    /// What is written.
    pub format: OutputFormat,
    /// Whether the pixels keep their values, in WebP.
    pub is_lossless: bool,
    /// Quality, effort, chroma and background.
    pub variant: &'a VariantPlan,
    /// What it says beside its pixels.
    pub extras: Extras<'a>,
    /// Ends the encoding when it is set.
    pub stop: &'a Stop,
}

/// An output format: what its files can hold, what its encoder takes, and the encoder.
struct Encoder {
    /// The usual file extension, without a dot.
    extension: &'static str,
    media_type: &'static str,
    /// In pixels: what a file can hold, or what decoders can be expected to read.
    max_side: u32,
    /// Whether a file can hold an ICC profile, EXIF and XMP as written here.
    holds_profile: bool,
    working_bytes: fn(WorkingSet) -> u64,
    encode: fn(&Picture, &File<'_>) -> Result<Vec<u8>, RenderError>,
    /// Of formats whose files can hold frames.
    animate: Option<Animate>,
}

/// Starts a file whose first frame this is.
type Animate = fn(&Raster, Loops, &File<'_>) -> Result<Box<dyn EncodeFrames>, Failure>;

/// What an encoder works on.
#[derive(Debug, Clone, Copy)]
struct WorkingSet {
    /// Of the picture as resampled or as written, whatever is more.
    pixels: u64,
    /// As written.
    size: Size,
    has_alpha: bool,
}

impl OutputFormat {
    /// The one table of encoders.
    fn encoder(self) -> &'static Encoder {
        match self {
            Self::Jpeg => &jpeg::ENCODER,
            Self::Png => &png::ENCODER,
            Self::Webp => &webp::ENCODER,
            Self::Avif => &avif::ENCODER,
            Self::Gif => &gif::ENCODER,
        }
    }

    /// The usual file extension, without a dot.
    pub fn extension(self) -> &'static str {
        self.encoder().extension
    }

    /// Whether a file of this name is probably in this format, by its extension.
    pub fn is_named_by(self, name: &str) -> bool {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("jpeg" | "jfif") => self == Self::Jpeg,
            Some(extension) => extension == self.extension(),
            None => false,
        }
    }

    /// The media type for Content-Type.
    pub fn media_type(self) -> &'static str {
        self.encoder().media_type
    }

    /// The longest side in pixels: what the format can hold, and of AVIF what decoders can be
    /// expected to read.
    pub fn max_side(self) -> u32 {
        self.encoder().max_side
    }

    /// Whether a file can hold all frames of an animation.
    pub fn holds_animation(self) -> bool {
        self.encoder().animate.is_some()
    }

    /// Whether a file can hold an ICC profile, EXIF and XMP as written here.
    pub fn holds_profile(self) -> bool {
        self.encoder().holds_profile
    }

    /// Whether a file can hold a gain map as written here.
    pub fn holds_gain_map(self) -> bool {
        self == Self::Jpeg
    }

    /// Predicted memory beside the picture, in bytes: the upright or padded copy, another for its
    /// profile, and what the encoder takes.
    pub(crate) fn working_bytes(self, pixels: u64, size: Size, has_alpha: bool) -> u64 {
        (self.encoder().working_bytes)(WorkingSet { pixels, size, has_alpha })
    }
}

/// Encodes an upright picture.
///
/// # Errors
/// `Stopped`; `Encoder`; `Malformed` where pixels make a library panic.
pub fn encode(picture: &Picture, file: &File<'_>) -> Result<Vec<u8>, RenderError> {
    (file.format.encoder().encode)(picture, file)
}

/// Why an encoder wrote nothing.
#[derive(Debug)]
enum Failure {
    Stopped,
    /// In the encoder's words.
    Failed(String),
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Failure {
    fn of(what: &str) -> Self {
        Self::Failed(what.to_owned())
    }

    /// What a library says of an encoding that was stopped does not count.
    fn of_format(self, format: OutputFormat, stop: &Stop) -> RenderError {
        match self {
            _ if stop.is_set() => RenderError::Stopped,
            Self::Stopped => RenderError::Stopped,
            Self::Failed(detail) => {
                RenderError::Encoder { media_type: format.media_type(), detail }
            }
        }
    }
}

impl File<'_> {
    /// Does what one of our own encoders does.
    fn done<T>(&self, result: Result<T, Failure>) -> Result<T, RenderError> {
        result.map_err(|failure| failure.of_format(self.format, self.stop))
    }

    /// Does what the encoder of a library does.
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, RenderError> {
        let done = guarded(self.source, || Ok(work()));
        self.done(done.map_err(|reject| self.stop.judge(reject))?)
    }
}

/// Whether a lossless file may be smaller than a lossy one: an eighth of all pixels are as their
/// left neighbors, as in drawings, texts and screenshots, or the picture is so small that trying
/// takes no time. Photographs that were not compressed have some percent of such pixels.
pub(crate) fn is_flat(picture: &Picture) -> bool {
    const SMALL_PIXELS: u64 = 1 << 16;
    let Picture::Pixels(raster) = picture else { return false };
    if raster.size().pixels() <= SMALL_PIXELS {
        return true;
    }
    let channels = raster.layout().channels();
    let rows = raster.pixels().chunks_exact(raster.size().width() as usize * channels);
    let same = rows.map(|row| {
        let pairs = row.chunks_exact(channels).zip(row[channels..].chunks_exact(channels));
        pairs.filter(|(one, next)| one == next).count() as u64
    });
    8 * same.sum::<u64>() >= raster.size().pixels()
}

impl Picture {
    /// The pixels, which all encoders but one are given.
    fn pixels(&self) -> Result<&Raster, Failure> {
        match self {
            Self::Pixels(raster) => Ok(raster),
            Self::Planes(_) => Err(Failure::of("planes where pixels were planned")),
        }
    }
}
