//! Rules in, the pairs of lines out that would make the function feed itself.

use super::problems::Problems;
use crate::rules::Rule;

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
                let reader = &reader.rule.source;
                reader.may_read_what(bucket, &writer.rule.source) && reader.may_take(&key)
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
