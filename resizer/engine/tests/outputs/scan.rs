//! A file in, what it holds beside its pixels out: parts that tell something, and everything that
//! has no place in a file of ours. Knows the formats by their specifications, not by our encoders.

mod boxes;
mod gif;
mod jpeg;
mod png;
mod webp;

use resizer_engine::Variant;
use resizer_engine::spec::OutputFormat;

/// What a file holds beside its pixels.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Each a TIFF structure.
    pub(crate) exif: Vec<Vec<u8>>,
    pub(crate) xmp: Vec<Vec<u8>>,
    /// Parts of one profile put together, a PNG's unpacked.
    pub(crate) icc: Vec<u8>,
    /// What nobody asked for: unknown parts, bytes behind the end, parts that are cut.
    pub(crate) foreign: Vec<String>,
}

impl Told {
    fn foreign(&mut self, what: impl ToString) {
        self.foreign.push(what.to_string());
    }
}

/// Reads a whole file.
pub(crate) fn scan(variant: &Variant) -> Told {
    let mut told = Told::default();
    let bytes = &variant.bytes;
    let end = match variant.format {
        OutputFormat::Jpeg => jpeg::scan(bytes, &mut told),
        OutputFormat::Png => png::scan(bytes, &mut told),
        OutputFormat::Webp => webp::scan(bytes, &mut told),
        OutputFormat::Gif => gif::scan(bytes, &mut told),
        OutputFormat::Avif => boxes::scan(bytes, &mut told),
    };
    match end {
        None => told.foreign("a part that is cut, or no part at all"),
        Some(end) if end != bytes.len() => {
            told.foreign(format!("{} bytes behind the end", bytes.len() - end));
        }
        Some(_) => {}
    }
    told
}

/// The big-endian number at a place.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(length)?)?;
    Some(digits.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)))
}
