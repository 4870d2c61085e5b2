//! WebP: RFC 9649, section 2.

use super::Told;

/// What a VP8X chunk says is in the file: ICC, EXIF, XMP.
const FLAGS: [u8; 3] = [0x20, 0x08, 0x04];

pub(super) fn scan(bytes: &[u8], told: &mut Told) -> Option<usize> {
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP";
    let end = 8 + le(bytes, 4)?;
    let mut flags = 0;
    chunks(is_webp.then(|| bytes.get(12..end))??, told, &mut flags)?;
    let found = [!told.icc.is_empty(), !told.exif.is_empty(), !told.xmp.is_empty()];
    for (flag, found) in std::iter::zip(FLAGS, found) {
        if (flags & flag != 0) != found {
            told.foreign(format!("the flags {flags:#04x} do not say what is there"));
        }
    }
    Some(end)
}

fn chunks(bytes: &[u8], told: &mut Told, flags: &mut u8) -> Option<()> {
    let mut at = 0;
    while at < bytes.len() {
        let (name, length) = (bytes.get(at..at + 4)?, le(bytes, at + 4)?);
        let body = bytes.get(at + 8..at + 8 + length)?;
        at = (at + 8 + length).next_multiple_of(2);
        match name {
            b"VP8 " | b"VP8L" | b"ALPH" => {}
            b"ANIM" if length == 6 => {}
            b"VP8X" if length == 10 => *flags = body[0],
            // Place, size and time of a frame stand before its own chunks.
            b"ANMF" => chunks(body.get(16..)?, told, flags)?,
            b"ICCP" => told.icc.extend(body),
            b"EXIF" => told.exif.push(body.to_vec()),
            b"XMP " => told.xmp.push(body.to_vec()),
            _ => told.foreign(format!("a chunk {} of {length} bytes", name.escape_ascii())),
        }
    }
    (at == bytes.len()).then_some(())
}

fn le(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = *bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(digits)).ok()
}
