//! A walk over PNG chunks: size, color type, animation, color descriptions and metadata. Of the
//! bodies only checksums are taken; nothing is inflated.
//! Source: W3C PNG (third edition), sections 5 and 11.

mod chunks;
mod colors;
mod transparency;

pub(crate) use self::chunks::checksum;
use self::chunks::{Chunk, chunks};
use self::colors::ColorChunks;
use self::transparency::Transparency;
use super::{DEEP_TABLE_BYTES, Memory, Parsed, StoredPicture, nonzero_size, profile_bytes};
use crate::error::Reject;
use crate::exif::MAX_TEXT_BYTES;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::{Layout, Size};

/// What inflating takes, whatever the image.
const PNG_BYTES: u64 = 1 << 18;

/// The most that one byte of deflated data stands for.
const MAX_INFLATION: usize = 1032;

/// The chunks of a PNG.
#[derive(Debug)]
pub(crate) struct Png<'a> {
    /// Whether coarse rows of the whole image come before fine ones.
    pub(crate) is_interlaced: bool,
    /// 1 for a still picture.
    pub(crate) frame_count: u32,
    /// 0 for endless.
    pub(crate) loop_count: u32,
    /// The body of a tRNS chunk that counts, as the decoder is to see it.
    pub(crate) transparency: Option<Vec<u8>>,
    pub(crate) exif: Option<&'a [u8]>,
    pub(crate) xmp: Option<&'a [u8]>,
    /// In Latin-1.
    pub(crate) artist: Option<&'a [u8]>,
    /// In Latin-1.
    pub(crate) copyright: Option<&'a [u8]>,
    colors: ColorChunks<'a>,
}

/// The IHDR chunk.
#[derive(Debug, Clone, Copy)]
struct ImageHeader {
    size: Size,
    depth_bits: u8,
    color_type: u8,
    is_interlaced: bool,
}

/// Which chunks came before.
#[derive(Debug, Default, Clone, Copy)]
struct Passed {
    palette: bool,
    pixels: bool,
}

pub(super) fn parse(source: &[u8]) -> Result<Parsed<Png<'_>>, Reject> {
    let mut chunks = chunks(source);
    let first = chunks.next().ok_or_else(|| malformed("cut within the header chunk"))?;
    let header = ImageHeader::read(&first)?;
    let mut transparency = Transparency::new(header.depth_bits, header.color_type);
    let mut png = Png::new(header.is_interlaced);
    let (mut passed, mut icc_bytes) = (Passed::default(), 0);
    for chunk in chunks {
        if header.color_type == 3 && chunk.name == *b"PLTE" {
            check_palette(chunk.body)?;
        }
        match &chunk.name {
            b"PLTE" => passed.palette = true,
            b"IDAT" => passed.pixels = true,
            b"tRNS" if !passed.pixels => transparency.note(chunk, passed.palette),
            b"iCCP" => icc_bytes = chunk.body.len(),
            _ => {}
        }
        png.note(chunk, passed);
    }
    png.transparency = transparency.body();
    let layout = layout(header.color_type, png.transparency.is_some())?;
    let is_deep = header.depth_bits == 16;
    let inflated_bytes = icc_bytes.saturating_mul(MAX_INFLATION).min(colors::MAX_PROFILE_BYTES);
    let deep_bytes = if is_deep { DEEP_TABLE_BYTES } else { 0 };
    let orientation = png.exif.map_or(Orientation::UPRIGHT, Orientation::from_exif);
    Ok(Parsed {
        picture: StoredPicture { size: header.size, orientation, layout },
        memory: Memory {
            decoder_bytes: decoder_bytes(&header, layout),
            lasting_bytes: profile_bytes(inflated_bytes) + deep_bytes,
        },
        container: png,
    })
}

impl ImageHeader {
    fn read(first: &Chunk<'_>) -> Result<Self, Reject> {
        if first.name == *b"CgBI" {
            return Err(Reject::Unsupported { what: "a PNG that was optimized for iOS (CgBI)" });
        }
        let (b"IHDR", [sides @ .., depth_bits, color_type, _, _, interlacing]) =
            (&first.name, first.body)
        else {
            return Err(malformed("the first chunk is no header"));
        };
        let &[w0, w1, w2, w3, h0, h1, h2, h3] = sides else {
            return Err(malformed("the first chunk is no header"));
        };
        let width = u32::from_be_bytes([w0, w1, w2, w3]);
        let height = u32::from_be_bytes([h0, h1, h2, h3]);
        let size = nonzero_size(ImageFormat::Png, width, height)?;
        let (&depth_bits, &color_type) = (depth_bits, color_type);
        Ok(Self { size, depth_bits, color_type, is_interlaced: *interlacing == 1 })
    }
}

impl<'a> Png<'a> {
    fn new(is_interlaced: bool) -> Self {
        Self {
            is_interlaced,
            frame_count: 1,
            loop_count: 1,
            transparency: None,
            exif: None,
            xmp: None,
            artist: None,
            copyright: None,
            colors: ColorChunks::default(),
        }
    }

    /// Keeps what a chunk behind the header says. Of twins the last counts, but for colors.
    fn note(&mut self, chunk: Chunk<'a>, passed: Passed) {
        match &chunk.name {
            // Behind the first data it comes too late.
            b"acTL" if !passed.pixels => {
                if let Some(&[f0, f1, f2, f3, l0, l1, l2, l3]) = chunk.body.first_chunk() {
                    self.frame_count = u32::from_be_bytes([f0, f1, f2, f3]).max(1);
                    self.loop_count = u32::from_be_bytes([l0, l1, l2, l3]);
                }
            }
            b"eXIf" => self.exif = Some(chunk.body),
            b"tEXt" => self.note_text(chunk.body),
            // Not compressed, without language and translation.
            b"iTXt" => {
                let xmp = chunk.body.strip_prefix(b"XML:com.adobe.xmp\0\0\0\0\0");
                self.xmp = xmp.or(self.xmp);
            }
            _ if !passed.palette && !passed.pixels => self.colors.note(chunk),
            _ => {}
        }
    }

    fn note_text(&mut self, body: &'a [u8]) {
        let texts = [(&b"Author"[..], &mut self.artist), (b"Copyright", &mut self.copyright)];
        for (keyword, place) in texts {
            match body.strip_prefix(keyword) {
                Some([]) => *place = Some(&[]),
                // A longer text than any that goes along is not looked at.
                Some([0, text @ ..]) => *place = (text.len() <= MAX_TEXT_BYTES).then_some(text),
                _ => {}
            }
        }
    }
}

/// Half a color, which the decoder would trust in.
fn check_palette(body: &[u8]) -> Result<(), Reject> {
    if !matches!(body.len(), 3..=768) {
        return Err(malformed("a palette of no color, or of too many"));
    }
    if !body.len().is_multiple_of(3) {
        return Err(malformed("a palette of parts of colors"));
    }
    Ok(())
}

fn layout(color_type: u8, is_transparent: bool) -> Result<Layout, Reject> {
    Ok(match (color_type, is_transparent) {
        (0, false) => Layout::Gray,
        (0, true) | (4, _) => Layout::GrayAlpha,
        (2 | 3, false) => Layout::Rgb,
        (2 | 3, true) | (6, _) => Layout::Rgba,
        _ => return Err(malformed("unknown color type")),
    })
}

/// Rows are converted one by one, but those of an interlaced image only as a whole, 16 bits beside
/// 8. Saturating, because sides have 32 bits here and only the limits behind this say how many of
/// them are too many.
fn decoder_bytes(header: &ImageHeader, layout: Layout) -> u64 {
    let raster_bytes = header.size.pixels().saturating_mul(layout.channels() as u64);
    let whole_bytes = raster_bytes.saturating_mul(if header.depth_bits == 16 { 3 } else { 1 });
    let row_bytes = whole_bytes / u64::from(header.size.height());
    PNG_BYTES + if header.is_interlaced { whole_bytes } else { row_bytes * 24 }
}

fn malformed(detail: &str) -> Reject {
    Reject::malformed(ImageFormat::Png, detail)
}
