//! What a caller asks for: `Request`, its `VariantSpec`s and their words (fit, gravity, format,
//! background).

mod format;

pub use self::format::{FormatSpec, OutputFormat};
pub use crate::filter::Filter;
pub use crate::raster::Rgba;

/// The longest side, in pixels, that is read or written: libjpeg's, a little under T.81's 65,535.
pub const MAX_SIDE: u32 = 65_500;

/// All that is asked of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// In the order of what is delivered.
    pub variants: Vec<VariantSpec>,
    /// Whether to make what stands for a picture until it is there; by default not.
    pub placeholders: bool,
    /// What becomes of an animation in the formats that can hold one.
    pub animation: Animation,
    /// What becomes of a source that ends too early.
    pub truncated: Truncated,
    /// What becomes of a camera RAW file.
    pub raw: Raw,
    /// Crops borders of one color before anything else: what differs from the first pixel by no
    /// more than this many levels in each channel. `None` cuts nothing.
    pub trim: Option<u8>,
}

/// What becomes of an animation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Animation {
    /// Its first frame, as a still picture.
    #[default]
    FirstFrame,
    /// All frames with their times, in WebP, GIF and PNG; elsewhere the first one.
    Animate,
}

/// What becomes of a truncated source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Truncated {
    /// It is malformed.
    #[default]
    Refuse,
    /// What is there counts, in JPEG, PNG, WebP, GIF and TIFF, and whole tiles in AVIF and HEIC:
    /// what is missing is gray, transparent or black. A source without any rows is malformed all
    /// the same.
    Accept,
}

/// What becomes of a camera RAW file, which is not developed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Raw {
    /// It is unsupported.
    #[default]
    Refuse,
    /// The largest JPEG in it takes its place.
    Preview,
}

impl From<Vec<VariantSpec>> for Request {
    /// These variants, all else as by default.
    fn from(variants: Vec<VariantSpec>) -> Self {
        Self { variants, ..Self::default() }
    }
}

/// One variant as asked for; [`Job::prepare`](crate::Job::prepare) turns it into numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantSpec {
    /// Unique among the variants of one upload.
    pub name: String,
    /// Width of the box in pixels; `None` leaves it to the height.
    pub width: Option<u32>,
    /// Height of the box in pixels; `None` leaves it to the width.
    pub height: Option<u32>,
    /// How the picture meets the box.
    pub fit: Fit,
    /// Which region stays where `Cover` crops, and where `Pad` puts the picture.
    pub gravity: Gravity,
    /// The formats to encode, in this order; repeats are encoded once.
    pub formats: Vec<FormatSpec>,
    /// The quality of each lossy format.
    pub quality: Quality,
    /// Under transparent pixels where the format has no alpha, and around a padded picture.
    pub background: Rgba,
    /// Whether a smaller source may be enlarged to the box.
    pub enlarge: bool,
    /// Whether pixels are averaged in linear light or gamma-encoded.
    pub light: Light,
    /// By which weights they are averaged.
    pub filter: Filter,
    /// Which colors its PNG keeps.
    pub png_colors: PngColors,
    /// What encoding may cost.
    pub effort: Effort,
    /// What colors the file's numbers mean.
    pub color: OutputColor,
    /// The metadata of the file.
    pub metadata: Metadata,
    /// What becomes of the source's gain map.
    pub hdr: Hdr,
    /// How much of what the reduction blurred is brought back, in per cent; default 0, for the
    /// score falls and the file grows. A photograph of 640 pixels as a JPEG of quality 80 has 79.98
    /// points of SSIMULACRA2 and 39.3 kB without, 79.27 and 40.5 kB with 20, 64.75 and 46.9 kB with
    /// 100.
    pub sharpen: u8,
}

impl Default for VariantSpec {
    /// No box, `Inside`, centered, the source's format, quality 80, on white, never enlarged, by
    /// Lanczos3 in linear light, with balanced effort.
    fn default() -> Self {
        Self {
            name: String::new(),
            width: None,
            height: None,
            fit: Fit::Inside,
            gravity: Gravity::Center,
            formats: vec![FormatSpec::Source],
            quality: Quality::uniform(80),
            background: Rgba::WHITE,
            enlarge: false,
            light: Light::Linear,
            filter: Filter::default(),
            png_colors: PngColors::Auto,
            effort: Effort::Balanced,
            color: OutputColor::Srgb,
            metadata: Metadata::Copyright,
            hdr: Hdr::Drop,
            sharpen: 0,
        }
    }
}

/// The quality of each lossy format, 1 to 100. JPEG has libjpeg's scale. A WebP or an AVIF looks
/// about like a JPEG of the same quality. For PNG, the number is the lowest estimated SSIMULACRA2
/// score of a palette that may replace all colors, and the samples of other PNGs may be off by one
/// level for each 20 below 100. A PNG of quality 100 keeps all colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quality {
    /// Of JPEG files.
    pub jpeg: u8,
    /// Of WebP files.
    pub webp: u8,
    /// Of AVIF files.
    pub avif: u8,
    /// Of PNG files.
    pub png: u8,
}

impl Quality {
    /// The same number for every format.
    pub const fn uniform(quality: u8) -> Self {
        Self { jpeg: quality, webp: quality, avif: quality, png: quality }
    }
}

impl From<u8> for Quality {
    fn from(quality: u8) -> Self {
        Self::uniform(quality)
    }
}

/// How a picture meets its box of width x height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// As large as fits inside, aspect kept.
    Inside,
    /// Fills the box, aspect kept, what sticks out is cropped.
    Cover,
    /// As `Inside`, then padded with the background to the whole box.
    Pad,
    /// Stretched to the box.
    Exact,
}

/// The values that are averaged where pixels become fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// Linear light, as a lens averages it: thin bright lines keep their brightness.
    Linear,
    /// Gamma-encoded values, as most resizers do it: fine structure turns darker.
    Gamma,
}

/// What encoding may cost in time for fewer bytes at the same quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// The least time. Where all variants are small, a JPEG is decoded at a size not far above.
    Fast,
    /// The most saved bytes for the time.
    Balanced,
    /// The fewest bytes.
    Small,
}

/// Which colors a PNG keeps. An animated PNG keeps all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PngColors {
    /// At most 256 colors if they look as the quality demands. Otherwise, samples that are off by
    /// at most one level for each 20 that the quality is below 100. All colors if the file would
    /// not be at least a tenth smaller, and with [`Effort::Fast`].
    #[default]
    Auto,
    /// All.
    All,
    /// At most 256, where the file is at least a tenth smaller, however these look.
    Palette,
}

/// The colors of a variant's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputColor {
    /// sRGB, which everything shows right without a profile.
    Srgb,
    /// As in the source, whose ICC profile goes along in JPEG, PNG and WebP. Sources of other
    /// colors than gray and RGB become sRGB.
    Keep,
}

/// The metadata of a variant's file. Orientation and thumbnails never go along: the first is
/// applied, the second would be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metadata {
    /// Nothing.
    None,
    /// Artist and copyright, where the source names them.
    Copyright,
    /// The source's EXIF and XMP, with the place where it was taken.
    All,
}

/// What becomes of a gain map, by which screens with more light show more of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hdr {
    /// It stays behind.
    #[default]
    Drop,
    /// It goes along in JPEG, resampled, cropped and turned as the picture.
    Keep,
}

/// A region of the picture that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// The middle.
    Center,
    /// The middle of the upper edge.
    North,
    /// The upper right corner.
    Northeast,
    /// The middle of the right edge.
    East,
    /// The lower right corner.
    Southeast,
    /// The middle of the lower edge.
    South,
    /// The lower left corner.
    Southwest,
    /// The middle of the left edge.
    West,
    /// The upper left corner.
    Northwest,
    /// This point, from the left and from the top, in ten thousandths of width and height.
    Focal(u16, u16),
    /// Where edges, skin and saturated colors are; the middle where nothing is to be cropped, or
    /// all but a 64th.
    Attention,
}

impl Gravity {
    /// The share of the free space that lies left of and above the picture, 0 to 1 each, where
    /// the picture is cropped to these parts of its sides.
    pub fn shares(self, parts: [f64; 2]) -> (f64, f64) {
        let share_around = |point: u16, part: f64| {
            let free = 1.0 - part;
            let start = f64::from(point) / 10_000.0 - part / 2.0;
            if free > 0.0 { (start / free).clamp(0.0, 1.0) } else { 0.5 }
        };
        if let Self::Focal(x, y) = self {
            return (share_around(x, parts[0]), share_around(y, parts[1]));
        }
        let x = match self {
            Self::Northwest | Self::West | Self::Southwest => 0.0,
            Self::Northeast | Self::East | Self::Southeast => 1.0,
            _ => 0.5,
        };
        let y = match self {
            Self::Northwest | Self::North | Self::Northeast => 0.0,
            Self::Southwest | Self::South | Self::Southeast => 1.0,
            _ => 0.5,
        };
        (x, y)
    }
}
