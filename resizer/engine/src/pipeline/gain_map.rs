//! The gain map of a source in, those of its variants out: decoded once, resampled as their
//! pictures are, upright, and encoded.

use std::borrow::Cow;

use super::Control;
use super::finish::Finish;
use super::threads::decode;
use crate::decode::Decoder;
use crate::encode::{MapFile, encode_map};
use crate::error::RenderError;
use crate::gain_map::{GainMap, GainMapOutcome, joined, with_segment, xmp_of_map, xmp_of_primary};
use crate::job::Job;
use crate::metadata::MAX_XMP_BYTES;
use crate::orientation::Orientation;
use crate::plan::{FilePlan, GainMapPlan, MapPicture, Plan};
use crate::raster::{Raster, Rgba, pad};
use crate::resize::{GainResampler, Picture, Weights};
use crate::spec::Hdr;
use crate::stop::Stop;

/// The maps of all variants, as stored.
pub(super) struct GainMaps<'a> {
    map: &'a GainMap<'a>,
    plan: GainMapPlan,
    pictures: Vec<Raster>,
}

/// What a source has.
pub(super) enum Maps<'a> {
    /// Nothing, or nothing is to be kept of it.
    None,
    /// One that cannot go along.
    Dropped(GainMapOutcome),
    Made(Box<GainMaps<'a>>),
}

impl<'a> Maps<'a> {
    /// Decodes and resamples the map that was found; `pictures` are those of the plan.
    ///
    /// # Errors
    /// `Stopped`. A map that is damaged is dropped.
    pub(super) fn new(
        job: &'a Job<'_>,
        plan: &Plan,
        (finish, pictures): (&Finish<'_>, &[Picture]),
        control: &mut Control<'_>,
    ) -> Result<Self, RenderError> {
        let map = match job.gain_map() {
            None => return Ok(Self::None),
            Some(Err(outcome)) => return Ok(Self::Dropped(*outcome)),
            Some(Ok(map)) => map,
        };
        if !finish.takes_gain_map(map.is_gray()) {
            return Ok(Self::Dropped(GainMapOutcome::UnsupportedMap));
        }
        let source = job.source();
        let stored = source.picture().size;
        let weights = plan.map_weights.map(|index| (&plan.pictures[index], &pictures[index]));
        let plan = GainMapPlan::new(map, source, plan, |geometry| finish.shown(geometry, stored));
        if plan.plan.pictures.is_empty() {
            return Ok(Self::made(map, plan, Vec::new()));
        }
        let weights = weights.and_then(|(picture_plan, picture)| match picture {
            Picture::Pixels(raster) => {
                let grids = plan.grids_in(stored);
                Some(Weights::new(map, raster, picture_plan.grids, grids))
            }
            Picture::Planes(_) => None,
        });
        let mut resampler = GainResampler::new(&plan.plan, map.curves(), weights);
        let decoded = Decoder::new(&map.source, &plan.plan, &control.stop).and_then(|decoder| {
            decode(decoder, control.threads, control, |band| resampler.push(band))
        });
        match decoded {
            Ok(()) => Ok(Self::made(map, plan, resampler.finish())),
            Err(RenderError::Rejected(_)) => Ok(Self::Dropped(GainMapOutcome::Damaged)),
            Err(error) => Err(error),
        }
    }

    fn made(map: &'a GainMap<'a>, plan: GainMapPlan, pictures: Vec<Raster>) -> Self {
        Self::Made(Box::new(GainMaps { map, plan, pictures }))
    }

    /// What becomes of the map in a file; `None` where none is asked for, or there is none.
    pub(super) fn outcome(&self, plan: &Plan, file: &FilePlan) -> Option<GainMapOutcome> {
        let variant = &plan.variants[file.variant];
        if variant.hdr == Hdr::Drop {
            return None;
        }
        match self {
            Self::None => None,
            _ if !file.keeps_gain_map => Some(GainMapOutcome::UnsupportedFormat),
            Self::Dropped(outcome) => Some(*outcome),
            Self::Made(maps) => Some(match maps.plan.of_variants[file.variant] {
                Some(_) => GainMapOutcome::Kept,
                None => GainMapOutcome::UnsupportedMap,
            }),
        }
    }

    /// The variants with a map of colors, which applies in those of the source.
    pub(super) fn variants_in_color(&self) -> Vec<usize> {
        let Self::Made(maps) = self else { return Vec::new() };
        let of_variants = maps.plan.of_variants.iter().enumerate();
        let with_map = of_variants.filter(|(_, map)| map.is_some() && !maps.map.is_gray());
        with_map.map(|(variant, _)| variant).collect()
    }

    /// The encoded map of a file.
    ///
    /// # Errors
    /// The encoder's; `Stopped`.
    pub(super) fn encoded(
        &self,
        plan: &Plan,
        file: &FilePlan,
        stop: &Stop,
    ) -> Result<Option<EncodedMap>, RenderError> {
        let Self::Made(maps) = self else { return Ok(None) };
        let picture = maps.plan.of_variants[file.variant].filter(|_| file.keeps_gain_map);
        let Some(picture) = picture else { return Ok(None) };
        let raster = maps.finished(&picture);
        let effort = plan.variants[file.variant].effort;
        let parameters = &maps.map.parameters;
        let (xmp, span) = (xmp_of_map(parameters), parameters.span());
        let bytes = encode_map(&raster, &MapFile { effort, xmp: &xmp, span, stop })?;
        let [iso, of_map] = maps.map.iso_segments();
        Ok(Some(EncodedMap { bytes: with_segment(&bytes, &of_map), iso }))
    }
}

impl GainMaps<'_> {
    /// The map, upright and padded as the variant is.
    fn finished(&self, map: &MapPicture) -> Cow<'_, Raster> {
        let mut finished = Cow::Borrowed(&self.pictures[map.picture]);
        if self.plan.plan.orientation != Orientation::UPRIGHT {
            finished = Cow::Owned(self.plan.plan.orientation.apply(&finished));
        }
        if let (Some(offset), Some([red, green, blue])) = (map.offset, self.map.neutral()) {
            let neutral = Rgba([red, green, blue, 255]);
            finished = Cow::Owned(pad(&finished, map.size, offset, neutral));
        }
        finished
    }
}

/// The file of a map.
pub(super) struct EncodedMap {
    bytes: Vec<u8>,
    /// Announces it in the file of the picture.
    iso: Vec<u8>,
}

impl EncodedMap {
    /// The XMP of the picture's file, with what it says already.
    pub(super) fn xmp(&self, own: Option<&[u8]>) -> Vec<u8> {
        xmp_of_primary(own, self.bytes.len(), MAX_XMP_BYTES)
    }

    /// The file of the picture with the map behind it.
    pub(super) fn joined(&self, picture: &[u8]) -> Vec<u8> {
        joined(picture, &self.bytes, &self.iso)
    }
}
