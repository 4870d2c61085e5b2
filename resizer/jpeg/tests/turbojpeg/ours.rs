//! Our decoder as the comparison needs it: the planes of a file as far as they go, and the error.

use std::panic::catch_unwind;

use crate::library::{MAX_PIXELS, Samples};
use crate::pixels::interleaved;
use resizer_jpeg::frame::{ColorModel, Component, Frame};
use resizer_jpeg::options::Limits;
use resizer_jpeg::planes::{ColorConverter, PlaneDecoder};
use resizer_jpeg::{DecodeError, DecodeOptions, Header, Scale};

/// What became of a file.
pub(crate) struct Decoded {
    pub(crate) frame: Option<Frame>,
    /// Of full height; rows that were not decoded are 0.
    pub(crate) planes: Vec<Samples>,
    /// How many rows of each plane were decoded.
    pub(crate) rows: Vec<usize>,
    pub(crate) verdict: Verdict,
}

pub(crate) enum Verdict {
    Decoded,
    Failed(DecodeError),
    Panicked,
}

pub(crate) fn decode(file: &[u8], scale: Scale) -> Decoded {
    let nothing = |verdict| Decoded { frame: None, planes: vec![], rows: vec![], verdict };
    let result = catch_unwind(|| {
        let mut decoded = nothing(Verdict::Decoded);
        if let Err(error) = decode_into(&mut decoded, file, scale) {
            decoded.verdict = Verdict::Failed(error);
        }
        decoded
    });
    result.unwrap_or_else(|_| nothing(Verdict::Panicked))
}

fn decode_into(decoded: &mut Decoded, file: &[u8], scale: Scale) -> Result<(), DecodeError> {
    let limits = Limits::default().with_max_pixels(MAX_PIXELS);
    let dnl_height = Header::read(file).map_or(0, |header| header.frame.height);
    let options =
        DecodeOptions::default().with_scale(scale).with_limits(limits).with_dnl_height(dnl_height);
    let mut decoder = PlaneDecoder::new(file, &options)?;
    let frame = *decoder.frame();
    decoded.frame = Some(frame);
    for component in frame.components() {
        let (width, height) = frame.plane_size(component, scale);
        decoded.planes.push(Samples { pixels: vec![0; width * height], width, height });
    }
    decoded.rows = vec![0; decoded.planes.len()];
    while let Some(band) = decoder.next_band()? {
        for ((plane, row), part) in
            decoded.planes.iter_mut().zip(&mut decoded.rows).zip(band.planes())
        {
            for y in 0..part.height {
                plane.pixels[*row * plane.width..][..plane.width].copy_from_slice(part.row(y));
                *row += 1;
            }
        }
    }
    let complete =
        decoded.planes.iter().zip(&decoded.rows).all(|(plane, &rows)| rows == plane.height);
    assert!(complete, "bands end before the planes do");
    Ok(())
}

/// The pixels of a file that is known to decode.
pub(crate) fn pixels(file: &[u8]) -> Samples {
    let limits = Limits::default().with_max_pixels(MAX_PIXELS);
    let dnl_height = Header::read(file).map_or(0, |header| header.frame.height);
    let options = DecodeOptions::default().with_limits(limits).with_dnl_height(dnl_height);
    let mut decoder = PlaneDecoder::new(file, &options).expect("decoded before");
    let mut converter = ColorConverter::new(decoder.frame(), Scale::Full);
    let (width, height) = (converter.row_bytes(), converter.height());
    let mut pixels = vec![0; width * height];
    let mut rest = &mut pixels[..];
    while let Some(band) = decoder.next_band().expect("decoded before") {
        let rows = converter.push(&band, rest);
        rest = &mut rest[rows * width..];
    }
    assert!(rest.is_empty(), "rows are missing");
    let pixels = interleaved(&pixels, converter.width(), width / converter.width());
    Samples { pixels, width, height }
}

/// RGB or CMYK, color differences repeated; integer arithmetic as the library has it.
pub(crate) fn packed(decoded: &Decoded, frame: &Frame) -> Samples {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let most = |factor: fn(&Component) -> u8| {
        usize::from(frame.components().iter().map(factor).max().unwrap_or(1))
    };
    let (across, down) = (most(|c| c.horizontal), most(|c| c.vertical));
    let channels = frame.components().len();
    let mut pixels = vec![0; width * height * channels];
    for (y, row) in pixels.chunks_exact_mut(width * channels).enumerate() {
        for (x, pixel) in row.chunks_exact_mut(channels).enumerate() {
            let parts = pixel.iter_mut().zip(frame.components()).zip(&decoded.planes);
            for ((sample, component), plane) in parts {
                let (across, down) = (
                    across / usize::from(component.horizontal),
                    down / usize::from(component.vertical),
                );
                *sample = plane.pixels[y / down * plane.width + x / across];
            }
            if matches!(frame.color, ColorModel::YCbCr | ColorModel::Ycck) {
                let rgb = rgb([pixel[0], pixel[1], pixel[2]]);
                let ink = frame.color == ColorModel::Ycck;
                pixel[..3].copy_from_slice(&rgb.map(|value| if ink { 255 - value } else { value }));
            }
        }
    }
    Samples { pixels, width: width * channels, height }
}

/// JFIF's colors in 16-bit fixed point, rounded to nearest.
fn rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (cb, cr) = (i32::from(cb) - 128, i32::from(cr) - 128);
    let parts = [91_881 * cr, -22_554 * cb - 46_802 * cr, 116_130 * cb];
    parts.map(|part| (i32::from(y) + ((part + (1 << 15)) >> 16)).clamp(0, 255) as u8)
}
