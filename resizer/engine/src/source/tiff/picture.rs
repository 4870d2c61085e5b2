//! The fields of the first directory as one description of its pixels, checked: what a sample is,
//! what the samples mean, how they are compressed and where.

use super::chunks::Chunks;
use super::coding::{Compression, compression, has_differences};
use super::color::{Alpha, Color, YCbCr, alpha, color};
use super::directory::File;
use super::kinds;
use super::tags::{
    ARTIST, BITS, COMPRESSION, COPYRIGHT, FILL_ORDER, HEIGHT, ICC, IPTC, ORIENTATION, PLANAR,
    SAMPLE_FORMAT, SAMPLES, Tags, WIDTH,
};
use crate::error::Reject;
use crate::exif::trimmed;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::{Layout, Size};
use crate::source::nonzero_size;

/// More samples of a pixel are no picture but measurements.
const MAX_SAMPLES: u64 = 16;

/// The picture of the first directory.
#[derive(Debug, Clone)]
pub(crate) struct Tiff<'a> {
    pub(crate) size: Size,
    pub(crate) orientation: Orientation,
    pub(crate) samples: Samples,
    pub(crate) color: Color<'a>,
    pub(crate) alpha: Option<Alpha>,
    pub(crate) compression: Compression<'a>,
    /// Whether samples are differences to their left neighbors.
    pub(crate) has_differences: bool,
    /// Whether the first pixel is in the lowest bit of its byte.
    pub(crate) has_reversed_bits: bool,
    pub(crate) chunks: Chunks<'a>,
    pub(crate) icc: Option<&'a [u8]>,
    pub(crate) artist: Option<&'a [u8]>,
    pub(crate) copyright: Option<&'a [u8]>,
    pub(crate) iptc: Option<&'a [u8]>,
}

/// The samples of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Samples {
    /// Bits of each, 1 to 16.
    pub(crate) bits: u32,
    /// Those of a pixel: colors, alpha, and what is passed over.
    pub(crate) per_pixel: usize,
    /// Whether each has chunks of its own.
    pub(crate) is_planar: bool,
    pub(crate) big_endian: bool,
}

impl<'a> Tiff<'a> {
    /// Reads and checks what the first directory says.
    ///
    /// # Errors
    /// `Malformed` where it is cut short or contradicts itself; `Unsupported` with the kind's name.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Reject> {
        let file = File::open(bytes).ok_or_else(|| malformed("no header"))?;
        let directory = file.first_directory();
        let directory = directory.ok_or_else(|| malformed("cut within its directory"))?;
        let tags = Tags::read(&directory);
        if let Some(what) = kinds::camera_raw(&file, &tags) {
            return Err(Reject::Unsupported { what });
        }
        if !tags.are_whole() {
            return Err(malformed("a field that is longer than the file"));
        }
        let side = |tag: u16| u32::try_from(tags.number(tag).unwrap_or(0)).unwrap_or(u32::MAX);
        let size = nonzero_size(ImageFormat::Tiff, side(WIDTH), side(HEIGHT))?;
        let samples = samples(&tags, file.big_endian)?;
        let code = tags.number(COMPRESSION).unwrap_or(1);
        let compression = compression(code, &tags, samples)?;
        let (color, compression) = color(&tags, samples, compression)?;
        let alpha = alpha(&tags, samples, &color);
        let orientation = tags.number(ORIENTATION).and_then(|value| u8::try_from(value).ok());
        Ok(Self {
            size,
            orientation: Orientation::from_exif_value(orientation.unwrap_or(1)),
            samples,
            color,
            alpha,
            compression,
            has_differences: has_differences(&tags, samples, compression, &color)?,
            has_reversed_bits: tags.number(FILL_ORDER) == Some(2),
            chunks: Chunks::read(bytes, &tags, size, compression, color.rows_per_line())?,
            icc: tags.bytes(ICC),
            artist: tags.bytes(ARTIST).and_then(trimmed),
            copyright: tags.bytes(COPYRIGHT).and_then(trimmed),
            iptc: tags.bytes(IPTC),
        })
    }

    /// The channels that decoding delivers. Alpha of inks is drawn on paper.
    pub(crate) fn layout(&self) -> Layout {
        match (self.color, self.alpha) {
            (Color::Gray { .. }, None) => Layout::Gray,
            (Color::Gray { .. }, Some(_)) => Layout::GrayAlpha,
            // Where a profile says what colors inks are. Source: ICC.1, 7.2.6.
            (Color::Cmyk, _) if self.icc.and_then(|icc| icc.get(16..20)) == Some(b"CMYK") => {
                Layout::Cmyk
            }
            (Color::Cmyk, _) | (_, None) => Layout::Rgb,
            (_, Some(_)) => Layout::Rgba,
        }
    }

    /// Bytes of a line of one chunk, before compression; of one sample where each has its own.
    pub(crate) fn line_bytes(&self) -> u64 {
        let width = u64::from(self.chunks.width);
        let samples = if self.samples.is_planar { 1 } else { self.samples.per_pixel as u64 };
        match self.color {
            Color::YCbCr(YCbCr { subsampling: [across, down], .. }) if across * down > 1 => {
                width.div_ceil(across as u64) * (across * down + 2) as u64
            }
            _ => (width * samples).saturating_mul(self.samples.bits.into()).div_ceil(8),
        }
    }

    /// The samples that are needed: colors, and alpha behind them.
    pub(crate) fn needed_samples(&self) -> impl Iterator<Item = usize> {
        (0..self.color.samples()).chain(self.alpha.map(|alpha| alpha.sample))
    }
}

pub(super) fn malformed(detail: &str) -> Reject {
    Reject::malformed(ImageFormat::Tiff, detail)
}

pub(super) fn unsupported(what: &'static str) -> Reject {
    Reject::Unsupported { what }
}

fn samples(tags: &Tags<'_>, big_endian: bool) -> Result<Samples, Reject> {
    let bits = tags.values(BITS);
    let per_pixel = tags.number(SAMPLES).unwrap_or(1);
    if per_pixel == 0 {
        return Err(malformed("no sample in a pixel"));
    }
    if per_pixel > MAX_SAMPLES {
        return Err(unsupported("a TIFF of more than 16 samples a pixel"));
    }
    let formats = tags.values(SAMPLE_FORMAT);
    let mut formats = (0..per_pixel).filter_map(|index| formats?.get(index));
    if let Some(what) = formats.find_map(kinds::sample_format) {
        return Err(unsupported(what));
    }
    let first = bits.and_then(|bits| bits.get(0)).unwrap_or(1);
    let mut bits = (0..per_pixel).filter_map(|index| bits?.get(index));
    if bits.any(|bits| bits != first) {
        return Err(unsupported("a TIFF whose samples differ in depth"));
    }
    match first {
        0 => return Err(malformed("samples of no bits")),
        1..=16 => {}
        _ => return Err(unsupported("a TIFF of more than 16 bits a sample")),
    }
    let is_planar = tags.number(PLANAR) == Some(2) && per_pixel > 1;
    Ok(Samples { bits: first as u32, per_pixel: per_pixel as usize, is_planar, big_endian })
}
