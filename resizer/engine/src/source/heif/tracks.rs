//! The tracks of an image sequence: the first picture of each, and which one is the alpha.
//! Source: ISO/IEC 14496-12, 8.3 to 8.7; AV1 Image File Format 1.1, 3 and 4.

use super::boxes::{Numbers, boxes, find};
use super::coded::names_alpha;
use super::coding::Coding;
use crate::error::Reject;
use crate::format::ImageFormat;

/// More than any sequence has.
const MAX_TRACKS: usize = 16;

/// A visual sample entry, before its boxes.
const ENTRY_BYTES: usize = 78;

/// One track of coded pictures.
#[derive(Debug, Clone, Copy)]
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
    let samples = find(find(media, b"minf")?, b"stbl")?;

    let (_, _, mut entries) = Numbers::of_full_box(find(samples, b"stsd")?)?;
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

    Some(Track {
        is_alpha: find(properties, b"auxi").is_some_and(names_alpha),
        is_premultiplied: find(references, b"prem").is_some(),
        size,
        kind,
        data: first_sample(file, samples)?,
        properties,
    })
}

fn first_sample<'a>(file: &'a [u8], samples: &[u8]) -> Option<&'a [u8]> {
    let (_, _, mut sizes) = Numbers::of_full_box(find(samples, b"stsz")?)?;
    let (same, count) = (sizes.next(4)?, sizes.next(4)?);
    let length = if same > 0 && count > 0 { same } else { sizes.next(4)? };
    let (chunks, offset_bytes) = match find(samples, b"stco") {
        Some(body) => (body, 4),
        None => (find(samples, b"co64")?, 8),
    };
    let (_, _, mut chunks) = Numbers::of_full_box(chunks)?;
    chunks.next(4)?;
    let start = usize::try_from(chunks.next(offset_bytes)?).ok()?;
    file.get(start..)?.get(..usize::try_from(length).ok()?).filter(|data| !data.is_empty())
}
