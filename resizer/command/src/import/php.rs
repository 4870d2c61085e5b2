//! PHP in, the calls of functions and methods in it out, in their order. Knows nothing of the rest
//! of the language: what is no text, number or name in an argument is kept as it is written.

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
    /// The number of its statement: calls of one chain are in one.
    pub(crate) statement: usize,
}

/// What a call is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Argument {
    Text(String),
    Number(u32),
    /// Anything else, without spaces.
    Other(String),
}

impl Call {
    /// A text at this place.
    pub(crate) fn text(&self, at: usize) -> Option<&str> {
        match self.arguments.get(at)? {
            Argument::Text(text) => Some(text),
            Argument::Number(_) | Argument::Other(_) => None,
        }
    }

    /// A number at this place.
    pub(crate) fn number(&self, at: usize) -> Option<u32> {
        match self.arguments.get(at)? {
            Argument::Number(number) => Some(*number),
            Argument::Text(_) | Argument::Other(_) => None,
        }
    }

    /// A text, or the last part of a constant such as `Fit::Crop`, at this place.
    pub(crate) fn word(&self, at: usize) -> Option<&str> {
        match self.arguments.get(at)? {
            Argument::Text(word) | Argument::Other(word) => word.rsplit("::").next(),
            Argument::Number(_) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Text(String),
    /// Letters, digits and what holds names together.
    Word(String),
    Sign(char),
}

/// Tokens of the longest arguments that are read. Longer ones contain whole functions.
const MAX_ARGUMENT_TOKENS: usize = 256;

/// All calls.
pub(crate) fn calls(text: &str) -> Vec<Call> {
    let tokens = tokens(text);
    let mut calls = Vec::new();
    let mut statement = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign(';') => statement += 1,
            Token::Word(name) if tokens.get(at + 1) == Some(&Token::Sign('(')) => {
                let name = name.rsplit("::").next().unwrap_or(name).to_owned();
                let arguments = arguments(&tokens[at + 2..]);
                calls.push(Call { name, arguments, statement });
            }
            _ => {}
        }
    }
    calls
}

/// Those up to the parenthesis that closes the call, or as many as are read.
fn arguments(tokens: &[Token]) -> Vec<Argument> {
    let mut arguments = Vec::new();
    let mut current: Vec<&Token> = Vec::new();
    let mut depth = 0_usize;
    for token in tokens.iter().take(MAX_ARGUMENT_TOKENS) {
        match token {
            Token::Sign(')') if depth == 0 => break,
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Token::Sign(',') if depth == 0 => {
                arguments.push(argument(&current));
                current.clear();
                continue;
            }
            _ => {}
        }
        current.push(token);
    }
    if !current.is_empty() {
        arguments.push(argument(&current));
    }
    arguments
}

fn argument(tokens: &[&Token]) -> Argument {
    // `width: 200` is the argument of that name.
    let tokens = match tokens {
        [Token::Word(_), Token::Sign(':'), rest @ ..] => rest,
        tokens => tokens,
    };
    match tokens {
        [Token::Text(text)] => Argument::Text(text.clone()),
        [Token::Word(word)] => {
            let number = word.replace('_', "").parse();
            number.map_or_else(|_| Argument::Other(word.clone()), Argument::Number)
        }
        tokens => Argument::Other(tokens.iter().map(|token| token.written()).collect()),
    }
}

impl Token {
    fn written(&self) -> String {
        match self {
            Self::Text(text) => format!("'{text}'"),
            Self::Word(word) => word.clone(),
            Self::Sign(sign) => sign.to_string(),
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '\\';
    while let Some(first) = rest.chars().next() {
        if let Some(after) = without_comment(rest) {
            rest = after;
        } else if first == '\'' || first == '"' {
            let (quoted, after) = quoted(&rest[1..], first);
            tokens.push(Token::Text(quoted));
            rest = after;
        } else if is_word(first) {
            let mut end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            // `Fit::Crop` is one name.
            while let Some(behind) = rest[end..].strip_prefix("::")
                && behind.starts_with(is_word)
            {
                let more = behind.find(|c: char| !is_word(c)).unwrap_or(behind.len());
                end += 2 + more;
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

/// What follows the comment that the text begins with, if it does. `#[` begins an attribute.
fn without_comment(text: &str) -> Option<&str> {
    if let Some(inside) = text.strip_prefix("/*") {
        return Some(inside.split_once("*/").map_or("", |(_, after)| after));
    }
    let is_line = text.starts_with("//") || text.starts_with('#') && !text.starts_with("#[");
    is_line.then(|| text.split_once('\n').map_or("", |(_, after)| after))
}

/// The text up to its quote, and what follows it.
fn quoted(text: &str, quote: char) -> (String, &str) {
    let mut quoted = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return (quoted, &text[at + 1..]);
        }
        match character {
            '\\' => quoted.extend(characters.next().map(|(_, escaped)| escaped)),
            other => quoted.push(other),
        }
    }
    (quoted, "")
}

#[cfg(test)]
mod tests {
    use super::{Argument, calls};

    #[test]
    fn calls_are_found_wherever_they_stand() {
        let text = "<?php // no('call')\nadd_action('x', function () { # none('either')\n\
                    add_image_size( 'a\\'b', 1_200, 0x, array('left', f(1)) ); });\n\
                    $this->width(width: 3)->fit(Fit::Crop, 4); /* gone() */ \"open";
        let found = calls(text);
        let names: Vec<(&str, usize)> =
            found.iter().map(|call| (call.name.as_str(), call.statement)).collect();
        let expected = [
            ("add_action", 0),
            ("function", 0),
            ("add_image_size", 0),
            ("array", 0),
            ("f", 0),
            ("width", 2),
            ("fit", 2),
        ];
        assert_eq!(names, expected);
        let size = &found[2];
        assert_eq!(
            (size.text(0), size.number(1), size.word(2)),
            (Some("a'b"), Some(1200), Some("0x"))
        );
        assert_eq!(size.arguments[3], Argument::Other("array('left',f(1))".to_owned()));
        assert_eq!((found[5].number(0), found[6].word(0)), (Some(3), Some("Crop")));
    }
}
