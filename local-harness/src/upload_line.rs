//! The function's log line of one upload, parsed.

use resizer::manifest::{ManifestPlaceholders, ManifestSource, ManifestVariant};
use resizer::report::Crop;
use resizer::store::Requests;
use resizer::times::StageTimes;
use serde::Deserialize;

/// The log line of one upload.
#[derive(Debug, Clone, Deserialize)]
pub struct UploadLine {
    /// The source's bucket.
    pub bucket: String,
    /// The source's key, decoded.
    pub key: String,
    /// Which delivery of its event this was, from 1.
    pub delivery: u32,
    /// `stored`, `deleted`, `ignored_*`, or a refusal's or fault's code.
    pub outcome: String,
    /// For refusals and faults: why.
    pub message: Option<String>,
    /// What became of the original, unless it was kept.
    pub original: Option<String>,
    /// Rounds: how often the source was read.
    pub rounds: u8,
    /// Requests to S3.
    pub requests: Requests,
    /// Milliseconds per stage.
    pub times: StageTimes,
    /// Names of user metadata that did not fit into the variants' metadata.
    #[serde(default)]
    pub dropped_metadata: Vec<String>,
    /// The parts that variants show which do not show the whole source.
    #[serde(default)]
    pub crops: Vec<Crop>,
    /// The placeholders, where the rule has a manifest.
    pub placeholders: Option<ManifestPlaceholders>,
    /// Facts of the source, once its header was read.
    pub source: Option<ManifestSource>,
    /// The stored variants.
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
