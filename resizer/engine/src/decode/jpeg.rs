//! The seam to our JPEG decoder: its bands as rows of pixels, of planes, or of both.

use resizer_jpeg::options::{Damage, Limits};
use resizer_jpeg::planes::{ColorConverter, Plane, PlaneDecoder, Region};
use resizer_jpeg::{DecodeOptions, Scale};

use super::{Band, Shape};
use crate::error::Reject;
use crate::plan::{Plan, Stream};
use crate::raster::Layout;
use crate::source::{Jpeg, Source, jpeg_reject};
use crate::spec::Truncated;
use crate::stop::{Stop, StopReader};

/// A JPEG being decoded.
pub(super) struct JpegRows<'a> {
    decoder: PlaneDecoder<StopReader<'a>>,
    /// `None` where nothing needs pixels.
    converter: Option<ColorConverter>,
    needs_planes: bool,
}

impl<'a> JpegRows<'a> {
    pub(super) fn new(
        source: &Source<'a>,
        jpeg: &Jpeg<'a>,
        plan: &Plan,
        stop: &Stop,
    ) -> Result<Self, Reject> {
        let [columns, rows] = &plan.needed;
        let region = Region {
            x: columns.start,
            y: rows.start,
            width: columns.end - columns.start,
            height: rows.end - rows.start,
        };
        let damage = match plan.truncated {
            Truncated::Refuse => Damage::Refuse,
            Truncated::Accept => Damage::Conceal,
        };
        let options = DecodeOptions::default()
            .with_scale(Scale::from_eighths(plan.scale_eighths).unwrap_or_default())
            // The engine's own have admitted the picture.
            .with_limits(Limits::unlimited())
            .with_dnl_height(jpeg.file.frame.height)
            .with_damage(damage);
        let decoder = PlaneDecoder::new(StopReader::new(source.bytes(), stop), &options);
        let decoder = decoder.map_err(jpeg_reject)?.with_region(region);
        let converter = plan.needs(Stream::Pixels).then(|| match source.layout() {
            Layout::Cmyk => ColorConverter::cmyk(decoder.frame(), options.scale),
            _ => ColorConverter::new(decoder.frame(), options.scale),
        });
        Ok(Self { decoder, converter, needs_planes: plan.needs(Stream::Luma) })
    }

    pub(super) fn next_band(&mut self, band: &mut Band) -> Result<bool, Reject> {
        let decoded = self.decoder.next_band_in(&mut band.samples).map_err(jpeg_reject)?;
        let Some(decoded) = decoded else {
            return Ok(false);
        };
        if let Some(converter) = &mut self.converter {
            let channels = converter.row_bytes() / converter.width();
            let rows = converter.max_rows();
            let space = band.pixels.space(converter.width(), channels, rows);
            band.pixels.shape.count = converter.push(&decoded, space);
        }
        if let (true, &[luma, blue, red]) = (self.needs_planes, decoded.offsets()) {
            band.luma = shape(&decoded.planes()[0], &[luma]);
            band.chroma = shape(&decoded.planes()[1], &[blue, red]);
        }
        Ok(true)
    }
}

/// The rows of planes like this one.
fn shape(plane: &Plane<'_>, offsets: &[usize]) -> Shape {
    let mut starts = [0; 4];
    starts[..offsets.len()].copy_from_slice(offsets);
    let &Plane { width, height, stride, .. } = plane;
    Shape { starts, channels: offsets.len(), width, stride, count: height }
}
