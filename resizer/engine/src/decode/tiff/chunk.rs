//! The decoder of a chunk: its lines as the file's writer had them, without compression and without
//! differences.

use resizer_jpeg::options::Damage;

use super::Flaw;
use super::deflate::Deflate;
use super::fax::Fax;
use super::input::Input;
use super::jpeg::{Jpeg, Shape};
use super::lzw::Lzw;
use super::packbits::PackBits;
use crate::source::{Tiff, TiffCompression, TiffSamples};
use crate::spec::Truncated;

/// One chunk after the other.
#[derive(Debug)]
pub(super) struct ChunkDecoder<'a> {
    coder: Coder<'a>,
    has_reversed_bits: bool,
    /// Where samples are differences: their form, and how many a pixel has.
    differences: Option<(TiffSamples, usize)>,
}

#[derive(Debug)]
enum Coder<'a> {
    None(Input<'a>),
    PackBits(PackBits<'a>),
    Lzw(Box<Lzw<'a>>),
    Deflate(Deflate<'a>),
    Fax(Fax<'a>),
    Jpeg(Box<Jpeg<'a>>),
}

impl<'a> ChunkDecoder<'a> {
    pub(super) fn new(picture: &Tiff<'a>, truncated: Truncated) -> Self {
        let in_chunk = if picture.samples.is_planar { 1 } else { picture.samples.per_pixel };
        let coder = match picture.compression {
            TiffCompression::None => Coder::None(Input::default()),
            TiffCompression::PackBits => Coder::PackBits(PackBits::default()),
            TiffCompression::Lzw => Coder::Lzw(Box::new(Lzw::new())),
            TiffCompression::Deflate => Coder::Deflate(Deflate::new()),
            TiffCompression::Fax(kind) => Coder::Fax(Fax::new(kind, picture.chunks.width)),
            TiffCompression::Jpeg { tables, is_ycbcr } => Coder::Jpeg(Box::new(Jpeg::new(Shape {
                tables,
                is_ycbcr,
                samples: in_chunk,
                width: picture.chunks.width as usize,
                damage: match truncated {
                    Truncated::Refuse => Damage::Refuse,
                    Truncated::Accept => Damage::Conceal,
                },
            }))),
        };
        Self {
            coder,
            has_reversed_bits: picture.has_reversed_bits,
            differences: picture.has_differences.then_some((picture.samples, in_chunk)),
        }
    }

    /// Begins with another chunk.
    ///
    /// # Errors
    /// Those of a JPEG's header.
    pub(super) fn start(&mut self, data: &'a [u8]) -> Result<(), Flaw> {
        let input = Input::new(data, self.has_reversed_bits);
        match &mut self.coder {
            Coder::None(own) => *own = input,
            Coder::PackBits(coder) => *coder = PackBits::new(input),
            Coder::Lzw(coder) => coder.start(input),
            Coder::Deflate(coder) => coder.start(input),
            Coder::Fax(coder) => coder.start(input),
            // In a JPEG the highest bit is the first, whatever the file says.
            Coder::Jpeg(coder) => coder.start(data)?,
        }
        Ok(())
    }

    /// The next line, in place of what `out` holds.
    ///
    /// # Errors
    /// `Ended` where the data are too short, `Broken` where they make no sense.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<(), Flaw> {
        match &mut self.coder {
            Coder::None(input) => input.fill(out),
            Coder::PackBits(coder) => coder.read(out),
            Coder::Lzw(coder) => coder.read(out),
            Coder::Deflate(coder) => coder.read(out),
            Coder::Fax(coder) => coder.read(out),
            Coder::Jpeg(coder) => coder.read(out),
        }?;
        if let Some((samples, in_chunk)) = self.differences {
            add_up(out, samples, in_chunk);
        }
        Ok(())
    }
}

/// Adds to each sample the one of the pixel before. Source: TIFF 6.0, section 14.
fn add_up(line: &mut [u8], samples: TiffSamples, in_chunk: usize) {
    if samples.bits == 8 {
        for index in in_chunk..line.len() {
            line[index] = line[index].wrapping_add(line[index - in_chunk]);
        }
        return;
    }
    let (words, _) = line.as_chunks_mut::<2>();
    for index in in_chunk..words.len() {
        let [before, own] = [words[index - in_chunk], words[index]];
        words[index] = if samples.big_endian {
            u16::from_be_bytes(own).wrapping_add(u16::from_be_bytes(before)).to_be_bytes()
        } else {
            u16::from_le_bytes(own).wrapping_add(u16::from_le_bytes(before)).to_le_bytes()
        };
    }
}
