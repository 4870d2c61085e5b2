//! The seam to our JPEG encoder: gray, RGB or the planes of YCbCr.

use resizer_jpeg::planes::Plane;
use resizer_jpeg::{
    Effort as JpegEffort, EncodeError, EncodeOptions, Encoder, PixelFormat, Sampling,
};

use super::Extras;
use crate::plan::{VariantPlan, has_full_chroma};
use crate::raster::{Layout, Raster, Size, flatten};
use crate::resize::Picture;
use crate::spec::Effort;
use crate::stop::Stop;

const FITS: &str = "the plan keeps sides within the format's, and rows are whole";

/// Rows that are encoded before the flag is read again; a multiple of every MCU's height.
const ROWS: usize = 64;

/// The file, or nothing where it was stopped.
pub(super) fn encode(
    picture: &Picture,
    variant: &VariantPlan,
    extras: Extras<'_>,
    stop: &Stop,
) -> Option<Vec<u8>> {
    match picture {
        Picture::Pixels(raster) => {
            encode_pixels(&flatten(raster, variant.background), variant, extras, stop).expect(FITS)
        }
        Picture::Planes(planes) => encode_planes(planes, variant, extras, stop).expect(FITS),
    }
}

fn encode_pixels(
    raster: &Raster,
    variant: &VariantPlan,
    extras: Extras<'_>,
    stop: &Stop,
) -> Result<Option<Vec<u8>>, EncodeError> {
    let format = match raster.layout() {
        Layout::Gray => PixelFormat::Gray,
        _ => PixelFormat::Rgb,
    };
    let mut encoder = new_encoder(raster.size(), format, variant, extras)?;
    let row_bytes = raster.size().width() as usize * raster.layout().channels();
    for rows in raster.pixels().chunks(ROWS * row_bytes) {
        if stop.is_set() {
            return Ok(None);
        }
        encoder.push_rows(rows)?;
    }
    encoder.finish().map(Some)
}

fn encode_planes(
    planes: &[Raster; 3],
    variant: &VariantPlan,
    extras: Extras<'_>,
    stop: &Stop,
) -> Result<Option<Vec<u8>>, EncodeError> {
    let mut encoder = new_encoder(planes[0].size(), PixelFormat::Rgb, variant, extras)?;
    let height = planes[0].size().height();
    for y in (0..height as usize).step_by(ROWS) {
        if stop.is_set() {
            return Ok(None);
        }
        encoder.push_planes(&planes.each_ref().map(|plane| rows_of(plane, height, y)))?;
    }
    encoder.finish().map(Some)
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
    variant: &VariantPlan,
    Extras { icc, exif, xmp }: Extras<'_>,
) -> Result<Encoder<Vec<u8>>, EncodeError> {
    let full_chroma = has_full_chroma(variant.quality.jpeg, size);
    let effort = match variant.effort {
        Effort::Fast => JpegEffort::Fast,
        Effort::Balanced => JpegEffort::Balanced,
        Effort::Small => JpegEffort::Small,
    };
    let mut options = EncodeOptions::default()
        .with_format(format)
        .with_quality(variant.quality.jpeg)
        .with_sampling(if full_chroma { Sampling::S444 } else { Sampling::S420 })
        .with_effort(effort);
    (options.icc_profile, options.exif, options.xmp) = (icc, exif, xmp);
    Encoder::new(Vec::new(), size.width(), size.height(), &options)
}
