//! Globs over keys, and one question about them: is there a key that all of these match?
//! Matching a key is the same question with the key itself as a pattern.

use std::collections::HashSet;

/// A glob: `?` is one character but `/`, `*` any run without `/`, `**` any run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Char(char),
    /// Any character but a slash.
    Single,
    /// Any run without a slash, also an empty one.
    Segment,
    /// Any run, also an empty one.
    Everything,
}

/// A glob with more alternatives than this is a mistake.
const MAX_ALTERNATIVES: usize = 64;

impl Pattern {
    /// Only `text` itself.
    pub fn literal(text: &str) -> Self {
        Self(text.chars().map(Token::Char).collect())
    }

    /// Every text.
    pub fn everything() -> Self {
        Self(vec![Token::Everything])
    }

    /// One alternative of a glob, without braces.
    pub fn plain(glob: &str) -> Self {
        Self::parse_plain(glob)
    }

    /// Any run without a slash.
    pub fn segment() -> Self {
        Self(vec![Token::Segment])
    }

    /// Reads a glob; `{a,b}` and `**/`, which may also stand for nothing, become alternatives.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the glob.
    pub fn parse_glob(glob: &str) -> Result<Vec<Self>, &'static str> {
        let mut alternatives = vec![String::new()];
        let mut rest = glob;
        while !rest.is_empty() {
            let (choices, after) = next_choices(rest)?;
            alternatives = alternatives
                .iter()
                .flat_map(|start| choices.iter().map(move |choice| format!("{start}{choice}")))
                .collect();
            if alternatives.len() > MAX_ALTERNATIVES {
                return Err("has more than 64 alternatives");
            }
            rest = after;
        }
        Ok(alternatives.iter().map(|alternative| Self::parse_plain(alternative)).collect())
    }

    /// This pattern, then `next`.
    pub fn then(mut self, next: &Self) -> Self {
        self.0.extend_from_slice(&next.0);
        self
    }

    /// Whether a single text matches.
    pub fn is_literal(&self) -> bool {
        self.0.iter().all(|token| matches!(token, Token::Char(_)))
    }

    /// Whether `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        overlap(&[self, &Self::literal(text)])
    }

    fn parse_plain(glob: &str) -> Self {
        let mut tokens = Vec::with_capacity(glob.len());
        let mut characters = glob.chars().peekable();
        while let Some(character) = characters.next() {
            tokens.push(match character {
                '*' if characters.next_if_eq(&'*').is_some() => Token::Everything,
                '*' => Token::Segment,
                '?' => Token::Single,
                character => Token::Char(character),
            });
        }
        Self(tokens)
    }
}

impl std::fmt::Display for Pattern {
    /// As [`Pattern::plain`] reads it. No glob has a character that is a wildcard elsewhere.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|token| match token {
            Token::Char(character) => write!(f, "{character}"),
            Token::Single => f.write_str("?"),
            Token::Segment => f.write_str("*"),
            Token::Everything => f.write_str("**"),
        })
    }
}

/// The alternatives at the start of a glob and what follows them.
fn next_choices(glob: &str) -> Result<(Vec<&str>, &str), &'static str> {
    if let Some(after) = glob.strip_prefix("**/") {
        return Ok((vec!["**/", ""], after));
    }
    if let Some(after) = glob.strip_prefix('{') {
        let (inside, after) = after.split_once('}').ok_or("has a `{` without a `}`")?;
        if inside.contains('{') {
            return Err("has braces within braces");
        }
        return Ok((inside.split(',').collect(), after));
    }
    let first_bytes = glob.chars().next().map_or(0, char::len_utf8);
    let end = if glob.starts_with("**") {
        2
    } else {
        glob[first_bytes..].find(['{', '*']).map_or(glob.len(), |found| found + first_bytes)
    };
    if glob[..end].contains('}') {
        return Err("has a `}` without a `{`");
    }
    Ok((vec![&glob[..end]], &glob[end..]))
}

/// Whether some text matches all `patterns`: a search over tuples of positions, one in each.
pub fn overlap(patterns: &[&Pattern]) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![vec![0; patterns.len()]];
    while let Some(positions) = open.pop() {
        if !seen.insert(positions.clone()) {
            continue;
        }
        let tokens: Vec<Option<Token>> = std::iter::zip(patterns, &positions)
            .map(|(pattern, &position)| pattern.0.get(position).copied())
            .collect();
        if tokens.iter().all(Option::is_none) {
            return true;
        }
        for (index, token) in tokens.iter().enumerate() {
            if matches!(token, Some(Token::Segment | Token::Everything)) {
                let mut skipped = positions.clone();
                skipped[index] += 1;
                open.push(skipped);
            }
        }
        let fixed = tokens.iter().find_map(|token| match token {
            Some(Token::Char(character)) => Some(*character),
            _ => None,
        });
        // Wildcards tell only slashes from the rest: one character of each kind stands for all.
        for character in fixed.map_or(vec!['/', 'x'], |character| vec![character]) {
            let steps: Option<Vec<usize>> =
                tokens.iter().map(|token| step(*token, character)).collect();
            if let Some(steps) = steps {
                open.push(std::iter::zip(&positions, steps).map(|(at, step)| at + step).collect());
            }
        }
    }
    false
}

/// How far a pattern moves when it takes `character`; `None` when it cannot.
fn step(token: Option<Token>, character: char) -> Option<usize> {
    match token? {
        Token::Char(expected) => (expected == character).then_some(1),
        Token::Single => (character != '/').then_some(1),
        Token::Segment => (character != '/').then_some(0),
        Token::Everything => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, overlap};

    fn glob_matches(glob: &str, key: &str) -> bool {
        let patterns = Pattern::parse_glob(glob).expect("a readable glob");
        patterns.iter().any(|pattern| pattern.matches(key))
    }

    #[test]
    fn globs_match_as_their_documentation_says() {
        for (glob, matching, other) in [
            ("*.jpg", "a.jpg", "a/b.jpg"),
            ("**/*.jpg", "a/b/c.jpg", "a/b/c.png"),
            ("**/*.jpg", "c.jpg", "c.jpg/d"),
            ("in/**", "in/a/b", "input/a"),
            ("a/**/z", "a/z", "a/bz"),
            ("a/**/z", "a/b/c/z", "z"),
            ("?.{jpg,png}", "a.png", "ab.png"),
            ("{in,up}/**", "up/x", "out/x"),
            ("**", "any/thing", "\0never"),
            ("Grüße *.jpg", "Grüße + Käse.jpg", "Gruesse.jpg"),
            ("ü*", "ürx", "u"),
            ("?.jpg", "ü.jpg", "üü.jpg"),
        ] {
            assert!(glob_matches(glob, matching), "{glob} should match {matching}");
            assert!(glob == "**" || !glob_matches(glob, other), "{glob} should not match {other}");
        }
    }

    #[test]
    fn broken_globs_are_refused() {
        for glob in ["{a", "a}", "{a,{b,c}}", "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"] {
            assert!(Pattern::parse_glob(glob).is_err(), "{glob}");
        }
    }

    #[test]
    fn overlap_is_exact() {
        let glob = |glob: &str| Pattern::parse_glob(glob).expect("readable").remove(0);
        for (one, other, expected) in [
            ("in/**", "out/**", false),
            ("in/**", "**", true),
            ("**.jpg", "variants/**", true),
            ("*.jpg", "variants/**", false),
            ("a*c", "ab*", true),
            ("a?c", "abd", false),
            ("photos/*", "photos/*/thumb.jpg", false),
            ("photos/**", "photos/*/thumb.jpg", true),
        ] {
            assert_eq!(overlap(&[&glob(one), &glob(other)]), expected, "{one} and {other}");
        }
    }
}
