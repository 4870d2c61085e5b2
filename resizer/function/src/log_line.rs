//! A report in, the one structured log line of its upload out.

use serde::Serialize;

use crate::error::FaultKind;
use crate::manifest::{ManifestPlaceholders, ManifestSource, ManifestVariant};
use crate::metrics::EmbeddedMetrics;
use crate::report::{Crop, Outcome, Report, Retired};
use crate::store::Requests;
use crate::times::StageTimes;

#[derive(Serialize)]
struct Line<'a> {
    timestamp: &'a str,
    level: &'static str,
    #[serde(rename = "requestId")]
    request_id: &'a str,
    event: &'static str,
    bucket: &'a str,
    key: &'a str,
    delivery: u32,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<&'static str>,
    rounds: u8,
    requests: Requests,
    times: StageTimes,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    dropped_metadata: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a ManifestSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholders: Option<&'a ManifestPlaceholders>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    crops: &'a [Crop],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    variants: &'a [ManifestVariant],
    #[serde(flatten)]
    metrics: Option<EmbeddedMetrics<'a>>,
}

/// The line, as JSON.
pub fn log_line(
    report: &Report,
    request_id: &str,
    timestamp: &str,
    metrics: Option<EmbeddedMetrics<'_>>,
) -> String {
    let stored = report.outcome.stored();
    let manifest = stored.map(|stored| &stored.manifest);
    let line = Line {
        timestamp,
        level: level(&report.outcome),
        request_id,
        event: "upload",
        bucket: &report.object.bucket,
        key: &report.object.key,
        delivery: report.delivery,
        outcome: report.outcome.code(),
        message: report.outcome.message(),
        original: report.original.map(Retired::code),
        rounds: report.effort.rounds,
        requests: report.effort.requests,
        times: report.effort.times.rounded(),
        dropped_metadata: stored.map_or(&[], |stored| &stored.dropped_metadata),
        source: manifest.map(|manifest| &manifest.source),
        placeholders: manifest.and_then(|manifest| manifest.placeholders.as_ref()),
        crops: stored.map_or(&[], |stored| &stored.crops),
        variants: manifest.map_or(&[], |manifest| &manifest.variants),
        metrics,
    };
    serde_json::to_string(&line).expect("strings and finite numbers serialize")
}

fn level(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Stored(_)
        | Outcome::AlreadyDone
        | Outcome::Deleted
        | Outcome::Ignored { .. }
        | Outcome::StillRefused { .. } => "INFO",
        Outcome::Refused(_) => "WARN",
        Outcome::Failed { fault, .. } => match fault.kind {
            FaultKind::NotQuiescent => "INFO",
            // Everything is written; the next delivery only checks it.
            FaultKind::Unanswered => "WARN",
            _ => "ERROR",
        },
    }
}
