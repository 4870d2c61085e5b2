//! The query of a URL in, its parameters out, or why it is refused. Parameters have one order, and
//! each has one spelling, so that a CDN keeps one copy of each picture, and nobody can make it keep
//! more.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::responsive::VERSION_DIGITS;

/// Bytes of the longest query.
const MAX_QUERY_BYTES: usize = 1024;

/// Parameters by name.
pub type Query<'a> = BTreeMap<&'a str, &'a str>;

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It is longer than that of any picture.
    #[error("the query is too long")]
    TooLong,
    /// A parameter is not one that the path takes.
    #[error("the query has a parameter that is unknown here; known are {known}")]
    Unknown {
        /// All that there are.
        known: String,
    },
    /// A parameter is there twice.
    #[error("the query has the parameter `{name}` more than once")]
    Repeated {
        /// Its name.
        name: &'static str,
    },
    /// A parameter stands behind one that it sorts before.
    #[error("sort the parameters of the query by name: `{name}` is too late")]
    Order {
        /// Its name.
        name: &'static str,
    },
    /// A value is empty or has other characters than those of values.
    #[error("`{name}` has no value of letters, digits, and `.`, `,`, `-`, `_`")]
    Value {
        /// Of the parameter.
        name: &'static str,
    },
    /// `v` is not what `versioned_urls` writes.
    #[error("`v` is not a version: eight lower-case hexadecimal digits")]
    Version,
}

/// Reads a query as it was sent, which may have these parameters.
///
/// # Errors
/// `QueryError`, one for each kind of query that is refused.
pub fn parse<'a>(raw: &'a str, known: &[&'static str]) -> Result<Query<'a>, QueryError> {
    let mut query = Query::new();
    if raw.len() > MAX_QUERY_BYTES {
        return Err(QueryError::TooLong);
    }
    for parameter in raw.split('&').filter(|_| !raw.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let Some(name) = known.iter().copied().find(|one| *one == name) else {
            return Err(QueryError::Unknown { known: known.join(", ") });
        };
        let is_of_value = |c: char| c.is_ascii_alphanumeric() || ".,-_".contains(c);
        if value.is_empty() || !value.chars().all(is_of_value) {
            return Err(QueryError::Value { name });
        }
        match query.last_key_value().map(|(last, _)| name.cmp(last)) {
            Some(Ordering::Equal) => return Err(QueryError::Repeated { name }),
            Some(Ordering::Less) => return Err(QueryError::Order { name }),
            Some(Ordering::Greater) | None => query.insert(name, value),
        };
    }
    Ok(query)
}

/// Checks that `v`, where it is there, is written as `versioned_urls` does.
///
/// # Errors
/// `QueryError::Version`.
pub fn check_version(query: &Query<'_>) -> Result<(), QueryError> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_version = |text: &str| text.len() == VERSION_DIGITS && text.bytes().all(is_digit);
    let is_good = query.get("v").is_none_or(|version| is_version(version));
    if is_good { Ok(()) } else { Err(QueryError::Version) }
}

#[cfg(test)]
mod tests {
    use super::{QueryError, check_version, parse};

    #[test]
    fn a_version_has_one_form() {
        for (raw, is_good) in [
            ("", true),
            ("v=0123abcd", true),
            ("v=0123ABCD", false),
            ("v=0123abc", false),
            ("v=0123abcde", false),
            ("v=0123abcg", false),
        ] {
            let query = parse(raw, &["v"]).expect("a good query");
            assert_eq!(check_version(&query).is_ok(), is_good, "{raw}");
        }
    }

    #[test]
    fn a_query_has_each_known_parameter_once() {
        let query = parse("gravity=0.3,0.5&w=640", &["w", "gravity"]).expect("a good query");
        assert_eq!(query.into_iter().collect::<Vec<_>>(), [("gravity", "0.3,0.5"), ("w", "640")]);
        assert!(parse("", &["w"]).expect("an empty query").is_empty());
        let long = format!("w={}", "1".repeat(2000));
        for (raw, error) in [
            ("x=1", QueryError::Unknown { known: "w".to_owned() }),
            ("W=1", QueryError::Unknown { known: "w".to_owned() }),
            ("%77=1", QueryError::Unknown { known: "w".to_owned() }),
            ("w=1&", QueryError::Unknown { known: "w".to_owned() }),
            ("w=1&w=1", QueryError::Repeated { name: "w" }),
            ("w=1&h=1", QueryError::Order { name: "h" }),
            ("h=1&w=1&h=1", QueryError::Order { name: "h" }),
            ("w", QueryError::Value { name: "w" }),
            ("w=", QueryError::Value { name: "w" }),
            ("w=1=2", QueryError::Value { name: "w" }),
            ("w=%31", QueryError::Value { name: "w" }),
            ("w=1+1", QueryError::Value { name: "w" }),
            (&long, QueryError::TooLong),
        ] {
            let known: &[&str] = if raw.contains("h=") { &["w", "h"] } else { &["w"] };
            assert_eq!(parse(raw, known), Err(error), "{raw}");
        }
    }
}
