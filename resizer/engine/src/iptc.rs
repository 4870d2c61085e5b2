//! IPTC metadata in, the names of the author and of the owner out. Source: IPTC-NAA Information
//! Interchange Model 4.2; Adobe Photoshop File Formats Specification, "Image Resources Section".

use std::borrow::Cow;

use crate::exif::trimmed;

/// The image resource that holds a block of IPTC.
const RESOURCE: u16 = 0x0404;

/// Records and data sets: the character set, the authors, and the copyright notice.
const CHARACTER_SET: [u8; 2] = [1, 90];
const BY_LINE: [u8; 2] = [2, 80];
const COPYRIGHT: [u8; 2] = [2, 116];

/// More authors than a picture has.
const MAX_BY_LINES: usize = 16;

/// The block of IPTC among Photoshop's image resources, as far as they are there.
pub(crate) fn block_of_resources(mut resources: &[u8]) -> Option<&[u8]> {
    while let Some(rest) = resources.strip_prefix(b"8BIM") {
        let (id, rest) = rest.split_first_chunk::<2>()?;
        // A name behind its length, and a zero where both have an odd number of bytes.
        let name_bytes = (usize::from(*rest.first()?) + 1).next_multiple_of(2);
        let (length, rest) = rest.get(name_bytes..)?.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let body = &rest[..length.min(rest.len())];
        if u16::from_be_bytes(*id) == RESOURCE {
            return Some(body);
        }
        resources = rest.get(length.checked_next_multiple_of(2)?..)?;
    }
    None
}

/// The authors, divided by semicolons, in UTF-8.
pub(crate) fn artist(block: &[u8]) -> Option<Cow<'_, [u8]>> {
    let is_unicode = is_unicode(block);
    let by_lines = data_sets(block).filter(|(set, _)| *set == BY_LINE).take(MAX_BY_LINES);
    let by_lines = by_lines.filter_map(|(_, text)| utf_8(trimmed(text)?, is_unicode));
    by_lines.reduce(|all, next| Cow::Owned([&*all, b"; ", &*next].concat()))
}

/// The copyright notice, in UTF-8.
pub(crate) fn copyright(block: &[u8]) -> Option<Cow<'_, [u8]>> {
    let (_, text) = data_sets(block).find(|(set, _)| *set == COPYRIGHT)?;
    utf_8(trimmed(text)?, is_unicode(block))
}

/// Whether the character set is said to be UTF-8.
fn is_unicode(block: &[u8]) -> bool {
    data_sets(block).any(|(set, text)| set == CHARACTER_SET && text == b"\x1b%G")
}

/// Text whose character set nobody says is mostly UTF-8 or Latin-1.
fn utf_8(text: &[u8], is_unicode: bool) -> Option<Cow<'_, [u8]>> {
    match std::str::from_utf8(text) {
        Ok(_) => Some(Cow::Borrowed(text)),
        Err(_) if is_unicode => None,
        Err(_) => Some(Cow::Owned(latin_1(text))),
    }
}

/// Latin-1, whose codes are the first ones of Unicode, in UTF-8.
pub(crate) fn latin_1(text: &[u8]) -> Vec<u8> {
    text.iter().map(|&byte| char::from(byte)).collect::<String>().into_bytes()
}

/// Every data set: its record and its number, and its bytes. Stops where one is truncated, or
/// longer than 32,767 bytes, which no text is.
fn data_sets(mut block: &[u8]) -> impl Iterator<Item = ([u8; 2], &[u8])> {
    std::iter::from_fn(move || {
        let (&[0x1c, record, number, high, low], rest) = block.split_first_chunk()? else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (text, behind) = rest.split_at_checked(length).filter(|_| high < 0x80)?;
        block = behind;
        Some(([record, number], text))
    })
}

#[cfg(test)]
mod tests {
    use super::{artist, block_of_resources, copyright};

    fn set(record: u8, number: u8, text: &[u8]) -> Vec<u8> {
        let length = (text.len() as u16).to_be_bytes();
        [&[0x1c, record, number][..], &length, text].concat()
    }

    #[test]
    fn texts_become_utf_8_whatever_their_character_set() {
        let latin_1 = [set(2, 80, b"Andr\xe9"), set(2, 116, b"\xa9 Zo\xeb  \0")].concat();
        assert_eq!(artist(&latin_1).as_deref(), Some("André".as_bytes()));
        assert_eq!(copyright(&latin_1).as_deref(), Some("© Zoë".as_bytes()));
        let unicode = [set(1, 90, b"\x1b%G"), set(2, 80, "Zoë".as_bytes())].concat();
        assert_eq!(artist(&unicode).as_deref(), Some("Zoë".as_bytes()));
        let broken = [set(1, 90, b"\x1b%G"), set(2, 116, b"\xff")].concat();
        assert_eq!(copyright(&broken), None);
    }

    #[test]
    fn several_authors_are_all_named() {
        let block = [set(2, 80, b"Ada"), set(2, 5, b"a title"), set(2, 80, b"Grace")].concat();
        assert_eq!(artist(&block).as_deref(), Some(&b"Ada; Grace"[..]));
        assert_eq!(copyright(&block), None);
    }

    #[test]
    fn what_is_truncated_is_passed_over() {
        let block = set(2, 116, b"Zoe");
        for length in 0..block.len() {
            assert_eq!(copyright(&block[..length]), None, "{length} bytes");
        }
        let other = [&b"8BIM\x04\x0d\x01a\0\0\0\x03abc\0"[..], b"8BIM\x04\x04\0\0"].concat();
        let resources = [&other, &(block.len() as u32).to_be_bytes()[..], &block].concat();
        assert_eq!(block_of_resources(&resources), Some(&block[..]));
        for length in 0..other.len() + 4 {
            assert_eq!(block_of_resources(&resources[..length]), None, "{length} bytes");
        }
    }
}
