//! Errors of the TOML parser in, sentences out that say what to write instead.

use toml::de::Error;

use super::problems::Problems;

/// Lists what is no TOML: the first error of each line, and none behind a list that runs on, as
/// others follow from it.
pub(super) fn tell(text: &str, errors: &[Error], problems: &Problems) {
    let mut told = Vec::new();
    let mut errors: Vec<&Error> = errors.iter().collect();
    errors.sort_by_key(|error| error.span().map(|span| span.start));
    for error in errors {
        let span = error.span().unwrap_or_default();
        let line = problems.line(span.start);
        if told.contains(&line) {
            continue;
        }
        told.push(line);
        let quoted = text.get(span.clone()).unwrap_or_default();
        problems.add(span.start, sentence(error.message(), quoted, line_of(text, span.start)));
        if RUNS_ON.iter().any(|begin| error.message().starts_with(begin)) {
            return;
        }
    }
}

/// How messages of the parser begin after which it takes the rest of the text for one value.
const RUNS_ON: [&str; 2] = [MISSING_COMMA, "unclosed array,"];

const MISSING_COMMA: &str = "missing comma between array elements";

fn sentence(message: &str, quoted: &str, line: &str) -> String {
    if message.starts_with("duplicate key") {
        return format!("`{}` is there twice", quoted.trim());
    }
    let bare = line.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
    match bare {
        Some((name, value)) if message.contains("must be quoted") => {
            format!("a text needs quotes, as in {name} = {}", quoted_words(value))
        }
        _ if message.starts_with(MISSING_COMMA) => {
            "this is no TOML: a list lacks a comma here, or its `]` further up".to_owned()
        }
        _ => format!("this is no TOML: {message}"),
    }
}

/// A value with quotes around each of its words.
fn quoted_words(value: &str) -> String {
    let quoted = |word: &str| match word.trim() {
        word if word.starts_with('"') => word.to_owned(),
        word => format!("{word:?}"),
    };
    match value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
        Some(list) => format!("[{}]", list.split(',').map(quoted).collect::<Vec<_>>().join(", ")),
        None => quoted(value),
    }
}

/// The line around a byte, without its comment.
fn line_of(text: &str, at: usize) -> &str {
    let begin = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(begin..).unwrap_or_default();
    let line = line.split('\n').next().unwrap_or_default();
    line.split('#').next().unwrap_or_default().trim_end()
}
