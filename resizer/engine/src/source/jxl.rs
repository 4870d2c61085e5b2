//! JPEG XL: the boxes, the image header, and the header of every frame, without any pixels. The
//! library reads the colors; it is not asked for frames, because it decodes hidden ones at once.

mod bits;
mod boxes;
mod colors;
mod entropy;
mod frame;
mod header;
mod icc;
mod library;
mod memory;

use std::borrow::Cow;

use jxl::api::JxlColorProfile;

use self::bits::Bits;
use self::boxes::Boxes;
use self::frame::Frame;
use self::header::{ExtraChannel, Header};
use self::library::Channels;
pub(crate) use self::library::{THREADS, open, reject};
use self::memory::Peak;
use super::{Memory, Parsed, StoredPicture, nonzero_size, profile_bytes};
use crate::color::ColorDescription;
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::orientation::Orientation;

/// Pixels of all frames that make a still picture, for each 10 MB of the file that are begun.
const MAX_CODED_PIXELS: u64 = 256 << 20;
const TIMED_BYTES: u64 = 10_000_000;

/// Frames whose sections are not in order. Reading the order may take half a millisecond, however
/// short it is.
const MAX_PERMUTED: u32 = 1024;

/// What is known of a file, beside its picture.
#[derive(Debug)]
pub(crate) struct Jxl<'a> {
    pub(crate) exif: Option<Cow<'a, [u8]>>,
    pub(crate) xmp: Option<Cow<'a, [u8]>>,
    pub(crate) channels: Channels,
    /// What the library's numbers mean.
    pub(crate) colors: Vec<ColorDescription>,
    /// Whether the file has more bits than a byte, and they count.
    pub(crate) is_deep: bool,
    /// Frames that are shown, 1 for a still picture.
    pub(crate) frame_count: u32,
    /// How often they are shown, 0 for endless.
    pub(crate) loop_count: u32,
    /// Whether the file ends before the last frame does.
    pub(crate) is_truncated: bool,
    /// Of all coded frames, for each one that is shown.
    pub(crate) frame_pixels: u64,
    /// What decoding all frames takes, the pixels that are shown included.
    pub(crate) animation_bytes: u64,
}

/// What the frames of a file add up to.
#[derive(Debug, Default)]
struct Frames {
    /// Up to the first that is shown.
    first: Peak,
    first_pixels: u64,
    all: Peak,
    all_pixels: u64,
    shown_count: u32,
    permuted_count: u32,
    is_truncated: bool,
    /// The most samples of a frame.
    samples: u64,
}

/// Reads all headers.
///
/// # Errors
/// `Malformed` where the image header or the profile is truncated or makes no sense; `TooLarge` for
/// long profiles and for many pixels in few bytes. Frames that cannot be read end an animation.
pub(super) fn parse(source: &[u8]) -> Result<Parsed<Jxl<'_>>, Reject> {
    let boxes = Boxes::read(source);
    let mut bits = Bits::new(&boxes.code_stream, 0);
    let header = read_header(&mut bits)?;
    let size = nonzero_size(ImageFormat::Jxl, header.size.0, header.size.1)?;
    let icc_bytes = if header.has_icc { read_profile_length(&mut bits)? } else { 0 };
    let frames = Frames::read(&boxes.code_stream, bits.position_bytes(), &header);
    frames.admit(source)?;
    let (channels, profile) =
        guarded(ImageFormat::Jxl, || channels(source, &header, frames.samples))?;
    let colors = colors::descriptions(&profile);
    let is_deep = header.is_deep && colors::need_more_bits(&colors);
    let (layout, animation) = (channels.layout(), header.animation);
    let animation = animation.filter(|_| frames.shown_count > 1);
    let shown_count = animation.map_or(1, |_| frames.shown_count);
    // The library copies the data of a frame, and keeps parts of the file that come too early.
    let library_bytes = memory::raster_bytes(size, layout, is_deep) + 2 * source.len() as u64;
    let brotli_bytes = if boxes.has_compressed { memory::BROTLI_BYTES } else { 0 };
    let memory = Memory {
        decoder_bytes: frames.first.bytes().saturating_add(library_bytes).max(brotli_bytes),
        lasting_bytes: profile_bytes(icc_bytes) + boxes.owned_bytes(),
    };
    let orientation = Orientation::from_exif_value(header.orientation);
    let container = Jxl {
        exif: boxes.exif,
        xmp: boxes.xmp,
        channels,
        colors,
        is_deep,
        frame_count: shown_count,
        loop_count: animation.map_or(1, |animation| animation.loop_count),
        is_truncated: frames.is_truncated,
        frame_pixels: frames.all_pixels.div_ceil(u64::from(shown_count)),
        animation_bytes: frames.all.bytes().saturating_add(library_bytes),
    };
    Ok(Parsed { picture: StoredPicture { size, orientation, layout }, memory, container })
}

fn read_header(bits: &mut Bits<'_>) -> Result<Header, Reject> {
    let is_signed = bits.next(16) == Some(0x0aff);
    let header = is_signed.then(|| Header::read(bits)).flatten();
    header.ok_or_else(|| malformed("its header is truncated or makes no sense"))
}

/// Passes over the profile; its length in bytes.
fn read_profile_length(bits: &mut Bits<'_>) -> Result<usize, Reject> {
    let length_bytes = icc::skip(bits);
    let value = length_bytes.ok_or_else(|| malformed("its color profile is damaged"))?;
    let (quantity, limit) = (Quantity::ProfileBytes, icc::MAX_BYTES);
    if value > limit {
        Err(Reject::TooLarge { quantity, value, limit })
    } else {
        Ok(value as usize)
    }
}

/// What the library is asked for, and the profile that its pixels will follow.
fn channels(
    source: &[u8],
    header: &Header,
    samples: u64,
) -> Result<(Channels, JxlColorProfile), Reject> {
    let alpha = header.extra_channels.iter().position(|&kind| kind == ExtraChannel::Alpha);
    let extra_count = header.extra_channels.len();
    let is_gray = header.is_gray;
    let mut channels = Channels { is_gray, is_cmyk: false, alpha, extra_count, samples };
    let mut input = source;
    let mut decoder = open(&channels, false, &mut input)?;
    let embedded = decoder.embedded_color_profile();
    channels.is_cmyk = !header.is_xyb
        && header.extra_channels.contains(&ExtraChannel::Black)
        && embedded.is_some_and(JxlColorProfile::is_cmyk);
    decoder.set_pixel_format(channels.pixel_format(false)).map_err(reject)?;
    let profile = decoder.output_color_profile().cloned();
    Ok((channels, profile.ok_or_else(|| malformed("it says nothing of its colors"))?))
}

fn malformed(detail: &str) -> Reject {
    Reject::malformed(ImageFormat::Jxl, detail)
}

impl Jxl<'_> {
    /// The profile that the pixels follow.
    pub(crate) fn icc(&self) -> Option<&[u8]> {
        match self.colors.first() {
            Some(ColorDescription::Icc(icc)) if !self.channels.has_own_alpha() => Some(icc),
            _ => None,
        }
    }

    /// Of the rows that decoding delivers. CMYK with alpha becomes sRGB on the way.
    pub(crate) fn color_descriptions(&self) -> Vec<ColorDescription> {
        if self.channels.has_own_alpha() {
            return vec![ColorDescription::Srgb];
        }
        self.colors.clone()
    }
}

impl Frames {
    /// Ends with the last frame, or behind the first picture where one cannot be read or is
    /// truncated.
    fn read(code_stream: &[u8], mut start_bytes: u64, header: &Header) -> Self {
        let mut frames = Self::default();
        let mut preview = header.preview;
        for size in [header.size].into_iter().chain(preview) {
            frames.count_samples(size, header);
        }
        loop {
            let picture = preview.unwrap_or(header.size);
            let frame = Frame::read(code_stream, start_bytes, header, picture);
            let is_behind = |frame: &Frame| frame.end_bytes > code_stream.len() as u64;
            let frame = frame.filter(|frame| frames.shown_count == 0 || !is_behind(frame));
            let frame = frame.filter(|_| frames.permuted_count <= MAX_PERMUTED);
            let Some(frame) = frame else {
                frames.is_truncated = true;
                return frames;
            };
            start_bytes = frame.end_bytes;
            frames.add(&frame, header, preview.is_some());
            match (frame.is_last, preview) {
                (true, Some(_)) => preview = None,
                (true, None) => return frames,
                (false, _) => {}
            }
        }
    }

    fn add(&mut self, frame: &Frame, header: &Header, is_preview: bool) {
        self.count_samples(frame.size, header);
        if self.shown_count == 0 {
            self.first.add(frame, header);
            self.first_pixels = self.first_pixels.saturating_add(frame.pixels());
        }
        self.permuted_count += u32::from(frame.is_permuted);
        self.all.add(frame, header);
        self.all_pixels = self.all_pixels.saturating_add(frame.pixels());
        self.shown_count += u32::from(frame.is_visible() && !is_preview);
    }

    /// As the library counts them.
    fn count_samples(&mut self, (width, height): (u32, u32), header: &Header) {
        let pixels = u64::from(width.max(16)) * u64::from(height);
        let samples = pixels.saturating_mul(3 + header.extra_channels.len() as u64);
        self.samples = self.samples.max(samples);
    }

    /// # Errors
    /// `Malformed` where no frame is shown, for then nothing is known of what decoding would take;
    /// `TooLarge` where few bytes would keep the decoder busy for long.
    fn admit(&self, source: &[u8]) -> Result<(), Reject> {
        if self.shown_count == 0 {
            return Err(malformed("it ends before its first picture"));
        }
        let begun = (source.len() as u64).div_ceil(TIMED_BYTES);
        let (value, limit) = (self.first_pixels, MAX_CODED_PIXELS.saturating_mul(begun));
        let quantity = Quantity::CodedPixels;
        if value > limit { Err(Reject::TooLarge { quantity, value, limit }) } else { Ok(()) }
    }
}
