//! The whole engine on one page: a job in, variants out, stage after stage.

mod animation;
mod control;
mod finish;
mod gain_map;
mod rendered;
mod still;
mod threads;

pub use self::control::{Control, Stage};
use self::finish::Finish;
use self::gain_map::Maps;
use self::rendered::deliver;
pub use self::rendered::{Rendered, Variant};
use self::still::StillFiles;
use crate::decode::Decoder;
use crate::error::RenderError;
use crate::gain_map::GainMapOutcome;
use crate::job::Job;
use crate::limits::Limits;
use crate::placeholder::Placeholders;
use crate::resize::Resampler;
use crate::saliency::SaliencyMap;
use crate::source::Source;
use crate::spec::Request;
use crate::stop::Stop;

/// Makes all that is asked of one source, on the caller's thread.
///
/// # Errors
/// `Rejected` for what the source is to blame for; `Encoder` where an encoder fails.
pub fn render(bytes: &[u8], request: &Request, limits: &Limits) -> Result<Rendered, RenderError> {
    let job = Job::prepare(Source::parse(bytes)?, request, limits)?;
    job.render(Control { stop: Stop::default(), threads: 1, stage_ended: &mut |_| {} })
}

impl Job<'_> {
    /// Makes all that was asked of the source.
    ///
    /// # Errors
    /// `Rejected` where the pixels are damaged or, with trimming, would take too much memory;
    /// `Stopped` soon after the flag was set; `Encoder` where an encoder fails. No thread works on
    /// after any of them.
    pub fn render(&self, mut control: Control<'_>) -> Result<Rendered, RenderError> {
        let (source, control) = (self.source(), &mut control);
        control.stop.check()?;
        let plan = &*self.final_plan(&control.stop)?;
        control.end(Stage::Plan);

        let mut decoder = Decoder::new(source, plan, &control.stop)?;
        let colors = std::mem::take(&mut decoder.colors);
        let resampler = Resampler::new(plan, plan.rows.layout);
        let pictures = threads::resample(decoder, resampler, control.threads, control)?;

        let mut finish = Finish::new(source, &colors, plan);
        let overview = plan.overview.map(|index| finish.overview(&pictures[index]));
        let overview = overview.as_ref();
        let placeholders = overview.filter(|_| plan.has_placeholders).map(Placeholders::new);
        finish.attention = overview.filter(|_| plan.has_attention).map(SaliencyMap::new);
        control.end(Stage::Resize);

        let maps = Maps::new(self, plan, (&finish, &pictures), control)?;
        finish.variants_of_map = maps.variants_in_color();
        let outcomes = plan.files.encoded.iter().map(|file| maps.outcome(plan, file));
        let outcomes: Vec<Option<GainMapOutcome>> = outcomes.collect();

        let StillFiles { mut files, is_lossless } =
            still::encode_all(source, plan, &finish, (&pictures, &maps), control)?;
        drop((pictures, maps));
        let stored = source.picture().size;
        let crops = plan.variants.iter().map(|variant| finish.crop(&variant.geometry, stored));
        let crops: Vec<[u32; 4]> = crops.collect();
        files.extend(animation::encode_all(source, plan, finish, control)?);
        let variants = deliver(plan, files, &outcomes, &crops, is_lossless);
        Ok(Rendered { source: source.facts(), variants, placeholders })
    }
}
