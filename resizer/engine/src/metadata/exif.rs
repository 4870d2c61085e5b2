//! The TIFF structure of EXIF: two texts of it, or all of it made right for a variant.
//! Source: TIFF 6.0, section 2; EXIF 2.32, 4.6.

use crate::raster::Size;

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

const TEXT: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;

/// Longer texts are something else than a name.
pub(super) const MAX_TEXT_BYTES: usize = 4096;

/// A structure whose first directory can be read.
pub(super) struct Exif<'a> {
    bytes: &'a [u8],
    little_endian: bool,
    first: Directory,
}

/// Where a directory lies, whole.
#[derive(Clone, Copy)]
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

impl Directory {
    fn end(self) -> usize {
        self.start + 2 + 12 * self.entries
    }
}

impl<'a> Exif<'a> {
    /// `None` where there is no TIFF header or no first directory.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let little_endian = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let mut exif = Self { bytes, little_endian, first: Directory { start: 0, entries: 0 } };
        exif.first = exif.directory(exif.long(4)?)?;
        Some(exif)
    }

    pub(super) fn length_bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn artist(&self) -> Option<&'a [u8]> {
        self.text(ARTIST)
    }

    pub(super) fn copyright(&self) -> Option<&'a [u8]> {
        self.text(COPYRIGHT)
    }

    /// All of it for an upright picture of this size, without the thumbnail.
    pub(super) fn of_variant(&self, size: Size) -> Vec<u8> {
        let mut own = self.bytes.to_vec();
        let short = |value: u16| {
            if self.little_endian { value.to_le_bytes() } else { value.to_be_bytes() }
        };
        let mut set = |field: &Field, value: u32| {
            // As one SHORT, whatever type and however many values it was.
            if field.tag == ORIENTATION {
                let count = if self.little_endian { [1, 0, 0, 0] } else { [0, 0, 0, 1] };
                own[field.at + 2..][..2].copy_from_slice(&short(SHORT));
                own[field.at + 4..][..4].copy_from_slice(&count);
                own[field.at + 8..][..4].fill(0);
                own[field.at + 8..][..2].copy_from_slice(&short(value as u16));
                return;
            }
            let place = &mut own[field.at + 8..][..4];
            match (field.kind, self.little_endian) {
                (SHORT, true) => place[..2].copy_from_slice(&(value as u16).to_le_bytes()),
                (SHORT, false) => place[..2].copy_from_slice(&(value as u16).to_be_bytes()),
                (LONG, true) => place.copy_from_slice(&value.to_le_bytes()),
                (LONG, false) => place.copy_from_slice(&value.to_be_bytes()),
                _ => {}
            }
        };
        let more = self.fields(self.first).find(|field| field.tag == EXIF_DIRECTORY);
        let more = more.and_then(|field| self.directory(self.long(field.at + 8)?));
        for field in [Some(self.first), more].into_iter().flatten().flat_map(|d| self.fields(d)) {
            match field.tag {
                ORIENTATION => set(&field, 1),
                WIDTH | PIXELS_ACROSS => set(&field, size.width()),
                HEIGHT | PIXELS_DOWN => set(&field, size.height()),
                _ => {}
            }
        }
        let link = self.first.end();
        if let Some(second) = self.long(link).and_then(|start| self.directory(start)) {
            let value = |tag: u16| {
                let field = self.fields(second).find(|field| field.tag == tag)?;
                self.long(field.at + 8)
            };
            let thumbnail = value(THUMBNAIL_OFFSET).zip(value(THUMBNAIL_BYTES));
            let thumbnail = thumbnail.map(|(start, length)| start..start.saturating_add(length));
            for range in [Some(second.start..second.end() + 4), thumbnail].into_iter().flatten() {
                let end = range.end.min(own.len());
                // What came before stays, whatever the directory says.
                let start = range.start.max(link + 4).min(end);
                own[start..end].fill(0);
            }
        }
        if let Some(link) = own.get_mut(link..link + 4) {
            link.fill(0);
        }
        own
    }

    fn text(&self, tag: u16) -> Option<&'a [u8]> {
        let field = self.fields(self.first).find(|field| field.tag == tag && field.kind == TEXT)?;
        let start = if field.count <= 4 { field.at + 8 } else { self.long(field.at + 8)? };
        trimmed(self.bytes.get(start..start.checked_add(field.count)?)?)
    }

    fn fields(&self, directory: Directory) -> impl Iterator<Item = Field> {
        (0..directory.entries).filter_map(move |index| {
            let at = directory.start + 2 + 12 * index;
            let (tag, kind, count) = (self.short(at)?, self.short(at + 2)?, self.long(at + 4)?);
            Some(Field { at, tag, kind, count })
        })
    }

    /// A directory all of whose fields are there.
    fn directory(&self, start: usize) -> Option<Directory> {
        let directory = Directory { start, entries: self.short(start)?.into() };
        (start >= 8 && directory.end() <= self.bytes.len()).then_some(directory)
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little_endian { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn long(&self, at: usize) -> Option<usize> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        let value =
            if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
        usize::try_from(value).ok()
    }
}

/// A text without what fills up its field; none where it is too long for a name.
pub(super) fn trimmed(text: &[u8]) -> Option<&[u8]> {
    let length = text.iter().rposition(|byte| !matches!(byte, 0 | b' '))? + 1;
    (length <= MAX_TEXT_BYTES).then_some(&text[..length])
}

/// Whether a text is made for a server or a browser to carry out; nobody's name is.
fn holds_script(text: &[u8]) -> bool {
    let has = |start: &[u8]| text.windows(start.len()).any(|part| part.eq_ignore_ascii_case(start));
    [&b"<?"[..], b"<%", b"<script"].into_iter().any(has)
}

/// A structure that holds these texts and nothing else; none where there is neither.
pub(super) fn of_texts(artist: Option<&[u8]>, copyright: Option<&[u8]>) -> Option<Vec<u8>> {
    let texts: Vec<(u16, &[u8])> = [(ARTIST, artist), (COPYRIGHT, copyright)]
        .into_iter()
        .filter_map(|(tag, text)| Some((tag, text?)))
        .filter(|(_, text)| !text.is_empty() && text.len() <= MAX_TEXT_BYTES)
        .filter(|(_, text)| !holds_script(text))
        .collect();
    if texts.is_empty() {
        return None;
    }
    let mut exif = b"II*\0\x08\0\0\0".to_vec();
    exif.extend((texts.len() as u16).to_le_bytes());
    let mut data = Vec::new();
    let data_start = exif.len() + 12 * texts.len() + 4;
    for (tag, text) in texts {
        let value = [text, &[0]].concat();
        exif.extend(tag.to_le_bytes());
        exif.extend(TEXT.to_le_bytes());
        exif.extend((value.len() as u32).to_le_bytes());
        if value.len() <= 4 {
            exif.extend(value.iter().copied().chain([0; 4]).take(4));
        } else {
            exif.extend(((data_start + data.len()) as u32).to_le_bytes());
            data.extend(value);
            // Values begin at even places.
            data.resize(data.len().next_multiple_of(2), 0);
        }
    }
    exif.extend([0; 4]);
    exif.extend(data);
    Some(exif)
}
