//! What is wrong with a configuration, each thing with its line.

use toml::Spanned;

use super::file::Unknown;

/// What is wrong so far, in the order of discovery.
pub(super) struct Problems {
    line_starts: Vec<usize>,
    found: Vec<String>,
}

impl Problems {
    /// None yet, for this text.
    pub(super) fn new(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Self { line_starts: starts.collect(), found: Vec::new() }
    }

    /// All of them as an error, or nothing.
    pub(super) fn none(self) -> Result<(), Vec<String>> {
        if self.found.is_empty() { Ok(()) } else { Err(self.found) }
    }

    /// Keeps a problem; line 0 is none in particular.
    pub(super) fn add(&mut self, line: usize, problem: String) {
        self.found.push(if line == 0 { problem } else { format!("line {line}: {problem}") });
    }

    pub(super) fn unknown(&mut self, line: usize, place: &str, unknown: &Unknown) {
        for name in unknown.keys() {
            self.add(line, format!("{place} has an unknown setting `{name}`"));
        }
    }

    /// The line, from 1, of a place in the text.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    pub(super) fn line_of<T>(&self, value: &Spanned<T>) -> usize {
        self.line(value.span().start)
    }
}
