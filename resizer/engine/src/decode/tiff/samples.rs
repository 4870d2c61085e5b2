//! Lines as bytes in, samples of one kind out, 16 bits each: whatever their depth and order was.

use crate::source::{TiffSamples, TiffYCbCr};

/// Takes one sample of each pixel: `first` of `in_line` that lie beside each other.
pub(super) fn unpack(
    line: &[u8],
    samples: TiffSamples,
    [first, in_line]: [usize; 2],
    out: &mut [u16],
) {
    match samples.bits {
        8 => {
            for (out, sample) in out.iter_mut().zip(line.iter().skip(first).step_by(in_line)) {
                *out = u16::from(*sample);
            }
        }
        16 => {
            let (words, _) = line.as_chunks::<2>();
            let words = words.iter().skip(first).step_by(in_line);
            for (out, &word) in out.iter_mut().zip(words) {
                *out = if samples.big_endian {
                    u16::from_be_bytes(word)
                } else {
                    u16::from_le_bytes(word)
                };
            }
        }
        bits => {
            let places = (first..).step_by(in_line).map(|place| place * bits as usize);
            for (out, place) in out.iter_mut().zip(places) {
                *out = at(line, place, bits);
            }
        }
    }
}

/// The sample that begins at a bit, the highest of the first byte being the first.
fn at(line: &[u8], place: usize, bits: u32) -> u16 {
    let byte = |index: usize| line.get(place / 8 + index).copied().unwrap_or(0);
    let window = u32::from_be_bytes([byte(0), byte(1), byte(2), 0]);
    ((window << (place % 8)) >> (32 - bits)) as u16
}

/// Takes luma and chroma of one row out of a line in which some pixels share their chroma: blocks
/// of all their luma and one sample of each chroma. Source: TIFF 6.0, section 21.
pub(super) fn unpack_ycbcr<'s>(
    line: &[u8],
    ycbcr: TiffYCbCr,
    row: usize,
    mut out: impl Iterator<Item = &'s mut [u16]>,
) {
    let [across, down] = ycbcr.subsampling;
    let luma_bytes = across * down;
    let blocks = || line.chunks_exact(luma_bytes + 2);
    for (luma, block) in out.next().unwrap_or_default().chunks_mut(across).zip(blocks()) {
        for (out, sample) in luma.iter_mut().zip(&block[row * across..]) {
            *out = u16::from(*sample);
        }
    }
    for (chroma, out) in out.enumerate() {
        for (out, block) in out.chunks_mut(across).zip(blocks()) {
            out.fill(u16::from(block[luma_bytes + chroma]));
        }
    }
}
