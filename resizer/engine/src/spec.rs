//! What a caller asks for: `Request`, its `VariantSpec`s and their words (fit, gravity, format,
//! background).

use crate::format::ImageFormat;

/// The longest side, in pixels, that is read or written: libjpeg's, a little under T.81's 65,535.
pub const MAX_SIDE: u32 = 65_500;

/// All that is asked of one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// In the order of what is delivered.
    pub variants: Vec<VariantSpec>,
    /// Whether to make what stands for a picture until it is there; by default not.
    pub placeholders: bool,
}

impl From<Vec<VariantSpec>> for Request {
    /// These variants, all else as by default.
    fn from(variants: Vec<VariantSpec>) -> Self {
        Self { variants, ..Self::default() }
    }
}

/// One variant as asked for; [`Plan`](crate::plan::Plan) turns it into numbers.
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
    /// Which part stays where `Cover` cuts, and where `Pad` puts the picture.
    pub gravity: Gravity,
    /// The formats to encode, in this order; repeats are encoded once.
    pub formats: Vec<FormatSpec>,
    /// 1 to 100, on libjpeg's scale for JPEG and libwebp's for WebP; PNG is lossless.
    pub quality: u8,
    /// Under transparent pixels where the format has no alpha, and around a padded picture.
    pub background: Rgba,
    /// Whether a smaller source may be enlarged to the box.
    pub enlarge: bool,
    /// In which light pixels are averaged.
    pub light: Light,
    /// What encoding may cost.
    pub effort: Effort,
}

impl Default for VariantSpec {
    /// No box, `Inside`, centred, the source's format, quality 80, on white, never enlarged, in
    /// linear light, with balanced effort.
    fn default() -> Self {
        Self {
            name: String::new(),
            width: None,
            height: None,
            fit: Fit::Inside,
            gravity: Gravity::Center,
            formats: vec![FormatSpec::Source],
            quality: 80,
            background: Rgba::WHITE,
            enlarge: false,
            light: Light::Linear,
            effort: Effort::Balanced,
        }
    }
}

/// How a picture meets its box of width x height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// As large as fits inside, aspect kept.
    Inside,
    /// Fills the box, aspect kept, what sticks out is cut.
    Cover,
    /// As `Inside`, then padded with the background to the whole box.
    Pad,
    /// Stretched to the box.
    Exact,
}

/// What numbers are averaged where pixels become fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// Amounts of light, as a lens averages them: thin bright lines keep their brightness.
    Linear,
    /// The coded values of the file, as most resizers do it: fine structure turns darker.
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

/// A point of the compass inside the picture.
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
}

impl Gravity {
    /// The share of the free space that lies left of and above the picture: 0, 0.5 or 1 each.
    pub fn shares(self) -> (f64, f64) {
        let x = match self {
            Self::Northwest | Self::West | Self::Southwest => 0.0,
            Self::North | Self::Center | Self::South => 0.5,
            Self::Northeast | Self::East | Self::Southeast => 1.0,
        };
        let y = match self {
            Self::Northwest | Self::North | Self::Northeast => 0.0,
            Self::West | Self::Center | Self::East => 0.5,
            Self::Southwest | Self::South | Self::Southeast => 1.0,
        };
        (x, y)
    }
}

/// A format as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatSpec {
    /// The source's own; a GIF becomes a PNG.
    Source,
    /// This one, whatever the source is.
    Fixed(OutputFormat),
}

impl FormatSpec {
    /// The format that a source of `format` gets.
    pub fn resolve(self, format: ImageFormat) -> OutputFormat {
        match (self, format) {
            (Self::Fixed(format), _) => format,
            (Self::Source, ImageFormat::Jpeg) => OutputFormat::Jpeg,
            (Self::Source, ImageFormat::Png | ImageFormat::Gif) => OutputFormat::Png,
            (Self::Source, ImageFormat::Webp) => OutputFormat::Webp,
        }
    }
}

/// The formats that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// Baseline JPEG.
    Jpeg,
    /// 8-bit PNG.
    Png,
    /// Lossy WebP with lossless alpha.
    Webp,
}

impl OutputFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Jpeg, Self::Png, Self::Webp];

    /// The usual file extension, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// The media type for Content-Type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    /// The longest side that the format can hold, in pixels.
    pub fn max_side(self) -> u32 {
        match self {
            Self::Jpeg | Self::Png => MAX_SIDE,
            Self::Webp => 16_383,
        }
    }
}

/// A colour in sRGB, 8 bits a channel, alpha 255 being opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgba(pub [u8; 4]);

impl Rgba {
    /// Opaque white.
    pub const WHITE: Self = Self([255; 4]);

    /// Reads `#rgb`, `#rrggbb`, `#rrggbbaa`, `white`, `black` or `transparent`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "white" => return Some(Self::WHITE),
            "black" => return Some(Self([0, 0, 0, 255])),
            "transparent" => return Some(Self([0; 4])),
            _ => {}
        }
        let digits = text.strip_prefix('#')?;
        let nibbles = digits.chars().map(|digit| digit.to_digit(16).map(|value| value as u8));
        let nibbles = nibbles.collect::<Option<Vec<u8>>>()?;
        match nibbles[..] {
            [r, g, b] => Some(Self([r * 17, g * 17, b * 17, 255])),
            [r, s, g, h, b, c] => Some(Self([r * 16 + s, g * 16 + h, b * 16 + c, 255])),
            [r, s, g, h, b, c, a, d] => {
                Some(Self([r * 16 + s, g * 16 + h, b * 16 + c, a * 16 + d]))
            }
            _ => None,
        }
    }
}
