//! What the caller of the encoder chooses.

/// The channels of a pixel, one byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PixelFormat {
    /// Gray.
    Gray,
    /// Gray and alpha, not premultiplied.
    GrayAlpha,
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Red, green, blue, and alpha, not premultiplied.
    Rgba,
}

impl PixelFormat {
    /// Bytes per pixel.
    pub const fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Whether there is an alpha channel.
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }

    /// Whether there is only one color channel.
    pub(crate) const fn is_gray(self) -> bool {
        matches!(self, Self::Gray | Self::GrayAlpha)
    }
}

/// The resolution of chroma. Gray files have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sampling {
    /// 4:4:4, a chroma sample for each pixel.
    S444,
    /// 4:2:0, a chroma sample for two by two pixels.
    #[default]
    S420,
    /// 4:4:4 for drawings, text, and screenshots, and 4:2:0 for other pictures. The encoder decides
    /// by the samples of luma.
    Automatic,
}

/// How much time the encoder spends on a smaller file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Effort {
    /// No directional predictions but the vertical and the horizontal one.
    Fast,
    /// All directional predictions, and two transforms for each of the best two predictions.
    #[default]
    Balanced,
    /// Filter-intra predictions too, and all transforms for each of the best four predictions.
    Small,
}

/// What the numbers of the pixels mean, as code points of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ColorCode {
    /// The primaries, such as 1 for those of sRGB.
    pub primaries: u8,
    /// The transfer characteristics, such as 13 for those of sRGB.
    pub transfer: u8,
    /// The matrix between RGB and the planes. The encoder converts RGB by the matrix of code 6,
    /// whatever the code.
    pub(crate) matrix: u8,
}

impl ColorCode {
    /// sRGB.
    pub const SRGB: Self = Self::new(1, 13);
    /// Unspecified, for pictures with an ICC profile.
    pub const UNSPECIFIED: Self = Self::new(2, 2);

    /// A color space by its primaries and transfer characteristics.
    pub const fn new(primaries: u8, transfer: u8) -> Self {
        Self { primaries, transfer, matrix: 6 }
    }
}

/// How to encode. [`Default`] has the defaults below; the `with_` methods change one field each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodeOptions<'a> {
    /// The format of the pixels, default `Rgb`. Formats with gray make files without chroma, those
    /// with alpha make files with a second picture for it.
    pub format: PixelFormat,
    /// 1 to 100, default 80. Values outside are clamped. The scale is that of `resizer-jpeg`: the
    /// same number means about the same look.
    pub quality: u8,
    /// The resolution of chroma, default 4:2:0.
    pub sampling: Sampling,
    /// How much time is spent on a smaller file, default `Balanced`.
    pub effort: Effort,
    /// What the numbers mean, default sRGB.
    pub color: ColorCode,
    /// Whether the decoder filters the edges of blocks, and ringing; default true.
    pub filters: bool,
    /// EXIF as a TIFF structure, without the identifier before it.
    pub exif: Option<&'a [u8]>,
    /// An XMP packet.
    pub xmp: Option<&'a [u8]>,
    /// An ICC profile.
    pub icc_profile: Option<&'a [u8]>,
}

impl Default for EncodeOptions<'_> {
    fn default() -> Self {
        Self {
            format: PixelFormat::default(),
            quality: 80,
            sampling: Sampling::default(),
            effort: Effort::default(),
            color: ColorCode::SRGB,
            filters: true,
            exif: None,
            xmp: None,
            icc_profile: None,
        }
    }
}

impl<'a> EncodeOptions<'a> {
    /// Sets `format`.
    #[must_use]
    pub const fn with_format(mut self, format: PixelFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets `quality`.
    #[must_use]
    pub const fn with_quality(mut self, quality: u8) -> Self {
        self.quality = quality;
        self
    }

    /// Sets `sampling`.
    #[must_use]
    pub const fn with_sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Sets `effort`.
    #[must_use]
    pub const fn with_effort(mut self, effort: Effort) -> Self {
        self.effort = effort;
        self
    }

    /// Sets `color`.
    #[must_use]
    pub const fn with_color(mut self, color: ColorCode) -> Self {
        self.color = color;
        self
    }

    /// Sets `filters`.
    #[must_use]
    pub const fn with_filters(mut self, filters: bool) -> Self {
        self.filters = filters;
        self
    }

    /// Sets `exif`.
    #[must_use]
    pub const fn with_exif(mut self, exif: &'a [u8]) -> Self {
        self.exif = Some(exif);
        self
    }

    /// Sets `xmp`.
    #[must_use]
    pub const fn with_xmp(mut self, xmp: &'a [u8]) -> Self {
        self.xmp = Some(xmp);
        self
    }

    /// Sets `icc_profile`.
    #[must_use]
    pub const fn with_icc_profile(mut self, profile: &'a [u8]) -> Self {
        self.icc_profile = Some(profile);
        self
    }

    /// The base quantizer index of luma and chroma, 1 to 255.
    pub(crate) fn q_index(&self) -> u8 {
        let quality = usize::from(self.quality.clamp(1, 100));
        let (at, rest) = (quality / 10, quality % 10);
        let low = usize::from(Q_INDEXES[at]);
        let high = usize::from(*Q_INDEXES.get(at + 1).unwrap_or(&Q_INDEXES[at]));
        ((low * (10 - rest) + high * rest + 5) / 10) as u8
    }
}

/// Quantizer indexes for the qualities 0, 10, and so on. They give photographs of 320 and 640
/// pixels the mean SSIMULACRA2 score of the files of `resizer-jpeg` with the same number, as far as
/// that is possible: 42 points at 20, 66 at 50, 79 at 80, 86 at 90.
const Q_INDEXES: [u8; 11] = [236, 187, 153, 134, 118, 104, 93, 73, 46, 16, 1];

#[cfg(test)]
mod tests {
    use super::EncodeOptions;

    #[test]
    fn quantizers_get_finer_with_the_quality() {
        let q_index = |quality| EncodeOptions::default().with_quality(quality).q_index();
        let indexes: Vec<u8> = (1..=100).map(q_index).collect();
        assert!(indexes.is_sorted_by(|a, b| a > b));
        assert_eq!((q_index(0), q_index(80), q_index(200)), (q_index(1), 46, 1));
    }
}
