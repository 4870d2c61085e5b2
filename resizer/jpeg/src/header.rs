//! Reads the markers of a file: everything that is known before a pixel is decoded. It allocates
//! nothing; metadata are slices of the file.

use crate::decode::decoding_bytes;
use crate::error::DecodeError;
use crate::frame::{Frame, Process};
use crate::marker::{APP1, APP2, APP13, DNL, DRI, EOI, Flaw, Preamble, SOS, be16, has_body};
use crate::marker_search::find_marker;
use crate::scale::Scale;

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// What the markers of a file say, without its pixels.
#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// Size, coding process, components and color space.
    pub frame: Frame,
    /// MCUs between two restart markers in the first scan, 0 for none.
    pub restart_interval: u16,
    /// The TIFF structure of the first EXIF segment.
    pub exif: Option<&'a [u8]>,
    /// The number of scans.
    pub scans: u32,
    /// The number of components in the first scan.
    pub first_scan_components: u8,
    /// Whether the file has its end marker.
    pub complete: bool,
    /// The bytes up to the end marker, and with it; those of the whole file if there is none.
    pub length_bytes: usize,
    file: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads all markers of `file`. A prefix that reaches the first scan is enough; `scans` and
    /// `complete` then describe that prefix.
    ///
    /// # Errors
    /// `NotJpeg`; `Unsupported` for a coding process that is not decoded; `Malformed`; `Truncated`
    /// if there is no scan.
    pub fn read(file: &'a [u8]) -> Result<Self, DecodeError> {
        if !file.starts_with(&[0xff, 0xd8]) {
            return Err(DecodeError::NotJpeg);
        }
        let mut preamble = Preamble::default();
        let mut exif = None;
        let mut restart_interval = 0;
        let (mut scans, mut first_scan_components) = (0, 0);
        let mut dnl_height = None;
        let mut complete = false;
        let mut length_bytes = file.len();
        for segment in segments(file) {
            let Segment { marker, body, offset } = segment;
            match marker {
                APP1 if exif.is_none() => exif = body.strip_prefix(EXIF),
                DRI if scans == 0 => {
                    let Some(&[high, low]) = body.first_chunk() else {
                        return Err(Flaw("a truncated restart interval").at(offset));
                    };
                    restart_interval = be16(high, low);
                }
                DNL if scans == 1 => {
                    dnl_height = body.first_chunk().map(|&[high, low]| be16(high, low));
                }
                SOS => {
                    preamble.frame(offset)?;
                    if scans == 0 {
                        first_scan_components = body.first().copied().unwrap_or(0);
                    }
                    scans += 1;
                }
                EOI => (complete, length_bytes) = (true, offset as usize + 2),
                // The decoder ignores segments after the first scan.
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
        let height = match (frame.height, dnl_height) {
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
            length_bytes,
            file,
        })
    }

    /// The peak memory in bytes of decoding at a scale, besides the file and the output: some rows,
    /// or all coefficients if the first scan does not hold all of them.
    pub fn decoding_bytes(&self, scale: Scale) -> u64 {
        let components = self.frame.components().len();
        let stored = self.frame.process == Process::Progressive
            || usize::from(self.first_scan_components) < components;
        decoding_bytes(&self.frame, stored, scale)
    }

    /// The segments of the ICC profile in file order: number, total and bytes. Source: ICC.1:2022,
    /// B.4.
    pub fn icc_chunks(&self) -> impl Iterator<Item = (u8, u8, &'a [u8])> {
        self.app2_segments(ICC).filter_map(|(_, body)| match body {
            &[number, total, ref bytes @ ..] => Some((number, total, bytes)),
            _ => None,
        })
    }

    /// The APP2 segments before the first scan whose bodies begin with `name`: where the rest of
    /// the body begins in the file, and that rest.
    pub fn app2_segments(&self, name: &[u8]) -> impl Iterator<Item = (usize, &'a [u8])> {
        let applications = segments(self.file).take_while(|segment| segment.marker != SOS);
        applications.filter(|segment| segment.marker == APP2).filter_map(move |segment| {
            // The marker and the length have four bytes.
            let start = segment.offset as usize + 4 + name.len();
            Some((start, segment.body.strip_prefix(name)?))
        })
    }

    /// The first XMP packet, an XML document.
    pub fn xmp(&self) -> Option<&'a [u8]> {
        let applications = segments(self.file).take_while(|segment| segment.marker != SOS);
        let mut packets = applications.filter(|segment| segment.marker == APP1);
        packets.find_map(|segment| segment.body.strip_prefix(XMP))
    }

    /// Photoshop's image resources, of each segment that has some.
    pub fn photoshop_resources(&self) -> impl Iterator<Item = &'a [u8]> {
        let applications = segments(self.file).take_while(|segment| segment.marker != SOS);
        let segments = applications.filter(|segment| segment.marker == APP13);
        segments.filter_map(|segment| segment.body.strip_prefix(PHOTOSHOP))
    }

    /// The ICC profile, joined from its segments; `None` if there is none, or if segments are
    /// missing or contradict each other.
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
    /// The offset of the marker.
    offset: u64,
}

/// The marker segments up to the end marker, which is the last one. Bytes between segments
/// (entropy-coded data, fill bytes, garbage) are skipped.
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
                // A truncated segment is left out.
                let body = file.get(position + 2..end)?;
                position = end;
                return Some(Segment { marker, body, offset });
            }
        }
        None
    })
}
