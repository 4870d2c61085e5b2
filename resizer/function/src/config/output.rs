//! The places of one rule in: where its results go, and its originals once they have done their
//! work. Templates out, each with only the fields that its place may name.

use toml::Spanned;

use super::file::{OriginalsTable, OutputTable};
use super::problems::Problems;
use crate::rules::{Originals, Output};
use crate::template::{Field, Template};

const DEFAULT_KEY: &str = "variants/{key}/{variant}.{format}";
const DEFAULT_FAILURE: &str = "failures/{key}.json";
const DEFAULT_ORIGINALS_BUCKET: &str = "{bucket}-originals";

pub(super) fn read_output(
    table: &OutputTable,
    line: usize,
    output_bucket: &str,
    problems: &mut Problems,
) -> Output {
    problems.unknown(line, "[rule.output]", &table.unknown);
    let mut template = |value: &Option<Spanned<String>>, default: &str, allowed: &[Field]| {
        let line = value.as_ref().map_or(line, |value| problems.line_of(value));
        let text = value.as_ref().map_or(default, |value| value.as_ref().as_str());
        read_template(text, allowed, line, problems)
    };
    Output {
        // Whoever names a key must not choose the bucket.
        bucket: template(&table.bucket, output_bucket, &[Field::Bucket]),
        key: template(&table.key, DEFAULT_KEY, &Field::ALL),
        manifest: table
            .manifest
            .is_some()
            .then(|| template(&table.manifest, "", &Field::OF_SOURCE)),
        failure: template(&table.failure, DEFAULT_FAILURE, &Field::OF_SOURCE),
        cache_control: table.cache_control.clone(),
    }
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
