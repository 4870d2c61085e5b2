//! The function's structured line per upload, read back from its log.

use resizer::manifest::{ManifestPlaceholders, ManifestSource, ManifestVariant};
use resizer::metrics::StageTimes;
use resizer::store::Requests;
use serde::Deserialize;

/// What the function says of one upload.
#[derive(Debug, Clone, Deserialize)]
pub struct UploadLine {
    /// Of the source.
    pub bucket: String,
    /// Of the source, decoded.
    pub key: String,
    /// `stored`, `deleted`, `ignored_*`, or a refusal's or fault's code.
    pub outcome: String,
    /// For refusals and faults: why.
    pub message: Option<String>,
    /// What became of the original, where it did not stay.
    pub original: Option<String>,
    /// How often the source was looked at.
    pub rounds: u8,
    /// What was asked of S3.
    pub requests: Requests,
    /// Milliseconds per stage.
    pub times: StageTimes,
    /// Names of the source's metadata that variants had no room for.
    #[serde(default)]
    pub dropped_metadata: Vec<String>,
    /// What stands for the picture until it is there, where its rule has a manifest.
    pub placeholders: Option<ManifestPlaceholders>,
    /// Once its header was read.
    pub source: Option<ManifestSource>,
    /// What was stored.
    #[serde(default)]
    pub variants: Vec<ManifestVariant>,
}

impl UploadLine {
    /// Reads a line of the log; `None` for every other line.
    pub fn parse(line: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        (value["event"] == "upload").then(|| serde_json::from_value(value).ok()).flatten()
    }
}
