//! EXIF for a variant's file: all of the source's made right for the variant, or two texts alone.

use super::{
    ARTIST, COPYRIGHT, EXIF_DIRECTORY, Exif, FIELD_BYTES, Field, HEIGHT, LONG, MAX_TEXT_BYTES,
    ORIENTATION, Order, PIXELS_ACROSS, PIXELS_DOWN, SHORT, TEXT, THUMBNAIL_BYTES, THUMBNAIL_OFFSET,
    WIDTH,
};
use crate::raster::Size;

impl Exif<'_> {
    /// All of it for an upright picture of this size, without the thumbnail.
    pub(crate) fn of_variant(&self, size: Size) -> Vec<u8> {
        let numbers = self.numbers;
        let mut own = numbers.bytes.to_vec();
        let order = numbers.order;
        let mut set = |field: &Field, value: u32| {
            // As one SHORT, whatever type and however many values it was.
            if field.tag == ORIENTATION {
                own[field.at + 2..][..2].copy_from_slice(&order.short(SHORT));
                own[field.at + 4..][..4].copy_from_slice(&order.long(1));
                own[field.at + 8..][..4].fill(0);
                own[field.at + 8..][..2].copy_from_slice(&order.short(value as u16));
                return;
            }
            let place = &mut own[field.at + 8..][..4];
            match field.kind {
                SHORT => place[..2].copy_from_slice(&order.short(value as u16)),
                LONG => place.copy_from_slice(&order.long(value as usize)),
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

/// A structure that holds an artist and a copyright and nothing else; none where there is neither.
pub(crate) fn of_texts(texts: [Option<&[u8]>; 2]) -> Option<Vec<u8>> {
    let texts = fields(texts);
    let mut exif = b"II*\0\x08\0\0\0".to_vec();
    push_directory(&mut exif, Order::Little, Vec::new(), &texts);
    (!texts.is_empty()).then_some(exif)
}

impl Exif<'_> {
    /// The same structure with an artist and a copyright in place of its own, and with no directory
    /// behind the first one; `None` where there is neither.
    pub(crate) fn with_texts(&self, texts: [Option<&[u8]>; 2]) -> Option<Vec<u8>> {
        let Self { numbers, first } = *self;
        let texts = fields(texts);
        let is_replaced = |tag: u16| texts.iter().any(|&(text, _)| text == tag);
        let kept = numbers.fields(first).filter(|field| !is_replaced(field.tag));
        let kept = kept
            .filter_map(|field| Some((field.tag, *numbers.bytes.get(field.at..)?.first_chunk()?)));
        let mut exif = numbers.bytes.to_vec();
        // A new directory behind all that is there; directories begin at even places.
        exif.resize(exif.len().next_multiple_of(2), 0);
        let start = numbers.order.long(exif.len());
        exif[4..8].copy_from_slice(&start);
        push_directory(&mut exif, numbers.order, kept.collect(), &texts);
        (!texts.is_empty()).then_some(exif)
    }
}

/// Texts that may be written, with their tags.
fn fields([artist, copyright]: [Option<&[u8]>; 2]) -> Vec<(u16, &[u8])> {
    [(ARTIST, artist), (COPYRIGHT, copyright)]
        .into_iter()
        .filter_map(|(tag, text)| Some((tag, text?)))
        .filter(|(_, text)| !text.is_empty() && text.len() <= MAX_TEXT_BYTES)
        .filter(|(_, text)| !holds_script(text))
        .collect()
}

/// Adds a directory of whole fields and of texts, and the texts behind it.
fn push_directory(
    exif: &mut Vec<u8>,
    order: Order,
    mut fields: Vec<(u16, [u8; FIELD_BYTES])>,
    texts: &[(u16, &[u8])],
) {
    let count = fields.len() + texts.len();
    let data_start = exif.len() + 2 + FIELD_BYTES * count + 4;
    let mut data = Vec::new();
    for &(tag, text) in texts {
        let value = [text, &[0]].concat();
        let mut place = [0; 4];
        if let Some(place) = place.get_mut(..value.len()) {
            place.copy_from_slice(&value);
        } else {
            place = order.long(data_start + data.len());
            data.extend(&value);
            // Values begin at even places.
            data.resize(data.len().next_multiple_of(2), 0);
        }
        let mut field = [0; FIELD_BYTES];
        field[..2].copy_from_slice(&order.short(tag));
        field[2..4].copy_from_slice(&order.short(TEXT));
        field[4..8].copy_from_slice(&order.long(value.len()));
        field[8..].copy_from_slice(&place);
        fields.push((tag, field));
    }
    fields.sort_by_key(|&(tag, _)| tag);
    exif.extend(order.short(count as u16));
    exif.extend(fields.iter().flat_map(|(_, field)| field));
    exif.extend([0; 4]);
    exif.extend(data);
}
