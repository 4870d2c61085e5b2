//! The animation of an AVIF: a track of pictures, and perhaps one of their alpha.
//! Source: AV1 Image File Format 1.1, 3 and 4.

use super::coding::Coding;
use super::samples::Samples;
use super::tile_reader::TileReader;
use super::tracks::tracks;
use super::{Picture, obu, within};
use crate::error::{Quantity, Reject};

/// Frames that are one behind the other in time.
#[derive(Debug)]
pub(crate) struct Sequence<'a> {
    pub(crate) color: Samples<'a>,
    pub(crate) alpha: Option<Samples<'a>>,
    /// Units of their durations in a second.
    pub(crate) timescale: u32,
    /// Those that the file holds.
    pub(crate) frame_count: u32,
    /// Whether there should be more.
    pub(crate) is_truncated: bool,
    /// How often they play, 0 for endless.
    pub(crate) loop_count: u32,
}

impl<'a> Sequence<'a> {
    /// The frames of a file whose first one, or whose still picture, is `picture`. `None` where
    /// there are none, or they are of another size.
    ///
    /// # Errors
    /// `TooLarge` where samples have too many bytes in all, or one has too many coded frames.
    pub(super) fn read(
        source: &'a [u8],
        picture: &Picture<'_>,
        reader: &mut TileReader,
    ) -> Result<Option<Self>, Reject> {
        let is_fitting = |size: (u32, u32)| {
            let coded = &picture.color;
            picture.coding == Coding::Av1
                && coded.tiles.len() == 1
                && size == (coded.size.width(), coded.size.height())
        };
        let is_av1 = |coding: Result<Coding, Reject>| coding == Ok(Coding::Av1);
        let fitting = || {
            tracks(source)
                .filter(|track| is_fitting(track.size) && is_av1(track.coding(reader.format)))
        };
        let Some(color) = fitting().find(|track| !track.is_alpha) else { return Ok(None) };
        let alpha = fitting().find(|track| track.is_alpha);
        // Alpha comes with each of the frames, or with none.
        if alpha.is_some() != picture.alpha.is_some() {
            return Ok(None);
        }
        let alpha = alpha.map(|track| track.samples);
        let mut frame_count = whole_samples(&color.samples, reader)?;
        if let Some(alpha) = &alpha {
            frame_count = frame_count.min(whole_samples(alpha, reader)?);
        }
        let sequence = Self {
            is_truncated: u64::from(frame_count) < color.samples.announced(),
            color: color.samples,
            alpha,
            timescale: color.timescale,
            frame_count,
            loop_count: color.loop_count,
        };
        Ok((frame_count > 1).then_some(sequence))
    }
}

/// How many samples the file holds, from the first one on.
fn whole_samples(samples: &Samples<'_>, reader: &mut TileReader) -> Result<u32, Reject> {
    let mut count = 0;
    for sample in samples.clone() {
        reader.count_bytes(sample.data.len() as u64)?;
        within(Quantity::Frames, obu::coded_frames(sample.data), super::MAX_LAYERS)?;
        count += 1;
    }
    Ok(count)
}
