//! The index of several JPEGs in one file, read and written. Source: CIPA DC-007, 5.

use crate::exif::Exif;

/// Names the segment.
pub(super) const NAME: &[u8] = b"MPF\0";

/// The field whose 16 bytes for each picture say where it is.
const ENTRIES: u16 = 0xb002;
const ENTRY_BYTES: usize = 16;

/// Pictures of one index that are looked at.
const MAX_PICTURES: usize = 16;

const APP0: u8 = 0xe0;
const APP2: u8 = 0xe2;
const APP15: u8 = 0xef;

/// Where the pictures behind the first one begin in the file. `start` is where the body does.
pub(super) fn read(start: usize, body: &[u8]) -> Vec<usize> {
    let Some(index) = Exif::read(body) else { return Vec::new() };
    let entries = index.undefined(ENTRIES).unwrap_or_default().chunks_exact(ENTRY_BYTES);
    let offsets = entries.skip(1).take(MAX_PICTURES).filter_map(|entry| {
        let offset = *entry[8..].first_chunk()?;
        let offset = if index.is_little_endian() {
            u32::from_le_bytes(offset)
        } else {
            u32::from_be_bytes(offset)
        };
        start.checked_add(usize::try_from(offset).ok()?)
    });
    offsets.collect()
}

/// The file of a picture and that of its map as one, with an index and `iso`, the segment's body
/// that announces the map.
pub(crate) fn joined(picture: &[u8], map: &[u8], iso: &[u8]) -> Vec<u8> {
    let at = end_of_applications(picture);
    // Each segment has a marker and a length before its body.
    let index_start = at + 4 + iso.len() + 4 + NAME.len();
    let index_bytes = index(0, 0, 0).len();
    let picture_bytes = index_start + index_bytes + picture.len() - at;
    let offset = picture_bytes - index_start;
    let index = [NAME, &index(picture_bytes, map.len(), offset)].concat();
    let mut file = Vec::with_capacity(picture_bytes + map.len());
    file.extend_from_slice(&picture[..at]);
    push_segment(&mut file, iso);
    push_segment(&mut file, &index);
    file.extend_from_slice(&picture[at..]);
    file.extend_from_slice(map);
    file
}

/// The file with another APP2 segment behind the ones that it has.
pub(crate) fn with_segment(file: &[u8], body: &[u8]) -> Vec<u8> {
    let (before, behind) = file.split_at(end_of_applications(file));
    let mut out = Vec::with_capacity(file.len() + 4 + body.len());
    out.extend_from_slice(before);
    push_segment(&mut out, body);
    out.extend_from_slice(behind);
    out
}

/// Bodies here have some hundred bytes at most.
fn push_segment(out: &mut Vec<u8>, body: &[u8]) {
    out.extend([0xff, APP2]);
    out.extend((body.len() as u16 + 2).to_be_bytes());
    out.extend_from_slice(body);
}

/// The index of a picture and its map, of so many bytes each; `offset` is that of the map, counted
/// from the index.
fn index(picture_bytes: usize, map_bytes: usize, offset: usize) -> Vec<u8> {
    // A big-endian TIFF structure of one directory: the version, the number of pictures, and where
    // their entries are.
    let mut out = b"MM\0*\0\0\0\x08\0\x03".to_vec();
    out.extend(b"\xb0\0\0\x07\0\0\0\x040100");
    out.extend(b"\xb0\x01\0\x04\0\0\0\x01\0\0\0\x02");
    out.extend(b"\xb0\x02\0\x07\0\0\0\x20\0\0\0\x32");
    out.extend([0; 4]);
    // The first is the main picture and baseline, the second of no defined kind.
    let long = |number: usize| (number as u32).to_be_bytes();
    let entries = [[0x0003_0000, picture_bytes, 0, 0], [0, map_bytes, offset, 0]];
    out.extend(entries.into_iter().flatten().flat_map(long));
    out
}

/// Where the first segment begins that is none of an application, in a file that was written here.
fn end_of_applications(file: &[u8]) -> usize {
    let mut at = 2;
    while let Some(&[0xff, APP0..=APP15, high, low]) = file.get(at..at + 4) {
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    at.min(file.len())
}

#[cfg(test)]
mod tests {
    use super::{NAME, joined, read, with_segment};

    /// A marker, an application's segment, and the end.
    const PICTURE: &[u8] = b"\xff\xd8\xff\xe0\0\x04ab\xff\xdb\0\x02\xff\xd9";
    const MAP: &[u8] = b"\xff\xd8map\xff\xd9";

    #[test]
    fn the_index_says_where_the_map_begins() {
        let file = joined(PICTURE, MAP, b"iso");
        let start = file.windows(4).position(|four| four == NAME).expect("it has an index") + 4;
        let body = &file[start..start + 82];
        let starts = read(start, body);
        assert_eq!(starts, [file.len() - MAP.len()]);
        assert_eq!(&file[starts[0]..], MAP);
        assert!(file.starts_with(b"\xff\xd8\xff\xe0\0\x04ab\xff\xe2\0\x05iso\xff\xe2\0\x58MPF\0"));
        let without: Vec<u8> = [&file[..8], &file[start + 82..]].concat();
        assert_eq!(without, [PICTURE, MAP].concat());
        for length in 0..body.len() {
            assert_eq!(read(start, &body[..length]), [], "{length}");
        }
    }

    #[test]
    fn a_segment_goes_behind_those_that_are_there() {
        let file = with_segment(PICTURE, b"iso");
        assert_eq!(file, b"\xff\xd8\xff\xe0\0\x04ab\xff\xe2\0\x05iso\xff\xdb\0\x02\xff\xd9");
    }
}
