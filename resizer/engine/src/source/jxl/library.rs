//! What the library is asked for, and its errors in the engine's terms.

use jxl::api::{
    AlphaMode, Endianness, Event, JxlBitstreamInput, JxlColorType, JxlDataFormat, JxlDecoder,
    JxlDecoderOptions, JxlPixelFormat, ProfileLevel,
};
use jxl::error::Error;

use crate::error::Reject;
use crate::format::ImageFormat;
use crate::raster::Layout;

/// How many may decode one picture.
pub(crate) const THREADS: usize = 4;

/// Palettes of small pictures have more samples than their frames.
const SPARE_SAMPLES: u64 = 1 << 20;

/// The channels of a file, and its samples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Channels {
    pub(crate) is_gray: bool,
    pub(crate) is_cmyk: bool,
    /// The one that counts, among the extra channels.
    pub(crate) alpha: Option<usize>,
    pub(crate) extra_count: usize,
    /// The most that a frame has, as the library counts them.
    pub(crate) samples: u64,
}

impl Channels {
    /// Of the rows that decoding delivers. CMYK with alpha becomes RGBA.
    pub(crate) fn layout(&self) -> Layout {
        match (self.is_cmyk, self.is_gray, self.alpha) {
            (true, _, None) => Layout::Cmyk,
            (true, _, Some(_)) | (false, false, Some(_)) => Layout::Rgba,
            (false, false, None) => Layout::Rgb,
            (false, true, Some(_)) => Layout::GrayAlpha,
            (false, true, None) => Layout::Gray,
        }
    }

    /// Whether alpha is not among the samples of the colors.
    pub(crate) fn has_own_alpha(&self) -> bool {
        self.is_cmyk && self.alpha.is_some()
    }

    /// In bytes, or in 16 bits; the alpha of CMYK separately.
    pub(crate) fn pixel_format(&self, is_deep: bool) -> JxlPixelFormat {
        let format = if is_deep {
            JxlDataFormat::U16 { endianness: Endianness::native(), bit_depth: 16 }
        } else {
            JxlDataFormat::U8 { bit_depth: 8 }
        };
        let color_type = match (self.is_cmyk, self.is_gray, self.alpha.is_some()) {
            (true, _, _) => JxlColorType::Cmyk,
            (_, true, true) => JxlColorType::GrayscaleAlpha,
            (_, true, false) => JxlColorType::Grayscale,
            (_, false, true) => JxlColorType::Rgba,
            (_, false, false) => JxlColorType::Rgb,
        };
        let alone = self.alpha.filter(|_| self.has_own_alpha());
        let extra = (0..self.extra_count).map(|index| (alone == Some(index)).then_some(format));
        JxlPixelFormat {
            color_type,
            color_data_format: Some(format),
            extra_channel_format: extra.collect(),
        }
    }
}

/// A decoder that has read up to the first frame.
///
/// # Errors
/// `Malformed`; `Unsupported` for what a later edition may define.
pub(crate) fn open(
    channels: &Channels,
    is_deep: bool,
    input: &mut dyn JxlBitstreamInput,
) -> Result<JxlDecoder, Reject> {
    let mut options = JxlDecoderOptions::default();
    options.adjust_orientation = false;
    options.alpha_mode = AlphaMode::Unpremultiplied;
    // The higher level allows splines and patches of any extent.
    options.max_profile_level = ProfileLevel::Main5;
    let samples = channels.samples.saturating_add(SPARE_SAMPLES);
    options.sample_limit = Some(usize::try_from(samples).unwrap_or(usize::MAX));
    let mut decoder = JxlDecoder::new(options);
    match decoder.process(input, None, None).map_err(reject)? {
        Event::BasicInfo => {}
        _ => return Err(Reject::malformed(ImageFormat::Jxl, "its header is truncated")),
    }
    decoder.set_pixel_format(channels.pixel_format(is_deep)).map_err(reject)?;
    Ok(decoder)
}

/// The library's refusals in the engine's terms.
pub(crate) fn reject(error: Error) -> Reject {
    Reject::malformed(ImageFormat::Jxl, error)
}
