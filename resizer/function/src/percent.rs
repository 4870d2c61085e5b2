//! Keys in the paths of URLs, in headers, and in S3's notifications, which encode them.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The unreserved characters of RFC 3986, and the slash.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as it stands in a path or in `x-amz-copy-source`, its slashes as they are.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// A key as it was before S3 encoded it like a form: `a+b%2B` is `a b+`.
///
/// # Errors
/// A sentence about a key that is not UTF-8.
pub fn form_decoded(key: &str) -> Result<String, String> {
    let spaced = key.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map(Cow::into_owned);
    decoded.map_err(|_| "a key is not UTF-8 once it is decoded".to_owned())
}
