//! EXIF for a variant's file: all of the source's made right for the variant, or two texts alone.

use super::{
    ARTIST, COPYRIGHT, EXIF_DIRECTORY, Exif, Field, HEIGHT, LONG, MAX_TEXT_BYTES, ORIENTATION,
    PIXELS_ACROSS, PIXELS_DOWN, SHORT, TEXT, THUMBNAIL_BYTES, THUMBNAIL_OFFSET, WIDTH,
};
use crate::raster::Size;

impl Exif<'_> {
    /// All of it for an upright picture of this size, without the thumbnail.
    pub(crate) fn of_variant(&self, size: Size) -> Vec<u8> {
        let numbers = self.numbers;
        let mut own = numbers.bytes.to_vec();
        let short = |value: u16| {
            if numbers.little_endian { value.to_le_bytes() } else { value.to_be_bytes() }
        };
        let mut set = |field: &Field, value: u32| {
            // As one SHORT, whatever type and however many values it was.
            if field.tag == ORIENTATION {
                let count = if numbers.little_endian { [1, 0, 0, 0] } else { [0, 0, 0, 1] };
                own[field.at + 2..][..2].copy_from_slice(&short(SHORT));
                own[field.at + 4..][..4].copy_from_slice(&count);
                own[field.at + 8..][..4].fill(0);
                own[field.at + 8..][..2].copy_from_slice(&short(value as u16));
                return;
            }
            let place = &mut own[field.at + 8..][..4];
            match (field.kind, numbers.little_endian) {
                (SHORT, true) => place[..2].copy_from_slice(&(value as u16).to_le_bytes()),
                (SHORT, false) => place[..2].copy_from_slice(&(value as u16).to_be_bytes()),
                (LONG, true) => place.copy_from_slice(&value.to_le_bytes()),
                (LONG, false) => place.copy_from_slice(&value.to_be_bytes()),
                _ => {}
            }
        };
        let more = numbers.fields(self.first).find(|field| field.tag == EXIF_DIRECTORY);
        let more = more.and_then(|field| numbers.directory(numbers.long(field.at + 8)?));
        for field in [Some(self.first), more].into_iter().flatten().flat_map(|d| numbers.fields(d))
        {
            match field.tag {
                ORIENTATION => set(&field, 1),
                WIDTH | PIXELS_ACROSS => set(&field, size.width()),
                HEIGHT | PIXELS_DOWN => set(&field, size.height()),
                _ => {}
            }
        }
        let link = self.first.end();
        if let Some(second) = numbers.long(link).and_then(|start| numbers.directory(start)) {
            let value = |tag: u16| {
                let field = numbers.fields(second).find(|field| field.tag == tag)?;
                numbers.long(field.at + 8)
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
}

/// Whether a text is made for a server or a browser to carry out; nobody's name is.
fn holds_script(text: &[u8]) -> bool {
    let has = |start: &[u8]| text.windows(start.len()).any(|part| part.eq_ignore_ascii_case(start));
    [&b"<?"[..], b"<%", b"<script"].into_iter().any(has)
}

/// A structure that holds these texts and nothing else; none where there is neither.
pub(crate) fn of_texts(artist: Option<&[u8]>, copyright: Option<&[u8]>) -> Option<Vec<u8>> {
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
