//! PNG: W3C PNG, third edition, section 11; its checksums as well.

use fixtures::png::chunks::checksum;
use image::ImageDecoder;
use image::codecs::png::PngDecoder;

use super::{Told, number};

pub(super) fn scan(bytes: &[u8], told: &mut Told) -> Option<usize> {
    let mut at = bytes.starts_with(b"\x89PNG\r\n\x1a\n").then_some(8)?;
    loop {
        let length = number(bytes, at, 4)?;
        let covered = bytes.get(at + 4..at + 8 + length)?;
        let (name, body) = covered.split_at(4);
        if number(bytes, at + 8 + length, 4)? != checksum(covered) as usize {
            told.foreign(format!("a wrong checksum at {at}"));
        }
        at += 12 + length;
        match name {
            b"IEND" => return Some(at),
            b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" | b"acTL" | b"fcTL" | b"fdAT" => {}
            b"sRGB" => {}
            b"iCCP" => {
                let mut decoder = PngDecoder::new(std::io::Cursor::new(bytes)).ok()?;
                told.icc = decoder.icc_profile().ok()??;
            }
            b"eXIf" => told.exif.push(body.to_vec()),
            b"iTXt" if body.starts_with(b"XML:com.adobe.xmp\0\0\0\0\0") => {
                told.xmp.push(body[22..].to_vec());
            }
            _ => told.foreign(format!("a chunk {} of {length} bytes", name.escape_ascii())),
        }
    }
}
