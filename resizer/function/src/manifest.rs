//! `Manifest`: what was made of which source. Deterministic: the same upload and rule give the
//! same bytes.

use serde::{Deserialize, Serialize};

/// The JSON object that is written last, beside the variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What everything was made of.
    pub source: ManifestSource,
    /// The rule's fingerprint.
    pub recipe: String,
    /// In the order of the rule.
    pub variants: Vec<ManifestVariant>,
}

/// The upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestSource {
    /// Bucket name.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
    /// Without quotes.
    pub etag: String,
    /// Size of the file.
    pub bytes: u64,
    /// `JPEG`, `PNG`, `WebP` or `GIF`, by its content.
    pub format: String,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
}

/// One variant in one format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestVariant {
    /// The variant's name in the rule.
    pub name: String,
    /// Where it lies.
    pub bucket: String,
    /// Where it lies.
    pub key: String,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
}

impl Manifest {
    /// Indented JSON with a newline at its end.
    pub fn to_json(&self) -> Vec<u8> {
        document(self)
    }
}

/// What is written for a source that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRecord {
    /// Bucket of the refused object.
    pub bucket: String,
    /// Its key, decoded.
    pub key: String,
    /// The refusal's stable name.
    pub code: String,
    /// The refusal in a sentence.
    pub message: String,
    /// Of the refused object, without quotes.
    pub etag: String,
}

impl FailureRecord {
    /// Indented JSON with a newline at its end.
    pub fn to_json(&self) -> Vec<u8> {
        document(self)
    }
}

fn document(value: &impl Serialize) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(value).expect("strings and numbers serialise");
    json.push(b'\n');
    json
}
