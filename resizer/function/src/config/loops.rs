//! Rules in, the pairs of lines out that would make the function feed itself.

use super::checks::PlacedRule;
use super::problems::Problems;

/// Refuses outputs that a rule would take as sources again in the bucket they are written to.
pub(super) fn find_loops(placed: &[PlacedRule], problems: &Problems) {
    for writer in placed {
        for reader in placed {
            let fed = writer.rule.outputs().any(|(bucket, key)| {
                let reader = &reader.rule.source;
                reader.may_read_what(bucket, &writer.rule.source) && reader.may_take(&key)
            });
            if fed {
                let line = problems.line(reader.source_at);
                let (written_by, taken_by) = (&writer.rule.name, &reader.rule.name);
                let whom = if written_by == taken_by {
                    format!("what rule {written_by:?} writes would be its own uploads")
                } else {
                    format!("what rule {written_by:?} writes would be uploads for {taken_by:?}")
                };
                let problem = format!(
                    "{whom} (line {line}) in the same bucket; use another bucket, a prefix that \
                     keeps them apart, or `exclude`"
                );
                problems.add(writer.output_at, problem);
            }
        }
    }
}
