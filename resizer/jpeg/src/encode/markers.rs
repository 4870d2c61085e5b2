//! Writes marker segments. Source: ITU T.81, B.2; JFIF 1.02; ICC.1, B.4; EXIF 2.32, 4.5.4.

use super::error::EncodeError;
use super::options::{Density, EncodeOptions};
use super::script::Scan;
use crate::frame::{Frame, Process};
use crate::standard::HuffmanSpecification;
use crate::zigzag::ZIGZAG;

/// The longest body of a segment.
const SEGMENT_BYTES: usize = 65_533;
const EXIF_NAME: &[u8] = b"Exif\0\0";
const XMP_NAME: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const ICC_NAME: &[u8] = b"ICC_PROFILE\0";

/// Checks the lengths of metadata before anything is written.
pub(super) fn check_metadata(options: &EncodeOptions<'_>) -> Result<(), EncodeError> {
    let check = |what, segment: Option<&[u8]>, limit_bytes| match segment {
        Some(bytes) if bytes.len() > limit_bytes => {
            Err(EncodeError::Segment { what, size_bytes: bytes.len(), limit_bytes })
        }
        _ => Ok(()),
    };
    check("EXIF", options.exif, SEGMENT_BYTES - EXIF_NAME.len())?;
    check("XMP", options.xmp, SEGMENT_BYTES - XMP_NAME.len())?;
    check("ICC profile", options.icc_profile, 255 * icc_chunk_bytes())
}

const fn icc_chunk_bytes() -> usize {
    SEGMENT_BYTES - ICC_NAME.len() - 2
}

fn segment(out: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>();
    out.extend([0xFF, marker]);
    out.extend((length as u16).to_be_bytes());
    parts.iter().for_each(|part| out.extend_from_slice(part));
}

/// Writes everything from SOI to the caller's metadata.
pub(super) fn write_head(out: &mut Vec<u8>, options: &EncodeOptions<'_>) {
    out.extend([0xFF, 0xD8]);
    let (unit, x, y) = match options.density {
        Density::Unknown => (0, 1, 1),
        Density::PerInch(x, y) => (1, x, y),
        Density::PerCentimeter(x, y) => (2, x, y),
    };
    let (x, y) = (x.max(1).to_be_bytes(), y.max(1).to_be_bytes());
    segment(out, 0xE0, &[b"JFIF\0", &[1, 2, unit], &x, &y, &[0, 0]]);
    if let Some(exif) = options.exif {
        segment(out, 0xE1, &[EXIF_NAME, exif]);
    }
    if let Some(xmp) = options.xmp {
        segment(out, 0xE1, &[XMP_NAME, xmp]);
    }
    let chunks = options.icc_profile.unwrap_or_default().chunks(icc_chunk_bytes());
    let count = chunks.len() as u8;
    for (number, chunk) in (1..=count).zip(chunks) {
        segment(out, 0xE2, &[ICC_NAME, &[number, count], chunk]);
    }
}

/// Writes quantization tables, given row by row, under the numbers 0 and 1.
pub(super) fn write_quantization(out: &mut Vec<u8>, tables: &[[u8; 64]]) {
    for (number, table) in (0u8..).zip(tables) {
        segment(out, 0xDB, &[&[number], &ZIGZAG.map(|at| table[usize::from(at)])]);
    }
}

pub(super) fn write_frame(out: &mut Vec<u8>, frame: &Frame) {
    let marker = if frame.process == Process::Progressive { 0xC2 } else { 0xC0 };
    let (height, width) = (frame.height as u16, frame.width as u16);
    let components = frame.components().iter().flat_map(|component| {
        [component.id, component.horizontal << 4 | component.vertical, component.quantization]
    });
    let components: Vec<u8> = components.collect();
    let count = frame.components().len() as u8;
    let sides = [height.to_be_bytes(), width.to_be_bytes()].concat();
    segment(out, marker, &[&[8], &sides, &[count], &components]);
}

pub(super) fn write_restart_interval(out: &mut Vec<u8>, mcus: u16) {
    if mcus > 0 {
        segment(out, 0xDD, &[&mcus.to_be_bytes()]);
    }
}

/// Writes a Huffman table; `class` is 0 for DC and 1 for AC.
pub(super) fn write_huffman(
    out: &mut Vec<u8>,
    class: u8,
    number: u8,
    table: &HuffmanSpecification<'_>,
) {
    segment(out, 0xC4, &[&[class << 4 | number], &table.counts, table.symbols]);
}

/// Writes the header of a scan. Luma has tables 0, chroma tables 1.
pub(super) fn write_scan(out: &mut Vec<u8>, frame: &Frame, scan: &Scan) {
    let components = &frame.components()[scan.components.clone()];
    let tables = components.iter().flat_map(|component| {
        let table = component.quantization;
        let dc = if scan.first == 0 { table } else { 0 };
        let ac = if scan.last > 0 { table } else { 0 };
        [component.id, dc << 4 | ac]
    });
    let tables: Vec<u8> = tables.collect();
    let band = [scan.first, scan.last, scan.high << 4 | scan.low];
    segment(out, 0xDA, &[&[components.len() as u8], &tables, &band]);
}
