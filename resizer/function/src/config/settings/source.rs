//! Which uploads a rule takes.

use crate::config::declare::{Key, Without};
use crate::config::kinds::{Glob, OneOrMany, Text};
use crate::config::problems::Told;
use crate::config::reader::Reader;
use crate::filter::SourceFilter;
use crate::pattern::Pattern;

pub(super) static BUCKET: Key<Text> = Key {
    name: "bucket",
    kind: Text { takes: "the name of a bucket, without s3:// and slashes", is_good: is_bucket },
    without: Without::Means(
        "the bucket that `RESIZER_UPLOAD_BUCKET` names, or every bucket that sends events",
    ),
    example: "\"uploads\"",
    doc: "The only bucket whose uploads the rule takes.",
};

pub(super) static PREFIX: Key<Text> = Key {
    name: "prefix",
    kind: Text { takes: "the beginning of keys in quotes", is_good: |_| true },
    without: Without::Means("keys may begin with anything"),
    example: "\"photos/\"",
    doc: "The rule takes keys that begin with this text. It distinguishes upper and lower case. \
          Keys in S3 do not begin with a slash.",
};

pub(super) static SUFFIX: Key<OneOrMany<Text>> = Key {
    name: "suffix",
    kind: OneOrMany(Text {
        takes: "the end of keys in quotes",
        is_good: |suffix| !suffix.is_empty(),
    }),
    without: Without::Means("keys may end with anything"),
    example: "[\".jpg\", \".jpeg\"]",
    doc: "The rule takes keys that end with one of these texts. It does not distinguish upper and \
          lower case of the letters A to Z, so `.jpg` takes `B.JPG` too.",
};

pub(super) static MATCH: Key<OneOrMany<Glob>> = Key {
    name: "match",
    kind: OneOrMany(Glob),
    without: Without::Means("every key matches"),
    example: "\"albums/*/**.{jpg,png}\"",
    doc: "The rule takes keys that one of these patterns matches as a whole. `?` matches one \
          character except a slash, `*` matches any text without a slash, `**` matches any text, \
          and `{a,b}` matches `a` or `b`. Patterns distinguish upper and lower case.",
};

pub(super) static EXCLUDE: Key<OneOrMany<Glob>> = Key {
    name: "exclude",
    kind: OneOrMany(Glob),
    without: Without::Means("no key is excluded"),
    example: "[\"drafts/**\", \"**/thumbs/**\"]",
    doc: "The rule does not take keys that one of these patterns matches. A later rule may take \
          them. The patterns are written as for `match`.",
};

/// The filter of a rule, and the byte at which its first setting stands.
pub(super) fn read(table: &Reader<'_>) -> (Result<SourceFilter, Told>, usize) {
    let bucket = table.sound(&BUCKET);
    let prefix = table.sound(&PREFIX);
    let suffixes = table.sound(&SUFFIX);
    let globs = table.sound(&MATCH);
    let exclude = table.sound(&EXCLUDE);
    let settings = [MATCH.name, PREFIX.name, SUFFIX.name];
    let at = settings.iter().find_map(|name| table.at_of(name)).unwrap_or(table.at);
    let filter = || {
        let globs = globs?.map(|globs| globs.value.concat());
        Ok(SourceFilter {
            bucket: bucket?.map(|bucket| bucket.value),
            globs: globs.unwrap_or_else(|| vec![Pattern::everything()]),
            prefix: prefix?.map(|prefix| prefix.value).unwrap_or_default(),
            suffixes: suffixes?.map(|suffixes| suffixes.value).unwrap_or_default(),
            exclude: exclude?.map(|globs| globs.value.concat()).unwrap_or_default(),
        })
    };
    (filter(), at)
}

fn is_bucket(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
}
