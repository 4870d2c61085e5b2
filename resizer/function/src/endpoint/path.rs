//! The path of a URL in, the segments of a key out, or why it is refused. Whatever decodes a second
//! time, or could be read by anything on the way as another place, is refused before S3 is asked.

use percent_encoding::{percent_decode, percent_decode_str};

use crate::rules::MAX_KEY_BYTES;

/// Bytes of the longest path: every byte of a key and a variant's name may be encoded in three.
const MAX_PATH_BYTES: usize = 3 * (MAX_KEY_BYTES + 256);

/// A decoded path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(String);

/// Why a path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It is longer than any path of a key can be.
    #[error("the path is too long")]
    TooLong,
    /// It does not begin with a slash.
    #[error("the path does not begin with a slash")]
    Relative,
    /// Its bytes are no UTF-8.
    #[error("the path is not UTF-8 once it is decoded")]
    NotUtf8,
    /// It is still encoded after it was decoded.
    #[error("the path is encoded twice")]
    EncodedTwice,
    /// It has a control character, a backslash, or a character that XML cannot have.
    #[error("the path has a control character, a backslash, U+FFFE, or U+FFFF")]
    Character,
    /// Another text would be the same path: caches would keep it once for each.
    #[error(
        "the path has an escape in lower case, or of a slash or a character that needs none; \
         escape as RFC 3986 says"
    )]
    Form,
    /// A segment is empty, `.` or `..`.
    #[error("a segment of the path is empty, `.` or `..`")]
    Segment,
}

impl Path {
    /// Decodes a path as it was sent.
    ///
    /// # Errors
    /// `PathError`, one for each kind of path that is refused.
    pub fn parse(raw: &str) -> Result<Self, PathError> {
        if raw.len() > MAX_PATH_BYTES {
            return Err(PathError::TooLong);
        }
        let raw = raw.strip_prefix('/').ok_or(PathError::Relative)?;
        let decoded = percent_decode_str(raw).decode_utf8().map_err(|_| PathError::NotUtf8)?;
        if has_escape(&decoded) {
            return Err(PathError::EncodedTwice);
        }
        if decoded.chars().any(|c| c.is_control() || matches!(c, '\\' | '\u{FFFE}' | '\u{FFFF}')) {
            return Err(PathError::Character);
        }
        if decoded.split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(PathError::Segment);
        }
        if !has_plain_escapes(raw) {
            return Err(PathError::Form);
        }
        Ok(Self(decoded.into_owned()))
    }

    /// All of it, without the first slash.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The first segment, and what follows its slash.
    pub fn split(&self) -> Option<(&str, &str)> {
        self.0.split_once('/')
    }
}

/// Whether a text has a `%` with two hexadecimal digits.
fn has_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(3).any(|escape| {
        escape[0] == b'%' && escape[1].is_ascii_hexdigit() && escape[2].is_ascii_hexdigit()
    })
}

/// Whether each escape is in upper case, and is neither of a slash nor of an unreserved character.
/// Others are left alone, because encoders differ in them.
fn has_plain_escapes(raw: &str) -> bool {
    raw.as_bytes().windows(3).all(|escape| {
        let &[b'%', high, low] = escape else { return true };
        if !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit() {
            return true;
        }
        let mut byte = percent_decode(escape);
        let is_plain = |byte: u8| !byte.is_ascii_alphanumeric() && !b"-._~/".contains(&byte);
        let is_upper = !high.is_ascii_lowercase() && !low.is_ascii_lowercase();
        is_upper && byte.next().is_some_and(is_plain)
    })
}

#[cfg(test)]
mod tests {
    use super::{Path, PathError};
    use crate::percent::encoded;

    #[test]
    fn good_paths_are_decoded_once() {
        for (raw, text) in [
            ("/w640/photos/lake.jpg", "w640/photos/lake.jpg"),
            ("/w640/K%C3%A4se%20%26%20Brot.jpg", "w640/Käse & Brot.jpg"),
            ("/w640/Käse.jpg", "w640/Käse.jpg"),
            ("/w640/100%25.jpg", "w640/100%.jpg"),
            ("/w640/100%.jpg", "w640/100%.jpg"),
            ("/w640/a+b.jpg", "w640/a+b.jpg"),
            ("/w640/a%2Bb(1).jpg", "w640/a+b(1).jpg"),
            ("/w640/...", "w640/..."),
        ] {
            assert_eq!(Path::parse(raw).expect("a good path").text(), text, "{raw}");
        }
        let key = "a b/ü%.jpg";
        let path = Path::parse(&format!("/v/{}", encoded(key))).expect("a good path");
        assert_eq!(path.split(), Some(("v", key)));
    }

    #[test]
    fn what_could_name_another_place_is_refused() {
        let long = format!("/w/{}", "a".repeat(5000));
        for (raw, error) in [
            ("", PathError::Relative),
            ("w640/a.jpg", PathError::Relative),
            ("/", PathError::Segment),
            ("//a.jpg", PathError::Segment),
            ("/w640//a.jpg", PathError::Segment),
            ("/w640/a/", PathError::Segment),
            ("/w640/../a.jpg", PathError::Segment),
            ("/w640/./a.jpg", PathError::Segment),
            ("/w640/%2e%2e/a.jpg", PathError::Segment),
            ("/w640/%2E%2E%2fa.jpg", PathError::Segment),
            ("/w640/.%2e/a.jpg", PathError::Segment),
            ("/w640/a%2F..", PathError::Segment),
            ("/w640/%252e%252e/a.jpg", PathError::EncodedTwice),
            ("/w640/%25252e/a.jpg", PathError::EncodedTwice),
            ("/w640/..%5ca.jpg", PathError::Character),
            ("/w640/..\\a.jpg", PathError::Character),
            ("/w640/a%00.jpg", PathError::Character),
            ("/w640/a%0d%0aset-cookie:x", PathError::Character),
            ("/w640/a%C2%85", PathError::Character),
            ("/w640/%ff.jpg", PathError::NotUtf8),
            ("/w640/%c0%ae%c0%ae/a.jpg", PathError::NotUtf8),
            ("/w640/a%2Fb.jpg", PathError::Form),
            ("/%77640/a.jpg", PathError::Form),
            ("/w640/a%7E.jpg", PathError::Form),
            ("/w640/K%c3%a4se.jpg", PathError::Form),
            (&long, PathError::TooLong),
        ] {
            assert_eq!(Path::parse(raw), Err(error), "{raw}");
        }
    }
}
