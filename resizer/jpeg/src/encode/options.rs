//! What the caller of the encoder chooses.

use crate::pixels::PixelFormat;

/// The resolution of chroma. Gray files have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sampling {
    /// 4:4:4, a chroma sample for each pixel.
    S444,
    /// 4:2:2, a chroma sample for two pixels side by side.
    S422,
    /// 4:2:0, a chroma sample for two by two pixels.
    #[default]
    S420,
}

impl Sampling {
    /// Sampling factors of luma, horizontal and vertical.
    pub(crate) const fn factors(self) -> (u8, u8) {
        match self {
            Self::S444 => (1, 1),
            Self::S422 => (2, 1),
            Self::S420 => (2, 2),
        }
    }
}

/// How much time the encoder spends on a smaller file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Effort {
    /// Sequential, with the standard Huffman tables and plain rounding, in one pass: memory for one
    /// row of MCUs.
    Fast,
    /// Progressive, with optimized Huffman tables and a short trellis that drops coefficients which
    /// cost more bits than they show.
    #[default]
    Balanced,
    /// Progressive, with the cheapest of several scan scripts and a trellis over all coefficients
    /// of a block.
    Small,
}

/// The size of a pixel for print, which the JFIF segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Density {
    /// Pixels are square and of no known size.
    #[default]
    Unknown,
    /// Pixels per inch, horizontal and vertical; not 0.
    PerInch(u16, u16),
    /// Pixels per centimeter, horizontal and vertical; not 0.
    PerCentimeter(u16, u16),
}

/// How to encode. [`Default`] has the defaults below; the `with_` methods change one field each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodeOptions<'a> {
    /// The format of the pixels, default `Rgb`. `Gray` makes a gray file, all others make YCbCr.
    pub format: PixelFormat,
    /// 1 to 100 on libjpeg's scale, default 80. Values outside are clamped.
    pub quality: u8,
    /// The resolution of chroma, default 4:2:0.
    pub sampling: Sampling,
    /// How much time is spent on a smaller file, default `Balanced`.
    pub effort: Effort,
    /// Whether the file is progressive; by default all efforts but `Fast` are. Progressive files
    /// always have optimized Huffman tables.
    pub progressive: Option<bool>,
    /// Whether Huffman tables are made for the picture, in place of those of the specification; by
    /// default all efforts but `Fast` do so.
    pub optimized_tables: Option<bool>,
    /// MCUs between two restart markers; 0, the default, for none.
    pub restart_interval: u16,
    /// The size of a pixel, default unknown.
    pub density: Density,
    /// EXIF as a TIFF structure, without the identifier before it; at most 65,527 bytes.
    pub exif: Option<&'a [u8]>,
    /// An XMP packet, without the identifier before it; at most 65,504 bytes.
    pub xmp: Option<&'a [u8]>,
    /// An ICC profile, split over as many segments as it needs; at most 16,707,345 bytes.
    pub icc_profile: Option<&'a [u8]>,
}

impl Default for EncodeOptions<'_> {
    fn default() -> Self {
        Self {
            format: PixelFormat::Rgb,
            quality: 80,
            sampling: Sampling::default(),
            effort: Effort::default(),
            progressive: None,
            optimized_tables: None,
            restart_interval: 0,
            density: Density::default(),
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

    /// Sets `progressive`.
    #[must_use]
    pub const fn with_progressive(mut self, progressive: bool) -> Self {
        self.progressive = Some(progressive);
        self
    }

    /// Sets `optimized_tables`.
    #[must_use]
    pub const fn with_optimized_tables(mut self, optimized: bool) -> Self {
        self.optimized_tables = Some(optimized);
        self
    }

    /// Sets `restart_interval`.
    #[must_use]
    pub const fn with_restart_interval(mut self, mcus: u16) -> Self {
        self.restart_interval = mcus;
        self
    }

    /// Sets `density`.
    #[must_use]
    pub const fn with_density(mut self, density: Density) -> Self {
        self.density = density;
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

    pub(crate) fn is_progressive(&self) -> bool {
        self.progressive.unwrap_or(self.effort != Effort::Fast)
    }

    pub(crate) fn has_optimized_tables(&self) -> bool {
        self.is_progressive() || self.optimized_tables.unwrap_or(self.effort != Effort::Fast)
    }
}
