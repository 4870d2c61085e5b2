//! The kinds of values that settings take. A kind is declared once and serves three readers: the
//! parser with its messages, the JSON Schema, and the reference in docs/configuration.md.

use std::borrow::Cow;

use serde_json::{Value as Json, json};
use toml::Spanned;
use toml::de::DeValue;

use super::problems::{Problems, Told};

mod keys;
mod list;
mod pictures;
mod tags;
mod words;

pub(super) use keys::{Glob, KeyTemplate};
pub(super) use list::OneOrMany;
pub(super) use pictures::{Color, FormatQualities, Place};
pub(super) use tags::Tags;
pub(super) use words::{Word, Words};

/// What a setting may be.
pub(super) trait Kind: Sync {
    /// A value that was read.
    type Value;

    /// What the kind takes, in words: `a whole number from 1 to 100`.
    fn takes(&self) -> String;

    /// Reads a value, or lists all that is wrong with it.
    fn read(&self, given: &Given<'_>) -> Result<Self::Value, Told>;

    /// The same as a JSON Schema.
    fn schema(&self) -> Json;

    /// Each word that may stand there, its aliases and what it means.
    fn words(&self) -> Vec<(String, &'static str)> {
        Vec::new()
    }
}

/// A value of the file on its way into a setting.
pub(super) struct Given<'a> {
    /// The setting's name.
    pub(super) name: Cow<'a, str>,
    /// A value that the setting takes, as TOML.
    pub(super) example: Cow<'a, str>,
    /// The value.
    pub(super) value: &'a Spanned<DeValue<'a>>,
    /// Where problems are listed.
    pub(super) problems: &'a Problems,
}

impl<'a> Given<'a> {
    /// The byte at which the value begins.
    pub(super) fn at(&self) -> usize {
        self.value.span().start
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.value.get_ref().as_str()
    }

    /// One of several values for the same setting.
    pub(super) fn part<'b>(&'b self, value: &'b Spanned<DeValue<'b>>) -> Given<'b> {
        let (name, example) = (Cow::Borrowed(&*self.name), Cow::Borrowed(&*self.example));
        Given { name, example, value, problems: self.problems }
    }

    /// Lists that the value is none of those that the setting takes.
    pub(super) fn wrong(&self, takes: &str) -> Told {
        let example = self.example.clone();
        self.wrong_as_in(takes, &example)
    }

    /// The same with another example.
    pub(super) fn wrong_as_in(&self, takes: &str, example: &str) -> Told {
        let (name, shown) = (&self.name, shown(self.value.get_ref()));
        self.problem(format!("`{name}` is {shown}; it takes {takes}, as in {name} = {example}"))
    }

    /// Lists a problem of the value.
    pub(super) fn problem(&self, problem: impl Into<String>) -> Told {
        self.problems.add(self.at(), problem)
    }
}

/// Texts and lists may be long.
const MAX_SHOWN_CHARS: usize = 60;

/// A value as a message shows it.
pub(super) fn shown(value: &DeValue<'_>) -> String {
    let text = match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(date) => format!("the date {date}"),
        DeValue::Array(list) if list.is_empty() => "an empty list".to_owned(),
        DeValue::Array(list) => {
            let values: Vec<String> = list.iter().map(|value| shown(value.get_ref())).collect();
            format!("[{}]", values.join(", "))
        }
        DeValue::Table(_) => "a table".to_owned(),
    };
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// `a, b or c`.
pub(super) fn either(choices: &[String]) -> String {
    match choices {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// From this greatest number on, nobody is told of it.
const UNLIMITED: u64 = u32::MAX as u64;

/// A whole number.
pub(super) struct Whole<T> {
    /// The least.
    pub(super) min: T,
    /// The greatest.
    pub(super) max: T,
    /// In the plural; empty where numbers have none.
    pub(super) unit: &'static str,
}

impl<T: Copy + Into<u64> + TryFrom<u64> + Sync> Kind for Whole<T> {
    type Value = T;

    fn takes(&self) -> String {
        let (min, max): (u64, u64) = (self.min.into(), self.max.into());
        let unit = if self.unit.is_empty() { "" } else { " of " };
        let what = format!("a whole number{unit}{}", self.unit);
        if max >= UNLIMITED {
            format!("{what}, at least {min}")
        } else {
            format!("{what} from {min} to {max}")
        }
    }

    fn read(&self, given: &Given<'_>) -> Result<T, Told> {
        let in_range = |number: &u64| (self.min.into()..=self.max.into()).contains(number);
        if let DeValue::Integer(number) = given.value.get_ref() {
            let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
            let number = number.filter(in_range).and_then(|number| T::try_from(number).ok());
            return number.ok_or_else(|| given.wrong(&self.takes()));
        }
        let Some(text) = given.text().map(str::trim) else {
            return Err(given.wrong(&self.takes()));
        };
        // "25MB": the number that is meant, without quotes and unit.
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let meant = text[..end].parse().ok().filter(in_range).map(|number: u64| number.to_string());
        let example = meant.unwrap_or_else(|| given.example.to_string());
        Err(given.wrong_as_in(&format!("{}, without quotes", self.takes()), &example))
    }

    fn schema(&self) -> Json {
        let (min, max): (u64, u64) = (self.min.into(), self.max.into());
        let mut schema = json!({ "type": "integer", "minimum": min });
        if max < UNLIMITED {
            schema["maximum"] = max.into();
        }
        schema
    }
}

/// `true` or `false`.
pub(super) struct Flag;

impl Kind for Flag {
    type Value = bool;

    fn takes(&self) -> String {
        "true or false, without quotes".to_owned()
    }

    fn read(&self, given: &Given<'_>) -> Result<bool, Told> {
        given.value.get_ref().as_bool().ok_or_else(|| given.wrong(&self.takes()))
    }

    fn schema(&self) -> Json {
        json!({ "type": "boolean" })
    }
}

/// A text in quotes.
pub(super) struct Text {
    /// What it is, in words.
    pub(super) takes: &'static str,
    /// Whether a text is one.
    pub(super) is_good: fn(&str) -> bool,
}

impl Kind for Text {
    type Value = String;

    fn takes(&self) -> String {
        self.takes.to_owned()
    }

    fn read(&self, given: &Given<'_>) -> Result<String, Told> {
        let text = given.text().filter(|text| (self.is_good)(text));
        text.map(str::to_owned).ok_or_else(|| given.wrong(self.takes))
    }

    fn schema(&self) -> Json {
        json!({ "type": "string" })
    }
}
