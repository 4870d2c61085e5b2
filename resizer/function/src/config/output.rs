//! The places of one rule in: where its results go and how they are kept, and its originals once
//! they have done their work. Templates out, each with only the fields that its place may name.

use std::collections::BTreeMap;

use toml::Spanned;

use super::file::{OriginalsTable, OutputTable, RuleTable};
use super::problems::Problems;
use super::{naming, storage, variant};
use crate::rules::{Originals, Output};
use crate::storage::Storage;
use crate::template::{Field, Template};

const DEFAULT_FAILURE: &str = "failures/{key}.json";
const DEFAULT_ORIGINALS_BUCKET: &str = "{bucket}-originals";

/// An output, and the line that its keys follow from.
pub(super) fn read_output(
    rule: &RuleTable,
    line: usize,
    output_bucket: &str,
    problems: &mut Problems,
) -> (Output, usize) {
    let table = &rule.output;
    problems.unknown(line, "[rule.output]", &table.unknown);
    let formats = rule.variant.iter().filter_map(|variant| variant.as_ref().formats.as_ref());
    let has_several = formats.clone().any(|formats| formats.len() > 1);
    let (key, key_line) = naming::read_key(table, has_several, line, problems);
    let mut template = |value: &Option<Spanned<String>>, default: &str, allowed: &[Field]| {
        let line = value.as_ref().map_or(line, |value| problems.line_of(value));
        let text = value.as_ref().map_or(default, |value| value.as_ref().as_str());
        read_template(text, allowed, line, problems)
    };
    // Whoever names a key must not choose the bucket.
    let bucket = template(&table.bucket, output_bucket, &[Field::Bucket]);
    let manifest = &table.manifest;
    let manifest = manifest.is_some().then(|| template(manifest, "", &Field::OF_SOURCE));
    let failure = template(&table.failure, DEFAULT_FAILURE, &Field::OF_SOURCE);
    let key = read_template(&key, &Field::ALL, key_line, problems);
    let base_url = base_url(table, problems);
    let storage = storage::read(table.storage(), &Storage::default(), line, problems);
    let variants = storage_of_variants(rule, &storage, problems);
    (Output { bucket, key, manifest, failure, base_url, storage, variants }, key_line)
}

/// Of every variant that is not kept as the others are, by its name.
fn storage_of_variants(
    rule: &RuleTable,
    default: &Storage,
    problems: &mut Problems,
) -> BTreeMap<String, Storage> {
    let mut out = BTreeMap::new();
    for table in &rule.variant {
        let line = problems.line_of(table);
        let storage = storage::read(table.as_ref().storage(), default, line, problems);
        if storage != *default {
            out.insert(variant::name(table.as_ref()), storage);
        }
    }
    out
}

/// Of a site, or from its root on; keys follow behind it.
fn base_url(table: &OutputTable, problems: &mut Problems) -> Option<String> {
    let url = table.base_url.as_ref()?;
    let text = url.as_ref().as_str();
    let begins = ["https://", "http://", "/"].iter().any(|start| text.starts_with(start));
    let is_plain = text.chars().all(|c| c.is_ascii_graphic() && !"\"'<>\\^`{|}?#,".contains(c));
    if !begins || !is_plain {
        let problem = format!(
            "base_url {text:?} does not begin with https://, http:// or /, or has characters that \
             a URL has not before its query"
        );
        problems.add(problems.line_of(url), problem);
    }
    Some(text.to_owned())
}

pub(super) fn read_originals(
    table: Option<&Spanned<OriginalsTable>>,
    problems: &mut Problems,
) -> Originals {
    let Some(table) = table else { return Originals::Keep };
    let line = problems.line_of(table);
    let OriginalsTable { after, bucket, key, unknown } = table.as_ref();
    problems.unknown(line, "[rule.originals]", unknown);
    if after != "move" && (bucket.is_some() || key.is_some()) {
        problems.add(line, "only `after = \"move\"` has a bucket and a key".to_owned());
    }
    match after.as_str() {
        "keep" => Originals::Keep,
        "delete" => Originals::Delete,
        "move" => {
            let bucket = bucket.as_deref().unwrap_or(DEFAULT_ORIGINALS_BUCKET);
            let bucket = read_template(bucket, &[Field::Bucket], line, problems);
            let key = key.as_deref().unwrap_or("{key}");
            Originals::Move { bucket, key: read_template(key, &Field::OF_SOURCE, line, problems) }
        }
        other => {
            let problem = format!("after {other:?} of originals is none of keep, move, delete");
            problems.add(line, problem);
            Originals::Keep
        }
    }
}

fn read_template(text: &str, allowed: &[Field], line: usize, problems: &mut Problems) -> Template {
    let parsed = Template::parse(text).unwrap_or_else(|reason| {
        problems.add(line, format!("the template {text:?} {reason}"));
        Template::parse("").expect("an empty template has no field to be wrong")
    });
    for field in Field::ALL.into_iter().filter(|field| !allowed.contains(field)) {
        if parsed.names(field) {
            let name = field.name();
            problems.add(line, format!("the template {text:?} may not name {{{name}}}"));
        }
    }
    if text.is_empty() {
        problems.add(line, "a template is empty".to_owned());
    }
    parsed
}
