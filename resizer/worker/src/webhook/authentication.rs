//! Who may send events: whoever knows one of the tokens, or signs the body with one of the secrets.
//! In: headers, a query, a body. Out: a verdict that takes the same time for every wrong token.

use hmac::{Hmac, KeyInit, Mac};
use hyper::header::{AUTHORIZATION, HeaderMap};
use sha2::{Digest, Sha256};

use crate::settings::HttpSettings;

/// Headers with an HMAC-SHA256 of the body in hexadecimal digits, and what stands before it: of
/// GitHub's convention, and of Backblaze B2.
const SIGNATURES: [(&str, &str); 2] =
    [("x-hub-signature-256", "sha256="), ("x-bz-event-notification-signature", "v1=")];

/// The query's parameter for senders that cannot set a header, such as Pub/Sub.
const PARAMETER: &str = "token";

/// Why an event is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Denial {
    #[error("send a token as `Authorization: Bearer`, or sign the body")]
    NoProof,
    #[error("the token or the signature is wrong")]
    WrongProof,
}

/// What lets senders in.
pub(super) struct Authentication {
    /// SHA-256 of each, so that comparing them tells nothing of the tokens.
    tokens: Vec<[u8; 32]>,
    secrets: Vec<String>,
    token_in_url: bool,
}

impl std::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (tokens, secrets) = (self.tokens.len(), self.secrets.len());
        f.debug_struct("Authentication")
            .field("tokens", &tokens)
            .field("secrets", &secrets)
            .finish()
    }
}

/// What a head has shown.
#[derive(Debug)]
pub(super) enum Proof<'a> {
    /// A token that is right, and no signature.
    Token,
    /// A signature that the body must have.
    Signature { secrets: &'a [String], expected: Vec<u8> },
}

impl Authentication {
    /// `None` where nothing would let anybody in.
    pub(super) fn new(settings: &HttpSettings) -> Option<Self> {
        let tokens: Vec<[u8; 32]> =
            settings.tokens.0.iter().map(|token| Sha256::digest(token).into()).collect();
        let secrets = settings.secrets.0.clone();
        let token_in_url = settings.token_in_url;
        let is_open = !tokens.is_empty() || !secrets.is_empty();
        is_open.then_some(Self { tokens, secrets, token_in_url })
    }

    /// What the head of a request proves.
    ///
    /// # Errors
    /// `NoProof` without any, `WrongProof` for another token and for what is no signature.
    pub(super) fn of_head(
        &self,
        headers: &HeaderMap,
        query: Option<&str>,
    ) -> Result<Proof<'_>, Denial> {
        // One of them may be what a proxy has checked, and the other one what counts here.
        if headers.get_all(AUTHORIZATION).iter().count() > 1 {
            return Err(Denial::WrongProof);
        }
        let token = bearer(headers).or_else(|| query.filter(|_| self.token_in_url).and_then(token));
        let is_known = token.as_ref().map(|token| self.knows(token));
        if is_known == Some(false) {
            return Err(Denial::WrongProof);
        }
        match self.signature(headers) {
            Some(signature) => {
                let expected = signature.ok_or(Denial::WrongProof)?;
                Ok(Proof::Signature { secrets: &self.secrets, expected })
            }
            None if is_known == Some(true) => Ok(Proof::Token),
            None => Err(Denial::NoProof),
        }
    }

    /// Compares with every token, whether or not one has matched.
    fn knows(&self, token: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(token).into();
        self.tokens.iter().fold(false, |known, other| known | (*other == digest))
    }

    /// The signature of a request if it has one and signatures count; within it, `None` for what
    /// is none.
    fn signature(&self, headers: &HeaderMap) -> Option<Option<Vec<u8>>> {
        if self.secrets.is_empty() {
            return None;
        }
        let find = |(name, prefix): (&str, &str)| {
            let value = headers.get(name)?.to_str().ok();
            Some(value.and_then(|value| value.strip_prefix(prefix)).and_then(bytes_of_hexadecimal))
        };
        SIGNATURES.into_iter().find_map(find)
    }
}

impl Proof<'_> {
    /// Whether it holds for this body.
    ///
    /// # Errors
    /// `WrongProof`.
    pub(super) fn check(&self, body: &[u8]) -> Result<(), Denial> {
        let Self::Signature { secrets, expected } = self else { return Ok(()) };
        let signs = |secret: &String| {
            let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
            let mac = mac.expect("HMAC takes a key of any length").chain_update(body);
            mac.verify_slice(expected).is_ok()
        };
        if secrets.iter().fold(false, |right, secret| right | signs(secret)) {
            return Ok(());
        }
        Err(Denial::WrongProof)
    }
}

/// The scheme's name may have any case. An empty token counts as one that is wrong.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?;
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// Where tokens may stand in URLs, the settings allow only tokens that a URL does not encode.
fn token(query: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| *name == PARAMETER).map(|(_, value)| value);
    let value = values.next()?;
    // Two of them are one that is wrong.
    Some(if values.next().is_some() { String::new() } else { value.to_owned() })
}

fn bytes_of_hexadecimal(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{Authentication, Denial};
    use crate::settings::{HttpSettings, Secrets};

    const TOKENS: [&str; 2] =
        ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"];
    const SECRET: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0";

    fn authentication(token_in_url: bool) -> Authentication {
        let settings = HttpSettings {
            address: ([127, 0, 0, 1], 0).into(),
            tokens: Secrets(TOKENS.map(str::to_owned).into()),
            secrets: Secrets(vec![SECRET.to_owned()]),
            token_in_url,
        };
        Authentication::new(&settings).expect("it lets somebody in")
    }

    fn checked(headers: &[(&'static str, &str)], query: Option<&str>) -> Result<(), Denial> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a header");
            map.insert(HeaderName::from_static(name), value);
        }
        let authentication = authentication(query.is_some_and(|query| query.contains("allowed")));
        authentication.of_head(&map, query)?.check(b"{}")
    }

    #[test]
    fn tokens_let_in() {
        for token in TOKENS {
            for scheme in ["Bearer", "bearer", "BEARER"] {
                let value = format!("{scheme} {token}");
                assert_eq!(checked(&[("authorization", &value)], None), Ok(()));
            }
        }
        let start = format!("Bearer {}", &TOKENS[0][..31]);
        let longer = format!("Bearer {}0", TOKENS[0]);
        for wrong in [start.as_str(), &longer, "Bearer ", "Bearer x"] {
            let denied = checked(&[("authorization", wrong)], None);
            assert_eq!(denied, Err(Denial::WrongProof), "{wrong}");
        }
        for none in ["Basic eDp5", TOKENS[0], "Bearer"] {
            let denied = checked(&[("authorization", none)], None);
            assert_eq!(denied, Err(Denial::NoProof), "{none}");
        }
        assert_eq!(checked(&[], None), Err(Denial::NoProof));
    }

    #[test]
    fn tokens_in_urls_count_only_where_that_is_allowed() {
        let query = |rest: &str| format!("{rest}&token={}", TOKENS[1]);
        assert_eq!(checked(&[], Some(&query("allowed"))), Ok(()));
        assert_eq!(checked(&[], Some(&query("not"))), Err(Denial::NoProof));
        assert_eq!(checked(&[], Some("allowed&token=x")), Err(Denial::WrongProof));
        let twice = format!("{}&token={}", query("allowed"), TOKENS[1]);
        assert_eq!(checked(&[], Some(&twice)), Err(Denial::WrongProof));
    }

    /// The digests are those of `printf {} | openssl dgst -sha256 -hmac SECRET`.
    #[test]
    fn signatures_let_in() {
        let right = "a452d56e0713b5a5ee2967dd2d587ea29e0d3e0a710f2aa9b99f7e546ec14556";
        let of_b2 = format!("v1={right}");
        let of_others = format!("sha256={right}");
        assert_eq!(checked(&[("x-bz-event-notification-signature", &of_b2)], None), Ok(()));
        assert_eq!(checked(&[("x-hub-signature-256", &of_others)], None), Ok(()));
        let mut flipped = of_others.clone().into_bytes();
        flipped[10] = if flipped[10] == b'0' { b'1' } else { b'0' };
        let flipped = String::from_utf8(flipped).expect("ASCII");
        for wrong in [flipped.as_str(), "sha256=", "sha256=zz", "v1=00", &of_others[..20]] {
            let token = format!("Bearer {}", TOKENS[0]);
            let headers = [("x-hub-signature-256", wrong), ("authorization", &token)];
            // Also beside a token that is right.
            assert_eq!(checked(&headers, None), Err(Denial::WrongProof), "{wrong}");
        }
    }
}
