//! Why no rule serves an object, for its log line: what its sender may have expected.

use crate::event::ObjectRef;
use crate::filter::SourceFilter;
use crate::rules::{Ignored, Rule};

/// More than [`Ignored::reason`] says, where there is more to say.
pub fn reason(rules: &[Rule], object: &ObjectRef, ignored: Ignored) -> Option<String> {
    match ignored {
        Ignored::OwnKey => own_key(rules, object),
        Ignored::NoRule => excluded(rules, object).or_else(|| other_case(rules, object)),
        Ignored::OwnResult | Ignored::NoOriginal | Ignored::Folder => None,
    }
}

fn own_key(rules: &[Rule], object: &ObjectRef) -> Option<String> {
    let rule = rules.iter().find(|rule| rule.could_have_written(object))?;
    let how = if rule.could_have_moved(object) {
        "have moved an original to this place"
    } else {
        "have written an object of this name"
    };
    let (name, bucket) = (&rule.name, &object.bucket);
    Some(format!(
        "rule {name:?} could {how}, so it is ignored; if {bucket:?} is a bucket of uploads, \
         name it as the rule's `bucket`, or choose other places for what the rule writes"
    ))
}

/// The rule that would take the key if it did not exclude it.
fn excluded(rules: &[Rule], object: &ObjectRef) -> Option<String> {
    let takes = |rule: &&Rule| {
        let filter = SourceFilter { exclude: Vec::new(), ..rule.source.clone() };
        filter.takes(object)
    };
    let name = &rules.iter().find(takes)?.name;
    Some(format!("no rule takes this key: `exclude` of rule {name:?} leaves it out"))
}

/// The rule that would take the key in another case.
fn other_case(rules: &[Rule], object: &ObjectRef) -> Option<String> {
    let key = &object.key;
    let (stem, extension) = key.rsplit_once('.').unwrap_or((key, ""));
    let others = [
        format!("{stem}.{}", extension.to_lowercase()),
        format!("{stem}.{}", extension.to_uppercase()),
        key.to_lowercase(),
        key.to_uppercase(),
    ];
    let others = others.map(|key| ObjectRef { bucket: object.bucket.clone(), key });
    let takes = |rule: &&Rule| others.iter().any(|other| rule.source.takes(other));
    let name = &rules.iter().find(takes)?.name;
    Some(format!(
        "no rule takes this key; rule {name:?} would take it in another case: its `prefix` and \
         `match` are case-sensitive, and only `suffix` is not"
    ))
}
