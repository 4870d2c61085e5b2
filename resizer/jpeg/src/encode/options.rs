//! What the caller of the encoder chooses, and the segments that it hands through.

/// How the components of a picture lie in memory and in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Luminance alone.
    Gray,
    /// Luminance and two colour differences.
    YCbCr,
}

/// How many samples of colour there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sampling {
    /// One for each pixel: 4:4:4.
    Full,
    /// One for two pixels beside each other: 4:2:2.
    Half,
    /// One for four pixels, two by two: 4:2:0.
    #[default]
    Quarter,
}

impl Sampling {
    /// Sampling factors of the luminance, horizontal and vertical.
    pub(crate) const fn factors(self) -> (u8, u8) {
        match self {
            Self::Full => (1, 1),
            Self::Half => (2, 1),
            Self::Quarter => (2, 2),
        }
    }
}

/// What time is spent on fewer bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Standard Huffman tables, plain rounding, one pass: memory for one row of MCUs.
    Fast,
    /// Progressive, optimised tables, coefficients that cost more than they show are left out.
    #[default]
    Balanced,
    /// Progressive with the cheapest of several scripts of scans; a search for each block's best
    /// coefficients.
    Small,
}

/// What the caller chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeOptions {
    /// 1 to 100, libjpeg's scale; 80 by default. Values outside are taken as the nearest inside.
    pub quality: u8,
    /// How many samples of colour; ignored for `Layout::Gray`. 4:2:0 by default.
    pub sampling: Sampling,
    /// What time is spent on fewer bytes; balanced by default.
    pub profile: Profile,
    /// Progressive or sequential; by default as the profile says. Progressive files always have
    /// optimised Huffman tables.
    pub progressive: Option<bool>,
    /// Huffman tables made for the picture, or the specification's; by default as the profile
    /// says. Only without them the memory does not grow with the picture.
    pub optimized_tables: Option<bool>,
    /// MCUs from one restart marker to the next; 0, the default, for none.
    pub restart_interval: u16,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            quality: 80,
            sampling: Sampling::default(),
            profile: Profile::default(),
            progressive: None,
            optimized_tables: None,
            restart_interval: 0,
        }
    }
}

impl EncodeOptions {
    pub(crate) fn is_progressive(&self) -> bool {
        self.progressive.unwrap_or(self.profile != Profile::Fast)
    }

    pub(crate) fn has_optimized_tables(&self) -> bool {
        self.is_progressive() || self.optimized_tables.unwrap_or(self.profile != Profile::Fast)
    }
}

/// How large a pixel is meant to be, as JFIF has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Density {
    /// Pixels are square and of no known size.
    #[default]
    Unknown,
    /// Pixels per inch, horizontal and vertical; not 0.
    PerInch(u16, u16),
    /// Pixels per centimetre, horizontal and vertical; not 0.
    PerCentimetre(u16, u16),
}

/// What the file says besides pixels. A JFIF segment is always written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Segments<'a> {
    /// For the JFIF segment.
    pub density: Density,
    /// The TIFF structure of EXIF, without the identifier before it; at most 65,527 bytes.
    pub exif: Option<&'a [u8]>,
    /// An XMP packet, without the identifier before it; at most 65,504 bytes.
    pub xmp: Option<&'a [u8]>,
    /// An ICC profile, split over as many segments as it needs; at most 16,707,345 bytes.
    pub icc: Option<&'a [u8]>,
}
