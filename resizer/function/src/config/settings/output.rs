//! `[rule.output]`: where the results of a rule go and how they are kept.

use std::collections::BTreeMap;

use super::naming::{self, FOLDER, NAMING};
use super::storage::{self, STORAGE};
use crate::config::declare::{Key, Table, Without};
use crate::config::kinds::{Flag, KeyTemplate, Text};
use crate::config::problems::Told;
use crate::config::reader::Reader;
use crate::object_properties::ObjectProperties;
use crate::rules::Output;
use crate::template::{Field, Template};

pub(in crate::config) static OUTPUT: Table = Table {
    path: "rule.output",
    is_list: false,
    doc: "This table sets the keys of variants, manifests, and failure records, and how they are \
          stored. Keys are templates. Their fields are listed below. `{width}` and `{height}` are \
          the values that the variant asks for. Manifests and failure records get only the tags \
          and the KMS key of this table.",
    example: "[rule.output]",
    settings: &[&BUCKET, &KEY, &NAMING, &FOLDER, &MANIFEST, &FAILURE, &BASE_URL, &VERSIONED_URLS],
    shared: STORAGE,
    inherits: None,
    renamed: &[],
};

/// Whoever names a key must not choose the bucket.
pub(in crate::config) const OF_BUCKETS: KeyTemplate = KeyTemplate(&[Field::Bucket]);

static BUCKET: Key<KeyTemplate> = Key {
    name: "bucket",
    kind: OF_BUCKETS,
    without: Without::Means(
        "the bucket that `RESIZER_OUTPUT_BUCKET` names, else `\"{bucket}-variants\"`",
    ),
    example: "\"{bucket}-variants\"",
    doc: "The bucket of all results.",
};

pub(super) static KEY: Key<KeyTemplate> = Key {
    name: "key",
    kind: KeyTemplate(&Field::ALL),
    without: Without::Value("\"variants/{key}/{variant}.{ext}\""),
    example: "\"{dir}/{stem}-{variant}.{ext}\"",
    doc: "The key of each variant. With a template without `{key}`, two uploads can have the same \
          key. The second upload is then refused (`key_taken`). Such keys cost additional HEAD \
          requests.",
};

static MANIFEST: Key<KeyTemplate> = Key {
    name: "manifest",
    kind: KeyTemplate(&Field::OF_SOURCE),
    without: Without::Means("no manifest is written"),
    example: "\"manifests/{key}.json\"",
    doc: "The key of the manifest, a JSON document with the URLs and sizes of all variants, \
          `srcset` strings, and placeholders.",
};

static FAILURE: Key<KeyTemplate> = Key {
    name: "failure",
    kind: KeyTemplate(&Field::OF_SOURCE),
    without: Without::Value("\"failures/{key}.json\""),
    example: "\"errors/{key}.json\"",
    doc: "The key of the failure record of an upload that was refused.",
};

static BASE_URL: Key<Text> = Key {
    name: "base_url",
    kind: Text {
        takes: "the beginning of a URL (https://, http:// or a path from / on) without a query",
        is_good: is_base_url,
    },
    without: Without::Means("URLs in the manifest are relative"),
    example: "\"https://cdn.example.com/\"",
    doc: "The beginning of the URLs in the manifest. The key of the variant follows it.",
};

static VERSIONED_URLS: Key<Flag> = Key {
    name: "versioned_urls",
    kind: Flag,
    without: Without::Value("false"),
    example: "true",
    doc: "Whether URLs in the manifest end in `?v=` and the beginning of the MD5 of the variant, \
          which usually is also its ETag. A replaced upload then has new URLs, as `immutable` in \
          `cache_control` requires. The CDN must include the query in its cache key.",
};

/// An output as it was read.
pub(super) struct ReadOutput {
    pub(super) output: Output,
    /// How the variant of each table is kept.
    pub(super) own_storage: Vec<ObjectProperties>,
    /// The byte that its keys follow from.
    pub(super) key_at: usize,
    /// The byte that the key of manifest or failure record follows from.
    pub(super) records_at: usize,
    /// The byte that places follow from: its keys, else its bucket.
    pub(super) at: usize,
    /// The naming preset, if one is named.
    pub(super) naming: Option<String>,
}

/// Reads the table, and of the tables of variants how these are kept. `default_bucket` is the
/// bucket where it names none.
pub(super) fn read(
    rule: &Reader<'_>,
    default_bucket: &Template,
    variants: &[Reader<'_>],
) -> Result<ReadOutput, Told> {
    let table = rule.section_or_told(&OUTPUT)?;
    let (key, at_key) = naming::read(&table);
    let bucket = table.sound(&BUCKET);
    let manifest = table.sound(&MANIFEST);
    let failure = table.sound(&FAILURE);
    let versioned_urls = table.value(&VERSIONED_URLS);
    let storage = storage::read(&table, &ObjectProperties::default(), versioned_urls);
    let own = variants.iter().map(|table| storage::read(table, &storage, versioned_urls));
    let own_storage = own.collect();
    let at = at_key.or(table.at_of(BUCKET.name)).unwrap_or(rule.at);
    let failure = failure?;
    let output = Output {
        bucket: bucket?.map_or_else(|| default_bucket.clone(), |bucket| bucket.value),
        key: key?,
        manifest: manifest?.map(|manifest| manifest.value),
        failure: failure.map_or_else(|| FAILURE.default(), |failure| failure.value),
        base_url: table.given(&BASE_URL).map(|url| url.value),
        versioned_urls,
        storage,
        variants: BTreeMap::new(),
    };
    let naming = table.text_of(NAMING.name).map(str::to_owned);
    let key_at = at_key.unwrap_or(rule.at);
    let records_at = table.at_of(MANIFEST.name).or(table.at_of(FAILURE.name)).unwrap_or(key_at);
    Ok(ReadOutput { output, own_storage, key_at, records_at, at, naming })
}

fn is_base_url(text: &str) -> bool {
    let begins = ["https://", "http://", "/"].iter().any(|start| text.starts_with(start));
    begins && text.chars().all(|c| c.is_ascii_graphic() && !"\"'<>\\^`{|}?#,".contains(c))
}
