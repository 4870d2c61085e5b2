//! The directory of a TIFF: fields by their tags, values read by index out of the file. Nothing is
//! allocated, so that a field of four million values costs no more than one of a single value.
//! Source: TIFF 6.0, section 2; the BigTIFF design (offsets of 64 bits).

/// Fields of a directory that are looked at; classic TIFF cannot have more.
const MAX_FIELDS: u64 = 65_535;

/// A TIFF whose header was recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct File<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) big_endian: bool,
    /// Offsets of 64 bits.
    is_big: bool,
}

/// The whole fields of one directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Directory<'a> {
    file: File<'a>,
    fields: &'a [u8],
    /// Where its fields end, and the place of the next directory is.
    end: u64,
}

/// What one field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Values<'a> {
    /// As far as the file has them.
    bytes: &'a [u8],
    kind: u16,
    count: u64,
    big_endian: bool,
}

impl<'a> File<'a> {
    /// `None` for bytes that begin no TIFF.
    pub(crate) fn open(bytes: &'a [u8]) -> Option<Self> {
        let (big_endian, is_big) = match bytes.get(..4)? {
            b"II*\0" => (false, false),
            b"MM\0*" => (true, false),
            // Panasonic's RAW files differ in these bytes alone, and Olympus's.
            b"IIU\0" | b"IIRO" | b"IIRS" => (false, false),
            b"MMOR" => (true, false),
            b"II+\0" => (false, true),
            b"MM\0+" => (true, true),
            _ => return None,
        };
        Some(Self { bytes, big_endian, is_big })
    }

    /// The directory of the file's first picture; `None` where the file ends before it does.
    pub(crate) fn first_directory(&self) -> Option<Directory<'a>> {
        if !self.is_big {
            return self.directory(self.number(4, 4)?);
        }
        let has_offsets_of_64_bits = self.number(4, 2)? == 8 && self.number(6, 2)? == 0;
        self.directory(has_offsets_of_64_bits.then(|| self.number(8, 8))??)
    }

    /// The directory at an offset; `None` where the file ends before it does.
    pub(crate) fn directory(&self, offset: u64) -> Option<Directory<'a>> {
        let count_bytes = if self.is_big { 8 } else { 2 };
        let count = self.number(offset, count_bytes)?;
        if count > MAX_FIELDS {
            return None;
        }
        let (start, length) = (offset.checked_add(count_bytes)?, count * self.field_bytes());
        let fields = self.slice(start, length)?;
        Some(Directory { file: *self, fields, end: start + length })
    }

    /// The directory behind this one.
    pub(crate) fn next_directory(&self, directory: &Directory<'_>) -> Option<Directory<'a>> {
        let offset = self.number(directory.end, if self.is_big { 8 } else { 4 })?;
        self.directory(offset).filter(|_| offset > 0)
    }

    fn field_bytes(&self) -> u64 {
        if self.is_big { 20 } else { 12 }
    }

    /// Bytes that the file holds.
    pub(crate) fn slice(&self, offset: u64, length: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(offset).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    }

    fn number(&self, offset: u64, length: u64) -> Option<u64> {
        Some(number(self.slice(offset, length)?, self.big_endian))
    }
}

impl<'a> Directory<'a> {
    /// The values of the first field with this tag.
    pub(crate) fn values(&self, tag: u16) -> Option<Values<'a>> {
        self.fields().find(|&(own, _)| own == tag).map(|(_, values)| values)
    }

    /// Every field with its tag, in the file's order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (u16, Values<'a>)> {
        let file = self.file;
        let fields = self.fields.chunks_exact(file.field_bytes() as usize);
        fields.map(move |field| {
            let short = |at: usize| number(&field[at..at + 2], file.big_endian) as u16;
            let (count, inline) = field[4..].split_at(if file.is_big { 8 } else { 4 });
            let (kind, count) = (short(2), number(count, file.big_endian));
            let length = count.saturating_mul(value_bytes(kind));
            let bytes = if length <= inline.len() as u64 {
                &inline[..length as usize]
            } else {
                let start = usize::try_from(number(inline, file.big_endian)).ok();
                let rest = start.and_then(|start| file.bytes.get(start..)).unwrap_or_default();
                &rest[..rest.len().min(usize::try_from(length).unwrap_or(usize::MAX))]
            };
            (short(0), Values { bytes, kind, count, big_endian: file.big_endian })
        })
    }
}

impl<'a> Values<'a> {
    /// How many values the field claims.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Whether the file holds all of them.
    pub(crate) fn is_whole(&self) -> bool {
        self.count.saturating_mul(value_bytes(self.kind)) <= self.bytes.len() as u64
    }

    /// An unsigned integer; `None` behind the last one, and for values of another kind.
    pub(crate) fn get(&self, index: u64) -> Option<u64> {
        matches!(self.kind, 1 | 3 | 4 | 6 | 7 | 13 | 16 | 18).then_some(())?;
        Some(number(self.at(index, value_bytes(self.kind))?, self.big_endian))
    }

    /// A number of any kind that is not an offset.
    pub(crate) fn real(&self, index: u64) -> Option<f64> {
        let long = |bytes: &[u8]| number(bytes, self.big_endian) as u32;
        match self.kind {
            5 => {
                let (over, under) = self.at(index, 8)?.split_at(4);
                Some(f64::from(long(over)) / f64::from(long(under)))
            }
            11 => Some(f32::from_bits(long(self.at(index, 4)?)).into()),
            12 => Some(f64::from_bits(number(self.at(index, 8)?, self.big_endian))),
            _ => self.get(index).map(|value| value as f64),
        }
    }

    /// All bytes of a field of bytes; `None` where the file does not hold them.
    pub(crate) fn bytes(&self) -> Option<&'a [u8]> {
        (value_bytes(self.kind) == 1 && self.is_whole()).then_some(self.bytes)
    }

    fn at(&self, index: u64, length: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(index.checked_mul(length)?).ok()?;
        self.bytes.get(start..start.checked_add(length as usize)?)
    }
}

/// Bytes of a value of this kind; kinds that nobody knows are taken for bytes.
fn value_bytes(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

fn number(bytes: &[u8], big_endian: bool) -> u64 {
    let sum = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    if big_endian { bytes.iter().fold(0, sum) } else { bytes.iter().rev().fold(0, sum) }
}
