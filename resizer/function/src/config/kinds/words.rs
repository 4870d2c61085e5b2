//! One of a few words, each with its meaning.

use serde_json::{Value as Json, json};

use super::{Given, Kind, either};
use crate::config::problems::Told;
use crate::config::similar::similar;

/// A word and what it stands for.
pub(in crate::config) struct Word<T> {
    /// As it stands between quotes.
    pub(in crate::config) name: &'static str,
    /// What the code makes of it.
    pub(in crate::config) value: T,
    /// What it means.
    pub(in crate::config) means: &'static str,
    /// Other names that people know it by.
    pub(in crate::config) aliases: &'static [&'static str],
}

impl<T> Word<T> {
    /// A word without aliases.
    pub(in crate::config) const fn new(name: &'static str, value: T, means: &'static str) -> Self {
        Self { name, value, means, aliases: &[] }
    }

    /// The word with other names.
    pub(in crate::config) const fn or(self, aliases: &'static [&'static str]) -> Self
    where
        T: Copy,
    {
        Self { aliases, ..self }
    }
}

/// The words that a setting takes.
pub(in crate::config) struct Words<T: 'static> {
    /// In the order of the documentation.
    pub(in crate::config) words: &'static [Word<T>],
    /// Words that somebody may try, and what to do instead.
    pub(in crate::config) instead: &'static [(&'static str, &'static str)],
}

impl<T: Copy + Sync> Kind for Words<T> {
    type Value = T;

    fn takes(&self) -> String {
        let names: Vec<String> = self.words.iter().map(|word| format!("{:?}", word.name)).collect();
        either(&names)
    }

    fn read(&self, given: &Given<'_>) -> Result<T, Told> {
        let Some(text) = given.text() else { return Err(given.wrong(&self.takes())) };
        let is_named = |word: &&Word<T>| word.name == text || word.aliases.contains(&text);
        if let Some(word) = self.words.iter().find(is_named) {
            return Ok(word.value);
        }
        let name = &given.name;
        if let Some((_, instead)) = self.instead.iter().find(|(word, _)| *word == text) {
            return Err(given.problem(format!("`{name}` is {text:?}; {instead}")));
        }
        let all = self
            .words
            .iter()
            .flat_map(|word| std::iter::once(word.name).chain(word.aliases.iter().copied()));
        let hint = similar(text, all).map(|word| format!("; did you mean {word:?}?"));
        let (takes, hint) = (self.takes(), hint.unwrap_or_default());
        Err(given.problem(format!("`{name}` is {text:?}; it takes {takes}{hint}")))
    }

    fn schema(&self) -> Json {
        let names =
            self.words.iter().flat_map(|word| std::iter::once(&word.name).chain(word.aliases));
        json!({ "enum": names.collect::<Vec<_>>() })
    }

    fn words(&self) -> Vec<(String, &'static str)> {
        let name = |word: &Word<T>| {
            let all = std::iter::once(&word.name).chain(word.aliases);
            let all: Vec<String> = all.map(|name| format!("`\"{name}\"`")).collect();
            (all.join(" or "), word.means)
        };
        self.words.iter().map(name).collect()
    }
}
