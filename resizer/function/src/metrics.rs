//! A report in, its metrics out in CloudWatch's embedded metric format, as members of the log line.
//! Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::{Map, Value, json};

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
    /// One member for each metric. What an upload has no value for is left out, so that averages
    /// are those of uploads that have one.
    #[serde(flatten)]
    values: Map<String, Value>,
}

/// Metrics that are told apart by the same members of the line.
#[derive(Default)]
struct Set {
    /// Name and unit of each, as CloudWatch reads them.
    metrics: Vec<Value>,
    values: Map<String, Value>,
}

impl Set {
    fn with(mut self, name: &str, unit: &str, value: Option<Value>) -> Self {
        if let Some(value) = value {
            self.metrics.push(json!({"Name": name, "Unit": unit}));
            self.values.insert(name.to_owned(), value);
        }
        self
    }
}

impl Metrics {
    /// Those of one upload that ended at this time.
    pub fn of(&self, report: &Report, ended: SystemTime) -> EmbeddedMetrics<'_> {
        let outcome = &report.outcome;
        let manifest = outcome.stored().map(|stored| &stored.manifest);
        let bytes_in = manifest.map(|manifest| manifest.source.bytes);
        let bytes_out = manifest
            .map(|manifest| manifest.variants.iter().map(|variant| variant.bytes).sum::<u64>());
        let duration_ms = report.effort.times.rounded().total_ms;
        let one_if = |counts: bool| counts.then(|| 1.into());
        let of_function = Set::default()
            .with("Uploads", "Count", one_if(true))
            .with("Stored", "Count", one_if(matches!(outcome, Outcome::Stored(_))))
            .with("BytesIn", "Bytes", bytes_in.map(Value::from))
            .with("BytesOut", "Bytes", bytes_out.map(Value::from))
            .with("DurationMs", "Milliseconds", Some(duration_ms.into()));
        let by_code = Set::default()
            .with("Refused", "Count", one_if(matches!(outcome, Outcome::Refused(_))))
            .with("Failed", "Count", one_if(matches!(outcome, Outcome::Failed { .. })));
        let code = (!by_code.metrics.is_empty()).then(|| outcome.code());

        let directive = |dimensions: Value, metrics: Vec<Value>| {
            let namespace = &self.namespace;
            json!({"Namespace": namespace, "Dimensions": dimensions, "Metrics": metrics})
        };
        let mut directives = vec![directive(json!([["FunctionName"]]), of_function.metrics)];
        if code.is_some() {
            let dimensions = json!([["FunctionName"], ["FunctionName", "Code"]]);
            directives.push(directive(dimensions, by_code.metrics));
        }
        let since_1970 = ended.duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_ms = u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX);
        let mut values = of_function.values;
        values.extend(by_code.values);
        EmbeddedMetrics {
            directive: json!({"Timestamp": at_ms, "CloudWatchMetrics": directives}),
            function: &self.function,
            code,
            values,
        }
    }
}
