//! Signatures of URLs: HMAC-SHA256 over the decoded path and all parameters. Several keys may be
//! known at the same time, so that one can take another one's place.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::query::Query;
use crate::digest::hexadecimal;
use crate::percent::encoded;

/// Characters of the shortest secret: 32 hexadecimal digits have 128 bits.
const MIN_SECRET_CHARS: usize = 32;

/// Characters of the longest id of a key.
const MAX_ID_CHARS: usize = 32;

/// What a signed text begins with, so that no other use of the secret signs the same.
const PURPOSE: &str = "resizer-url-1";

/// A key with its id.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// What URLs call it.
    pub id: String,
    secret: String,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// All keys whose signatures count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SigningKeys(Vec<SigningKey>);

/// Why a list of keys cannot be used. Says nothing of secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("RESIZER_SIGNING_KEYS: key {number} {problem}; write `id:secret`, several with commas")]
pub struct SigningKeysError {
    /// Which key, from 1.
    number: usize,
    problem: String,
}

impl SigningKeys {
    /// Reads `id:secret`, several with commas or white space between them; no key in an empty text.
    ///
    /// # Errors
    /// `SigningKeysError` for an id of other characters or of more than 32, an id that is there
    /// twice, and a secret of fewer than 32 characters.
    pub fn parse(text: &str) -> Result<Self, SigningKeysError> {
        let mut keys: Vec<SigningKey> = Vec::new();
        let pairs = text.split(|c: char| c == ',' || c.is_whitespace());
        for (index, pair) in pairs.filter(|pair| !pair.is_empty()).enumerate() {
            let error = |problem: String| Err(SigningKeysError { number: index + 1, problem });
            let Some((id, secret)) = pair.split_once(':') else {
                return error("has no colon".to_owned());
            };
            let is_of_id = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            if id.is_empty() || id.len() > MAX_ID_CHARS || !id.chars().all(is_of_id) {
                return error(format!(
                    "has an id that is not 1 to {MAX_ID_CHARS} letters, digits, `-` and `_`"
                ));
            }
            let length = secret.chars().count();
            if length < MIN_SECRET_CHARS {
                return error(format!(
                    "({id}) has a secret of {length} characters; {MIN_SECRET_CHARS} are the least, \
                     as `openssl rand -hex 32` prints them"
                ));
            }
            if keys.iter().any(|key| key.id == id) {
                return error(format!("has the id {id} of an earlier one"));
            }
            keys.push(SigningKey { id: id.to_owned(), secret: secret.to_owned() });
        }
        Ok(Self(keys))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of that id. Without an id, the first key.
    pub fn find(&self, id: Option<&str>) -> Option<&SigningKey> {
        self.0.iter().find(|key| id.is_none_or(|id| key.id == id))
    }
}

impl SigningKey {
    /// The path and query of a URL: `/signed/photos/lake.jpg?kid=k1&s=...&w=640` for the decoded
    /// path `signed/photos/lake.jpg`.
    pub fn url(&self, path: &str, parameters: &Query<'_>) -> String {
        let mut parameters = parameters.clone();
        parameters.insert("kid", &self.id);
        let signature = hexadecimal(&self.mac(path, &parameters).finalize().into_bytes());
        parameters.insert("s", &signature);
        format!("/{}?{}", encoded(path), joined(&parameters))
    }

    /// Whether a signature of 64 hexadecimal digits is that of a decoded path with all of its
    /// other parameters. Takes the same time wherever a wrong one differs.
    pub fn is_signature(&self, path: &str, parameters: &Query<'_>, signature: &str) -> bool {
        let Some(signature) = bytes(signature) else { return false };
        self.mac(path, parameters).verify_slice(&signature).is_ok()
    }

    fn mac(&self, path: &str, parameters: &Query<'_>) -> Hmac<Sha256> {
        let key = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes());
        let mut mac = key.expect("HMAC takes keys of any length");
        mac.update(format!("{PURPOSE}\n/{path}\n{}", joined(parameters)).as_bytes());
        mac
    }
}

/// In the order of their names.
fn joined(parameters: &Query<'_>) -> String {
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// Lower-case hexadecimal digits of 32 bytes.
fn bytes(digits: &str) -> Option<[u8; 32]> {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if digits.len() != 64 || !digits.as_bytes().iter().all(is_digit) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::SigningKeys;
    use crate::endpoint::query;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_signature_is_the_one_that_other_languages_compute() {
        let keys = SigningKeys::parse(&format!("k1:{SECRET}")).expect("a good key");
        let key = keys.find(Some("k1")).expect("the key");
        let query = query::parse("fit=inside&w=640", &["w", "fit"]).expect("a good query");
        // Python: hmac.new(SECRET, b"resizer-url-1\n/signed/a b.jpg\nfit=inside&kid=k1&w=640",
        // "sha256").hexdigest()
        let signature = "0e17a817edbd8f41e96838a41ec0c33762be3979298829a59a1e2650926995ac";
        let expected = format!("/signed/a%20b.jpg?fit=inside&kid=k1&s={signature}&w=640");
        assert_eq!(key.url("signed/a b.jpg", &query), expected);
        let mut query = query;
        query.insert("kid", "k1");
        assert!(key.is_signature("signed/a b.jpg", &query, signature));
        assert!(!key.is_signature("signed/a c.jpg", &query, signature));
        assert!(!key.is_signature("signed/a b.jpg", &query, &signature.to_uppercase()));
        assert!(!key.is_signature("signed/a b.jpg", &query, &signature[1..]));
        query.insert("w", "641");
        assert!(!key.is_signature("signed/a b.jpg", &query, signature));
    }

    #[test]
    fn keys_are_several_and_none_is_weak() {
        let text = format!("old:{SECRET},new:{SECRET}:with-a-colon\n");
        let keys = SigningKeys::parse(&text).expect("good keys");
        assert_eq!(keys.find(Some("new")).map(|key| key.secret.len()), Some(45));
        assert_eq!(keys.find(None).map(|key| key.id.as_str()), Some("old"));
        assert!(keys.find(Some("other")).is_none());
        assert!(!format!("{keys:?}").contains(SECRET), "no log shows a secret");
        assert!(SigningKeys::parse(" ").expect("no keys").is_empty());
        for (text, says) in [
            (SECRET.to_owned(), "key 1 has no colon"),
            (format!("k:{SECRET},k:{SECRET}"), "key 2 has the id k of an earlier one"),
            (format!("a.b:{SECRET}"), "key 1 has an id that is not 1 to 32 letters"),
            ("k:short".to_owned(), "key 1 (k) has a secret of 5 characters; 32 are the least"),
        ] {
            let error = SigningKeys::parse(&text).expect_err("no good keys").to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains(SECRET) && !error.contains("short"), "{error}");
        }
    }
}
