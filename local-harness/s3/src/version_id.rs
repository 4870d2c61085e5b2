//! The id of a version: `null`, or 32 opaque characters.
//! Text in, id out, and back. Knows nothing of buckets or of the disk.

use std::fmt;

use base64_simd::URL_SAFE_NO_PAD as BASE64;
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::request::random;

const UNIQUE_BYTES: usize = 24;
const NULL: &str = "null";

/// Which of a key's versions an object or a delete marker is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) enum VersionId {
    /// The one version of a key that was written while its bucket did not have versions enabled.
    #[default]
    Null,
    /// Random, and safe in URLs and in names of files.
    Unique([u8; UNIQUE_BYTES]),
}

impl VersionId {
    /// An id that no version has.
    pub(crate) fn unique() -> Self {
        let mut bytes = [0; UNIQUE_BYTES];
        for part in bytes.chunks_exact_mut(8) {
            part.copy_from_slice(&random().to_be_bytes());
        }
        Self::Unique(bytes)
    }

    /// Reads an id as it stands in a request.
    ///
    /// Errors: `InvalidArgument`.
    pub(crate) fn parse(text: &str) -> S3Result<Self> {
        if text == NULL {
            return Ok(Self::Null);
        }
        if text.is_empty() {
            return Err(s3_error!(InvalidArgument, "Version id cannot be the empty string"));
        }
        let bytes = if text.contains('-') {
            None
        } else {
            BASE64.decode_to_vec(text.replace('.', "-")).ok()
        };
        let unique = bytes.and_then(|bytes| bytes.try_into().ok()).map(Self::Unique);
        unique.ok_or_else(|| s3_error!(InvalidArgument, "Invalid version id specified"))
    }

    pub(crate) fn is_null(&self) -> bool {
        *self == Self::Null
    }

    /// The text where S3 leaves out `null`: in the answer to a write, and in notifications.
    pub(crate) fn unique_text(self) -> Option<String> {
        (!self.is_null()).then(|| self.to_string())
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str(NULL),
            // With AWS's characters: a dash in front would look like an option to a command.
            Self::Unique(bytes) => f.write_str(&BASE64.encode_to_string(bytes).replace('-', ".")),
        }
    }
}

impl From<VersionId> for String {
    fn from(id: VersionId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for VersionId {
    type Error = S3Error;

    fn try_from(text: String) -> S3Result<Self> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::VersionId;

    #[test]
    fn ids_are_32_safe_characters_and_read_back() {
        for _ in 0..1000 {
            let id = VersionId::unique();
            let text = id.to_string();
            assert_eq!(text.len(), 32);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_'));
            assert_eq!(VersionId::parse(&text).unwrap(), id);
            assert_ne!(VersionId::unique(), id);
        }
        assert_eq!(VersionId::parse("null").unwrap(), VersionId::Null);
        assert_eq!(VersionId::Unique([0xff; 24]).to_string(), "_".repeat(32));
    }

    #[test]
    fn other_texts_are_no_ids() {
        let (dashes, long) = ("-".repeat(32), "a".repeat(36));
        for text in ["", "abc", "Null", "..", "a b", "%2e", dashes.as_str(), long.as_str()] {
            assert!(VersionId::parse(text).is_err(), "{text}");
        }
    }
}
