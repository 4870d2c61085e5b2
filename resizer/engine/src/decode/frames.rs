//! An animation in, its frames out, each composed on the canvas: GIF and PNG through `image`, WebP
//! through libwebp.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, ImageError};

use super::webp;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::raster::{Layout, Raster};

/// The frames of a source whose header the limits have admitted.
pub struct Frames<'a> {
    format: ImageFormat,
    header: &'a Header,
    rows: Source<'a>,
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
    /// `Malformed` when what comes before the first frame breaks the format.
    pub fn new(source: &'a [u8], header: &'a Header) -> Result<Self, Reject> {
        let format = header.format;
        let refuse = |error: ImageError| match error {
            ImageError::Unsupported(_) => {
                Reject::Unsupported { what: "an animated PNG of 16-bit samples" }
            }
            error => Reject::malformed(format, error),
        };
        let cursor = Cursor::new(source);
        let rows = match format {
            ImageFormat::Gif => {
                Source::Images(GifDecoder::new(cursor).map_err(refuse)?.into_frames())
            }
            ImageFormat::Png => {
                let decoder = PngDecoder::new(cursor).and_then(PngDecoder::apng);
                Source::Images(decoder.map_err(refuse)?.into_frames())
            }
            _ => Source::Webp(webp::Animation::new(source, header).ok_or_else(webp::damaged)?),
        };
        Ok(Self { format, header, rows })
    }

    /// # Errors
    /// `Malformed` when the data are cut short or break the format.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Reject> {
        let images = match &mut self.rows {
            Source::Images(images) => images,
            Source::Webp(animation) => return animation.next_frame().map_err(|()| webp::damaged()),
        };
        let Some(frame) = images.next() else { return Ok(None) };
        let frame = frame.map_err(|error| Reject::malformed(self.format, error))?;
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let duration_ms = numerator.checked_div(denominator).unwrap_or(0);
        let canvas = frame.into_buffer();
        let size = self.header.size;
        if canvas.dimensions() != (size.width(), size.height()) {
            let detail = format!("a frame of {:?} on a canvas of {size}", canvas.dimensions());
            return Err(Reject::malformed(self.format, detail));
        }
        Ok(Some(Frame { raster: Raster::new(size, Layout::Rgba, canvas.into_raw()), duration_ms }))
    }
}

impl std::fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").field("format", &self.format).finish_non_exhaustive()
    }
}
