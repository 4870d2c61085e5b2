//! An animation in, its frames out, each composed on the canvas; one reader per format.

use super::avif::AvifFrames;
use super::canvas::Frame;
use super::gif::GifFrames;
#[cfg(feature = "jxl")]
use super::jxl::JxlFrames;
use super::{png, webp};
use crate::error::{Reject, RenderError};
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::source::{Container, HeifContent, Source, no_heif_data};
use crate::spec::Truncated;
use crate::stop::Stop;

/// The frames of a source that the limits have admitted.
pub struct Frames<'a> {
    format: ImageFormat,
    reader: Reader<'a>,
    stop: Stop,
}

enum Reader<'a> {
    Avif(Box<AvifFrames<'a>>),
    Gif(Box<GifFrames<'a>>),
    Png(Box<png::ApngFrames<'a>>),
    Webp(webp::WebpFrames<'a>),
    #[cfg(feature = "jxl")]
    Jxl(Box<JxlFrames<'a>>),
}

impl<'a> Frames<'a> {
    /// # Errors
    /// `Malformed` when what comes before the first frame breaks the format; `Stopped`.
    pub fn new(
        source: &'a Source<'a>,
        truncated: Truncated,
        stop: &Stop,
    ) -> Result<Self, RenderError> {
        let format = source.format();
        let reader = guarded(format, || opened(source, truncated, stop));
        let reader = reader.map_err(|reject| stop.judge(reject))?;
        Ok(Self { format, reader, stop: stop.clone() })
    }

    /// # Errors
    /// `Malformed` when the data are cut short or break the format; `Stopped`.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        self.stop.check()?;
        let Self { format, reader, stop } = self;
        let frame = guarded(*format, || match reader {
            Reader::Avif(frames) => frames.next_frame(),
            Reader::Gif(frames) => frames.next_frame(),
            Reader::Png(animation) => animation.next_frame(),
            Reader::Webp(animation) => animation.next_frame().map_err(|()| webp::damaged()),
            #[cfg(feature = "jxl")]
            Reader::Jxl(frames) => frames.next_frame(),
        });
        frame.map_err(|reject| stop.judge(reject))
    }
}

fn opened<'a>(
    source: &'a Source<'a>,
    truncated: Truncated,
    stop: &Stop,
) -> Result<Reader<'a>, Reject> {
    Ok(match source.container() {
        Container::Gif(gif) => Reader::Gif(Box::new(GifFrames::new(source, gif, truncated, stop))),
        Container::Png(png) => Reader::Png(Box::new(png::ApngFrames::new(source, png, stop)?)),
        Container::Webp(_) => {
            Reader::Webp(webp::WebpFrames::new(source).ok_or_else(webp::damaged)?)
        }
        Container::Heif(heif) => match (&heif.content, &heif.sequence) {
            (_, Some(sequence)) if sequence.is_truncated && truncated == Truncated::Refuse => {
                return Err(no_heif_data(source.format()));
            }
            (HeifContent::Picture(picture), Some(sequence)) => {
                Reader::Avif(Box::new(AvifFrames::new(picture, sequence)?))
            }
            _ => return Err(no_animation(source)),
        },
        #[cfg(feature = "jxl")]
        Container::Jxl(jxl) if jxl.is_truncated && truncated == Truncated::Refuse => {
            let detail = "it ends before its last frame is complete";
            return Err(Reject::malformed(source.format(), detail));
        }
        #[cfg(feature = "jxl")]
        Container::Jxl(jxl) => Reader::Jxl(Box::new(JxlFrames::new(source, jxl, stop)?)),
        _ => return Err(no_animation(source)),
    })
}

fn no_animation(source: &Source<'_>) -> Reject {
    Reject::malformed(source.format(), "no animation")
}

impl std::fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").field("format", &self.format).finish_non_exhaustive()
    }
}
