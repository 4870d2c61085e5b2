//! An animated PNG in, its frames out, each composed on the canvas.
//! Source: W3C PNG (third edition), 11.3.6 and 12.11.

use png::{BitDepth, BlendOp, DisposeOp, Reader};

use super::stream::Stream;
use super::{in_bytes, malformed, open};
use crate::decode::canvas::{Canvas, Frame, Place};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::raster::{Layout, Raster, Size, widen};
use crate::source::{Png, Source};
use crate::stop::Stop;

/// An animation being decoded.
pub(in crate::decode) struct ApngFrames<'a> {
    reader: Reader<Stream<'a>>,
    layout: Layout,
    canvas: Canvas,
    frames_left: u32,
    /// What becomes of the frame before.
    dispose: DisposeOp,
}

impl<'a> ApngFrames<'a> {
    /// # Errors
    /// `Malformed` where what comes before the first frame breaks the format.
    pub(in crate::decode) fn new(
        source: &Source<'a>,
        png: &'a Png<'a>,
        stop: &Stop,
    ) -> Result<Self, Reject> {
        let (mut reader, layout) = open(Stream::with_frames(source.bytes(), png, stop))?;
        // A picture before the first frame's control chunk is for programs that show no frames.
        if reader.info().frame_control.is_none() {
            let length = reader.output_buffer_size().unwrap_or(0);
            reader.next_frame(&mut vec![0; length]).map_err(malformed)?;
        }
        let canvas = Canvas::new(source.picture().size);
        Ok(Self { reader, layout, canvas, frames_left: png.frame_count, dispose: DisposeOp::None })
    }

    /// # Errors
    /// `Malformed` where the data are cut short or break the format.
    pub(in crate::decode) fn next_frame(&mut self) -> Result<Option<Frame>, Reject> {
        if self.frames_left == 0 {
            return Ok(None);
        }
        self.frames_left -= 1;
        let length = self.reader.output_buffer_size().unwrap_or(0);
        let mut pixels = vec![0; length];
        self.reader.next_frame(&mut pixels).map_err(malformed)?;
        if self.reader.output_color_type().1 == BitDepth::Sixteen {
            pixels = in_bytes(&pixels, None);
        }
        let control =
            self.reader.info().frame_control.ok_or_else(|| refused("no control chunk"))?;
        let size = Size::new(control.width, control.height).ok_or_else(|| refused("no pixels"))?;
        let place = Place { x: control.x_offset, y: control.y_offset, size };
        pixels.truncate(Raster::byte_length(size, self.layout));
        let frame = Raster::new(size, self.layout, pixels);
        match self.dispose {
            DisposeOp::None => {}
            DisposeOp::Background => self.canvas.clear(),
            DisposeOp::Previous => self.canvas.restore(),
        }
        self.dispose = control.dispose_op;
        self.canvas.begin(place, control.dispose_op == DisposeOp::Previous);
        match control.blend_op {
            BlendOp::Source => self.canvas.replace(&widen(&frame, Layout::Rgba)),
            BlendOp::Over => self.canvas.draw(&widen(&frame, Layout::Rgba)),
        }
        let parts = match control.delay_den {
            0 => 100,
            parts => u32::from(parts),
        };
        let duration_ms = u32::from(control.delay_num) * 1000 / parts;
        Ok(Some(self.canvas.frame(duration_ms)))
    }
}

fn refused(what: &str) -> Reject {
    Reject::malformed(ImageFormat::Png, format_args!("a frame with {what}"))
}
