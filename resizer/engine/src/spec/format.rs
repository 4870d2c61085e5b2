//! The formats that are written, and what a source's own becomes.

use super::Animation;
use crate::format::ImageFormat;
use crate::source::Source;

/// A format as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatSpec {
    /// The source's own, if that is JPEG, PNG or WebP. Of the others animations become GIF, where
    /// they are to be, still GIFs become PNG, and the rest JPEG, or WebP with alpha.
    Source,
    /// AVIF for pictures as cameras take them. For drawings, icons, texts and screenshots lossless
    /// WebP, where that has no more bytes. All such variants of a source have the same of the two,
    /// and WebP where they are animated.
    Auto,
    /// This one, whatever the source is.
    Fixed(OutputFormat),
}

impl FormatSpec {
    /// What a format that the picture decides can be.
    pub const AUTO: [OutputFormat; 2] = [OutputFormat::Avif, OutputFormat::Webp];

    /// The format that a source gets.
    pub fn resolve(self, source: &Source<'_>, animation: Animation) -> OutputFormat {
        let is_animated = animation == Animation::Animate && source.is_animated();
        match (self, source.format()) {
            (Self::Fixed(format), _) => format,
            (Self::Auto, _) if is_animated => OutputFormat::Webp,
            (Self::Auto, _) => OutputFormat::Avif,
            (Self::Source, ImageFormat::Jpeg) => OutputFormat::Jpeg,
            (Self::Source, ImageFormat::Webp) => OutputFormat::Webp,
            (Self::Source, ImageFormat::Gif) if is_animated => OutputFormat::Gif,
            (Self::Source, ImageFormat::Png | ImageFormat::Gif) => OutputFormat::Png,
            (Self::Source, _) if source.layout().has_alpha() => OutputFormat::Webp,
            (Self::Source, _) => OutputFormat::Jpeg,
        }
    }

    /// The format, where that of the source and that which the picture decides are known.
    pub fn chosen(self, of_source: OutputFormat, of_picture: OutputFormat) -> OutputFormat {
        match self {
            Self::Source => of_source,
            Self::Auto => of_picture,
            Self::Fixed(format) => format,
        }
    }

    /// All formats that some source can get.
    pub fn possible(self, animation: Animation) -> Vec<OutputFormat> {
        let mut formats = match self {
            Self::Fixed(format) => return vec![format],
            Self::Auto => return Self::AUTO.to_vec(),
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
    /// PNG of up to 8 bits a sample.
    Png,
    /// Lossy WebP with lossless alpha.
    Webp,
    /// AVIF of 8 bits: the fewest bytes, and several times a JPEG's time.
    Avif,
    /// GIF of up to 256 colors a frame.
    Gif,
}

impl OutputFormat {
    /// All of them, in the order above.
    pub const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::Webp, Self::Avif, Self::Gif];
}
