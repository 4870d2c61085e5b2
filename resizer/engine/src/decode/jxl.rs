//! JPEG XL through `jxl`: the first frame as bands of rows, or all frames of an animation.

mod animation;
mod runner;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use jxl::api::{Event, JxlDecoder, JxlOutputBuffer};

pub(super) use self::animation::JxlFrames;
use self::runner::Runner;
use super::{BAND_ROWS, Pixels};
use crate::color::{ColorDescription, DeepToSrgb, ToSrgb};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::plan::Plan;
use crate::raster::{Layout, Raster, Size, widen};
use crate::source::{Jxl, Source, jxl_reject, open_jxl};
use crate::spec::Truncated;
use crate::stop::Stop;

/// A JPEG XL being decoded.
pub(super) struct JxlRows<'a> {
    source: &'a [u8],
    jxl: &'a Jxl<'a>,
    size: Size,
    colors: Vec<ColorDescription>,
    converter: Converter,
    truncated: Truncated,
    runner: Runner,
    samples: Option<Samples>,
    rows_done: usize,
}

/// How samples of the library become pixels in bytes.
enum Converter {
    None,
    Deep(DeepToSrgb),
    /// CMYK with alpha.
    Inks(Option<ToSrgb>),
}

/// All samples of a frame, as the library delivers them.
struct Samples {
    colors: Plane,
    alpha: Option<Plane>,
}

/// Interleaved samples of 8 or 16 bits.
struct Plane {
    bytes: Vec<u8>,
    /// Where the first sample lies, at an even address.
    start: usize,
    row_bytes: usize,
    row_count: usize,
}

impl<'a> JxlRows<'a> {
    /// Decodes nothing yet.
    pub(super) fn new(source: &Source<'a>, jxl: &'a Jxl<'a>, plan: &Plan, stop: &Stop) -> Self {
        let (size, layout) = (source.picture().size, source.layout());
        let mut colors = jxl.color_descriptions();
        let mut converter = Converter::new(jxl);
        if jxl.is_deep
            && plan.converts_deep_samples
            && let Some(to_srgb) = DeepToSrgb::new(&colors, layout)
        {
            (converter, colors) = (Converter::Deep(to_srgb), vec![ColorDescription::Srgb]);
        }
        Self {
            source: source.bytes(),
            jxl,
            size,
            colors,
            converter,
            truncated: plan.truncated,
            runner: Runner::new(stop),
            samples: None,
            rows_done: 0,
        }
    }

    /// What the rows' numbers mean.
    pub(super) fn colors(&self) -> Vec<ColorDescription> {
        self.colors.clone()
    }

    /// Decodes groups on that many threads from now on, where there are several; whether there are.
    pub(super) fn divide(&mut self, threads: usize) -> bool {
        self.runner.set_threads(threads);
        self.size.width().max(self.size.height()) > runner::GROUP_SIDE
    }

    /// Puts the next rows behind those that are there; false when there are none.
    ///
    /// # Errors
    /// `Malformed`, also once the job is stopped.
    pub(super) fn next_band(&mut self, rows: &mut Pixels) -> Result<bool, Reject> {
        let samples = match self.samples.take() {
            Some(samples) => samples,
            None => guarded(ImageFormat::Jxl, || self.decode())?,
        };
        let channels = self.jxl.channels.layout().channels();
        let end = (self.rows_done + BAND_ROWS).min(self.size.height() as usize);
        for y in self.rows_done..end {
            rows.push_interleaved(&self.converter.row(&samples, y), channels);
        }
        let more = end > self.rows_done;
        self.rows_done = end;
        self.samples = Some(samples);
        Ok(more)
    }

    /// The first frame that is shown.
    fn decode(&mut self) -> Result<Samples, Reject> {
        let is_deep = matches!(self.converter, Converter::Deep(_));
        let mut input = self.source;
        let mut decoder = open_jxl(&self.jxl.channels, is_deep, &mut input)?;
        let mut samples = Samples::new(self.size, self.jxl, is_deep);
        match next_event(&mut decoder, &mut input, &mut samples, &mut self.runner)? {
            Event::FrameComplete { .. } => return Ok(samples),
            Event::NeedMoreInput { .. } if self.truncated == Truncated::Accept => {}
            _ => return Err(truncated()),
        }
        let drawn = samples.with_buffers(|buffers| {
            decoder.flush_pixels(buffers, Some(&mut self.runner)).map_err(jxl_reject)
        });
        // What no group has drawn stays black, or transparent.
        if drawn? || samples.colors.bytes.iter().any(|&byte| byte > 0) {
            return Ok(samples);
        }
        Err(truncated())
    }
}

/// Decodes up to the end of the next frame that is shown, of all frames, or of the file.
fn next_event(
    decoder: &mut JxlDecoder,
    input: &mut &[u8],
    samples: &mut Samples,
    runner: &mut Runner,
) -> Result<Event, Reject> {
    samples.with_buffers(|buffers| {
        loop {
            let event = decoder.process(input, Some(buffers), Some(runner)).map_err(jxl_reject)?;
            if event != Event::FrameHeader {
                return Ok(event);
            }
        }
    })
}

fn truncated() -> Reject {
    Reject::malformed(ImageFormat::Jxl, "it ends within a frame")
}

impl Samples {
    /// Black ones, and transparent.
    fn new(size: Size, jxl: &Jxl<'_>, is_deep: bool) -> Self {
        let layout = jxl.channels.layout();
        let sample_bytes = if is_deep { 2 } else { 1 };
        Self {
            colors: Plane::new(size, layout.channels() * sample_bytes),
            alpha: jxl.channels.has_own_alpha().then(|| Plane::new(size, sample_bytes)),
        }
    }

    fn with_buffers<T>(
        &mut self,
        work: impl FnOnce(&mut [JxlOutputBuffer<'_>]) -> Result<T, Reject>,
    ) -> Result<T, Reject> {
        let planes = [Some(&mut self.colors), self.alpha.as_mut()];
        let mut buffers: Vec<_> = planes.into_iter().flatten().map(Plane::buffer).collect();
        work(&mut buffers)
    }
}

impl Plane {
    fn new(size: Size, pixel_bytes: usize) -> Self {
        let (row_bytes, row_count) = (size.width() as usize * pixel_bytes, size.height() as usize);
        let bytes = vec![0; row_bytes * row_count + 1];
        let start = bytes.as_ptr().align_offset(2);
        Self { bytes, start, row_bytes, row_count }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.bytes[self.start + y * self.row_bytes..][..self.row_bytes]
    }

    fn buffer(&mut self) -> JxlOutputBuffer<'_> {
        JxlOutputBuffer::new(&mut self.bytes[self.start..], self.row_count, self.row_bytes)
    }
}

impl Converter {
    /// For samples in bytes.
    fn new(jxl: &Jxl<'_>) -> Self {
        if jxl.channels.has_own_alpha() {
            return Self::Inks(ToSrgb::new(&jxl.colors, Layout::Cmyk));
        }
        Self::None
    }

    /// A row in the picture's layout.
    fn row<'a>(&self, samples: &'a Samples, y: usize) -> Cow<'a, [u8]> {
        let row = samples.colors.row(y);
        match (self, &samples.alpha) {
            (Self::Inks(to_srgb), Some(alpha)) => {
                Cow::Owned(with_alpha(row, alpha.row(y), to_srgb.as_ref()))
            }
            (Self::Deep(to_srgb), _) => {
                let (pairs, _) = row.as_chunks::<2>();
                let samples = pairs.iter().map(|&pair| u16::from_ne_bytes(pair));
                Cow::Owned(to_srgb.apply(&samples.collect::<Vec<u16>>()))
            }
            _ => Cow::Borrowed(row),
        }
    }
}

/// A row of CMYK and its alpha as RGBA.
fn with_alpha(inks: &[u8], alpha: &[u8], to_srgb: Option<&ToSrgb>) -> Vec<u8> {
    let Some(size) = Size::new(alpha.len() as u32, 1) else { return Vec::new() };
    let inks = Raster::new(size, Layout::Cmyk, inks.to_vec());
    let colors = to_srgb.map_or_else(|| inks.clone(), |to_srgb| to_srgb.apply(inks.clone()));
    let colors = widen(&colors, Layout::Rgb);
    let (colors, _) = colors.pixels().as_chunks::<3>();
    colors.iter().zip(alpha).flat_map(|(&[r, g, b], &a)| [r, g, b, a]).collect()
}
