//! `Manifest`: what was made of which source, for applications that show it. Deterministic: the
//! same upload and rule give the same bytes.

use aws_smithy_types::base64;
use resizer_engine::Placeholders;
use serde::{Deserialize, Serialize};

use crate::responsive::{ResponsiveSet, sets};

/// The JSON object that is written last, beside the variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// What everything was made of.
    pub source: ManifestSource,
    /// The rule's fingerprint.
    pub fingerprint: String,
    /// What stands for the picture until it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholders: Option<ManifestPlaceholders>,
    /// In the order of the rule.
    pub variants: Vec<ManifestVariant>,
    /// The variants as a page needs them, by what they show; the whole picture first.
    pub responsive: Vec<ResponsiveSet>,
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
    /// Of the bytes, in hexadecimal digits.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// Such as `JPEG`, by its content.
    pub format: String,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
}

/// What a page shows first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPlaceholders {
    /// In base64; with transparency where the source has some.
    pub thumbhash: String,
    /// As it is.
    pub blurhash: String,
    /// The color that most of the picture has: `#rrggbb`.
    pub dominant: String,
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
    /// The key encoded, below the rule's base URL if it has one.
    pub url: String,
    /// Such as `image/webp`.
    pub media_type: String,
    /// Whether it has all frames of an animation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub animated: bool,
    /// What became of the gain map of the upload, if there is one and the rule keeps it: `kept`, or
    /// a word for why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_map: Option<String>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Of the bytes, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// With what follows from the variants.
    pub fn new(
        source: ManifestSource,
        fingerprint: String,
        placeholders: Option<ManifestPlaceholders>,
        variants: Vec<ManifestVariant>,
    ) -> Self {
        let responsive = sets((source.width, source.height), &variants);
        Self { source, fingerprint, placeholders, variants, responsive }
    }

    /// Indented JSON with a newline at its end.
    pub fn to_json(&self) -> Vec<u8> {
        document(self)
    }
}

impl From<Placeholders> for ManifestPlaceholders {
    fn from(placeholders: Placeholders) -> Self {
        let Placeholders { thumbhash, blurhash, dominant: [red, green, blue] } = placeholders;
        let dominant = format!("#{red:02x}{green:02x}{blue:02x}");
        Self { thumbhash: base64::encode(thumbhash), blurhash, dominant }
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

/// Of members that are written only where they are true.
pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

fn document(value: &impl Serialize) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(value).expect("strings and numbers serialize");
    json.push(b'\n');
    json
}
