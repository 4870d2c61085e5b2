//! The formats that are written, and what a source's own becomes.

use super::{Animation, MAX_SIDE};
use crate::format::ImageFormat;
use crate::header::Header;

/// A format as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatSpec {
    /// The source's own, if that is JPEG, PNG or WebP. Of the others animations become GIF, where
    /// they are to be, still GIFs become PNG, and the rest JPEG, or WebP with alpha.
    Source,
    /// This one, whatever the source is.
    Fixed(OutputFormat),
}

impl FormatSpec {
    /// The format that a source with this header gets.
    pub fn resolve(self, header: &Header, animation: Animation) -> OutputFormat {
        let moves = animation == Animation::Animate && header.frames > 1;
        match (self, header.format) {
            (Self::Fixed(format), _) => format,
            (Self::Source, ImageFormat::Jpeg) => OutputFormat::Jpeg,
            (Self::Source, ImageFormat::Webp) => OutputFormat::Webp,
            (Self::Source, ImageFormat::Gif) if moves => OutputFormat::Gif,
            (Self::Source, ImageFormat::Png | ImageFormat::Gif) => OutputFormat::Png,
            (Self::Source, _) if header.layout.has_alpha() => OutputFormat::Webp,
            (Self::Source, _) => OutputFormat::Jpeg,
        }
    }

    /// All formats that some source can get.
    pub fn possible(self, animation: Animation) -> Vec<OutputFormat> {
        let mut formats = match self {
            Self::Fixed(format) => return vec![format],
            Self::Source => vec![OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp],
        };
        if animation == Animation::Animate {
            formats.push(OutputFormat::Gif);
        }
        formats
    }
}

/// The formats that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// Baseline or progressive JPEG.
    Jpeg,
    /// 8-bit PNG.
    Png,
    /// Lossy WebP with lossless alpha.
    Webp,
    /// AVIF of 8 bits: the fewest bytes, and hundreds of times a JPEG's time.
    Avif,
    /// GIF of up to 256 colours a frame.
    Gif,
}

impl OutputFormat {
    /// The usual file extension, without a dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Avif => "avif",
            Self::Gif => "gif",
        }
    }

    /// The media type for Content-Type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Gif => "image/gif",
        }
    }

    /// The longest side in pixels: what the format can hold, and of AVIF what its encoder does in a
    /// minute.
    pub fn max_side(self) -> u32 {
        match self {
            Self::Jpeg | Self::Png => MAX_SIDE,
            Self::Gif => 65_535,
            Self::Webp => 16_383,
            Self::Avif => 4_096,
        }
    }

    /// Whether a file can hold all frames of an animation.
    pub fn can_move(self) -> bool {
        matches!(self, Self::Png | Self::Webp | Self::Gif)
    }

    /// Whether a file can hold an ICC profile, EXIF and XMP as written here.
    pub fn holds_profile(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::Webp)
    }
}
