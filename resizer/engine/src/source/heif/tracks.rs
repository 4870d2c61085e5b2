//! The tracks of an image sequence: their pictures, how often they play, and which is the alpha.
//! Source: ISO/IEC 14496-12, 8.3 to 8.7; AV1 Image File Format 1.1, 3 and 4.

use super::boxes::{Numbers, boxes, find};
use super::coded::names_alpha;
use super::coding::Coding;
use super::samples::{Sample, Samples};
use crate::error::Reject;
use crate::format::ImageFormat;

/// More than any sequence has.
const MAX_TRACKS: usize = 16;

/// A visual sample entry, before its boxes.
const ENTRY_BYTES: usize = 78;

/// One track of coded pictures.
#[derive(Debug, Clone)]
pub(super) struct Track<'a> {
    pub(super) is_alpha: bool,
    /// Whether its colors are multiplied with an alpha.
    pub(super) is_premultiplied: bool,
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
    /// Of its samples, one that is known.
    kind: [u8; 4],
    /// The first picture.
    pub(super) data: &'a [u8],
    /// All pictures.
    pub(super) samples: Samples<'a>,
    /// Units of their durations in a second.
    pub(super) timescale: u32,
    /// How often they play, 0 for endless.
    pub(super) loop_count: u32,
    /// Boxes of what is said of the pictures.
    pub(super) properties: &'a [u8],
}

/// The tracks of pictures, as far as they are whole, also those that are refused by name.
pub(super) fn tracks(file: &[u8]) -> impl Iterator<Item = Track<'_>> {
    let movie = find(file, b"moov").unwrap_or_default();
    let tracks = boxes(movie).filter(|one| one.name == *b"trak").take(MAX_TRACKS);
    tracks.filter_map(|one| track(file, one.body))
}

impl<'a> Track<'a> {
    /// What a decoder is configured with.
    pub(super) fn configuration(&self, coding: Coding) -> Option<&'a [u8]> {
        find(self.properties, coding.configuration())
    }

    /// How its pictures are coded.
    ///
    /// # Errors
    /// `Unsupported` for a coding that is not decoded.
    pub(super) fn coding(&self, format: ImageFormat) -> Result<Coding, Reject> {
        Coding::of_kind(Some(self.kind), format)
    }
}

fn track<'a>(file: &'a [u8], body: &'a [u8]) -> Option<Track<'a>> {
    let references = find(body, b"tref").unwrap_or_default();
    let media = find(body, b"mdia")?;
    let table = find(find(media, b"minf")?, b"stbl")?;

    let (_, _, mut entries) = Numbers::of_full_box(find(table, b"stsd")?)?;
    entries.next(4)?;
    let entry = boxes(entries.0).next()?;
    let kind = entry.name;
    if let Err(Reject::Malformed { .. }) = Coding::of_kind(Some(kind), ImageFormat::Avif) {
        return None;
    }
    let entry = entry.body;
    let mut sides = Numbers(entry.get(24..28)?);
    let size = (sides.next(2)? as u32, sides.next(2)? as u32);
    let properties = entry.get(ENTRY_BYTES..)?;
    let samples = Samples::new(file, table)?;
    let Sample { data, .. } = samples.clone().next()?;

    Some(Track {
        is_alpha: find(properties, b"auxi").is_some_and(names_alpha),
        is_premultiplied: find(references, b"prem").is_some(),
        size,
        kind,
        data,
        samples,
        timescale: timescale(media).unwrap_or(1000),
        loop_count: loop_count(body).unwrap_or(0),
        properties,
    })
}

/// `None` where the header is missing, or says none.
fn timescale(media: &[u8]) -> Option<u32> {
    let (version, _, mut numbers) = Numbers::of_full_box(find(media, b"mdhd")?)?;
    numbers.bytes(if version == 1 { 16 } else { 8 })?;
    u32::try_from(numbers.next(4)?).ok().filter(|&units| units > 0)
}

/// How often an edit list says that a track plays, 0 for endless; `None` without one.
/// Source: ISO/IEC 14496-12, 8.6.6; ISO/IEC 23008-12, 9.6.1.
fn loop_count(track: &[u8]) -> Option<u32> {
    let (version, flags, mut numbers) =
        Numbers::of_full_box(find(find(track, b"edts")?, b"elst")?)?;
    if flags & 1 == 0 {
        return Some(1);
    }
    numbers.next(4)?;
    let once = numbers.next(if version == 1 { 8 } else { 4 })?;
    let (version, _, mut header) = Numbers::of_full_box(find(track, b"tkhd")?)?;
    header.bytes(if version == 1 { 24 } else { 16 })?;
    let duration = header.next(if version == 1 { 8 } else { 4 })?;
    let is_endless = duration == if version == 1 { u64::MAX } else { u32::MAX.into() };
    if is_endless || once == 0 {
        return Some(0);
    }
    Some(u32::try_from(duration.div_ceil(once)).unwrap_or(0).max(1))
}
