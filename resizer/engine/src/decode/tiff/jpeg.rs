//! A chunk that is a JPEG of its own, or one that shares its tables with others: rows of samples,
//! all samples of a pixel beside each other.
//! Source: Adobe's technical note of 2002, TIFF Technical Note 2.

use std::io::{Chain, Read as _};

use resizer_jpeg::error::Quantity;
use resizer_jpeg::frame::ColorModel;
use resizer_jpeg::options::{Damage, Limits};
use resizer_jpeg::planes::{ColorConverter, PlaneDecoder};
use resizer_jpeg::{DecodeError, DecodeOptions, Scale};

use super::Flaw;

/// Marks around tables and picture: start and end.
const START: [u8; 2] = [0xff, 0xd8];
const END: [u8; 2] = [0xff, 0xd9];

/// What all chunks have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) tables: &'a [u8],
    pub(super) is_ycbcr: bool,
    pub(super) samples: usize,
    /// Of a chunk, in pixels.
    pub(super) width: usize,
    pub(super) damage: Damage,
}

/// A chunk being decoded.
pub(super) struct Jpeg<'a> {
    shape: Shape<'a>,
    picture: Option<Picture<'a>>,
}

struct Picture<'a> {
    decoder: PlaneDecoder<Chain<&'a [u8], &'a [u8]>>,
    converter: ColorConverter,
    /// Rows that a band completed, one channel behind the other in each.
    rows: Vec<u8>,
    rows_left: usize,
    next: usize,
}

impl<'a> Jpeg<'a> {
    pub(super) fn new(shape: Shape<'a>) -> Self {
        Self { shape, picture: None }
    }

    /// Begins with another chunk.
    ///
    /// # Errors
    /// Those of the JPEG; `Broken` where it is another picture than the TIFF says.
    pub(super) fn start(&mut self, data: &'a [u8]) -> Result<(), Flaw> {
        let Shape { tables, is_ycbcr, samples, width, damage } = self.shape;
        self.picture = None;
        if data.is_empty() {
            return Err(Flaw::Ended);
        }
        if !data.starts_with(&START) || frame_width(data).is_some_and(|own| own > width) {
            return Err(Flaw::Broken("a JPEG that does not fit its strip or tile"));
        }
        // A second start is passed over.
        let source = if tables.starts_with(&START) { tables } else { &START };
        let source = without_end(source).chain(data);
        // Coefficients of all blocks are never kept: rows are predicted, whole chunks are not.
        let limits = Limits::default().with_max_memory_bytes(0);
        let options = DecodeOptions::default().with_limits(limits).with_damage(damage);
        let decoder = PlaneDecoder::new(source, &options)?;
        let mut frame = *decoder.frame();
        if frame.components().len() != samples {
            return Err(Flaw::Broken("a JPEG with other samples than its TIFF"));
        }
        // The TIFF says what they mean. Four are taken as they are.
        frame.color = match samples {
            1 => ColorModel::Gray,
            3 if is_ycbcr => ColorModel::YCbCr,
            3 => ColorModel::Rgb,
            _ => ColorModel::Cmyk,
        };
        frame.adobe = true;
        let converter = match samples {
            4 => ColorConverter::cmyk(&frame, Scale::Full),
            _ => ColorConverter::new(&frame, Scale::Full),
        };
        let rows = vec![0; converter.max_rows() * converter.row_bytes()];
        self.picture = Some(Picture { decoder, converter, rows, rows_left: 0, next: 0 });
        Ok(())
    }

    /// Fills `out` with the next row; what the JPEG is too narrow for stays as it is.
    ///
    /// # Errors
    /// Those of the JPEG; `Ended`.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<(), Flaw> {
        let Picture { decoder, converter, rows, rows_left, next } =
            self.picture.as_mut().ok_or(Flaw::Ended)?;
        while *rows_left == 0 {
            let band = decoder.next_band()?.ok_or(Flaw::Ended)?;
            (*rows_left, *next) = (converter.push(&band, rows), 0);
        }
        let (width, row_bytes) = (converter.width(), converter.row_bytes());
        let row = &rows[*next * row_bytes..][..row_bytes];
        let samples = self.shape.samples;
        for (sample, values) in row.chunks_exact(width).enumerate() {
            for (pixel, value) in out.chunks_exact_mut(samples).zip(values) {
                pixel[sample] = *value;
            }
        }
        *rows_left -= 1;
        *next += 1;
        Ok(())
    }
}

/// Tables up to their end mark, behind which some writers leave a byte.
fn without_end(tables: &[u8]) -> &[u8] {
    let from = tables.len().saturating_sub(4).max(START.len());
    let end = tables[from..].windows(END.len()).position(|mark| mark == END);
    &tables[..end.map_or(tables.len(), |end| from + end)]
}

/// The width in the frame header, before anything is made for it. Source: ITU T.81, B.1 and B.2.2.
fn frame_width(data: &[u8]) -> Option<usize> {
    let mut rest = data.get(START.len()..)?;
    loop {
        let start = rest.windows(2).position(|mark| mark[0] == 0xff && mark[1] != 0xff)?;
        let marker = rest[start + 1];
        rest = &rest[start + 2..];
        if matches!(marker, 0x00 | 0x01 | 0xd0..=0xd9) {
            continue;
        }
        let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some(usize::from(u16::from_be_bytes(*rest.get(5..)?.first_chunk()?)));
        }
        if marker == 0xda {
            return None;
        }
        rest = rest.get(length..)?;
    }
}

impl From<DecodeError> for Flaw {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Unsupported(feature) => Self::Unsupported(feature.name()),
            DecodeError::TooLarge { quantity: Quantity::Scans | Quantity::Pixels, .. } => {
                Self::Broken("a JPEG of too many pixels")
            }
            DecodeError::TooLarge { .. } => Self::Unsupported("a TIFF of JPEG in several scans"),
            DecodeError::Truncated { .. } => Self::Ended,
            DecodeError::Malformed { what, .. } => Self::Broken(what),
            _ => Self::Broken("JPEG data that cannot be read"),
        }
    }
}

impl std::fmt::Debug for Jpeg<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jpeg").field("shape", &self.shape).finish_non_exhaustive()
    }
}
