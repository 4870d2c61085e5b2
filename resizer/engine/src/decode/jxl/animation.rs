//! An animated JPEG XL in, its frames out, which the library composes on the canvas.

use jxl::api::{Event, JxlDecoder};

use super::runner::Runner;
use super::{Converter, Samples, next_event, truncated};
use crate::decode::canvas::Frame;
use crate::error::Reject;
use crate::raster::{Layout, Raster, Size, widen};
use crate::source::{Jxl, Source, jxl_reject, open_jxl};
use crate::stop::Stop;

/// An animation being decoded.
pub(in crate::decode) struct JxlFrames<'a> {
    decoder: JxlDecoder,
    input: &'a [u8],
    size: Size,
    layout: Layout,
    converter: Converter,
    samples: Samples,
    runner: Runner,
    frames_left: u32,
    /// When the next frame begins, in milliseconds.
    start_ms: f64,
}

impl<'a> JxlFrames<'a> {
    /// # Errors
    /// `Malformed` where what comes before the first frame breaks the format.
    pub(in crate::decode) fn new(
        source: &Source<'a>,
        jxl: &Jxl<'a>,
        stop: &Stop,
    ) -> Result<Self, Reject> {
        let mut input = source.bytes();
        let decoder = open_jxl(&jxl.channels, false, &mut input)?;
        let size = source.picture().size;
        Ok(Self {
            decoder,
            input,
            size,
            layout: source.layout(),
            converter: Converter::new(jxl),
            samples: Samples::new(size, jxl, false),
            runner: Runner::new(stop),
            frames_left: jxl.frame_count,
            start_ms: 0.0,
        })
    }

    /// # Errors
    /// `Malformed` where the data are truncated or break the format, also once the job is stopped.
    pub(in crate::decode) fn next_frame(&mut self) -> Result<Option<Frame>, Reject> {
        if self.frames_left == 0 {
            return Ok(None);
        }
        self.frames_left -= 1;
        let duration_ms = self.next_samples()?;
        let rows = (0..self.size.height() as usize).map(|y| self.converter.row(&self.samples, y));
        let mut pixels = Vec::with_capacity(Raster::byte_length(self.size, self.layout));
        rows.for_each(|row| pixels.extend_from_slice(&row));
        let raster = Raster::new(self.size, self.layout, pixels);
        let raster = widen(&raster, Layout::Rgba).into_owned();
        Ok(Some(Frame { raster, duration_ms }))
    }

    /// How long the frame is shown, in milliseconds; what is rounded off is the next frame's.
    fn next_samples(&mut self) -> Result<u32, Reject> {
        let Self { decoder, input, samples, runner, .. } = self;
        // The header of the frame is forgotten once the frame is done.
        let header = decoder.process(input, None, Some(runner)).map_err(jxl_reject)?;
        if header != Event::FrameHeader {
            return Err(truncated());
        }
        let duration_ms = decoder.frame_header().and_then(|frame| frame.duration);
        match next_event(decoder, input, samples, runner)? {
            Event::FrameComplete { .. } => {
                let start_ms = self.start_ms;
                self.start_ms += duration_ms.unwrap_or(0.0);
                Ok((self.start_ms.round() - start_ms.round()) as u32)
            }
            _ => Err(truncated()),
        }
    }
}
