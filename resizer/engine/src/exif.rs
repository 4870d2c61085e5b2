//! The TIFF structure of EXIF: its byte order, its directories and their fields, in place.
//! Source: TIFF 6.0, section 2; EXIF 2.32, 4.6.

mod maker;
mod write;

pub(crate) use self::write::of_texts;

const WIDTH: u16 = 0x0100;
const HEIGHT: u16 = 0x0101;
const ORIENTATION: u16 = 0x0112;
const ARTIST: u16 = 0x013b;
const THUMBNAIL_OFFSET: u16 = 0x0201;
const THUMBNAIL_BYTES: u16 = 0x0202;
const COPYRIGHT: u16 = 0x8298;
const EXIF_DIRECTORY: u16 = 0x8769;
const PIXELS_ACROSS: u16 = 0xa002;
const PIXELS_DOWN: u16 = 0xa003;

const BYTE: u16 = 1;
const TEXT: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const SIGNED_BYTE: u16 = 6;
const UNDEFINED: u16 = 7;
const SIGNED_SHORT: u16 = 8;
const SIGNED_LONG: u16 = 9;

const FIELD_BYTES: usize = 12;

/// Longer texts are something else than a name.
pub(crate) const MAX_TEXT_BYTES: usize = 4096;

/// A structure whose first directory can be read.
#[derive(Debug)]
pub(crate) struct Exif<'a> {
    numbers: Numbers<'a>,
    first: Directory,
}

/// The structure's bytes, and how numbers are stored in them.
#[derive(Debug, Clone, Copy)]
struct Numbers<'a> {
    bytes: &'a [u8],
    order: Order,
}

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn short(self, value: u16) -> [u8; 2] {
        match self {
            Self::Little => value.to_le_bytes(),
            Self::Big => value.to_be_bytes(),
        }
    }

    fn long(self, value: usize) -> [u8; 4] {
        match self {
            Self::Little => (value as u32).to_le_bytes(),
            Self::Big => (value as u32).to_be_bytes(),
        }
    }
}

/// Where a directory lies.
#[derive(Debug, Clone, Copy)]
struct Directory {
    start: usize,
    entries: usize,
}

/// One field: where it lies, what it is.
struct Field {
    at: usize,
    tag: u16,
    kind: u16,
    count: usize,
}

/// The first value of the orientation tag in the first directory. EXIF says that it is one SHORT;
/// writers also store a BYTE, a LONG or several values, or a directory that is cut short, and other
/// readers take what they find.
pub(crate) fn orientation(exif: &[u8]) -> Option<u32> {
    let numbers = Numbers::read(exif)?;
    let start = numbers.long(4)?;
    let directory = Directory { start, entries: numbers.short(start)?.into() };
    let field = numbers.fields(directory).find(|field| field.tag == ORIENTATION)?;
    let value_bytes = match field.kind {
        BYTE | SIGNED_BYTE | UNDEFINED => 1,
        SHORT | SIGNED_SHORT => 2,
        LONG | SIGNED_LONG => 4,
        _ => return None,
    };
    let is_inside = field.count <= 4 / value_bytes;
    let place = if is_inside { field.at + 8 } else { numbers.long(field.at + 8)? };
    match value_bytes {
        1 => exif.get(place).copied().map(u32::from),
        2 => numbers.short(place).map(u32::from),
        _ => numbers.long(place).and_then(|value| u32::try_from(value).ok()),
    }
}

/// A text without the zeros and blanks that fill up its field; `None` where it is empty, or too
/// long for a name.
pub(crate) fn trimmed(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().rposition(|byte| !matches!(byte, 0 | b' '))? + 1;
    (length <= MAX_TEXT_BYTES).then_some(&text[..length])
}

impl<'a> Exif<'a> {
    /// `None` where there is no TIFF header or no first directory.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let numbers = Numbers::read(bytes)?;
        let first = numbers.directory(numbers.long(4)?)?;
        Some(Self { numbers, first })
    }

    pub(crate) fn length_bytes(&self) -> usize {
        self.numbers.bytes.len()
    }

    pub(crate) fn artist(&self) -> Option<&'a [u8]> {
        self.text(ARTIST)
    }

    pub(crate) fn copyright(&self) -> Option<&'a [u8]> {
        self.text(COPYRIGHT)
    }

    /// Whether its numbers have their lowest byte first.
    pub(crate) fn is_little_endian(&self) -> bool {
        matches!(self.numbers.order, Order::Little)
    }

    /// The bytes of a field of the first directory that has no type.
    pub(crate) fn undefined(&self, tag: u16) -> Option<&'a [u8]> {
        self.numbers.undefined(self.first, tag)
    }

    fn text(&self, tag: u16) -> Option<&'a [u8]> {
        let numbers = self.numbers;
        let mut fields = numbers.fields(self.first);
        let field = fields.find(|field| field.tag == tag && field.kind == TEXT)?;
        let start = if field.count <= 4 { field.at + 8 } else { numbers.long(field.at + 8)? };
        trimmed(numbers.bytes.get(start..start.checked_add(field.count)?)?)
    }
}

impl Directory {
    fn end(self) -> usize {
        self.start + 2 + FIELD_BYTES * self.entries
    }
}

impl<'a> Numbers<'a> {
    /// `None` where there is no TIFF header.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let order = match bytes.get(..4)? {
            b"II*\0" => Order::Little,
            b"MM\0*" => Order::Big,
            _ => return None,
        };
        Some(Self { bytes, order })
    }

    /// A directory all of whose fields are there.
    fn directory(self, start: usize) -> Option<Directory> {
        let directory = Directory { start, entries: self.short(start)?.into() };
        (start >= 8 && directory.end() <= self.bytes.len()).then_some(directory)
    }

    /// The fields of a directory that are there.
    fn fields(self, directory: Directory) -> impl Iterator<Item = Field> {
        (0..directory.entries).map_while(move |index| {
            let at = directory.start.checked_add(2 + FIELD_BYTES * index)?;
            let (tag, kind, count) = (self.short(at)?, self.short(at + 2)?, self.long(at + 4)?);
            Some(Field { at, tag, kind, count })
        })
    }

    /// The bytes of a field without a type, of which there are more than four.
    fn undefined(self, directory: Directory, tag: u16) -> Option<&'a [u8]> {
        let field = self.fields(directory).find(|field| field.tag == tag)?;
        let start = self.long(field.at + 8)?;
        let is_long = field.kind == UNDEFINED && field.count > 4;
        self.bytes.get(start..start.checked_add(field.count)?).filter(|_| is_long)
    }

    fn short(self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(match self.order {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        })
    }

    fn long(self, at: usize) -> Option<usize> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        let value = match self.order {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        };
        usize::try_from(value).ok()
    }
}
