//! A walk over JPEG markers: frame, coding process, EXIF, number of scans, end marker.
//! Source: ITU T.81, annex B; EXIF 3.0, section 4.7.2 for APP1.

use super::{Detail, Header, nonzero_size, u16_be};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

const PROGRESSIVE: u8 = 0xc2;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DNL: u8 = 0xdc;
const APP1: u8 = 0xe1;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let mut frame = None;
    let mut orientation = Orientation::UPRIGHT;
    let mut scans = Scans::default();
    let mut late_height = false;
    let mut last = 0;
    for segment in segments(source) {
        last = segment.marker;
        match segment.marker {
            0xc0..=0xcf if !matches!(segment.marker, 0xc4 | 0xc8 | 0xcc) => {
                frame.get_or_insert(Frame::read(segment.marker, segment.body)?);
            }
            APP1 if orientation == Orientation::UPRIGHT => {
                if let Some(exif) = segment.body.strip_prefix(b"Exif\0\0") {
                    orientation = Orientation::from_exif(exif);
                }
            }
            SOS => scans.add(segment.body),
            DNL => late_height = true,
            EOI => scans.complete = true,
            _ => {}
        }
    }
    let frame = frame.ok_or_else(|| malformed("no frame header"))?;
    if scans.count == 0 {
        return Err(malformed("no scan"));
    }
    if !scans.complete && last != SOS {
        return Err(malformed("the file ends between two scans"));
    }
    if frame.height == 0 && late_height {
        return Err(Reject::Unsupported { what: "JPEG with its height after the first scan" });
    }
    Ok(Header { orientation, ..frame.header(scans, source.len())? })
}

#[derive(Default)]
struct Scans {
    count: u32,
    /// Fewer than the frame's where the components come one after the other.
    first_components: u8,
    /// Whether the end marker follows the last one.
    complete: bool,
}

impl Scans {
    fn add(&mut self, body: &[u8]) {
        if self.count == 0 {
            self.first_components = body.first().copied().unwrap_or(0);
        }
        self.count += 1;
    }
}

struct Frame {
    process: u8,
    width: u16,
    height: u16,
    components: u8,
    /// Horizontal and vertical sampling factor of each component, 1 to 4.
    sampling: [(u8, u8); 4],
}

impl Frame {
    fn read(process: u8, body: &[u8]) -> Result<Self, Reject> {
        if let Some(what) = unsupported_process(process, body.first().copied()) {
            return Err(Reject::Unsupported { what });
        }
        let short = || malformed("cut within the frame header");
        let height = u16_be(body, 1).ok_or_else(short)?;
        let width = u16_be(body, 3).ok_or_else(short)?;
        let components = *body.get(5).ok_or_else(short)?;
        if !matches!(components, 1 | 3 | 4) {
            return Err(malformed(format_args!("{components} components in the frame header")));
        }
        let mut sampling = [(1, 1); 4];
        for (index, factors) in sampling.iter_mut().take(components.into()).enumerate() {
            let packed = *body.get(7 + 3 * index).ok_or_else(short)?;
            *factors = (packed >> 4, packed & 15);
            if !(1..=4).contains(&factors.0) || !(1..=4).contains(&factors.1) {
                return Err(malformed("a sampling factor outside 1 to 4"));
            }
            if factors.0 == 3 || factors.1 == 3 {
                return Err(Reject::Unsupported { what: "JPEG with a sampling factor of 3" });
            }
        }
        Ok(Self { process, width, height, components, sampling })
    }

    fn header(&self, scans: Scans, source_bytes: usize) -> Result<Header, Reject> {
        let size = nonzero_size(ImageFormat::Jpeg, self.width.into(), self.height.into())?;
        let layout = if self.components == 1 { Layout::Gray } else { Layout::Rgb };
        let mut decode_bytes = size.pixels() * layout.channels() as u64;
        if self.process == PROGRESSIVE || scans.first_components < self.components {
            decode_bytes += self.coefficient_bytes();
        }
        if !scans.complete {
            // The decoder gets a copy with an end.
            decode_bytes += source_bytes as u64;
        }
        Ok(Header {
            format: ImageFormat::Jpeg,
            size,
            orientation: Orientation::UPRIGHT,
            layout,
            scans: scans.count,
            decode_bytes,
            detail: Detail::Jpeg { complete: scans.complete },
        })
    }

    /// Two bytes for every coefficient of every block, where one scan does not finish the pixels.
    fn coefficient_bytes(&self) -> u64 {
        let sampling = &self.sampling[..self.components.into()];
        let widest = sampling.iter().map(|factors| factors.0).max().unwrap_or(1);
        let tallest = sampling.iter().map(|factors| factors.1).max().unwrap_or(1);
        let columns = u64::from(self.width).div_ceil(8 * u64::from(widest));
        let rows = u64::from(self.height).div_ceil(8 * u64::from(tallest));
        let blocks: u64 = sampling.iter().map(|&(x, y)| u64::from(x) * u64::from(y)).sum();
        columns * rows * blocks * 64 * 2
    }
}

/// The name of a coding process that no stage behind can decode.
fn unsupported_process(marker: u8, precision_bits: Option<u8>) -> Option<&'static str> {
    match marker {
        0xc3 => Some("lossless JPEG"),
        0xc5..=0xc7 => Some("hierarchical JPEG"),
        0xc9 | 0xca => Some("arithmetic-coded JPEG"),
        0xcb => Some("lossless arithmetic-coded JPEG"),
        0xcd..=0xcf => Some("hierarchical arithmetic-coded JPEG"),
        _ => (precision_bits == Some(12)).then_some("12-bit JPEG"),
    }
}

struct Segment<'a> {
    marker: u8,
    body: &'a [u8],
}

/// Marker segments of the first image in order, its end marker included. Bytes between segments
/// (entropy-coded data, fill bytes, stray ones) are passed over.
fn segments(source: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut position = 2;
    let mut ended = false;
    std::iter::from_fn(move || {
        while !ended {
            let gap = source.get(position..)?.iter().position(|&byte| byte == 0xff)?;
            let marker = *source.get(position + gap + 1)?;
            position += gap + 2;
            match marker {
                // A fill byte: the marker's code may be the next byte.
                0xff => position -= 1,
                EOI => {
                    ended = true;
                    return Some(Segment { marker, body: &[] });
                }
                // Stuffing, restarts and the other markers without a body.
                0x00 | 0x01 | 0xd0..=0xd8 => {}
                _ => {
                    let length = usize::from(u16_be(source, position)?);
                    let end = (position + length.max(2)).min(source.len());
                    let body = &source[(position + 2).min(end)..end];
                    position = end;
                    return Some(Segment { marker, body });
                }
            }
        }
        None
    })
}

fn malformed(detail: impl ToString) -> Reject {
    Reject::malformed(ImageFormat::Jpeg, detail)
}
