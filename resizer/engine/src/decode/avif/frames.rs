//! The animation of an AVIF in, its frames out: each is coded as a whole picture, most of them by
//! what differs from those before.

use re_rav1d::dav1d::Decoder;

use super::{Pixels, Place, decode_tile, new_decoder};
use crate::decode::canvas::Frame;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::raster::{Layout, widen};
use crate::source::{HeifPicture, HeifSample, HeifSamples, HeifSequence};

/// An animation being decoded.
pub(in crate::decode) struct AvifFrames<'a> {
    /// What is said of all frames.
    picture: &'a HeifPicture<'a>,
    color: Track<'a>,
    alpha: Option<Track<'a>>,
    timescale: u64,
}

/// Samples, and a decoder that knows those before.
struct Track<'a> {
    samples: HeifSamples<'a>,
    decoder: Decoder,
}

impl<'a> AvifFrames<'a> {
    /// # Errors
    /// `Malformed` where the decoder cannot begin.
    pub(in crate::decode) fn new(
        picture: &'a HeifPicture<'a>,
        sequence: &HeifSequence<'a>,
    ) -> Result<Self, Reject> {
        let track = |samples: &HeifSamples<'a>| {
            let decoder = new_decoder(picture.color.size);
            let decoder = decoder.map_err(|error| Reject::malformed(ImageFormat::Avif, error))?;
            Ok(Track { samples: samples.clone(), decoder })
        };
        Ok(Self {
            picture,
            color: track(&sequence.color)?,
            alpha: sequence.alpha.as_ref().map(track).transpose()?,
            timescale: sequence.timescale.into(),
        })
    }

    /// # Errors
    /// `Malformed` where the data break the format.
    pub(in crate::decode) fn next_frame(&mut self) -> Result<Option<Frame>, Reject> {
        let Some(HeifSample { data, duration }) = self.color.samples.next() else {
            return Ok(None);
        };
        let size = self.picture.color.size;
        let place = Place::whole(size);
        let mut pixels = Pixels::of(self.picture);
        pixels.put_colors(&decode_tile(&mut self.color.decoder, data, size)?, &place)?;
        if let Some(alpha) = &mut self.alpha {
            let Some(HeifSample { data, .. }) = alpha.samples.next() else { return Ok(None) };
            pixels.put_alpha(&decode_tile(&mut alpha.decoder, data, size)?, &place)?;
        }
        let raster = widen(&pixels.into_raster(), Layout::Rgba).into_owned();
        let milliseconds = duration.saturating_mul(1000).saturating_add(self.timescale / 2);
        let duration_ms = u32::try_from(milliseconds / self.timescale).unwrap_or(u32::MAX);
        Ok(Some(Frame { raster, duration_ms }))
    }
}
