//! What became of all files in, the table and the complaints out.

use resizer::manifest::ManifestVariant;

use super::input::Input;
use super::work::Outcome;
use crate::output::{counted, shown, subtype};
use crate::table::{Align, Table};

/// A line for each variant, and one for all of them.
pub(crate) fn table(inputs: &[Input], outcomes: &[Outcome]) -> String {
    let mut table = Table::new([
        ("file", Align::Left),
        ("variant", Align::Left),
        ("size", Align::Left),
        ("bytes", Align::Right),
        ("ms", Align::Right),
    ]);
    let (mut files, mut variants, mut bytes, mut total_ms) = (0, 0, 0, 0.0);
    for (input, outcome) in inputs.iter().zip(outcomes) {
        let Outcome::Made { manifest, engine_ms } = outcome else { continue };
        let mut first = [shown(&input.object.key), format!("{engine_ms:.0}")];
        for variant in &manifest.variants {
            let [file, ms] = std::mem::take(&mut first);
            let size = format!("{}x{}", variant.width, variant.height);
            table.add([file, name(variant), size, variant.bytes.to_string(), ms]);
            bytes += variant.bytes;
        }
        (files, variants) = (files + 1, variants + manifest.variants.len());
        total_ms += engine_ms;
    }
    table.add([
        format!("{files} of {}", counted(inputs.len(), "file", "files")),
        counted(variants, "variant", "variants"),
        String::new(),
        bytes.to_string(),
        format!("{total_ms:.0}"),
    ]);
    table.text("")
}

fn name(variant: &ManifestVariant) -> String {
    format!("{} {}", shown(&variant.name), subtype(&variant.media_type))
}

/// A line for each file of which there are no variants.
pub(crate) fn complaints(inputs: &[Input], outcomes: &[Outcome]) -> String {
    let complaint = |(input, outcome): (&Input, &Outcome)| {
        let said = match outcome {
            Outcome::Made { .. } => return String::new(),
            Outcome::Ignored(code, reason) => format!("nothing ({code}): {reason}"),
            Outcome::Refused(refusal) => format!("refused ({}): {refusal}", refusal.code()),
            Outcome::Failed(problem) => problem.clone(),
        };
        format!("{}: {said}\n", shown(&input.file.display().to_string()))
    };
    inputs.iter().zip(outcomes).map(complaint).collect()
}
