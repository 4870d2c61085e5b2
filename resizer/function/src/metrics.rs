//! A report in, its metrics out in CloudWatch's embedded metric format, as members of the log line.
//! Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Value, json};

use crate::report::{Outcome, Report};

/// Where the metrics of a function go.
#[derive(Debug, Clone)]
pub struct Metrics {
    /// The CloudWatch namespace.
    pub namespace: String,
    /// The function's name, the dimension of each metric.
    pub function: String,
}

/// The members that one upload adds to its log line.
#[derive(Debug, Serialize)]
pub struct EmbeddedMetrics<'a> {
    #[serde(rename = "_aws")]
    directive: Value,
    #[serde(rename = "FunctionName")]
    function: &'a str,
    #[serde(rename = "Code", skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(flatten)]
    values: Values,
}

/// One member for each metric. What an upload has no value for is left out, so that averages are
/// those of uploads that have one.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Values {
    uploads: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_in: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_out: Option<u64>,
    duration_ms: f64,
}

impl Metrics {
    /// Those of one upload that ended at this time.
    pub fn of(&self, report: &Report, ended: SystemTime) -> EmbeddedMetrics<'_> {
        let manifest = report.outcome.stored().map(|stored| &stored.manifest);
        let counted = |counts: bool| counts.then_some(1);
        let values = Values {
            uploads: 1,
            stored: counted(matches!(report.outcome, Outcome::Stored(_))),
            refused: counted(matches!(report.outcome, Outcome::Refused(_))),
            failed: counted(matches!(report.outcome, Outcome::Failed { .. })),
            bytes_in: manifest.map(|manifest| manifest.source.bytes),
            bytes_out: manifest
                .map(|manifest| manifest.variants.iter().map(|variant| variant.bytes).sum()),
            duration_ms: report.effort.times.rounded().total_ms,
        };
        let is_counted_by_code = values.refused.or(values.failed).is_some();
        let code = is_counted_by_code.then(|| report.outcome.code());
        EmbeddedMetrics {
            directive: self.directive(&values, ended),
            function: &self.function,
            code,
            values,
        }
    }

    /// What tells CloudWatch which members of the line are metrics, and by which others they are
    /// told apart.
    fn directive(&self, values: &Values, ended: SystemTime) -> Value {
        let metrics = [
            ("Uploads", "Count", true),
            ("Stored", "Count", values.stored.is_some()),
            ("BytesIn", "Bytes", values.bytes_in.is_some()),
            ("BytesOut", "Bytes", values.bytes_out.is_some()),
            ("DurationMs", "Milliseconds", true),
        ];
        let by_code = [
            ("Refused", "Count", values.refused.is_some()),
            ("Failed", "Count", values.failed.is_some()),
        ];
        let set = |dimensions: Value, metrics: &[(&str, &str, bool)]| {
            let present = metrics.iter().filter(|(_, _, is_present)| *is_present);
            let metrics: Vec<Value> =
                present.map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
            let is_empty = metrics.is_empty();
            (!is_empty).then(|| {
                json!({
                    "Namespace": self.namespace, "Dimensions": dimensions, "Metrics": metrics,
                })
            })
        };
        let sets = [
            set(json!([["FunctionName"]]), &metrics),
            set(json!([["FunctionName"], ["FunctionName", "Code"]]), &by_code),
        ];
        let sets: Vec<Value> = sets.into_iter().flatten().collect();
        let since_1970 = ended.duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_ms = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
        json!({"Timestamp": at_ms, "CloudWatchMetrics": sets})
    }
}
