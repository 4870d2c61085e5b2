//! Keys in URLs and forms, and the address of an object.

use hyper::HeaderMap;
use hyper::header::HOST;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Encodes a key as S3 does in records and in listings with `encoding-type=url`:
/// a space as `+`, slashes kept, and upper-case hex for all but letters, digits and `.-*_`.
pub(crate) fn form_urlencode(key: &str) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'.')
        .remove(b'-')
        .remove(b'*')
        .remove(b'_')
        .remove(b' ');
    utf8_percent_encode(key, KEPT).to_string().replace(' ', "+")
}

/// A key as listings with `encoding-type=url` and notifications spell it, read back.
pub fn form_decode(encoded: &str) -> String {
    let spaced = encoded.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// The address of an object, as the client reached this server.
pub(crate) fn location(headers: &HeaderMap, bucket: &str, key: &str) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("http://{host}/{bucket}/{}", form_urlencode(key).replace('+', "%20"))
}
