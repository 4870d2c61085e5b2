//! AVIF: ISO/IEC 14496-12 and 23008-12, as far as a still picture needs them.

use super::{Told, number};

/// What a picture needs, within the file and within one another.
const NEEDED: [&[u8]; 16] = [
    b"ftyp", b"meta", b"mdat", b"hdlr", b"pitm", b"iloc", b"iinf", b"iprp", b"iref", b"ipco",
    b"ipma", b"ispe", b"pixi", b"av1C", b"colr", b"auxC",
];

pub(super) fn scan(bytes: &[u8], told: &mut Told) -> Option<usize> {
    bytes.get(4..8).filter(|name| *name == b"ftyp")?;
    boxes(bytes, 0, bytes.len(), told)?;
    Some(bytes.len())
}

fn boxes(bytes: &[u8], mut at: usize, end: usize, told: &mut Told) -> Option<()> {
    while at < end {
        let length = number(bytes, at, 4)?;
        let name = bytes.get(at + 4..at + 8)?;
        let box_end = at.checked_add(length).filter(|box_end| length >= 8 && *box_end <= end)?;
        match name {
            b"meta" => boxes(bytes, at + 12, box_end, told)?,
            b"iprp" | b"ipco" => boxes(bytes, at + 8, box_end, told)?,
            b"iinf" => items(bytes, at + 14, box_end, told)?,
            b"colr" if bytes.get(at + 8..at + 12)? != b"nclx" => {
                told.icc.extend(bytes.get(at + 12..box_end)?);
            }
            name if NEEDED.contains(&name) => {}
            _ => told.foreign(format!("a box {} of {length} bytes", name.escape_ascii())),
        }
        at = box_end;
    }
    (at == end).then_some(())
}

/// The pictures and what belongs to them.
fn items(bytes: &[u8], mut at: usize, end: usize, told: &mut Told) -> Option<()> {
    while at < end {
        let length = number(bytes, at, 4).filter(|length| *length >= 20)?;
        match bytes.get(at + 16..at + 20)? {
            b"av01" => {}
            b"Exif" => {
                let block = exif(bytes)?;
                told.exif.push(block);
            }
            b"mime" => told.xmp.push(xmp(bytes)?),
            kind => told.foreign(format!("an item {}", kind.escape_ascii())),
        }
        at += length;
    }
    Some(())
}

/// Our files have at most one such item, a TIFF structure that lies whole in the file's data.
fn exif(bytes: &[u8]) -> Option<Vec<u8>> {
    let starts = |window: &[u8]| window == b"II*\0" || window == b"MM\0*";
    let start = bytes.windows(4).position(starts)?;
    Some(bytes[start..].to_vec())
}

/// The same of XMP, an XML document.
fn xmp(bytes: &[u8]) -> Option<Vec<u8>> {
    let place = |text: &[u8]| bytes.windows(text.len()).position(|window| window == text);
    let end = b"</x:xmpmeta>";
    Some(bytes[place(b"<x:xmpmeta")?..place(end)? + end.len()].to_vec())
}
