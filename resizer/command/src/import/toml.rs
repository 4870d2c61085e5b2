//! A configuration with one rule as it is put together, and its text.

use std::fmt::Write;

/// The longest line of a comment, in characters.
const COLUMNS: usize = 98;

/// What is known so far.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// Where it comes from, for its first line.
    pub(crate) origin: String,
    /// What differs from the other tool, a sentence each.
    pub(crate) notes: Vec<String>,
    /// Lines of `[[rule]]`.
    pub(crate) rule: Settings,
    /// Lines of `[rule.output]`.
    pub(crate) output: Settings,
    /// Lines of each `[[rule.variant]]`.
    pub(crate) variants: Vec<Settings>,
}

/// Names and values in their order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Settings(Vec<(&'static str, String)>);

impl Settings {
    /// A value that is TOML already: a number, or true or false.
    pub(crate) fn set(&mut self, name: &'static str, value: impl ToString) -> &mut Self {
        self.0.push((name, value.to_string()));
        self
    }

    /// A text.
    pub(crate) fn set_text(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.set(name, quoted(text))
    }

    /// A list of texts.
    pub(crate) fn set_texts<T: AsRef<str>>(&mut self, name: &'static str, texts: &[T]) {
        let texts: Vec<String> = texts.iter().map(|text| quoted(text.as_ref())).collect();
        self.set(name, format!("[{}]", texts.join(", ")));
    }

    /// These, and those of the other after them.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }

    fn lines(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name} = {value}\n")).collect()
    }
}

impl Draft {
    /// Something that differs.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// The file.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("# Made by `resizer import` from {}.\n", self.origin);
        if !self.notes.is_empty() {
            text.push_str("# What differs:\n");
        }
        self.notes.iter().for_each(|note| comment(&mut text, note));
        let out = &mut text;
        let written = write!(out, "\n[[rule]]\n{}", self.rule.lines())
            .and_then(|()| write!(out, "\n[rule.output]\n{}", self.output.lines()))
            .and_then(|()| {
                let mut variants = self.variants.iter();
                variants.try_for_each(|one| write!(out, "\n[[rule.variant]]\n{}", one.lines()))
            });
        written.expect("a String takes every write");
        text
    }
}

/// An item of a list, broken between words.
fn comment(text: &mut String, note: &str) {
    let mut line = "# -".to_owned();
    for word in note.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > COLUMNS {
            text.push_str(&line);
            text.push('\n');
            line = "#  ".to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}
