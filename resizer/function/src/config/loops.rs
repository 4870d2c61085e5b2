//! Rules in, the pairs of lines out that would make the function feed itself.

use super::problems::Problems;
use crate::pattern::{Pattern, overlap};
use crate::rules::{Rule, SourceFilter};
use crate::template::{SourceName, VariantName};

/// A rule and where its two ends stand in the text.
pub(super) struct PlacedRule {
    pub(super) rule: Rule,
    pub(super) source_line: usize,
    pub(super) output_line: usize,
}

/// Refuses outputs that a rule would take as sources again in the bucket they are written to.
pub(super) fn find_loops(placed: &[PlacedRule], problems: &mut Problems) {
    for writer in placed {
        for reader in placed {
            if same_bucket(&writer.rule, &reader.rule) && keys_meet(&writer.rule, &reader.rule) {
                let (source, output) = (reader.source_line, writer.output_line);
                let (writer, reader) = (&writer.rule.name, &reader.rule.name);
                problems.add(
                    0,
                    format!(
                        "line {output} and line {source} collide: what {writer:?} writes would be \
                         uploads for {reader:?} in the same bucket; use another bucket, or a \
                         prefix that keeps them apart"
                    ),
                );
            }
        }
    }
}

fn same_bucket(writer: &Rule, reader: &Rule) -> bool {
    let written = |bucket: &str| {
        let source = SourceName { bucket, key: "" };
        writer.output.bucket.render(source, VariantName::default())
    };
    match (&writer.source.bucket, &reader.source.bucket) {
        (Some(from), Some(taken)) => written(from) == *taken,
        (Some(from), None) => written(from) == *from,
        (None, Some(taken)) => written(taken) == *taken,
        (None, None) => written("any") == "any",
    }
}

fn keys_meet(writer: &Rule, reader: &Rule) -> bool {
    let SourceFilter { globs, prefix, suffix, .. } = &reader.source;
    let prefix = Pattern::literal(prefix).then(&Pattern::everything());
    let suffix = Pattern::everything().then(&Pattern::literal(suffix));
    writer
        .output_patterns()
        .any(|output| globs.iter().any(|glob| overlap(&[&output, glob, &prefix, &suffix])))
}
