//! A source, a request and limits in, a [`Job`] out: every choice is made and every limit kept
//! before a pixel is decoded.

mod forecast;

use std::borrow::Cow;
use std::time::Duration;

use self::forecast::{least_time, peak_bytes};
use crate::error::{Reject, RenderError};
use crate::gain_map::{GainMap, GainMapOutcome};
use crate::limits::Limits;
use crate::plan::Plan;
use crate::source::Source;
use crate::spec::{Hdr, Raw, Request};
use crate::stop::Stop;
use crate::trim::inside_of_border;

/// A rendering that the limits have admitted.
#[derive(Debug)]
pub struct Job<'a> {
    source: Source<'a>,
    plan: Plan,
    limits: Limits,
    /// Where borders are to be trimmed: the tolerance, and all that has to be planned again.
    trim: Option<(u8, Request)>,
    /// Where one is to be kept.
    gain_map: Option<Result<GainMap<'a>, GainMapOutcome>>,
    peak_bytes: u64,
}

impl<'a> Job<'a> {
    /// Plans all that is asked of a source. Takes no memory for pixels.
    ///
    /// # Errors
    /// `TooLarge` with the first measure of the source, or the prediction of memory, that is over
    /// its limit; `Unsupported` for a camera RAW file whose preview is not asked for.
    pub fn prepare(source: Source<'a>, request: &Request, limits: &Limits) -> Result<Self, Reject> {
        if let (Some(what), Raw::Refuse) = (source.raw(), request.raw) {
            return Err(Reject::Unsupported { what });
        }
        limits.admit(&source, request)?;
        let mut plan = Plan::new(&source, request);
        let keeps = request.variants.iter().any(|variant| variant.hdr == Hdr::Keep);
        let mut gain_map = keeps.then(|| GainMap::find(&source, limits.max_scans)).flatten();
        if let Some(Ok(map)) = &gain_map {
            plan.add_map_weights(&source, map);
        }
        let mut peak_bytes = peak_bytes(&source, &plan, map_in(&gain_map));
        if limits.admit_peak(peak_bytes).is_err() && matches!(gain_map, Some(Ok(_))) {
            gain_map = Some(Err(GainMapOutcome::TooLarge));
            plan = Plan::new(&source, request);
            peak_bytes = forecast::peak_bytes(&source, &plan, None);
        }
        limits.admit_peak(peak_bytes)?;
        let trim = request.trim.map(|tolerance| (tolerance, request.clone()));
        Ok(Self { source, plan, limits: *limits, trim, gain_map, peak_bytes })
    }

    /// What the source says of itself.
    pub fn source(&self) -> &Source<'a> {
        &self.source
    }

    /// Predicted memory at its peak, in bytes, the source itself included. With trimming that of
    /// the whole picture; what is inside of its border is held to the same limit.
    pub fn peak_bytes(&self) -> u64 {
        self.peak_bytes
    }

    /// The least time on one whole processor: less than half of what pictures of a single color
    /// take, which are the fastest of their format.
    pub fn least_time(&self) -> Duration {
        least_time(&self.source, &self.plan)
    }

    /// The same of what is inside of the border, where one is to be trimmed; decodes the source.
    ///
    /// # Errors
    /// As rendering has them.
    #[doc(hidden)]
    pub fn trimmed_peak_bytes(&self, stop: &Stop) -> Result<u64, RenderError> {
        Ok(self.peak_bytes_of(&*self.final_plan(stop)?))
    }

    /// The numbers that the job is carried out by.
    #[doc(hidden)]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The gain map, or why there is none; `None` where none is to be kept, or the source has none.
    pub(crate) fn gain_map(&self) -> Option<&Result<GainMap<'a>, GainMapOutcome>> {
        self.gain_map.as_ref()
    }

    fn peak_bytes_of(&self, plan: &Plan) -> u64 {
        peak_bytes(&self.source, plan, map_in(&self.gain_map))
    }

    /// The plan; where borders are to be trimmed, that of what is inside of them. This is the one
    /// choice that needs pixels: it decodes the source once, only to look at it.
    ///
    /// # Errors
    /// Those of decoding; `TooLarge` where what is inside would take more memory than the limit;
    /// `Stopped`.
    pub(crate) fn final_plan(&self, stop: &Stop) -> Result<Cow<'_, Plan>, RenderError> {
        let Some((tolerance, request)) = &self.trim else { return Ok(Cow::Borrowed(&self.plan)) };
        let region = inside_of_border(&self.source, request.truncated, *tolerance, stop)?;
        let mut plan = Plan::of_region(&self.source, region, request);
        if let Some(map) = map_in(&self.gain_map) {
            plan.add_map_weights(&self.source, map);
        }
        self.limits.admit_peak(self.peak_bytes_of(&plan))?;
        Ok(Cow::Owned(plan))
    }
}

/// The map that goes along.
fn map_in<'m, 'a>(
    found: &'m Option<Result<GainMap<'a>, GainMapOutcome>>,
) -> Option<&'m GainMap<'a>> {
    found.as_ref().and_then(|found| found.as_ref().ok())
}
