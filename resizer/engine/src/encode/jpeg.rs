//! The seam to our JPEG encoder: gray, RGB or the planes of YCbCr. Our own code, so that its panics
//! are found and not taken for the source's fault.

use resizer_jpeg::planes::Plane;
use resizer_jpeg::{
    Effort as JpegEffort, EncodeError, EncodeOptions, Encoder as JpegEncoder, PixelFormat, Sampling,
};

use super::{Encoder, Extras, Failure, File};
use crate::raster::{Layout, Raster, Size, flatten};
use crate::resize::Picture;
use crate::spec::{Effort, MAX_SIDE};
use crate::stop::Stop;

pub(super) const ENCODER: Encoder = Encoder {
    extension: "jpg",
    media_type: "image/jpeg",
    max_side: MAX_SIDE,
    holds_profile: true,
    working_bytes: |set| set.pixels * 12,
    encode: |picture, file| file.done(encode(picture, file)),
    animate: None,
};

/// Rows that are encoded before the flag is read again; a multiple of every MCU's height.
const ROWS: usize = 64;

fn encode(picture: &Picture, file: &File<'_>) -> Result<Vec<u8>, Failure> {
    match picture {
        Picture::Pixels(raster) => encode_pixels(&flatten(raster, file.variant.background), file),
        Picture::Planes(planes) => encode_planes(planes, file),
    }
}

fn encode_pixels(raster: &Raster, file: &File<'_>) -> Result<Vec<u8>, Failure> {
    let format = match raster.layout() {
        Layout::Gray => PixelFormat::Gray,
        _ => PixelFormat::Rgb,
    };
    push_all(new_encoder(raster.size(), format, file)?, raster, file.stop)
}

/// Encodes all rows of a raster.
pub(super) fn push_all(
    mut encoder: JpegEncoder<Vec<u8>>,
    raster: &Raster,
    stop: &Stop,
) -> Result<Vec<u8>, Failure> {
    let row_bytes = raster.size().width() as usize * raster.layout().channels();
    for rows in raster.pixels().chunks(ROWS * row_bytes) {
        if stop.is_set() {
            return Err(Failure::Stopped);
        }
        encoder.push_rows(rows)?;
    }
    Ok(encoder.finish()?)
}

fn encode_planes(planes: &[Raster; 3], file: &File<'_>) -> Result<Vec<u8>, Failure> {
    let mut encoder = new_encoder(planes[0].size(), PixelFormat::Rgb, file)?;
    let height = planes[0].size().height();
    for y in (0..height as usize).step_by(ROWS) {
        if file.stop.is_set() {
            return Err(Failure::Stopped);
        }
        encoder.push_planes(&planes.each_ref().map(|plane| rows_of(plane, height, y)))?;
    }
    Ok(encoder.finish()?)
}

/// The rows of a plane that belong to so many of a picture's rows, from `y` on.
fn rows_of(raster: &Raster, height: u32, y: usize) -> Plane<'_> {
    let (width, own) = (raster.size().width() as usize, raster.size().height());
    let ratio = height.div_ceil(own) as usize;
    let start = (y / ratio).min(own as usize);
    let end = ((y + ROWS) / ratio).min(own as usize);
    let pixels = &raster.pixels()[start * width..end * width];
    Plane { pixels, width, height: end - start, stride: width }
}

fn new_encoder(
    size: Size,
    format: PixelFormat,
    file: &File<'_>,
) -> Result<JpegEncoder<Vec<u8>>, EncodeError> {
    let (variant, Extras { icc, exif, xmp }) = (file.variant, file.extras);
    let mut options = EncodeOptions::default()
        .with_format(format)
        .with_quality(variant.quality.jpeg)
        .with_sampling(if variant.keeps_chroma { Sampling::S444 } else { Sampling::S420 })
        .with_effort(jpeg_effort(variant.effort));
    (options.icc_profile, options.exif, options.xmp) = (icc, exif, xmp);
    JpegEncoder::new(Vec::new(), size.width(), size.height(), &options)
}

/// What is spent by our encoder.
pub(super) fn jpeg_effort(effort: Effort) -> JpegEffort {
    match effort {
        Effort::Fast => JpegEffort::Fast,
        Effort::Balanced => JpegEffort::Balanced,
        Effort::Small => JpegEffort::Small,
    }
}
