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

    /// The base quantizer index of luma and chroma, 1 to 255, for a picture of this size in pixels.
    pub(crate) fn q_index(&self, (width, height): (usize, usize)) -> u8 {
        let (column, share) = between(&QUALITIES, f32::from(self.quality.clamp(1, 100)));
        let mixed = |low: f32, high: f32, share: f32| low + share * (high - low);
        let of_size = |indexes: &[u8; QUALITIES.len()]| {
            mixed(f32::from(indexes[column]), f32::from(indexes[column + 1]), share)
        };
        let (row, size_share) = between(&SIDES, ((width * height) as f32).sqrt());
        let (smaller, larger) = (of_size(&Q_INDEXES[row]), of_size(&Q_INDEXES[row + 1]));
        mixed(smaller, larger, size_share).round() as u8
    }
}

/// The index of the last knot that is not above a value, and the distance of the value from it as a
/// fraction of the distance to the next knot. Values outside of all knots are clamped.
fn between(knots: &[f32], value: f32) -> (usize, f32) {
    let before_last = &knots[..knots.len() - 1];
    let at = before_last.iter().rposition(|knot| *knot <= value).unwrap_or(0);
    let share = (value - knots[at]) / (knots[at + 1] - knots[at]);
    (at, share.clamp(0.0, 1.0))
}

/// The qualities of the columns of [`Q_INDEXES`].
const QUALITIES: [f32; 12] =
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 100.0];
/// The sizes of the rows of the table: the square roots of the areas in pixels of pictures that are
/// 160, 320, 640, and 1920 pixels wide and three quarters as high.
const SIDES: [f32; 4] = [139.0, 277.0, 554.0, 1663.0];
/// Quantizer indexes. With them, photographs have the mean SSIMULACRA2 score of JPEGs that
/// `resizer-jpeg` encodes with the same quality. From quality 90 on, both are 4:4:4.
/// `cargo compare --avif` in the repository of this crate measures it.
const Q_INDEXES: [[u8; QUALITIES.len()]; SIDES.len()] = [
    [236, 190, 156, 136, 120, 108, 93, 74, 47, 18, 8, 1],
    [236, 188, 154, 134, 119, 107, 95, 75, 48, 18, 8, 1],
    [236, 188, 154, 133, 116, 103, 92, 72, 45, 17, 8, 1],
    [236, 187, 152, 130, 111, 100, 85, 68, 42, 15, 7, 1],
];

#[cfg(test)]
mod tests {
    use super::EncodeOptions;

    #[test]
    fn quantizers_get_finer_with_the_quality() {
        let q_index = |quality, size| EncodeOptions::default().with_quality(quality).q_index(size);
        for size in [(1, 1), (160, 120), (250, 190), (700, 500), (1920, 1440), (9000, 7000)] {
            let indexes: Vec<u8> = (1..=100).map(|quality| q_index(quality, size)).collect();
            assert!(indexes.is_sorted_by(|a, b| a > b), "{size:?}: {indexes:?}");
            assert_eq!((q_index(0, size), q_index(200, size)), (indexes[0], 1));
        }
    }
}
