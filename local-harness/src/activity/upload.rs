//! One upload as a terminal or a page shows it: its log line with its share of the invocation.

use lambda_local::report::Report;
use resizer::error::FaultKind;
use resizer::manifest::ManifestPlaceholders;
use resizer::report::Crop;
use resizer::store::Requests;
use resizer::times::StageTimes;
use serde::Serialize;

use super::Ended;
use crate::bill::{Architecture, Prices, Usage};
use crate::upload_line::UploadLine;

/// What became of an upload, in one of four words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Its variants were made.
    Stored,
    /// There was nothing to make.
    Quiet,
    /// The file or the configuration is to blame, and no delivery will change that.
    Refused,
    /// A later delivery may succeed.
    Failed,
}

/// The prices for this function.
#[derive(Debug, Clone)]
pub struct Rates {
    /// What AWS asks.
    pub prices: Prices,
    /// The function's processor.
    pub architecture: Architecture,
}

/// One upload of an invocation.
#[derive(Debug, Clone, Serialize)]
pub struct UploadRecord {
    /// Grows with every upload; 0 until it is published.
    pub id: u64,
    /// Of the invocation.
    pub request_id: String,
    /// The end of the invocation, in milliseconds since 1970.
    pub at_ms: f64,
    /// The source's bucket.
    pub bucket: String,
    /// The source's key.
    pub key: String,
    /// The function's name for what happened.
    pub outcome: String,
    /// The same in one of four words.
    pub kind: Kind,
    /// Why, and what to do.
    pub message: Option<String>,
    /// `moved` or `deleted`, unless the original was kept.
    pub original: Option<String>,
    /// Facts of the source, once its header was read.
    pub source: Option<SourceRecord>,
    /// Milliseconds per stage.
    pub times: StageTimes,
    /// The init before the invocation, if there was one.
    pub init_ms: Option<f64>,
    /// How often the source was read.
    pub rounds: u8,
    /// Requests to S3.
    pub requests: Requests,
    /// Which delivery of its event it was.
    pub delivery: u32,
    /// Its share of the invocation's billed milliseconds.
    pub billed_ms: f64,
    /// Its share of the time, and its requests to S3.
    pub dollars: f64,
    /// What was stored.
    pub variants: Vec<VariantRecord>,
    /// The parts that variants show which do not show the whole source.
    #[serde(skip)]
    pub crops: Vec<Crop>,
    /// The placeholders, where the rule has a manifest.
    #[serde(skip)]
    pub placeholders: Option<ManifestPlaceholders>,
}

/// The upload's file.
#[derive(Debug, Clone, Serialize)]
pub struct SourceRecord {
    /// Such as `JPEG`.
    pub format: String,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Where a browser can read it.
    pub url: Option<String>,
}

/// One stored variant.
#[derive(Debug, Clone, Serialize)]
pub struct VariantRecord {
    /// Its name in the rule.
    pub name: String,
    /// Where it lies.
    pub bucket: String,
    /// Where it lies.
    pub key: String,
    /// Such as `image/webp`.
    pub media_type: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Whether it has all frames of an animation.
    pub animated: bool,
    /// Where a browser can read it.
    pub url: Option<String>,
}

impl Kind {
    /// Of the outcome that a log line names.
    pub fn of(outcome: &str) -> Self {
        const FAULTS: [FaultKind; 7] = [
            FaultKind::Throttle,
            FaultKind::Io,
            FaultKind::Integrity,
            FaultKind::Deadline,
            FaultKind::Setup,
            FaultKind::Unanswered,
            FaultKind::Bug,
        ];
        match outcome {
            "stored" => Self::Stored,
            "deleted" | "already_done" => Self::Quiet,
            outcome if outcome.starts_with("ignored_") => Self::Quiet,
            outcome if outcome == FaultKind::NotQuiescent.code() => Self::Quiet,
            outcome if FAULTS.iter().any(|kind| kind.code() == outcome) => Self::Failed,
            _ => Self::Refused,
        }
    }
}

impl UploadRecord {
    /// The uploads of an invocation. Its time is divided by how long each of them took.
    pub fn of_invocation(ended: &Ended, rates: &Rates) -> Vec<Self> {
        let total_ms: f64 = ended.uploads.iter().map(|upload| upload.times.total_ms).sum();
        let even = 1.0 / ended.uploads.len().max(1) as f64;
        let share = |upload: &UploadLine| {
            if total_ms > 0.0 { upload.times.total_ms / total_ms } else { even }
        };
        ended
            .uploads
            .iter()
            .map(|upload| Self::new(upload, (&ended.report, ended.at_ms), share(upload), rates))
            .collect()
    }

    fn new(
        upload: &UploadLine,
        (report, at_ms): (&Report, f64),
        share: f64,
        rates: &Rates,
    ) -> Self {
        let (billed_ms, memory_mb) = (report.billed_duration_ms, report.memory_size_mb);
        let mut usage = Usage::of_invocation(billed_ms, memory_mb).share(share);
        usage += Usage::of_requests(upload.requests);
        let source = upload.source.as_ref().map(|source| SourceRecord {
            format: source.format.clone(),
            width: source.width,
            height: source.height,
            bytes: source.bytes,
            url: None,
        });
        let variants = upload.variants.iter().map(|variant| VariantRecord {
            name: variant.name.clone(),
            bucket: variant.bucket.clone(),
            key: variant.key.clone(),
            media_type: variant.media_type.clone(),
            width: variant.width,
            height: variant.height,
            bytes: variant.bytes,
            animated: variant.animated,
            url: None,
        });
        Self {
            id: 0,
            request_id: report.request_id.clone(),
            at_ms,
            bucket: upload.bucket.clone(),
            key: upload.key.clone(),
            outcome: upload.outcome.clone(),
            kind: Kind::of(&upload.outcome),
            message: upload.message.clone(),
            original: upload.original.clone(),
            source,
            times: upload.times,
            init_ms: report.init_duration_ms,
            rounds: upload.rounds,
            requests: upload.requests,
            delivery: upload.delivery,
            billed_ms: billed_ms as f64 * share,
            dollars: usage.dollars(&rates.prices, rates.architecture),
            variants: variants.collect(),
            crops: upload.crops.clone(),
            placeholders: upload.placeholders.clone(),
        }
    }

    /// Whether it is no upload, but a result of the function in an upload bucket.
    pub fn is_own_result(&self) -> bool {
        matches!(self.outcome.as_str(), "ignored_own_key" | "ignored_own_result")
    }

    /// The bytes of all variants.
    pub fn variant_bytes(&self) -> u64 {
        self.variants.iter().map(|variant| variant.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_outcome_is_one_of_four() {
        let kinds = [
            ("stored", Kind::Stored),
            ("ignored_no_rule", Kind::Quiet),
            ("not_quiescent", Kind::Quiet),
            ("not_an_image", Kind::Refused),
            ("still_refused", Kind::Refused),
            ("throttle", Kind::Failed),
            ("bug", Kind::Failed),
        ];
        for (outcome, kind) in kinds {
            assert_eq!(Kind::of(outcome), kind, "{outcome}");
        }
    }
}
