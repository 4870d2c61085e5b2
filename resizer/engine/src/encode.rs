//! A finished picture and a variant's plan in, the bytes of a file out; of an animation one picture
//! after the other. One encoder per format in `encode/`; none of them writes metadata of its own.

mod avif;
mod gif;
mod jpeg;
mod palette;
mod png;
mod webp;

use crate::plan::VariantPlan;
use crate::raster::{Raster, Size};
use crate::resize::Picture;
use crate::spec::OutputFormat;

/// What a file tells beside its pixels, where its format can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extras<'a> {
    /// An ICC profile, in JPEG, PNG and WebP.
    pub icc: Option<&'a [u8]>,
    /// A TIFF structure, in all but GIF.
    pub exif: Option<&'a [u8]>,
    /// An XML document, in JPEG, PNG and WebP.
    pub xmp: Option<&'a [u8]>,
}

/// One frame of an animation.
#[derive(Debug, Clone, Copy)]
pub struct Timed<'a> {
    /// All of the picture.
    pub raster: &'a Raster,
    /// How long it is seen, in milliseconds.
    pub duration_ms: u32,
}

/// Encodes an upright picture as `format`.
///
/// # Panics
/// For planes as anything but JPEG, which no plan asks for.
pub fn encode(
    picture: &Picture,
    format: OutputFormat,
    variant: &VariantPlan,
    extras: Extras<'_>,
) -> Vec<u8> {
    let &VariantPlan { quality, effort, .. } = variant;
    match (format, picture) {
        (OutputFormat::Jpeg, picture) => jpeg::encode(picture, variant, extras),
        (OutputFormat::Png, Picture::Pixels(raster)) => png::encode(raster, effort, extras),
        (OutputFormat::Webp, Picture::Pixels(raster)) => {
            webp::encode(raster, quality, effort, extras)
        }
        (OutputFormat::Avif, Picture::Pixels(raster)) => {
            avif::encode(raster, quality, effort, extras)
        }
        (OutputFormat::Gif, Picture::Pixels(raster)) => gif::encode(raster, effort),
        (_, Picture::Planes(_)) => unreachable!("only JPEGs are planned as planes"),
    }
}

/// One file of an animation in the making.
pub struct Animation {
    size: Size,
    frames: Frames,
}

enum Frames {
    Png(png::Animation),
    Webp(webp::Animation),
    Gif(gif::Animation),
}

impl Animation {
    /// Starts a file whose first frame is `first`; it holds so many frames and is played so often,
    /// 0 being for ever. `None` for formats whose pictures cannot move.
    pub fn new(
        first: &Raster,
        format: OutputFormat,
        variant: &VariantPlan,
        [frames, plays]: [u32; 2],
        extras: Extras<'_>,
    ) -> Option<Self> {
        let &VariantPlan { quality, effort, .. } = variant;
        let size = first.size();
        let frames = match format {
            OutputFormat::Png => {
                Frames::Png(png::Animation::new(size, effort, [frames, plays], extras))
            }
            OutputFormat::Webp => Frames::Webp(webp::animation(size, quality, effort, plays)),
            OutputFormat::Gif => Frames::Gif(gif::Animation::new(first, effort, Some(plays))),
            OutputFormat::Jpeg | OutputFormat::Avif => return None,
        };
        Some(Self { size, frames })
    }

    /// Adds a frame of the first one's size.
    pub fn push(&mut self, frame: &Timed<'_>) {
        match &mut self.frames {
            Frames::Png(animation) => animation.push(frame),
            Frames::Webp(animation) => webp::push(animation, frame),
            Frames::Gif(animation) => animation.push(frame),
        }
    }

    /// The whole file.
    pub fn finish(self, extras: Extras<'_>) -> Vec<u8> {
        match self.frames {
            Frames::Png(animation) => animation.finish(),
            Frames::Webp(animation) => webp::finish(animation, self.size, extras),
            Frames::Gif(animation) => animation.finish(),
        }
    }
}

impl std::fmt::Debug for Animation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Animation").field("size", &self.size).finish_non_exhaustive()
    }
}
