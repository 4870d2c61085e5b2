//! An animation in, its frames out, each composed on the canvas: GIF and PNG through `image`, WebP
//! through libwebp.

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, ImageError};

use super::webp;
use crate::error::{Reject, RenderError};
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::header::Header;
use crate::raster::{Layout, Raster};
use crate::stop::{Stop, StopReader};

/// The frames of a source whose header the limits have admitted.
pub struct Frames<'a> {
    format: ImageFormat,
    header: &'a Header,
    rows: Source<'a>,
    stop: Stop,
}

enum Source<'a> {
    Images(image::Frames<'a>),
    Webp(webp::Animation<'a>),
}

/// One frame.
#[derive(Debug)]
pub struct Frame {
    /// The canvas as it is seen: RGBA.
    pub raster: Raster,
    /// How long it is seen, in milliseconds.
    pub duration_ms: u32,
}

impl<'a> Frames<'a> {
    /// # Errors
    /// `Malformed` when what comes before the first frame breaks the format; `Stopped`.
    pub fn new(source: &'a [u8], header: &'a Header, stop: &Stop) -> Result<Self, RenderError> {
        let format = header.format;
        let rows = guarded(format, || opened(source, header, stop));
        let rows = rows.map_err(|reject| stop.judge(reject))?;
        Ok(Self { format, header, rows, stop: stop.clone() })
    }

    /// # Errors
    /// `Malformed` when the data are cut short or break the format; `Stopped`.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, RenderError> {
        self.stop.check()?;
        let Self { format, header, rows, stop } = self;
        let frame = guarded(*format, || match rows {
            Source::Images(images) => next_of(images, header),
            Source::Webp(animation) => animation.next_frame().map_err(|()| webp::damaged()),
        });
        frame.map_err(|reject| stop.judge(reject))
    }
}

/// The library's frames.
fn opened<'a>(source: &'a [u8], header: &'a Header, stop: &Stop) -> Result<Source<'a>, Reject> {
    let format = header.format;
    let refuse = |error: ImageError| match error {
        ImageError::Unsupported(_) => {
            Reject::Unsupported { what: "an animated PNG of 16-bit samples" }
        }
        error => Reject::malformed(format, error),
    };
    let reader = StopReader::new(source, stop);
    Ok(match format {
        ImageFormat::Gif => Source::Images(GifDecoder::new(reader).map_err(refuse)?.into_frames()),
        ImageFormat::Png => {
            let decoder = PngDecoder::new(reader).and_then(PngDecoder::apng);
            Source::Images(decoder.map_err(refuse)?.into_frames())
        }
        _ => Source::Webp(webp::Animation::new(source, header).ok_or_else(webp::damaged)?),
    })
}

fn next_of(images: &mut image::Frames<'_>, header: &Header) -> Result<Option<Frame>, Reject> {
    let Some(frame) = images.next() else { return Ok(None) };
    let frame = frame.map_err(|error| Reject::malformed(header.format, error))?;
    let (numerator, denominator) = frame.delay().numer_denom_ms();
    let duration_ms = numerator.checked_div(denominator).unwrap_or(0);
    let canvas = frame.into_buffer();
    let size = header.size;
    if canvas.dimensions() != (size.width(), size.height()) {
        let detail = format!("a frame of {:?} on a canvas of {size}", canvas.dimensions());
        return Err(Reject::malformed(header.format, detail));
    }
    Ok(Some(Frame { raster: Raster::new(size, Layout::Rgba, canvas.into_raw()), duration_ms }))
}

impl std::fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").field("format", &self.format).finish_non_exhaustive()
    }
}
