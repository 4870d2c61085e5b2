//! The seam to our JPEG decoder: its bands as rows of pixels, of planes, or of both.

use resizer_jpeg::{
    Damage, DecodeOptions, Decoder, Header as JpegHeader, Limits, Part, Plane, Scale, ToRgb,
};

use super::{Band, Shape};
use crate::error::Reject;
use crate::header::{Header, jpeg_reject};
use crate::plan::{Plan, Stream};
use crate::raster::Layout;
use crate::spec::Truncated;
use crate::stop::{Stop, StopReader};

/// A JPEG being decoded.
pub(super) struct JpegRows<'a> {
    decoder: Decoder<StopReader<'a>>,
    /// `None` where nothing needs pixels.
    to_rgb: Option<ToRgb>,
    needs_planes: bool,
}

impl<'a> JpegRows<'a> {
    pub(super) fn new(
        source: &'a [u8],
        header: &Header,
        plan: &Plan,
        stop: &Stop,
    ) -> Result<(Self, Option<Vec<u8>>), Reject> {
        let file = JpegHeader::read(source).map_err(jpeg_reject)?;
        let [columns, rows] = &plan.needed;
        let options = DecodeOptions {
            scale: scale(plan.eighths),
            part: Some(Part {
                x: columns.start,
                y: rows.start,
                width: columns.end - columns.start,
                height: rows.end - rows.start,
            }),
            // The engine's own have admitted the picture.
            limits: Limits {
                max_pixels: u64::MAX,
                max_scans: u32::MAX,
                max_memory_bytes: u64::MAX,
            },
            late_height: Some(file.frame.height),
            damage: match plan.truncated {
                Truncated::Refuse => Damage::Refuse,
                Truncated::Accept => Damage::Conceal,
            },
        };
        let decoder = Decoder::new(StopReader::new(source, stop), &options).map_err(jpeg_reject)?;
        let to_rgb = plan.needs(Stream::Pixels).then(|| match header.layout {
            Layout::Cmyk => ToRgb::of_inks(decoder.frame(), options.scale),
            _ => ToRgb::new(decoder.frame(), options.scale),
        });
        let rows = Self { decoder, to_rgb, needs_planes: plan.needs(Stream::Luma) };
        Ok((rows, file.icc_profile()))
    }

    pub(super) fn next_band(&mut self, band: &mut Band) -> Result<bool, Reject> {
        let decoded = self.decoder.next_band_in(&mut band.samples).map_err(jpeg_reject)?;
        let Some(decoded) = decoded else {
            return Ok(false);
        };
        if let Some(to_rgb) = &mut self.to_rgb {
            let channels = to_rgb.row_bytes() / to_rgb.width();
            let rows = to_rgb.rows_most();
            let space = band.pixels.space(to_rgb.width(), channels, rows);
            band.pixels.shape.count = to_rgb.push(&decoded, space);
        }
        if let (true, &[luma, blue, red]) = (self.needs_planes, decoded.offsets()) {
            band.luma = shape(&decoded.planes()[0], &[luma]);
            band.chroma = shape(&decoded.planes()[1], &[blue, red]);
        }
        Ok(true)
    }
}

/// Whose planes have so many eighths of each side, 1 to 8.
fn scale(eighths: u32) -> Scale {
    let has = |scale: &Scale| scale.block_side() == eighths as usize;
    Scale::ALL.into_iter().find(has).unwrap_or_default()
}

/// The rows of planes like this one.
fn shape(plane: &Plane<'_>, offsets: &[usize]) -> Shape {
    let mut starts = [0; 4];
    starts[..offsets.len()].copy_from_slice(offsets);
    let &Plane { width, height, stride, .. } = plane;
    Shape { starts, channels: offsets.len(), width, stride, count: height }
}
