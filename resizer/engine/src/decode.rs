//! A source and its plan in, `Band`s out: the rows of the source as stored, 8
//! bits a channel, top to bottom, as they are decoded. One decoder per format in `decode/`.

mod avif;
mod bmp;
mod canvas;
mod frames;
mod gif;
#[cfg(feature = "heic")]
mod heic;
mod jpeg;
#[cfg(feature = "jxl")]
mod jxl;
mod overlay;
mod planes;
mod png;
mod tiff;
mod webp;
mod whole;

use self::bmp::BmpRows;
pub use self::frames::Frames;
#[cfg(feature = "heic")]
use self::heic::HeicRows;
use self::jpeg::JpegRows;
#[cfg(feature = "jxl")]
use self::jxl::JxlRows;
use self::png::PngRows;
use self::tiff::TiffRows;
use self::whole::Whole;
use crate::color::ColorDescription;
use crate::error::{Reject, RenderError};
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::plan::{Plan, Stream};
use crate::raster::Raster;
#[cfg(feature = "heic")]
use crate::source::HeifCoding;
use crate::source::{Container, HeifContent, HeifPicture, Source, no_heif_data};
use crate::spec::Truncated;
use crate::stop::Stop;

/// Rows that a decoder without bands of its own gives at a time, as many as most JPEGs give.
const BAND_ROWS: usize = 16;

/// A source being decoded.
pub struct Decoder<'a> {
    format: ImageFormat,
    stop: Stop,
    rows: Format<'a>,
    /// What the source says of its colors, the first word counting most; without any they are
    /// sRGB.
    pub colors: Vec<ColorDescription>,
}

enum Format<'a> {
    Jpeg(Box<JpegRows<'a>>),
    Bmp(Box<BmpRows<'a>>),
    Png(Box<PngRows<'a>>),
    Tiff(Box<TiffRows<'a>>),
    #[cfg(feature = "heic")]
    Heic(Box<HeicRows<'a>>),
    #[cfg(feature = "jxl")]
    Jxl(Box<JxlRows<'a>>),
    /// What no library gives in rows.
    Whole(Whole),
}

/// The next rows of each stream; those that nothing needs stay empty.
#[derive(Debug, Default)]
pub struct Band {
    pixels: Pixels,
    /// Of all planes.
    samples: Vec<u8>,
    luma: Shape,
    chroma: Shape,
}

/// Rows of pixels.
#[derive(Debug, Default)]
struct Pixels {
    shape: Shape,
    /// The rows, and what is left of earlier ones. Within a row one channel lies behind the other.
    bytes: Vec<u8>,
}

/// Where the rows of a stream lie within a buffer.
#[derive(Debug, Default, Clone, Copy)]
struct Shape {
    /// Where the first row of each channel begins.
    starts: [usize; 4],
    channels: usize,
    width: usize,
    /// From one row to the next.
    stride: usize,
    count: usize,
}

impl<'a> Decoder<'a> {
    /// Prepares to decode a source that the limits have admitted; of an animation the
    /// first frame, composed on its canvas.
    ///
    /// # Errors
    /// `Malformed` when the data before the first row break the format; for formats that come as
    /// a whole, all other data as well. `Stopped`.
    pub fn new(source: &'a Source<'a>, plan: &Plan, stop: &Stop) -> Result<Self, RenderError> {
        stop.check()?;
        let format = source.format();
        let opened = match source.container() {
            Container::Jpeg(jpeg) => JpegRows::new(source, jpeg, plan, stop)
                .map(|rows| (Format::Jpeg(Box::new(rows)), source.color_descriptions())),
            Container::Bmp(bmp) => {
                BmpRows::new(bmp, stop).map(|rows| (Format::Bmp(Box::new(rows)), Vec::new()))
            }
            _ => guarded(format, || opened(source, plan, stop)),
        };
        let (rows, colors) = opened.map_err(|reject| stop.judge(reject))?;
        Ok(Self { format, stop: stop.clone(), rows, colors })
    }

    /// The rows of a frame that is composed already.
    pub fn of_frame(format: ImageFormat, raster: Raster, stop: &Stop) -> Self {
        let rows = Format::Whole(Whole::new(raster));
        Self { format, stop: stop.clone(), rows, colors: Vec::new() }
    }

    /// Decodes parts of the picture on that many threads, where it consists of such parts; whether
    /// it does.
    pub fn divide(&mut self, threads: usize) -> bool {
        if threads <= 1 {
            return false;
        }
        match &mut self.rows {
            #[cfg(feature = "heic")]
            Format::Heic(rows) => rows.divide(threads),
            #[cfg(feature = "jxl")]
            Format::Jxl(rows) => rows.divide(threads),
            _ => false,
        }
    }

    /// Puts the next rows into `band`, in place of what it holds. False when there are none.
    ///
    /// # Errors
    /// `Malformed` when the data are cut short or break the format; `Stopped`.
    pub fn next_band(&mut self, band: &mut Band) -> Result<bool, RenderError> {
        self.stop.check()?;
        for shape in [&mut band.pixels.shape, &mut band.luma, &mut band.chroma] {
            shape.count = 0;
        }
        let more = match &mut self.rows {
            Format::Jpeg(rows) => rows.next_band(band),
            Format::Bmp(rows) => Ok(rows.next_band(&mut band.pixels)),
            Format::Png(rows) => guarded(self.format, || rows.next_band(&mut band.pixels)),
            Format::Tiff(rows) => guarded(self.format, || rows.next_band(&mut band.pixels)),
            #[cfg(feature = "heic")]
            Format::Heic(rows) => rows.next_band(&mut band.pixels),
            #[cfg(feature = "jxl")]
            Format::Jxl(rows) => rows.next_band(&mut band.pixels),
            Format::Whole(rows) => Ok(rows.next_band(&mut band.pixels)),
        };
        more.map_err(|reject| self.stop.judge(reject))
    }
}

/// What libraries decode.
fn opened<'a>(
    source: &'a Source<'a>,
    plan: &Plan,
    stop: &Stop,
) -> Result<(Format<'a>, Vec<ColorDescription>), Reject> {
    let (raster, colors) = match source.container() {
        Container::Jpeg(_) | Container::Bmp(_) => unreachable!("no library decodes it"),
        Container::Png(png) => {
            let (mut rows, colors) = PngRows::new(source, png, plan, stop)?;
            if !png.is_interlaced {
                return Ok((Format::Png(Box::new(rows)), colors));
            }
            (rows.whole()?, colors)
        }
        Container::Tiff(tiff) => {
            let rows = TiffRows::new(tiff, plan, stop);
            let colors = rows.colors().into_iter().collect();
            return Ok((Format::Tiff(Box::new(rows)), colors));
        }
        Container::Webp(webp) => {
            (webp::decode(source, webp, plan.truncated)?, source.color_descriptions())
        }
        Container::Gif(gif) => (gif::decode(source, gif, plan.truncated, stop)?, Vec::new()),
        Container::Heif(heif) if heif.is_truncated() && plan.truncated == Truncated::Refuse => {
            return Err(no_heif_data(source.format()));
        }
        Container::Heif(heif) => match &heif.content {
            #[cfg(feature = "heic")]
            HeifContent::Picture(picture) if picture.coding == HeifCoding::Hevc => {
                let rows = HeicRows::new(picture, stop);
                return Ok((Format::Heic(Box::new(rows)), source.color_descriptions()));
            }
            HeifContent::Picture(picture) => {
                let (raster, said) = avif::decode(picture, stop)?;
                let colors = source.color_descriptions();
                (raster, if colors.is_empty() { said.into_iter().collect() } else { colors })
            }
            HeifContent::Overlay(overlay) => {
                (overlay::decode(overlay, stop)?, source.color_descriptions())
            }
        },
        #[cfg(feature = "jxl")]
        Container::Jxl(jxl) => {
            let rows = JxlRows::new(source, jxl, plan, stop);
            let colors = rows.colors();
            return Ok((Format::Jxl(Box::new(rows)), colors));
        }
    };
    Ok((Format::Whole(Whole::new(raster)), colors))
}

/// A picture of a HEIF file, of any coding, as a whole.
fn heif_raster(picture: &HeifPicture<'_>, stop: &Stop) -> Result<Raster, Reject> {
    #[cfg(feature = "heic")]
    if picture.coding == HeifCoding::Hevc {
        return HeicRows::new(picture, stop).whole();
    }
    Ok(avif::decode(picture, stop)?.0)
}

impl std::fmt::Debug for Decoder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("colors", &self.colors).finish_non_exhaustive()
    }
}

impl Band {
    /// The rows of one stream, top to bottom, each as one slice for a channel.
    pub fn rows(&self, stream: Stream) -> impl Iterator<Item = impl Iterator<Item = &[u8]>> {
        let (shape, bytes) = match stream {
            Stream::Pixels => (self.pixels.shape, &self.pixels.bytes),
            Stream::Luma => (self.luma, &self.samples),
            Stream::Chroma => (self.chroma, &self.samples),
        };
        let Shape { starts, channels, width, stride, count } = shape;
        let channel = move |start: usize, y: usize| &bytes[start + y * stride..][..width];
        (0..count)
            .map(move |y| starts.into_iter().take(channels).map(move |start| channel(start, y)))
    }
}

impl Pixels {
    /// Room for more rows of this shape behind those that are there.
    fn space(&mut self, width: usize, channels: usize, count: usize) -> &mut [u8] {
        let stride = width * channels;
        let starts = [0, 1, 2, 3].map(|channel| channel * width);
        self.shape = Shape { starts, channels, width, stride, count: self.shape.count };
        let (start, end) = (self.shape.count * stride, (self.shape.count + count) * stride);
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        &mut self.bytes[start..end]
    }

    /// Adds a row of pixels whose channels alternate.
    fn push_interleaved(&mut self, pixels: &[u8], channels: usize) {
        let space = self.space(pixels.len() / channels, channels, 1);
        match channels {
            1 => space.copy_from_slice(pixels),
            2 => split::<2>(pixels, space),
            3 => split::<3>(pixels, space),
            _ => split::<4>(pixels, space),
        }
        self.shape.count += 1;
    }
}

/// Pixels to one channel behind the other.
fn split<const CHANNELS: usize>(pixels: &[u8], out: &mut [u8]) {
    let (pixels, _) = pixels.as_chunks::<CHANNELS>();
    for (channel, out) in out.chunks_exact_mut(pixels.len()).enumerate() {
        for (out, pixel) in out.iter_mut().zip(pixels) {
            *out = pixel[channel];
        }
    }
}
