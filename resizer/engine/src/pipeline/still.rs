//! The files that hold one picture: finished and encoded, several beside each other.

use super::finish::Finish;
use super::gain_map::Maps;
use super::{Control, Stage};
use crate::encode::{File, encode, is_flat};
use crate::error::RenderError;
use crate::parallel;
use crate::plan::{FilePlan, Plan};
use crate::resize::Picture;
use crate::source::Source;
use crate::spec::OutputFormat;

/// What was written, in the plan's order.
#[derive(Debug)]
pub(super) struct StillFiles {
    pub(super) files: Vec<Vec<u8>>,
    /// Whether lossless WebP has taken the place of formats where it may.
    pub(super) is_lossless: bool,
}

/// Encodes the files.
///
/// # Errors
/// The encoders'; `Stopped`.
pub(super) fn encode_all(
    source: &Source<'_>,
    plan: &Plan,
    finish: &Finish<'_>,
    (pictures, maps): (&[Picture], &Maps<'_>),
    control: &mut Control<'_>,
) -> Result<StillFiles, RenderError> {
    let stop = &control.stop;
    let encoded = |file: &FilePlan, is_lossless: bool| {
        stop.check()?;
        let variant = &plan.variants[file.variant];
        let picture = finish.picture(&pictures[variant.picture], variant, file);
        let map = maps.encoded(plan, file, stop)?;
        let mut metadata = finish.metadata(variant);
        if let Some(map) = &map {
            metadata.xmp = Some(map.xmp(metadata.xmp.as_deref()));
        }
        let extras = finish.extras(file, &metadata);
        let format = if is_lossless { OutputFormat::Webp } else { file.format };
        let file = File { source: source.format(), format, is_lossless, variant, extras, stop };
        let encoded = encode(&picture, &file)?;
        Ok(match map {
            Some(map) => map.joined(&encoded),
            None => encoded,
        })
    };
    let plans = plan.files.still();
    // The first of them is the largest, which decides for all: a page can name one format for the
    // widths of a picture.
    let decides = plans.iter().position(|file| file.or_lossless);
    let mut decided = None;
    if let Some(at) = decides {
        let (file, variant) = (&plans[at], &plan.variants[plans[at].variant]);
        let picture = finish.picture(&pictures[variant.picture], variant, file);
        if is_flat(&picture) {
            let (lossy, lossless) = (encoded(file, false)?, encoded(file, true)?);
            let is_lossless = lossless.len() <= lossy.len();
            decided = Some((at, is_lossless, if is_lossless { lossless } else { lossy }));
        }
    }
    let is_lossless = decided.as_ref().is_some_and(|&(_, is_lossless, _)| is_lossless);
    let done = decided.as_ref().map(|&(at, ..)| at);
    let others = plans.iter().enumerate().filter(|&(at, _)| Some(at) != done);
    let others: Vec<&FilePlan> = others.map(|(_, file)| file).collect();
    let encode = |file: &&FilePlan| encoded(file, is_lossless && file.or_lossless);
    let files = parallel::map(&others, control.threads, encode);
    let mut files = files.into_iter().collect::<Result<Vec<_>, RenderError>>()?;
    if let Some((at, _, bytes)) = decided {
        files.insert(at, bytes);
    }
    files.iter().for_each(|_| control.end(Stage::Encode));
    Ok(StillFiles { files, is_lossless })
}
