//! Tags of objects, as S3 takes them.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::{Given, Kind};
use crate::config::problems::Told;
use crate::object_properties::ObjectProperties;

const MAX_TAGS: usize = 10;
const MAX_NAME_CHARS: usize = 128;
const MAX_VALUE_CHARS: usize = 256;

/// Of the tags as they are sent. S3 takes 8 KB for all headers of a PUT.
const MAX_ENCODED_BYTES: usize = 4096;

/// Source: Amazon S3 User Guide, "Categorizing your objects using tags".
const PUNCTUATION: &str = " +-=._:/@";

/// Names and values.
pub(in crate::config) struct Tags;

impl Kind for Tags {
    type Value = BTreeMap<String, String>;

    fn takes(&self) -> String {
        format!("a table of at most {MAX_TAGS} names and texts")
    }

    fn read(&self, given: &Given<'_>) -> Result<Self::Value, Told> {
        let DeValue::Table(values) = given.value.get_ref() else {
            return Err(given.wrong(&self.takes()));
        };
        let mut tags = BTreeMap::new();
        let mut result = Ok(());
        let name = &given.name;
        for (tag, value) in values {
            let problem = match value.get_ref().as_str() {
                Some(text) => refusal(tag.get_ref(), text),
                None => Some("has no text as its value; put it in quotes".to_owned()),
            };
            if let Some(problem) = problem {
                let sentence = format!("the tag {:?} of `{name}` {problem}", tag.get_ref());
                result = Err(given.problems.add(tag.span().start, sentence));
            }
            let text = value.get_ref().as_str().unwrap_or_default();
            tags.insert(tag.get_ref().to_string(), text.to_owned());
        }
        if tags.len() > MAX_TAGS {
            let count = tags.len();
            return Err(given.problem(format!("`{name}` has {count} tags; S3 takes {MAX_TAGS}")));
        }
        result?;
        let encoded =
            ObjectProperties { tags: tags.clone(), ..ObjectProperties::default() }.tagging();
        match encoded.map_or(0, |encoded| encoded.len()) {
            0..=MAX_ENCODED_BYTES => Ok(tags),
            bytes => Err(given.problem(format!(
                "`{name}` takes {bytes} bytes once it is encoded; at most {MAX_ENCODED_BYTES} fit"
            ))),
        }
    }

    fn schema(&self) -> Json {
        json!({
            "type": "object",
            "maxProperties": MAX_TAGS,
            "additionalProperties": { "type": "string", "maxLength": MAX_VALUE_CHARS },
        })
    }
}

/// Why S3 would refuse a tag.
fn refusal(name: &str, value: &str) -> Option<String> {
    if name.is_empty() || name.starts_with("aws:") {
        return Some("is empty or begins with `aws:`".to_owned());
    }
    for (text, max) in [(name, MAX_NAME_CHARS), (value, MAX_VALUE_CHARS)] {
        if text.chars().count() > max {
            return Some(format!("has more than {max} characters in {text:?}"));
        }
        if !text.chars().all(|c| c.is_alphanumeric() || PUNCTUATION.contains(c)) {
            let allowed = "letters, digits, spaces and + - = . _ : / @";
            return Some(format!("has other characters than {allowed} in {text:?}"));
        }
    }
    None
}
