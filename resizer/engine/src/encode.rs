//! A finished picture and a variant's plan in, the bytes of a file out; of an animation one picture
//! after the other. One encoder per format in `encode/`; none of them writes metadata of its own.

mod avif;
mod gif;
mod jpeg;
mod palette;
mod png;
mod webp;

use crate::error::RenderError;
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::plan::VariantPlan;
use crate::raster::{Raster, Size};
use crate::resize::Picture;
use crate::spec::OutputFormat;
use crate::stop::Stop;

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

/// For whom a file is encoded.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// What the source is, which is to blame for pixels that confuse an encoder.
    pub source: ImageFormat,
    /// Ends the encoding when it is set.
    pub stop: &'a Stop,
}

impl Job<'_> {
    /// What an encoder of a library makes; nothing where it was stopped.
    fn guarded<T>(&self, work: impl FnOnce() -> Option<T>) -> Result<T, RenderError> {
        let made = guarded(self.source, || Ok(work())).map_err(|reject| self.stop.judge(reject))?;
        made.ok_or(RenderError::Stopped)
    }
}

/// Encodes an upright picture as `format`.
///
/// # Errors
/// `Stopped`; `Malformed` where pixels confuse an encoder.
///
/// # Panics
/// For planes as anything but JPEG, which no plan asks for.
pub fn encode(
    picture: &Picture,
    format: OutputFormat,
    variant: &VariantPlan,
    extras: Extras<'_>,
    job: &Job<'_>,
) -> Result<Vec<u8>, RenderError> {
    let &VariantPlan { quality, effort, .. } = variant;
    let stop = job.stop;
    match (format, picture) {
        (OutputFormat::Jpeg, picture) => {
            jpeg::encode(picture, variant, extras, stop).ok_or(RenderError::Stopped)
        }
        (OutputFormat::Png, Picture::Pixels(raster)) => {
            job.guarded(|| Some(png::encode(raster, effort, extras)))
        }
        (OutputFormat::Webp, Picture::Pixels(raster)) => {
            job.guarded(|| webp::encode(raster, quality.webp, effort, extras, stop))
        }
        (OutputFormat::Avif, Picture::Pixels(raster)) => {
            job.guarded(|| Some(avif::encode(raster, quality.avif, effort, extras)))
        }
        (OutputFormat::Gif, Picture::Pixels(raster)) => {
            job.guarded(|| Some(gif::encode(raster, effort)))
        }
        (_, Picture::Planes(_)) => unreachable!("only JPEGs are planned as planes"),
    }
}

/// One file of an animation in the making.
pub struct AnimationEncoder {
    size: Size,
    frames: Frames,
    source: ImageFormat,
    stop: Stop,
}

enum Frames {
    Png(png::ApngEncoder),
    Webp(webp::WebpAnimationEncoder),
    Gif(gif::GifEncoder),
}

impl AnimationEncoder {
    /// Starts a file whose first frame is `first`; it holds so many frames and is played so often,
    /// 0 being for ever. `None` for formats whose pictures cannot move.
    ///
    /// # Errors
    /// As [`encode`] has them.
    pub fn new(
        first: &Raster,
        format: OutputFormat,
        variant: &VariantPlan,
        [frames, plays]: [u32; 2],
        extras: Extras<'_>,
        job: &Job<'_>,
    ) -> Result<Option<Self>, RenderError> {
        let &VariantPlan { quality, effort, .. } = variant;
        let size = first.size();
        let frames = job.guarded(|| {
            Some(match format {
                OutputFormat::Png => {
                    Some(Frames::Png(png::ApngEncoder::new(size, effort, [frames, plays], extras)))
                }
                OutputFormat::Webp => {
                    Some(Frames::Webp(webp::animation(size, quality.webp, effort, plays)))
                }
                OutputFormat::Gif => {
                    Some(Frames::Gif(gif::GifEncoder::new(first, effort, Some(plays))))
                }
                OutputFormat::Jpeg | OutputFormat::Avif => None,
            })
        })?;
        let &Job { source, stop } = job;
        Ok(frames.map(|frames| Self { size, frames, source, stop: stop.clone() }))
    }

    /// Adds a frame of the first one's size.
    ///
    /// # Errors
    /// As [`encode`] has them; nothing can be added after one.
    pub fn push(&mut self, frame: &Timed<'_>) -> Result<(), RenderError> {
        let Self { frames, source, stop, .. } = self;
        Job { source: *source, stop }.guarded(|| {
            match frames {
                Frames::Png(animation) => animation.push(frame),
                Frames::Webp(animation) => webp::push(animation, frame),
                Frames::Gif(animation) => animation.push(frame),
            }
            Some(())
        })
    }

    /// The whole file.
    ///
    /// # Errors
    /// As [`encode`] has them.
    pub fn finish(self, extras: Extras<'_>) -> Result<Vec<u8>, RenderError> {
        let Self { size, frames, source, stop } = self;
        Job { source, stop: &stop }.guarded(|| {
            Some(match frames {
                Frames::Png(animation) => animation.finish(),
                Frames::Webp(animation) => webp::finish(animation, size, extras),
                Frames::Gif(animation) => animation.finish(),
            })
        })
    }
}

impl std::fmt::Debug for AnimationEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnimationEncoder").field("size", &self.size).finish_non_exhaustive()
    }
}
