//! Rules in, the pairs of lines out that would make the function feed itself.

use super::problems::Problems;
use crate::pattern::{Pattern, overlap};
use crate::rules::{Rule, SourceFilter};
use crate::template::{SourceName, Template, VariantName};

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
            let fed = writer.rule.outputs().any(|(bucket, key)| {
                same_bucket(bucket, &writer.rule, &reader.rule) && taken(&key, &reader.rule.source)
            });
            if fed {
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

fn same_bucket(output: &Template, writer: &Rule, reader: &Rule) -> bool {
    let written = |bucket: &str| {
        let source = SourceName { bucket, key: "" };
        output.render(source, VariantName::default())
    };
    match (&writer.source.bucket, &reader.source.bucket) {
        (Some(from), Some(taken)) => written(from) == *taken,
        (Some(from), None) => written(from) == *from,
        (None, Some(taken)) => written(taken) == *taken,
        (None, None) => written("any") == "any",
    }
}

fn taken(output: &Pattern, source: &SourceFilter) -> bool {
    let SourceFilter { globs, prefix, suffix, .. } = source;
    let prefix = Pattern::literal(prefix).then(&Pattern::everything());
    let suffix = Pattern::everything().then(&Pattern::literal(suffix));
    globs.iter().any(|glob| overlap(&[output, glob, &prefix, &suffix]))
}
