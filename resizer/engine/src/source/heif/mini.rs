//! The minimized image box, which says in bits what a `meta` box says in tables.
//! Source: ISO/IEC 23008-12:2025, Annex O.

use super::boxes::find;
use super::coded::Coded;
use super::coding::Coding;
use super::colors::{ColorBoxes, Matrix};
use super::picture::Picture;
use super::tile_reader::TileReader;
use super::{Cicp, Content, Heif};
use crate::error::Reject;
use crate::orientation::Orientation;

/// The flags of the first two bytes.
const HAS_CODINGS: u32 = 1 << 13;
const IS_FLOAT: u32 = 1 << 12;
const IS_FULL_RANGE: u32 = 1 << 11;
const HAS_ALPHA: u32 = 1 << 10;
const HAS_CICP: u32 = 1 << 9;
const IS_HDR: u32 = 1 << 8;
const HAS_ICC: u32 = 1 << 7;
const HAS_EXIF: u32 = 1 << 6;
const HAS_XMP: u32 = 1 << 5;

/// What the box says.
#[derive(Default)]
struct Mini<'a> {
    size: (u32, u32),
    /// As in EXIF.
    orientation: u8,
    kind: [u8; 4],
    color: Item<'a>,
    alpha: Option<Item<'a>>,
    is_premultiplied: bool,
    said: ColorBoxes<'a>,
    exif: Option<&'a [u8]>,
    xmp: Option<&'a [u8]>,
}

/// A coded picture, and what its decoder is configured with.
#[derive(Default)]
struct Item<'a> {
    data: &'a [u8],
    configuration: &'a [u8],
}

/// Reads the file's minimized image box, if it has one.
///
/// # Errors
/// `Malformed` where the box is truncated; `Unsupported` for HDR, of which the box says more than
/// is read here; those of the coded pictures.
pub(super) fn read<'a>(
    file: &'a [u8],
    reader: &mut TileReader,
) -> Result<Option<Heif<'a>>, Reject> {
    let format = reader.format;
    let Some(body) = find(file, b"mini") else { return Ok(None) };
    let truncated = || Reject::malformed(format, "its minimized box is truncated");
    let mut bits = Bits { bytes: body, at: 0 };
    let flags = bits.next(16).ok_or_else(truncated)?;
    if flags >> 14 != 0 || flags & (IS_FLOAT | IS_HDR) != 0 {
        return Err(Reject::Unsupported { what: "a minimized HEIF file with HDR" });
    }
    // The codings stand where other files have a version of their brand.
    let brand = find(file, b"ftyp").and_then(|body| body.get(4..8)).unwrap_or_default();
    let mini = Mini::read(&mut bits, flags, brand).ok_or_else(truncated)?;
    let coding = Coding::of_kind(Some(mini.kind), format)?;
    let size = mini.size;
    let mut coded =
        |item: &Item<'a>| Coded::of_data(item.data, coding, Some(item.configuration), size, reader);
    let alpha = mini.alpha.as_ref().map(&mut coded).transpose()?;
    let configuration = Some(mini.color.configuration);
    let mut picture = Picture::of_coded(coded(&mini.color)?, alpha, configuration, format)?;
    picture.orientation = Orientation::from_exif_value(mini.orientation);
    picture.is_oriented = true;
    picture.is_premultiplied = mini.is_premultiplied;
    picture.matrix = mini.said.matrix.or(picture.matrix);
    let mut heif = Heif::new(Content::Picture(Box::new(picture)), mini.said);
    (heif.exif, heif.xmp) = (mini.exif.map(Into::into), mini.xmp.map(Into::into));
    Ok(Some(heif))
}

impl<'a> Mini<'a> {
    /// `None` where the box is truncated.
    fn read(bits: &mut Bits<'a>, flags: u32, brand: &[u8]) -> Option<Self> {
        let has = |flag: u32| flags & flag != 0;
        let (chroma_format, orientation) = (flags >> 3 & 3, (flags & 7) as u8 + 1);
        let side_bits = if bits.flag()? { 15 } else { 7 };
        let size = (bits.next(side_bits)? + 1, bits.next(side_bits)? + 1);
        // Where chroma lies; then the bits of a sample, which the configuration says as well.
        bits.next([0, 2, 1, 0][chroma_format as usize])?;
        if bits.flag()? {
            bits.next(3)?;
        }
        let is_premultiplied = has(HAS_ALPHA) && bits.flag()?;
        let said = said(bits, flags, chroma_format > 0)?;
        let mut kind = if brand == b"avif" { *b"av01" } else { *b"hvc1" };
        if has(HAS_CODINGS) {
            kind = bits.next(32)?.to_be_bytes();
            bits.next(32)?;
        }
        let mini = Self { size, orientation, kind, is_premultiplied, said, ..Self::default() };
        mini.with_chunks(bits, flags)
    }

    /// The lengths of what follows the bits, and that itself.
    fn with_chunks(mut self, bits: &mut Bits<'a>, flags: u32) -> Option<Self> {
        let has = |flag: u32| flags & flag != 0;
        let has_metadata = has(HAS_ICC | HAS_EXIF | HAS_XMP);
        let metadata_bits = if has_metadata && bits.flag()? { 20 } else { 10 };
        let configuration_bits = if bits.flag()? { 12 } else { 3 };
        let data_bits = if bits.flag()? { 28 } else { 15 };
        let icc_bytes = if has(HAS_ICC) { bits.next(metadata_bits)? + 1 } else { 0 };
        let configuration_bytes = bits.next(configuration_bits)?;
        let data_bytes = bits.next(data_bits)? + 1;
        let alpha_bytes = if has(HAS_ALPHA) { bits.next(data_bits)? } else { 0 };
        let own_bytes = if alpha_bytes > 0 { bits.next(configuration_bits)? } else { 0 };
        let is_compressed = has(HAS_EXIF | HAS_XMP) && bits.flag()?;
        let exif_bytes = if has(HAS_EXIF) { bits.next(metadata_bits)? + 1 } else { 0 };
        let xmp_bytes = if has(HAS_XMP) { bits.next(metadata_bits)? + 1 } else { 0 };
        bits.align();

        let alpha_configuration = bits.chunk(own_bytes)?;
        let configuration = bits.chunk(configuration_bytes)?;
        self.said.icc = Some(bits.chunk(icc_bytes)?).filter(|icc| !icc.is_empty());
        let alpha = bits.chunk(alpha_bytes)?;
        self.color = Item { data: bits.chunk(data_bytes)?, configuration };
        if !alpha.is_empty() {
            // It shares the configuration of the colors where it has none.
            let own = if own_bytes > 0 { alpha_configuration } else { configuration };
            self.alpha = Some(Item { data: alpha, configuration: own });
        }
        let metadata = [bits.chunk(exif_bytes), bits.chunk(xmp_bytes)];
        let [exif, xmp] = metadata.map(|chunk| chunk.filter(|it| !it.is_empty() && !is_compressed));
        (self.exif, self.xmp) = (exif, xmp);
        Some(self)
    }
}

/// The colors; where the box does not say them, they are sRGB or those of the profile.
fn said<'a>(bits: &mut Bits<'a>, flags: u32, has_chroma: bool) -> Option<ColorBoxes<'a>> {
    let coefficients = if has_chroma { 6 } else { 2 };
    let (cicp, coefficients) = if flags & HAS_CICP != 0 {
        let (primaries, transfer) = (bits.next(8)? as u8, bits.next(8)? as u8);
        let coefficients = if has_chroma { bits.next(8)? as u8 } else { coefficients };
        (Cicp { primaries, transfer }, coefficients)
    } else if flags & HAS_ICC != 0 {
        (Cicp { primaries: 2, transfer: 2 }, coefficients)
    } else {
        (Cicp { primaries: 1, transfer: 13 }, coefficients)
    };
    let full_range = flags & IS_FULL_RANGE != 0;
    let matrix = Some(Matrix { coefficients, full_range });
    Some(ColorBoxes { matrix, icc: None, cicp: Some(cicp) })
}

/// Bits, the highest of a byte first, and whole bytes behind them.
struct Bits<'a> {
    bytes: &'a [u8],
    /// The next bit.
    at: usize,
}

impl<'a> Bits<'a> {
    /// The next number of so many bits, up to 32; of none it is zero.
    fn next(&mut self, count: usize) -> Option<u32> {
        let mut number = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            number = number << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(number)
    }

    fn flag(&mut self) -> Option<bool> {
        self.next(1).map(|bit| bit == 1)
    }

    /// Skips what is left of a byte.
    fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }

    /// The next bytes.
    fn chunk(&mut self, length: u32) -> Option<&'a [u8]> {
        let start = self.at / 8;
        let chunk = self.bytes.get(start..)?.get(..usize::try_from(length).ok()?)?;
        self.at += 8 * chunk.len();
        Some(chunk)
    }
}
