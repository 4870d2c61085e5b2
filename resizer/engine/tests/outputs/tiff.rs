//! A TIFF structure in, its directories and their fields out.
//! Source: TIFF 6.0, section 2; EXIF 2.32, 4.6.

/// Pointers to directories.
const DIRECTORIES: [u16; 3] = [0x8769, 0x8825, 0xa005];

/// A field: its tag, and its value where that is a text or a small number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) tag: u16,
    pub(crate) text: String,
    pub(crate) number: u32,
}

/// All fields of all directories that can be reached; of the second image as well.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tiff {
    pub(crate) fields: Vec<Field>,
    /// Those that a picture has as well as its first: 1 for a thumbnail.
    pub(crate) further_images: usize,
}

/// `None` where it cannot be read.
pub(crate) fn read(bytes: &[u8]) -> Option<Tiff> {
    let reader = Reader { bytes, big_endian: bytes.starts_with(b"MM\0*") };
    if !reader.big_endian && !bytes.starts_with(b"II*\0") {
        return None;
    }
    let mut tiff = Tiff::default();
    let mut next = reader.number(4, 4)?;
    reader.directory(next, &mut tiff, 0)?;
    for _ in 0..8 {
        let count = reader.number(next as usize, 2)?;
        next = reader.number(next as usize + 2 + 12 * count as usize, 4)?;
        if next == 0 {
            break;
        }
        tiff.further_images += 1;
    }
    Some(tiff)
}

struct Reader<'a> {
    bytes: &'a [u8],
    big_endian: bool,
}

impl Reader<'_> {
    fn directory(&self, at: u32, tiff: &mut Tiff, depth: usize) -> Option<()> {
        let at = at as usize;
        for index in 0..self.number(at, 2)? as usize {
            let field = at + 2 + 12 * index;
            let tag = self.number(field, 2)? as u16;
            let (kind, count) = (self.number(field + 2, 2)?, self.number(field + 4, 4)? as usize);
            let number = self.number(field + 8, if kind == 3 { 2 } else { 4 })?;
            let place = if count <= 4 { field + 8 } else { number as usize };
            // Cameras write fields whose values lie elsewhere.
            let text = self.bytes.get(place..place.saturating_add(count)).filter(|_| kind == 2);
            let text = String::from_utf8_lossy(text.unwrap_or_default());
            let text = text.trim_end_matches('\0').to_owned();
            tiff.fields.push(Field { tag, text, number });
            if DIRECTORIES.contains(&tag) && depth < 3 {
                let _ = self.directory(number, tiff, depth + 1);
            }
        }
        Some(())
    }

    fn number(&self, at: usize, length: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at.checked_add(length)?)?;
        let sum = |sum: u32, &byte: &u8| sum << 8 | u32::from(byte);
        Some(if self.big_endian {
            digits.iter().fold(0, sum)
        } else {
            digits.iter().rev().fold(0, sum)
        })
    }
}
