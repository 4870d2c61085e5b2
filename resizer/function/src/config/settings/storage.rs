//! How objects are kept beside their bytes: settings that an output has and each of its variants
//! may replace.

use crate::config::declare::{Key, Setting, Without};
use crate::config::kinds::{Flag, Tags, Text, Word, Words};
use crate::config::reader::Reader;
use crate::config::warnings::cache;
use crate::object_properties::{KmsKey, ObjectProperties};

/// In the order of the reference.
pub(super) static STORAGE: &[&dyn Setting] =
    &[&CACHE_CONTROL, &TAGS, &STORAGE_CLASS, &KMS_KEY, &KMS_BUCKET_KEY, &COPY_METADATA];

static CACHE_CONTROL: Key<Text> = Key {
    name: "cache_control",
    kind: Text { takes: "the value of a Cache-Control header", is_good: is_header_value },
    without: Without::Means("variants have no Cache-Control header"),
    example: "\"public, max-age=86400\"",
    doc: "The `Cache-Control` header of variants. `immutable` needs `versioned_urls`, because a \
          replaced upload replaces variants under the same keys.",
};

static TAGS: Key<Tags> = Key {
    name: "tags",
    kind: Tags,
    without: Without::Value("{}"),
    example: "{ team = \"web\" }",
    doc: "The tags of objects. If a variant sets tags, it gets none of the tags in \
          `[rule.output]`.",
};

static STORAGE_CLASS: Key<Words<&str>> = Key {
    name: "storage_class",
    kind: Words {
        words: &[
            Word::new("STANDARD", "STANDARD", "for objects that are read often"),
            Word::new("STANDARD_IA", "STANDARD_IA", "for objects that are read once a month"),
            Word::new("ONEZONE_IA", "ONEZONE_IA", "the same in a single zone"),
            Word::new(
                "INTELLIGENT_TIERING",
                "INTELLIGENT_TIERING",
                "moved between classes by how often they are read",
            ),
            Word::new("GLACIER_IR", "GLACIER_IR", "for objects that are read once a quarter"),
            Word::new("REDUCED_REDUNDANCY", "REDUCED_REDUNDANCY", "kept by S3 for old clients"),
        ],
        instead: &[
            ("GLACIER", "objects of this class cannot be read at once; use \"GLACIER_IR\""),
            ("DEEP_ARCHIVE", "objects of this class cannot be read at once; use \"GLACIER_IR\""),
        ],
    },
    without: Without::Means("the class that the bucket gives its objects"),
    example: "\"STANDARD_IA\"",
    doc: "The storage class, by the name that S3 gives it. Classes whose objects must be restored \
          before they can be read are refused.",
};

static KMS_KEY: Key<Text> = Key {
    name: "kms_key",
    kind: Text { takes: "a key's id, \"alias/...\" or the ARN of either", is_good: is_kms_key },
    without: Without::Means("objects are encrypted as the bucket says"),
    example: "\"alias/pictures\"",
    doc: "The KMS key that objects are encrypted with (SSE-KMS).",
};

static KMS_BUCKET_KEY: Key<Flag> = Key {
    name: "kms_bucket_key",
    kind: Flag,
    without: Without::Value("true"),
    example: "false",
    doc: "Whether S3 derives the keys of objects from one key of the bucket, instead of asking \
          KMS for each object. This setting needs a `kms_key`.",
};

static COPY_METADATA: Key<Flag> = Key {
    name: "copy_metadata",
    kind: Flag,
    without: Without::Value("false"),
    example: "true",
    doc: "Whether variants get the user metadata (`x-amz-meta-*`) of the upload. Metadata that \
          does not fit is dropped.",
};

/// What the settings say; `default` where they say nothing.
pub(super) fn read(
    table: &Reader<'_>,
    default: &ObjectProperties,
    versioned_urls: bool,
) -> ObjectProperties {
    let mut storage = default.clone();
    if let Some(text) = table.given(&CACHE_CONTROL) {
        cache::check(&text.value, versioned_urls, |warning| table.problems.warn(text.at, warning));
        storage.cache_control = Some(text.value);
    }
    if let Some(tags) = table.given(&TAGS) {
        storage.tags = tags.value;
    }
    if let Some(class) = table.given(&STORAGE_CLASS) {
        storage.class = Some(class.value.to_owned());
    }
    match table.sound(&KMS_KEY) {
        Ok(None) => {}
        Ok(Some(key)) => storage.kms_key = Some(KmsKey { id: key.value, for_bucket: true }),
        // Its problem is listed; `kms_bucket_key` is not another one.
        Err(_) => storage.kms_key = Some(KmsKey { id: String::new(), for_bucket: true }),
    }
    match (table.given(&KMS_BUCKET_KEY), &mut storage.kms_key) {
        (None, _) => {}
        (Some(for_bucket), Some(key)) => key.for_bucket = for_bucket.value,
        (Some(for_bucket), None) => {
            let problem = format!(
                "`kms_bucket_key` needs a `kms_key`, as in {} = {}",
                KMS_KEY.name, KMS_KEY.example
            );
            table.problems.add(for_bucket.at, problem);
        }
    }
    if let Some(copy) = table.given(&COPY_METADATA) {
        storage.copies_metadata = copy.value;
    }
    storage
}

fn is_header_value(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}

fn is_kms_key(key: &str) -> bool {
    let is_word = |text: &str, more: &str| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    match (key.strip_prefix("arn:"), key.strip_prefix("alias/")) {
        (Some(rest), _) => rest.contains(":kms:") && rest.contains('/') && is_word(rest, ":-_/"),
        (_, Some(alias)) => !alias.is_empty() && is_word(alias, "/_-"),
        _ => !key.is_empty() && is_word(key, "-"),
    }
}
