//! CR3, Canon's RAW files: their boxes are those of HEIF, and the first track is a JPEG.

use super::boxes::{boxes, find};
use super::samples::Samples;

/// The box that holds what EXIF says in TIFF files.
const METADATA: [u8; 16] = [
    0x85, 0xc0, 0xb6, 0x87, 0x82, 0x0f, 0x11, 0xe0, 0x81, 0x11, 0xf4, 0xce, 0x46, 0x2b, 0x6a, 0x48,
];

/// The JPEG, and a TIFF whose first directory describes it.
pub(in crate::source) fn canon_raw(file: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    let Some(movie) = find(file, b"moov") else { return (None, None) };
    let table = || find(find(find(find(movie, b"trak")?, b"mdia")?, b"minf")?, b"stbl");
    let jpeg = || Some(Samples::new(file, table()?)?.next()?.data);
    let own = |name: [u8; 4], body: &[u8]| name == *b"uuid" && body.starts_with(&METADATA);
    let metadata = || {
        let own = boxes(movie).find(|one| own(one.name, one.body))?;
        find(own.body.get(METADATA.len()..)?, b"CMT1")
    };
    (jpeg(), metadata())
}
