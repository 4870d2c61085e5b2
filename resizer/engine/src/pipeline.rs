//! The whole engine on one page: source bytes and specs in, variants out, stage after stage.

mod finish;
mod moving;
mod threads;

use self::finish::Finish;
use crate::decode::Decoder;
use crate::encode::{Extras, Job, encode};
use crate::error::{Reject, RenderError};
use crate::format::ImageFormat;
use crate::header::Header;
use crate::limits::Limits;
use crate::placeholder::Placeholders;
use crate::plan::{FilePlan, Plan};
use crate::raster::Size;
use crate::resize::Resampler;
use crate::saliency::SaliencyMap;
use crate::spec::{OutputFormat, Request};
use crate::stop::Stop;
use crate::trim::inside_of_border;

/// One finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The spec's name.
    pub name: String,
    /// Of the picture as written.
    pub size: Size,
    /// Of the bytes.
    pub format: OutputFormat,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// What one source became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What the source said of itself.
    pub header: Header,
    /// In the order of the specs and of their formats.
    pub variants: Vec<Variant>,
    /// Where they were asked for.
    pub placeholders: Option<Placeholders>,
}

/// The stages that take time, in the order of their first end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Recognising, header, limits and plan.
    Plan,
    /// Some rows of the source; with threads, the waiting for them.
    Decode,
    /// What became of those rows.
    Resize,
    /// Turning, colour, padding and encoding of one file; with threads, of several at once.
    Encode,
}

/// What a caller keeps hold of while one source is rendered.
pub struct Control<'a> {
    /// Ends the rendering when it is set.
    pub stop: &'a Stop,
    /// Told of each stage that just ended, so that a caller with a clock can time them: `Decode`
    /// and `Resize` in turns, `Encode` once for each file; with animations all of them in turns.
    pub ended: &'a mut dyn FnMut(Stage),
}

/// Makes all that is asked of one source.
///
/// # Errors
/// Any [`Reject`], before anything was made.
pub fn render(source: &[u8], request: &Request, limits: &Limits) -> Result<Rendered, Reject> {
    let mut control = Control { stop: &Stop::default(), ended: &mut |_| {} };
    render_with(source, request, limits, &mut control).map_err(|error| match error {
        RenderError::Rejected(reject) => reject,
        RenderError::Stopped => unreachable!("nobody else has this flag"),
    })
}

/// The same for a caller that times the stages and may end them.
///
/// # Errors
/// Any [`Reject`], before anything was made; `Stopped` soon after the flag was set. No thread works
/// on after either.
pub fn render_with(
    source: &[u8],
    request: &Request,
    limits: &Limits,
    control: &mut Control<'_>,
) -> Result<Rendered, RenderError> {
    let stop = control.stop;
    stop.check()?;
    let format = ImageFormat::sniff(source)?;
    let header = Header::read(format, source)?;
    limits.admit(&header, request)?;
    let mut plan = Plan::new(&header, request);
    limits.admit_memory(source.len(), &header, &plan)?;
    if let Some(tolerance) = request.trim {
        let part = inside_of_border(source, &header, request, tolerance, stop)?;
        plan = Plan::of_part(&header, part, request);
        limits.admit_memory(source.len(), &header, &plan)?;
    }
    (control.ended)(Stage::Plan);

    let decoder = Decoder::new(source, &header, &plan, stop)?;
    let colours = decoder.colours.clone();
    let mut finish = Finish::new(source, &header, &colours, &plan);
    let mut resampler = Resampler::new(&header, &plan);
    threads::resample(decoder, &mut resampler, limits.threads, control)?;
    let pictures = resampler.finish();
    let overview = plan.overview.map(|index| finish.overview(&pictures[index]));
    let placeholders = overview.as_ref().filter(|_| request.placeholders).map(Placeholders::new);
    if plan.looks_for_attention() {
        finish.attention = overview.as_ref().map(SaliencyMap::new);
    }
    (control.ended)(Stage::Resize);

    let (moving, still): (Vec<_>, Vec<_>) =
        plan.files().into_iter().partition(|file| plan.moves && file.format.can_move());
    let files = threads::map(&still, limits.threads, |file| {
        stop.check()?;
        let variant = &plan.variants[file.variant];
        let picture = finish.picture(&pictures[variant.picture], variant, file.format);
        let retold = finish.retold(variant);
        let extras = Extras {
            icc: finish.icc_of(variant, file.format),
            exif: retold.exif.as_deref(),
            xmp: retold.xmp.as_deref(),
        };
        encode(&picture, file.format, variant, extras, &Job { source: format, stop })
    });
    let mut files = files.into_iter().collect::<Result<Vec<_>, RenderError>>()?;
    files.iter().for_each(|_| (control.ended)(Stage::Encode));
    drop(pictures);
    if !moving.is_empty() {
        files.extend(moving::render(source, &header, &plan, finish, &moving, control)?);
    }
    let files = still.into_iter().chain(moving).zip(files).collect();
    Ok(Rendered { header, variants: variants(&plan, files), placeholders })
}

impl std::fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("stop", self.stop).finish_non_exhaustive()
    }
}

/// Every variant in each of its formats. Those that differ in nothing but their name share a file.
fn variants(plan: &Plan, mut files: Vec<(FilePlan, Vec<u8>)>) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for (index, variant) in plan.variants.iter().enumerate() {
        let original = &plan.variants[plan.original(index)];
        for &format in &variant.formats {
            let own =
                files.iter().position(|(file, _)| *file == FilePlan { variant: index, format });
            let bytes = match own {
                Some(own) => files.swap_remove(own).1,
                None => {
                    let same =
                        |file: &&Variant| file.name == original.name && file.format == format;
                    variants.iter().find(same).expect("originals come first").bytes.clone()
                }
            };
            let (name, size) = (variant.name.clone(), variant.geometry.output);
            variants.push(Variant { name, size, format, bytes });
        }
    }
    variants
}
