//! Rules in, sentences out about what works and may not be what is meant. They are logged at start.

use crate::filter::SourceFilter;
use crate::layout::Layouts;
use crate::pattern::{Pattern, overlap};
use crate::rules::{Originals, Rule};
use crate::template::{Field, VariantName};

/// Ends of names that cameras and old systems write in capitals.
const EXTENSIONS: [&str; 10] =
    ["jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "tif", "tiff", "bmp"];

pub(super) fn of(rules: &[Rule]) -> Vec<String> {
    let mut out = Vec::new();
    for rule in rules {
        out.extend(of_case(rule, rules));
        out.extend(of_moved_originals(rule));
    }
    out
}

/// Places that two uploads may share: the second one is refused.
pub(super) fn of_shared(rules: &[Rule]) -> Option<String> {
    let mut keys: Vec<String> = Layouts::new(rules, &[]).shared().collect();
    keys.sort();
    keys.dedup();
    let first = keys.first()?;
    let more = match keys.len() {
        1 => String::new(),
        2 => " and another key".to_owned(),
        count => format!(" and {} other keys", count - 1),
    };
    Some(format!(
        "results of two uploads may have the same key ({first:?}{more}): the second upload is then \
         refused with key_taken, and every upload costs a HEAD for each such key; name {{key}} in \
         `key` instead of using `naming`, and where several buckets are watched, name {{bucket}} \
         too or give the rule a `bucket` (or set RESIZER_UPLOAD_BUCKET)"
    ))
}

/// `suffix = ".jpg"` leaves `IMG_1.JPG` to nobody.
fn of_case(rule: &Rule, rules: &[Rule]) -> Option<String> {
    let takes = |filter: &SourceFilter, extension: &str| {
        let SourceFilter { globs, prefix, suffix, .. } = filter;
        let prefix = Pattern::literal(prefix).then(&Pattern::everything());
        let suffix = Pattern::everything().then(&Pattern::literal(suffix));
        let end = Pattern::everything().then(&Pattern::literal(&format!(".{extension}")));
        globs.iter().any(|glob| overlap(&[glob, &prefix, &suffix, &end]))
    };
    let is_left = |extension: &&str| {
        let capitals = extension.to_uppercase();
        takes(&rule.source, extension) && !rules.iter().any(|rule| takes(&rule.source, &capitals))
    };
    let left: Vec<&str> = EXTENSIONS.into_iter().filter(|extension| is_left(extension)).collect();
    let first = left.first()?;
    let (name, capitals) = (&rule.name, first.to_uppercase());
    Some(format!(
        "rule {name:?} takes keys that end in .{} and no rule takes .{capitals}, as many cameras \
         write it: keys are case-sensitive; match = \"**.{{{first},{capitals}}}\" takes both",
        left.join(", .")
    ))
}

/// A bucket of uploads that is named like one of originals has nothing but originals.
fn of_moved_originals(rule: &Rule) -> Option<String> {
    let Originals::Move { bucket, key } = &rule.originals else { return None };
    let takes_every_key = key.pattern(VariantName::default()) == Pattern::everything();
    if rule.source.bucket.is_some() || !bucket.names(Field::Bucket) || !takes_every_key {
        return None;
    }
    let name = &rule.name;
    Some(format!(
        "rule {name:?} is for any bucket and moves originals to {:?}: uploads to a bucket of such \
         a name are taken for originals and ignored; if yours has one, name it as the rule's \
         `bucket`",
        bucket.to_string()
    ))
}
