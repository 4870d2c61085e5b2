//! The headers of a BMP: Windows 2 to 5 and OS/2 1 and 2; where its palette and pixels lie.
//! Source: Microsoft, "Bitmap Storage"; IBM, OS/2 PM bitmaps, as bmpsuite and Pillow read them.

use super::{Memory, Parsed, StoredPicture, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::{Layout, Size};

const FILE_HEADER_BYTES: usize = 14;

/// Indices as they are decoded, where runs are.
const RUN_BYTES: u64 = 1;

/// How pixels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BmpPixels {
    /// Indices of 1, 2, 4 or 8 bits.
    Indices,
    /// Runs of indices of 8 bits.
    Rle8,
    /// Runs of indices of 4 bits.
    Rle4,
    /// Little-endian numbers of 2, 3 or 4 bytes, with these bits of red, green, blue and alpha.
    Masks([u32; 4]),
}

/// A file whose headers are whole.
#[derive(Debug, Clone)]
pub(crate) struct Bmp<'a> {
    pub(crate) size: Size,
    /// Whether the first stored row is the uppermost.
    pub(crate) is_top_down: bool,
    /// Of a pixel.
    pub(crate) bits: u16,
    pub(crate) pixels: BmpPixels,
    /// Red, green and blue of each index, as far as the file has them.
    pub(crate) palette: Vec<[u8; 3]>,
    /// From the first pixel to the end of the file.
    pub(crate) data: &'a [u8],
    /// Whether there are as many bytes as pixels that are not runs take.
    pub(crate) is_whole: bool,
}

pub(super) fn parse(source: &[u8]) -> Result<Parsed<Bmp<'_>>, Reject> {
    let bmp = Bmp::read(source)?;
    let has_alpha = matches!(bmp.pixels, BmpPixels::Masks([.., alpha]) if alpha != 0);
    let layout = if has_alpha { Layout::Rgba } else { Layout::Rgb };
    let is_in_runs = matches!(bmp.pixels, BmpPixels::Rle8 | BmpPixels::Rle4);
    let run_bytes = if is_in_runs { bmp.size.pixels() * RUN_BYTES } else { 0 };
    let row_bytes = u64::from(bmp.size.width()) * layout.channels() as u64;
    let decoder_bytes = (1 << 12) + row_bytes + run_bytes;
    Ok(Parsed {
        picture: StoredPicture { size: bmp.size, orientation: Orientation::UPRIGHT, layout },
        memory: Memory { decoder_bytes, lasting_bytes: 0 },
        container: bmp,
    })
}

/// What the headers say, before it is made sense of.
struct Fields {
    width: i64,
    height: i64,
    bits: u16,
    compression: u32,
    colors_used: usize,
    /// OS/2 2 has other kinds of compression.
    is_os2: bool,
    /// Where the information header ends, and the palette may begin.
    end: usize,
    /// Bytes of a color.
    color_bytes: usize,
}

impl<'a> Bmp<'a> {
    /// # Errors
    /// `Malformed` where headers are cut or contradict themselves;
    /// `Unsupported` for kinds that are not decoded.
    fn read(source: &'a [u8]) -> Result<Self, Reject> {
        let cut = || malformed("cut within its headers");
        let mut fields = Fields::read(source).ok_or_else(cut)??;
        let size = side(fields.width).zip(side(fields.height.abs()));
        let (width, height) = size.ok_or_else(|| malformed("a side that cannot be"))?;
        let size = nonzero_size(ImageFormat::Bmp, width, height)?;
        let pixels = fields.pixels(source).ok_or_else(cut)??;
        let palette_bytes = fields.palette_colors().saturating_mul(fields.color_bytes);
        let palette_end = fields.end.saturating_add(palette_bytes);
        let offset = number(source, 10).ok_or_else(cut)? as usize;
        let row_bytes = row_bytes(size, fields.bits);
        let needed = match pixels {
            BmpPixels::Rle8 | BmpPixels::Rle4 => 0,
            // What fills up the last row may be missing.
            _ => row_bytes.next_multiple_of(4).saturating_mul(u64::from(height) - 1) + row_bytes,
        };
        let needed = usize::try_from(needed).unwrap_or(usize::MAX);
        let ends = |start: usize| start.checked_add(needed).is_some_and(|end| end <= source.len());
        // Some writers leave the palette out of the offset. Where a palette is shorter than it is
        // said to be, the offset is right, and only so are there enough bytes.
        let is_inside = offset < palette_end && palette_bytes > 0;
        let start = match offset {
            _ if offset <= fields.end => palette_end,
            _ if is_inside && fields.colors_used > 0 && ends(palette_end) => palette_end,
            offset => offset,
        };
        let palette_end = palette_end.min(start).min(source.len());
        let colors = source.get(fields.end..palette_end).unwrap_or_default();
        let colors = colors.chunks_exact(fields.color_bytes).take(256);
        let palette = colors.map(|color| [color[2], color[1], color[0]]).collect();
        let (data, is_whole) = (source.get(start..).unwrap_or_default(), ends(start));
        let Fields { bits, .. } = fields;
        Ok(Self { size, is_top_down: fields.height < 0, bits, pixels, palette, data, is_whole })
    }

    /// A stored row of pixels, without what fills it up, counted from the first one in the file.
    ///
    /// # Panics
    /// Where the file is not whole.
    pub(crate) fn row(&self, index: u32) -> &'a [u8] {
        let row_bytes = row_bytes(self.size, self.bits) as usize;
        &self.data[index as usize * row_bytes.next_multiple_of(4)..][..row_bytes]
    }
}

impl Fields {
    /// `None` where the file ends too early.
    fn read(source: &[u8]) -> Option<Result<Self, Reject>> {
        let info = FILE_HEADER_BYTES;
        let header_bytes = number(source, info)? as usize;
        let end = info.checked_add(header_bytes)?;
        source.get(..end)?;
        if header_bytes == 12 {
            return Some(Ok(Self {
                width: short(source, info + 4)?.into(),
                height: short(source, info + 6)?.into(),
                bits: short(source, info + 10)?,
                compression: 0,
                colors_used: 0,
                is_os2: true,
                end,
                color_bytes: 3,
            }));
        }
        if !(16..=64).contains(&header_bytes) && !matches!(header_bytes, 108 | 124) {
            return Some(Err(Reject::Unsupported { what: "a BMP of an unknown version" }));
        }
        // A header may end before the numbers that are 0.
        let field = |at: usize| {
            if at + 4 <= header_bytes { number(source, info + at) } else { Some(0) }
        };
        let signed = |at: usize| number(source, info + at).map(|value| i64::from(value as i32));
        Some(Ok(Self {
            width: signed(4)?,
            height: signed(8)?,
            bits: short(source, info + 14)?,
            compression: field(16)?,
            colors_used: field(32)? as usize,
            is_os2: !matches!(header_bytes, 40 | 52 | 56 | 108 | 124),
            end,
            color_bytes: 4,
        }))
    }

    /// Colors that stand in the file before the pixels.
    fn palette_colors(&self) -> usize {
        match (self.colors_used, self.bits) {
            (0, bits @ 1..=8) => 1 << bits,
            (used, _) => used,
        }
    }

    /// `None` where the file ends before masks that it must have.
    fn pixels(&mut self, source: &[u8]) -> Option<Result<BmpPixels, Reject>> {
        let unsupported = |what| Some(Err(Reject::Unsupported { what }));
        let pixels = match (self.compression, self.bits, self.is_os2) {
            (0, 1 | 2 | 4 | 8, _) => BmpPixels::Indices,
            (0, 16, _) => BmpPixels::Masks([0x7c00, 0x03e0, 0x001f, 0]),
            (0, 24 | 32, _) => BmpPixels::Masks([0xff_0000, 0x00_ff00, 0x00_00ff, 0]),
            (1, 8, _) => BmpPixels::Rle8,
            (2, 4, _) => BmpPixels::Rle4,
            (3 | 6, 16 | 32, false) => BmpPixels::Masks(self.masks(source)?),
            (0, 64, _) => return unsupported("a BMP of 64 bits a pixel"),
            (3, _, true) => return unsupported("a BMP with Huffman 1D compression"),
            (4, _, true) => return unsupported("a BMP with RLE24 compression"),
            (4, _, false) => return unsupported("a BMP that holds a JPEG"),
            (5, _, false) => return unsupported("a BMP that holds a PNG"),
            (11..=13, ..) => return unsupported("a BMP in CMYK"),
            (0..=3 | 6, ..) => {
                let detail = format!("pixels of {} bits", self.bits);
                return Some(Err(malformed(&detail)));
            }
            _ => return unsupported("a BMP of an unknown compression"),
        };
        Some(Ok(pixels))
    }

    /// In the headers from version 2 on, else behind the first one, which they lengthen.
    fn masks(&mut self, source: &[u8]) -> Option<[u32; 4]> {
        let start = FILE_HEADER_BYTES + 40;
        let held = (self.end - start) / 4;
        let wanted = if self.compression == 6 { 4 } else { 3 };
        if held == 0 {
            self.end += 4 * wanted;
        }
        let count = if held == 0 { wanted } else { held.min(4) };
        let mut masks = [0; 4];
        for (index, mask) in masks.iter_mut().take(count).enumerate() {
            *mask = number(source, start + 4 * index)?;
        }
        Some(masks)
    }
}

fn side(value: i64) -> Option<u32> {
    u32::try_from(value).ok()
}

/// Bytes of a row's pixels.
fn row_bytes(size: Size, bits: u16) -> u64 {
    (u64::from(size.width()) * u64::from(bits)).div_ceil(8)
}

fn number(source: &[u8], at: usize) -> Option<u32> {
    source.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

fn short(source: &[u8], at: usize) -> Option<u16> {
    source.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

fn malformed(detail: &str) -> Reject {
    Reject::malformed(ImageFormat::Bmp, detail)
}
