//! An animation in, its frames out, each composed on the canvas; one reader per format.

use super::canvas::Frame;
use super::gif::GifFrames;
use super::{png, webp};
use crate::error::{Reject, RenderError};
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::header::Header;
use crate::stop::Stop;

/// The frames of a source whose header the limits have admitted.
pub struct Frames<'a> {
    format: ImageFormat,
    source: Source<'a>,
    stop: Stop,
}

enum Source<'a> {
    Gif(Box<GifFrames<'a>>),
    Png(Box<png::ApngFrames<'a>>),
    Webp(webp::WebpFrames<'a>),
}

impl<'a> Frames<'a> {
    /// # Errors
    /// `Malformed` when what comes before the first frame breaks the format; `Stopped`.
    pub fn new(source: &'a [u8], header: &'a Header, stop: &Stop) -> Result<Self, RenderError> {
        let format = header.format;
        let source = guarded(format, || opened(source, header, stop));
        let source = source.map_err(|reject| stop.judge(reject))?;
        Ok(Self { format, source, stop: stop.clone() })
    }

    /// # Errors
    /// `Malformed` when the data are cut short or break the format; `Stopped`.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        self.stop.check()?;
        let Self { format, source, stop } = self;
        let frame = guarded(*format, || match source {
            Source::Gif(frames) => frames.next_frame(),
            Source::Png(animation) => animation.next_frame(),
            Source::Webp(animation) => animation.next_frame().map_err(|()| webp::damaged()),
        });
        frame.map_err(|reject| stop.judge(reject))
    }
}

fn opened<'a>(source: &'a [u8], header: &'a Header, stop: &Stop) -> Result<Source<'a>, Reject> {
    Ok(match header.format {
        ImageFormat::Gif => Source::Gif(Box::new(GifFrames::new(source, header, stop)?)),
        ImageFormat::Png => Source::Png(Box::new(png::ApngFrames::new(source, header, stop)?)),
        _ => Source::Webp(webp::WebpFrames::new(source, header).ok_or_else(webp::damaged)?),
    })
}

impl std::fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").field("format", &self.format).finish_non_exhaustive()
    }
}
