//! The settings of one output or variant in, its `Storage` out: what a PUT will say beside the
//! bytes, so that S3 has no reason to refuse it.

use std::collections::BTreeMap;

use toml::Spanned;

use super::problems::Problems;
use crate::storage::{KmsKey, Storage};

/// Classes whose objects are read at once.
const CLASSES: [&str; 6] = [
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "REDUCED_REDUNDANCY",
];

/// Classes whose objects must be restored first, which takes minutes to days.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

const MAX_TAGS: usize = 10;
const MAX_TAG_NAME_CHARACTERS: usize = 128;
const MAX_TAG_VALUE_CHARACTERS: usize = 256;

/// Of the tags as they are sent. S3 takes 8 KB for all headers of a PUT.
const MAX_TAGGING_BYTES: usize = 4096;

/// Source: Amazon S3 User Guide, "Categorizing your objects using tags".
const TAG_PUNCTUATION: &str = " +-=._:/@";

/// Settings that an output has and each variant may replace.
#[derive(Clone, Copy)]
pub(super) struct StorageTable<'a> {
    pub(super) cache_control: &'a Option<Spanned<String>>,
    pub(super) tags: &'a Option<Spanned<BTreeMap<String, String>>>,
    pub(super) storage_class: &'a Option<Spanned<String>>,
    pub(super) kms_key: &'a Option<Spanned<String>>,
    pub(super) kms_bucket_key: Option<bool>,
    pub(super) copy_metadata: Option<bool>,
}

/// What the settings say; `default` where they say nothing. Tags are replaced all together.
pub(super) fn read(
    table: StorageTable<'_>,
    default: &Storage,
    line: usize,
    problems: &mut Problems,
) -> Storage {
    let mut storage = default.clone();
    if let Some(text) = table.cache_control {
        check_cache_control(text, problems);
        storage.cache_control = Some(text.as_ref().clone());
    }
    if let Some(tags) = table.tags {
        storage.tags = tags.as_ref().clone();
        check_tags(&storage, problems.line_of(tags), problems);
    }
    if let Some(class) = table.storage_class {
        check_class(class, problems);
        storage.class = Some(class.as_ref().clone());
    }
    if let Some(key) = table.kms_key {
        check_kms_key(key, problems);
        storage.kms_key = Some(KmsKey { id: key.as_ref().clone(), for_bucket: true });
    }
    match (table.kms_bucket_key, &mut storage.kms_key) {
        (Some(for_bucket), Some(key)) => key.for_bucket = for_bucket,
        (Some(_), None) => problems.add(line, "`kms_bucket_key` needs a `kms_key`".to_owned()),
        (None, _) => {}
    }
    storage.copies_metadata = table.copy_metadata.unwrap_or(storage.copies_metadata);
    storage
}

fn check_cache_control(text: &Spanned<String>, problems: &mut Problems) {
    let line = problems.line_of(text);
    let text = text.as_ref();
    if text.trim().is_empty() || !text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        problems.add(line, format!("cache_control {text:?} is no value of a header"));
    }
}

fn check_tags(storage: &Storage, line: usize, problems: &mut Problems) {
    let tags = &storage.tags;
    if tags.len() > MAX_TAGS {
        problems.add(line, format!("{} tags are more than the {MAX_TAGS} of S3", tags.len()));
    }
    let is_allowed = |c: char| c.is_alphanumeric() || TAG_PUNCTUATION.contains(c);
    let lengths = [MAX_TAG_NAME_CHARACTERS, MAX_TAG_VALUE_CHARACTERS];
    for (name, value) in tags {
        if name.is_empty() || name.starts_with("aws:") {
            problems.add(line, format!("the tag {name:?} is empty or begins with `aws:`"));
        }
        for (text, max) in [name, value].into_iter().zip(lengths) {
            if text.chars().count() > max {
                let problem =
                    format!("the tag {name:?} has more than {max} characters in {text:?}");
                problems.add(line, problem);
            }
            if !text.chars().all(is_allowed) {
                let allowed = "letters, digits, spaces and + - = . _ : / @";
                let problem = format!("the tag {name:?} has other characters than {allowed}");
                problems.add(line, problem);
            }
        }
    }
    let bytes = storage.tagging().map_or(0, |tagging| tagging.len());
    if bytes > MAX_TAGGING_BYTES {
        let problem = format!("tags take {bytes} bytes encoded, at most {MAX_TAGGING_BYTES} fit");
        problems.add(line, problem);
    }
}

fn check_class(class: &Spanned<String>, problems: &mut Problems) {
    let line = problems.line_of(class);
    let class = class.as_ref().as_str();
    if ARCHIVES.contains(&class) {
        let problem = format!("storage_class {class:?} cannot be read at once; use GLACIER_IR");
        problems.add(line, problem);
    } else if !CLASSES.contains(&class) {
        let classes = CLASSES.join(", ");
        problems.add(line, format!("storage_class {class:?} is none of {classes}"));
    }
}

/// A key id, an alias, or the ARN of either.
fn check_kms_key(key: &Spanned<String>, problems: &mut Problems) {
    let line = problems.line_of(key);
    let key = key.as_ref().as_str();
    let is_word = |text: &str, more: &str| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let is_good = match (key.strip_prefix("arn:"), key.strip_prefix("alias/")) {
        (Some(rest), _) => rest.contains(":kms:") && rest.contains('/') && is_word(rest, ":-_/"),
        (_, Some(alias)) => !alias.is_empty() && is_word(alias, "/_-"),
        _ => !key.is_empty() && is_word(key, "-"),
    };
    if !is_good {
        problems.add(line, format!("kms_key {key:?} is no key id, `alias/...` or ARN of KMS"));
    }
}
