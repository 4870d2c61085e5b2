//! The boxes of an AVIF, and the pictures in them as rav1d decodes them. The fuzz target shares it.

use re_rav1d::dav1d::{Decoder, Picture, PlanarImageComponent, Settings};

/// The content of the first box of a kind in a sequence of boxes.
pub(crate) fn find<'a>(boxes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    let mut rest = boxes;
    while let Some((header, _)) = rest.split_first_chunk::<8>() {
        let size = u32::from_be_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let (found, next) = rest.split_at(size);
        if header[4..] == *kind {
            return Some(&found[8..]);
        }
        rest = next;
    }
    None
}

pub(crate) fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// The types of all items and their data, in the order of their IDs.
pub(crate) fn items(file: &[u8]) -> Vec<(String, &[u8])> {
    let meta = &find(file, b"meta").expect("meta")[4..];
    let kinds = find(meta, b"iinf").expect("iinf");
    let locations = find(meta, b"iloc").expect("iloc");
    assert_eq!(number(&kinds[4..6]), number(&locations[6..8]));
    let mut entries = &kinds[6..];
    let mut items = Vec::new();
    for location in locations[8..].chunks_exact(14) {
        let size = number(&entries[..4]);
        let kind = String::from_utf8(entries[16..20].to_vec()).expect("a type");
        entries = &entries[size..];
        let (offset, length) = (number(&location[6..10]), number(&location[10..14]));
        items.push((kind, &file[offset..offset + length]));
    }
    items
}

pub(crate) fn decode(data: &[u8]) -> Picture {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    let mut decoder = Decoder::with_settings(&settings).expect("a decoder");
    decoder.send_data(data.to_vec(), None, None, None).expect("data that is taken");
    decoder.get_picture().expect("a picture")
}

/// The mean absolute error of a decoded gray picture.
pub(crate) fn gray_error(decoded: &Picture, pixels: &[u8]) -> f64 {
    let stride = decoded.stride(PlanarImageComponent::Y) as usize;
    let plane = decoded.plane(PlanarImageComponent::Y);
    let rows = plane.chunks(stride).zip(pixels.chunks(decoded.width() as usize));
    let errors = rows.flat_map(|(found, expected)| {
        expected.iter().zip(found).map(|(a, b)| u64::from(a.abs_diff(*b))).collect::<Vec<_>>()
    });
    errors.sum::<u64>() as f64 / pixels.len() as f64
}
