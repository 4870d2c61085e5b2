//! Rules in, sentences out about what is valid but probably a mistake. They are logged at start.
//! What a single setting is warned of, stands where it is read.

pub(super) mod cache;

use super::checks::PlacedRule;
use super::problems::Problems;
use crate::layout::Layouts;
use crate::pattern::Pattern;
use crate::rules::{Originals, Rule};
use crate::template::{Ending, Field, SourceName, VariantName};

/// Ends of names that cameras and old systems write in capitals.
const EXTENSIONS: [&str; 10] =
    ["jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "tif", "tiff", "bmp"];

pub(super) fn warn(placed: &[PlacedRule], problems: &Problems) {
    let rules: Vec<Rule> = placed.iter().map(|placed| placed.rule.clone()).collect();
    let mut keeps_keys = true;
    for (index, one) in placed.iter().enumerate() {
        let warn = |at: usize, warning: Option<String>| {
            let is_said = warning.is_some();
            warning.into_iter().for_each(|warning| problems.warn(at, warning));
            is_said
        };
        warn(one.at, of_earlier(&one.rule, &placed[..index], problems));
        warn(one.source_at, of_slash(&one.rule));
        warn(one.source_at, of_case(&one.rule, &rules));
        warn(one.output_at, of_moved_originals(&one.rule));
        warn(one.output_at, of_own_keys(&one.rule));
        keeps_keys &= !warn(one.key_at, of_lost_originals(&one.rule));
    }
    if let (Some(warning), Some(first)) = (of_shared(&rules), placed.first())
        && keeps_keys
    {
        problems.warn(first.key_at, warning);
    }
}

/// A rule behind another one that takes all of its uploads.
fn of_earlier(rule: &Rule, earlier: &[PlacedRule], problems: &Problems) -> Option<String> {
    let other = earlier.iter().find(|other| rule.source.is_within(&other.rule.source))?;
    let (name, line, earlier) = (&rule.name, problems.line(other.at), &other.rule.name);
    Some(format!(
        "rule {name:?} is never used: rule {earlier:?} (line {line}) comes first and takes every \
         upload that it takes; put {name:?} before {earlier:?}"
    ))
}

/// Keys of S3 are not paths: hardly any begins with a slash.
fn of_slash(rule: &Rule) -> Option<String> {
    let globs = rule.source.globs.iter().map(ToString::to_string);
    let mut beginnings = std::iter::once(rule.source.prefix.clone()).chain(globs);
    let beginning = beginnings.find(|beginning| beginning.starts_with('/'))?;
    let without = beginning.trim_start_matches('/');
    Some(format!(
        "rule {:?} takes only keys that begin with a slash ({beginning:?}), and keys of S3 rarely \
         do; write {without:?}",
        rule.name
    ))
}

/// `match = "**.jpg"` leaves `IMG_1.JPG` to nobody.
fn of_case(rule: &Rule, rules: &[Rule]) -> Option<String> {
    let takes = |rule: &Rule, extension: &str| {
        let end = Pattern::everything().then(&Pattern::literal(&format!(".{extension}")));
        rule.source.may_take(&end)
    };
    let is_left = |extension: &&str| {
        let capitals = extension.to_uppercase();
        takes(rule, extension) && !rules.iter().any(|rule| takes(rule, &capitals))
    };
    let left: Vec<&str> = EXTENSIONS.into_iter().filter(|extension| is_left(extension)).collect();
    let first = left.first()?;
    let (name, capitals) = (&rule.name, first.to_uppercase());
    Some(format!(
        "rule {name:?} takes keys that end in .{} and no rule takes .{capitals}, as many cameras \
         write it: `match` is case-sensitive; suffix = \".{first}\" takes both",
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

/// Uploads to the bucket of results whose keys are like those of results. Where keys begin with a
/// text of their own, nobody means to upload them.
fn of_own_keys(rule: &Rule) -> Option<String> {
    let Rule { name, source, output, .. } = rule;
    if source.bucket.is_some()
        || output.bucket.names(Field::Bucket)
        || output.key.begins_with_text()
    {
        return None;
    }
    let spec = rule.request.variants.first()?;
    let example = VariantName {
        variant: &spec.name,
        width: spec.width,
        height: spec.height,
        extension: "jpg",
        ending: Ending::default(),
    };
    let pattern = output.key.pattern(example);
    let upload = SourceName { bucket: "bucket", key: "photo.jpg" };
    let (key, bucket) = (output.key.render(upload, example), output.bucket.to_string());
    source.may_take(&pattern).then(|| {
        format!(
            "rule {name:?} is for any bucket and writes keys such as {key:?} to {bucket:?}: an \
             upload to {bucket:?} with such a key is taken for a result and ignored; name the \
             uploads' bucket as the rule's `bucket`, or begin `key` with a folder of its own"
        )
    })
}

/// Keys that two uploads may share, where originals go.
fn of_lost_originals(rule: &Rule) -> Option<String> {
    let of_variants = rule.output.key.with_variant(VariantName::default());
    if !rule.retires_originals() || of_variants.tells_key() {
        return None;
    }
    let (name, key) = (&rule.name, rule.output.key.to_string());
    Some(format!(
        "rule {name:?} moves or deletes originals, and its `key` {key:?} does not name the whole \
         {{key}}: an upload that leads to the keys of an earlier one is refused (key_taken), also \
         once that original is gone; name {{key}} in `key`"
    ))
}

/// Places that two uploads may share: the second one is refused.
fn of_shared(rules: &[Rule]) -> Option<String> {
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
