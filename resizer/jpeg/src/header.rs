//! A walk over a file's markers: everything that is known before a pixel is decoded.
//! Nothing is allocated; what the file carries along is given as slices of it.

use crate::decode::decoding_bytes;
use crate::error::DecodeError;
use crate::frame::{Frame, Process};
use crate::marker::{APP1, APP2, DNL, DRI, EOI, Flaw, Preamble, SOS, be16, has_body};
use crate::scale::Scale;
use crate::search::find_marker;

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// What a file says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// Size, process, components and what they mean.
    pub frame: Frame,
    /// MCUs between two restart markers in the first scan, 0 for none.
    pub restart_interval: u16,
    /// The TIFF structure of the first EXIF segment.
    pub exif: Option<&'a [u8]>,
    /// Scans seen.
    pub scans: u32,
    /// How many of the frame's components the first scan holds.
    pub first_scan_components: u8,
    /// Whether the end marker was reached.
    pub complete: bool,
    file: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads all markers of `file`. The first part of a file will do, if it reaches the first
    /// scan: `scans` and `complete` then speak of that part alone.
    ///
    /// # Errors
    /// `NotJpeg`; `Unsupported` with the name of the process; `Malformed`; `Truncated` where
    /// there is no scan.
    pub fn read(file: &'a [u8]) -> Result<Self, DecodeError> {
        if !file.starts_with(&[0xff, 0xd8]) {
            return Err(DecodeError::NotJpeg);
        }
        let mut preamble = Preamble::default();
        let mut exif = None;
        let mut restart_interval = 0;
        let (mut scans, mut first_scan_components) = (0, 0);
        let mut late_height = None;
        let mut complete = false;
        for segment in segments(file) {
            let Segment { marker, body, offset } = segment;
            match marker {
                APP1 if exif.is_none() => exif = body.strip_prefix(EXIF),
                DRI if scans == 0 => {
                    let Some(&[high, low]) = body.first_chunk() else {
                        return Err(Flaw("a restart interval that is cut").at(offset));
                    };
                    restart_interval = be16(high, low);
                }
                DNL if scans == 1 => {
                    late_height = body.first_chunk().map(|&[high, low]| be16(high, low));
                }
                SOS => {
                    preamble.frame(offset)?;
                    if scans == 0 {
                        first_scan_components = body.first().copied().unwrap_or(0);
                    }
                    scans += 1;
                }
                EOI => complete = true,
                // What stands behind it comes too late for the decoder.
                _ if scans == 0 => preamble.note(marker, body, offset)?,
                _ => {}
            }
        }
        let end = file.len() as u64;
        let frame = match preamble.frame {
            Some(frame) if scans > 0 => frame,
            _ if complete => return Err(Flaw("no frame header or no scan").at(end)),
            _ => return Err(DecodeError::Truncated { offset: end }),
        };
        let height = match (frame.height, late_height) {
            (0, Some(height)) if height > 0 => u32::from(height),
            (0, None) if !complete && scans == 1 => {
                return Err(DecodeError::Truncated { offset: end });
            }
            (0, _) => return Err(Flaw("a height of 0").at(end)),
            (height, _) => height,
        };
        Ok(Self {
            frame: frame.frame(height, preamble.clues),
            restart_interval,
            exif,
            scans,
            first_scan_components,
            complete,
            file,
        })
    }

    /// Bytes that decoding takes at its peak, beside the file and what the caller keeps of the
    /// bands: some rows, or all coefficients where a scan does not finish the pixels.
    pub fn decoding_bytes(&self, scale: Scale) -> u64 {
        let components = self.frame.components().len();
        let stored = self.frame.process == Process::Progressive
            || usize::from(self.first_scan_components) < components;
        decoding_bytes(&self.frame, stored, scale)
    }

    /// The parts of the ICC profile in the file's order: their number, how many there are, and
    /// their bytes. Source: ICC.1:2022, B.4.
    pub fn icc_chunks(&self) -> impl Iterator<Item = (u8, u8, &'a [u8])> {
        let applications = segments(self.file).take_while(|segment| segment.marker != SOS);
        applications.filter(|segment| segment.marker == APP2).filter_map(|segment| {
            match segment.body.strip_prefix(ICC)? {
                &[number, total, ref bytes @ ..] => Some((number, total, bytes)),
                _ => None,
            }
        })
    }

    /// The first XMP packet: an XML document.
    pub fn xmp(&self) -> Option<&'a [u8]> {
        let applications = segments(self.file).take_while(|segment| segment.marker != SOS);
        let mut packets = applications.filter(|segment| segment.marker == APP1);
        packets.find_map(|segment| segment.body.strip_prefix(XMP))
    }

    /// The ICC profile, put together; nothing where parts are missing or contradict each other.
    pub fn icc_profile(&self) -> Option<Vec<u8>> {
        let mut parts = [None; 256];
        let mut total = None;
        for (number, stated, bytes) in self.icc_chunks() {
            let fits = *total.get_or_insert(stated) == stated && (1..=stated).contains(&number);
            if !fits || parts[usize::from(number)].replace(bytes).is_some() {
                return None;
            }
        }
        let mut profile = Vec::new();
        for part in &parts[1..=usize::from(total?)] {
            profile.extend_from_slice((*part)?);
        }
        (!profile.is_empty()).then_some(profile)
    }
}

struct Segment<'a> {
    marker: u8,
    body: &'a [u8],
    /// Of the marker.
    offset: u64,
}

/// Marker segments up to the end marker, which is the last. Bytes between segments
/// (entropy-coded data, fill bytes, stray ones) are passed over.
fn segments(file: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut position = 2;
    let mut ended = false;
    std::iter::from_fn(move || {
        while !ended {
            position += find_marker(file.get(position..)?)?;
            let offset = position as u64;
            let marker = *file.get(position + 1)?;
            // A fill byte: the marker's code may be the next byte.
            position += if marker == 0xff { 1 } else { 2 };
            if marker == EOI {
                ended = true;
                return Some(Segment { marker, body: &[], offset });
            }
            if marker != 0xff && has_body(marker) {
                let &[high, low] = file.get(position..)?.first_chunk()?;
                let length = usize::from(be16(high, low)).max(2);
                let end = position + length;
                // One that is cut is none.
                let body = file.get(position + 2..end)?;
                position = end;
                return Some(Segment { marker, body, offset });
            }
        }
        None
    })
}
