//! `[rule.originals]`: what becomes of an upload once its variants are stored and verified.

use crate::config::declare::{Key, Table, Without};
use crate::config::kinds::{KeyTemplate, Word, Words};
use crate::config::problems::Told;
use crate::config::reader::Reader;
use crate::rules::Originals;
use crate::template::Field;

pub(in crate::config) static ORIGINALS: Table = Table {
    path: "rule.originals",
    is_list: false,
    doc: "This table says what the function does with an upload after all of its variants are \
          stored and verified. If it moves or deletes originals, their variants stay. Deleting an \
          upload then deletes no variants.",
    example: "originals = { after = \"delete\" }",
    settings: &[&AFTER, &BUCKET, &KEY],
    shared: &[],
    inherits: None,
    renamed: &[],
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Keep,
    Move,
    Delete,
}

static AFTER: Key<Words<After>> = Key {
    name: "after",
    kind: Words {
        words: &[
            Word::new("keep", After::Keep, "it stays, and deleting it deletes its variants"),
            Word::new("move", After::Move, "it goes to `bucket` and `key`"),
            Word::new("delete", After::Delete, "it is deleted"),
        ],
        instead: &[],
    },
    without: Without::Value("\"keep\""),
    example: "\"move\"",
    doc: "What the function does with the original.",
};

static BUCKET: Key<KeyTemplate> = Key {
    name: "bucket",
    kind: KeyTemplate(&[Field::Bucket]),
    without: Without::Value("\"{bucket}-originals\""),
    example: "\"archive\"",
    doc: "The bucket that originals are moved to.",
};

static KEY: Key<KeyTemplate> = Key {
    name: "key",
    kind: KeyTemplate(&Field::OF_SOURCE),
    without: Without::Value("\"{key}\""),
    example: "\"originals/{key}\"",
    doc: "The key that an original is moved to.",
};

pub(super) fn read(rule: &Reader<'_>) -> Result<Originals, Told> {
    let table = rule.section_or_told(&ORIGINALS)?;
    let (after, bucket, key) = (table.sound(&AFTER), table.sound(&BUCKET), table.sound(&KEY));
    let after = after?.map_or(After::Keep, |after| after.value);
    let place = table.at_of(BUCKET.name).or(table.at_of(KEY.name));
    if let (Some(at), true) = (place, after != After::Move) {
        let problem = "only `after = \"move\"` has a `bucket` and a `key`; leave them out";
        return Err(table.problems.add(at, problem));
    }
    let (bucket, key) = (bucket?, key?);
    Ok(match after {
        After::Keep => Originals::Keep,
        After::Delete => Originals::Delete,
        After::Move => Originals::Move {
            bucket: bucket.map_or_else(|| BUCKET.default(), |bucket| bucket.value),
            key: key.map_or_else(|| KEY.default(), |key| key.value),
        },
    })
}
