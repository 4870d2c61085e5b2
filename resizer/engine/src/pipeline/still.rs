//! The files that hold one picture: finished and encoded, several beside each other.

use super::finish::Finish;
use super::gain_map::Maps;
use super::{Control, Stage};
use crate::encode::{File, encode};
use crate::error::RenderError;
use crate::parallel;
use crate::plan::{FilePlan, Plan};
use crate::resize::Picture;
use crate::source::Source;

/// Their bytes, in the plan's order.
///
/// # Errors
/// The encoders'; `Stopped`.
pub(super) fn encode_all(
    source: &Source<'_>,
    plan: &Plan,
    finish: &Finish<'_>,
    (pictures, maps): (&[Picture], &Maps<'_>),
    control: &mut Control<'_>,
) -> Result<Vec<Vec<u8>>, RenderError> {
    let (format, stop) = (source.format(), &control.stop);
    let encode = |file: &FilePlan| {
        stop.check()?;
        let variant = &plan.variants[file.variant];
        let picture = finish.picture(&pictures[variant.picture], variant, file);
        let map = maps.encoded(plan, file, stop)?;
        let mut metadata = finish.metadata(variant);
        if let Some(map) = &map {
            metadata.xmp = Some(map.xmp(metadata.xmp.as_deref()));
        }
        let extras = finish.extras(file, &metadata);
        let file = File { source: format, format: file.format, variant, extras, stop };
        let encoded = encode(&picture, &file)?;
        Ok(match map {
            Some(map) => map.joined(&encoded),
            None => encoded,
        })
    };
    let files = parallel::map(plan.files.still(), control.threads, encode);
    let files = files.into_iter().collect::<Result<Vec<_>, RenderError>>()?;
    files.iter().for_each(|_| control.end(Stage::Encode));
    Ok(files)
}
