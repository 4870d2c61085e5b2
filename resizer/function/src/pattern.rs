//! Globs over keys, and one question about them: is there a key that all of these match, and none
//! of those? Matching a key is the same question with the key itself as a pattern.

use std::collections::{BTreeSet, HashSet};

/// A glob: `?` is one character but `/`, `*` any run without `/`, `**` any run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Char(char),
    /// This lower-case letter of ASCII or its capital.
    Letter(char),
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

    /// `text` with letters from A to Z in either case.
    pub fn in_any_case(text: &str) -> Self {
        let token = |c: char| match c.to_ascii_lowercase() {
            letter @ 'a'..='z' => Token::Letter(letter),
            _ => Token::Char(c),
        };
        Self(text.chars().map(token).collect())
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

    /// How many runs of any length it has.
    pub fn wildcards(&self) -> usize {
        let is_run = |token: &&Token| matches!(token, Token::Segment | Token::Everything);
        self.0.iter().filter(is_run).count()
    }

    /// Whether it ends in such a run.
    pub fn ends_open(&self) -> bool {
        matches!(self.0.last(), Some(Token::Segment | Token::Everything))
    }

    /// The text with these for its runs, the first one having the number 0; `a` for single
    /// characters.
    pub fn filled<'a>(&self, run: impl Fn(usize) -> &'a str) -> String {
        let mut text = String::new();
        let mut runs = 0;
        for token in &self.0 {
            match token {
                Token::Char(character) | Token::Letter(character) => text.push(*character),
                Token::Single => text.push('a'),
                Token::Segment | Token::Everything => {
                    text.push_str(run(runs));
                    runs += 1;
                }
            }
        }
        text
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
            Token::Char(character) | Token::Letter(character) => write!(f, "{character}"),
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

/// Whether some text matches all `patterns`.
pub fn overlap(patterns: &[&Pattern]) -> bool {
    overlap_except(patterns, &[])
}

/// States after which a search with excluded patterns is given up. Patterns of people need some
/// hundred; sets of places in one pattern can be exponentially many.
const MAX_STATES: usize = 1 << 16;

/// Whether some text matches all `patterns` and none of `excluded`: a search over tuples of
/// positions, one in each pattern, and the set of all positions that excluded ones can be in. True
/// where the search would take too long.
pub fn overlap_except(patterns: &[&Pattern], excluded: &[&Pattern]) -> bool {
    let other = other_character(excluded);
    let mut seen = HashSet::new();
    let mut open = vec![(vec![0; patterns.len()], Excluded::new(excluded))];
    while let Some(state) = open.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        if !excluded.is_empty() && seen.len() > MAX_STATES {
            return true;
        }
        let (positions, left_out) = state;
        let tokens: Vec<Option<Token>> = std::iter::zip(patterns, &positions)
            .map(|(pattern, &position)| pattern.0.get(position).copied())
            .collect();
        if tokens.iter().all(Option::is_none) {
            if !left_out.matches(excluded) {
                return true;
            }
            continue;
        }
        for (index, token) in tokens.iter().enumerate() {
            if matches!(token, Some(Token::Segment | Token::Everything)) {
                let mut skipped = positions.clone();
                skipped[index] += 1;
                open.push((skipped, left_out.clone()));
            }
        }
        for character in characters(&tokens, &left_out.tokens(excluded), other) {
            let steps: Option<Vec<usize>> =
                tokens.iter().map(|token| step(*token, character)).collect();
            if let Some(steps) = steps {
                let next = std::iter::zip(&positions, steps).map(|(at, step)| at + step).collect();
                open.push((next, left_out.after(excluded, character)));
            }
        }
    }
    false
}

/// One character for each kind that the tokens tell apart.
fn characters(tokens: &[Option<Token>], excluded: &[Token], other: char) -> Vec<char> {
    let both = |letter: char| [letter, letter.to_ascii_uppercase()];
    for token in tokens {
        if let Some(Token::Char(character)) = token {
            return vec![*character];
        }
    }
    for token in tokens {
        if let Some(Token::Letter(letter)) = token {
            return both(*letter).to_vec();
        }
    }
    let mut characters = vec!['/', other];
    for token in excluded {
        match token {
            Token::Char(character) => characters.push(*character),
            Token::Letter(letter) => characters.extend(both(*letter)),
            Token::Single | Token::Segment | Token::Everything => {}
        }
    }
    characters.sort_unstable();
    characters.dedup();
    characters
}

/// A character that no pattern has: it stands for all that only wildcards match.
fn other_character(excluded: &[&Pattern]) -> char {
    let is_named = |c: &char| {
        let mut tokens = excluded.iter().flat_map(|pattern| &pattern.0);
        tokens.any(|token| *token == Token::Char(*c))
    };
    ('\u{e000}'..='\u{f8ff}').find(|c| !is_named(c)).unwrap_or('x')
}

/// Where excluded patterns can be after some text: pairs of a pattern and a position in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Excluded(BTreeSet<(usize, usize)>);

impl Excluded {
    fn new(patterns: &[&Pattern]) -> Self {
        let mut out = Self::default();
        (0..patterns.len()).for_each(|index| out.insert(patterns, index, 0));
        out
    }

    /// With the positions that follow without a character.
    fn insert(&mut self, patterns: &[&Pattern], index: usize, mut position: usize) {
        while self.0.insert((index, position))
            && let Some(Token::Segment | Token::Everything) = patterns[index].0.get(position)
        {
            position += 1;
        }
    }

    fn after(&self, patterns: &[&Pattern], character: char) -> Self {
        let mut out = Self::default();
        for &(index, position) in &self.0 {
            if let Some(moved) = step(patterns[index].0.get(position).copied(), character) {
                out.insert(patterns, index, position + moved);
            }
        }
        out
    }

    fn tokens(&self, patterns: &[&Pattern]) -> Vec<Token> {
        let tokens = self.0.iter().filter_map(|(index, at)| patterns[*index].0.get(*at));
        tokens.copied().collect()
    }

    /// Whether the text is one that an excluded pattern matches.
    fn matches(&self, patterns: &[&Pattern]) -> bool {
        self.0.iter().any(|(index, position)| *position == patterns[*index].0.len())
    }
}

/// How far a pattern moves when it takes `character`; `None` when it cannot.
fn step(token: Option<Token>, character: char) -> Option<usize> {
    match token? {
        Token::Char(expected) => (expected == character).then_some(1),
        Token::Letter(letter) => (letter == character.to_ascii_lowercase()).then_some(1),
        Token::Single => (character != '/').then_some(1),
        Token::Segment => (character != '/').then_some(0),
        Token::Everything => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, overlap, overlap_except};

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
    fn excluded_keys_are_no_overlap() {
        let glob = |glob: &str| Pattern::parse_glob(glob).expect("readable").remove(0);
        for (one, excluded, expected) in [
            ("in/**", "in/**", false),
            ("in/a*", "in/*", false),
            ("in/**", "in/*", true),
            ("**", "variants/**", true),
            ("variants/*.jpg", "variants/**", false),
            ("?", "[", true),
            ("*a*", "*b*", true),
            ("*ab*", "*b*", false),
        ] {
            let (one, excluded) = (glob(one), glob(excluded));
            assert_eq!(overlap_except(&[&one], &[&excluded]), expected, "{one} but {excluded}");
        }
        let slashes = [&glob("**/**"), &glob("*")];
        assert!(!overlap_except(&[&glob("**")], &slashes), "a key has slashes or none");
        // Sets of positions that double with every character: given up, as if there were one.
        let hard = glob(&format!("**a{}", "?".repeat(40)));
        assert!(overlap_except(&[&glob("**b**")], &[&hard]));
    }

    #[test]
    fn letters_match_in_either_case() {
        let suffix = Pattern::everything().then(&Pattern::in_any_case(".Jpg"));
        assert!(suffix.matches("a/B.JPG") && suffix.matches("b.jpg") && !suffix.matches("b.jpeg"));
        let glob = |glob: &str| Pattern::parse_glob(glob).expect("readable").remove(0);
        assert!(overlap(&[&suffix, &glob("*.jPg")]));
        assert!(!overlap_except(&[&glob("*.jPg")], &[&suffix]));
        assert!(overlap_except(&[&suffix], &[&glob("**.jpg")]));
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
