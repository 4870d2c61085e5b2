//! JPEG: ITU T.81, annex B.

use super::{Told, number};

/// The end of the image, `None` where there is none.
pub(super) fn scan(bytes: &[u8], told: &mut Told) -> Option<usize> {
    let mut at = bytes.starts_with(&[0xff, 0xd8]).then_some(2)?;
    loop {
        let &[0xff, marker] = bytes.get(at..at + 2)? else { return None };
        if marker == 0xd9 {
            return Some(at + 2);
        }
        let length = number(bytes, at + 2, 2)?;
        let body = bytes.get(at + 4..at + 2 + length)?;
        at += 2 + length;
        match marker {
            // Frames that are baseline, extended or progressive; tables; restart intervals.
            0xc0..=0xc2 | 0xc4 | 0xdb | 0xdd => {}
            // JFIF without a thumbnail.
            0xe0 if body.starts_with(b"JFIF\0") && body.len() == 14 && body[12..] == [0, 0] => {}
            0xe1 if body.starts_with(b"Exif\0\0") => told.exif.push(body[6..].to_vec()),
            0xe1 if body.starts_with(b"http://ns.adobe.com/xap/1.0/\0") => {
                told.xmp.push(body[29..].to_vec());
            }
            0xe2 if body.starts_with(b"ICC_PROFILE\0") => told.icc.extend(&body[14..]),
            0xda => at += data_bytes(&bytes[at..]),
            _ => told.foreign(format!("a segment {marker:#04x} of {} bytes", body.len())),
        }
    }
}

/// Up to the next marker that is no restart.
fn data_bytes(bytes: &[u8]) -> usize {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7);
    bytes.windows(2).position(is_marker).unwrap_or(bytes.len())
}
