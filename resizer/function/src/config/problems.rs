//! What is wrong with a configuration, and what is doubtful in it: each sentence with its line.

use std::cell::RefCell;

/// A setting that cannot be used, and whose problem is listed already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told;

/// Problems and warnings so far. They are listed in the order of the file.
pub(super) struct Problems {
    /// None where there is no text: a default has no lines.
    line_starts: Vec<usize>,
    found: RefCell<Vec<(usize, String)>>,
    warnings: RefCell<Vec<(usize, String)>>,
}

impl Problems {
    /// None yet, for this text.
    pub(super) fn new(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let starts = starts.filter(|_| !text.is_empty());
        Self {
            line_starts: starts.collect(),
            found: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    /// Lists what is wrong at this byte of the text.
    pub(super) fn add(&self, at: usize, problem: impl Into<String>) -> Told {
        self.found.borrow_mut().push((self.line(at), problem.into()));
        Told
    }

    /// Lists what is valid but probably a mistake.
    pub(super) fn warn(&self, at: usize, warning: impl Into<String>) {
        self.warnings.borrow_mut().push((self.line(at), warning.into()));
    }

    /// The line, from 1, of a byte of the text; 0 where there is no text.
    pub(super) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    /// The warnings if nothing is wrong, else all problems.
    pub(super) fn end(self) -> Result<Vec<String>, Vec<String>> {
        match in_order(self.found) {
            found if found.is_empty() => Ok(in_order(self.warnings)),
            found => Err(found),
        }
    }
}

fn in_order(sentences: RefCell<Vec<(usize, String)>>) -> Vec<String> {
    let mut sentences = sentences.into_inner();
    sentences.sort_by_key(|(line, _)| *line);
    let with_line = |(line, sentence)| match line {
        0 => sentence,
        line => format!("line {line}: {sentence}"),
    };
    let mut sentences: Vec<String> = sentences.into_iter().map(with_line).collect();
    sentences.dedup();
    sentences
}
