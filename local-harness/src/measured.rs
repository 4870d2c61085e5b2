//! What a run of `load` measured, as it is written to a file. `simulate`, `cost` and `tune` read
//! it. Plain values: no clock, no files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The results of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How the run was set up.
    pub setup: Setup,
    /// Uploads that S3 has acknowledged.
    pub uploads: usize,
    /// From the first upload to the end of the last event.
    pub seconds: f64,
    /// Uploads whose event has ended well, for each second.
    pub uploads_per_second: f64,
    /// From the start of an upload to the end of its event.
    pub latency_ms: Percentiles,
    /// From the arrival of an upload's event in the queue to its end: the latency without the
    /// upload and its notification. Older results do not have it.
    #[serde(default)]
    pub event_ms: Percentiles,
    /// Invocations of the function.
    pub invocations: usize,
    /// The processor time of all invocations' processes and of the harness, for each upload.
    pub cpu_ms_per_upload: f64,
    /// Inits before an invocation.
    pub init_ms: Percentiles,
    /// Billed time, times the memory size in GB of 1,024 MB.
    pub billed_gb_s: f64,
    /// The highest peak of an environment.
    pub max_memory_used_mb: u32,
    /// The peak of the harness's own process, with the clients that upload.
    pub harness_peak_mb: f64,
    /// Uploads by the outcome in the function's log; nothing for another function.
    pub outcomes: BTreeMap<String, usize>,
    /// Deliveries that failed and came again, or became dead letters.
    pub failed_deliveries: usize,
    /// Events that were given up.
    pub dead_letters: usize,
    /// Uploads that S3 has refused.
    pub refused_uploads: usize,
    /// Requests of the function to S3: writes and reads.
    pub requests: RequestSums,
    /// Variants that were stored.
    pub variants: usize,
    /// Bytes of the uploads, and of their variants.
    pub bytes: ByteSums,
    /// Equal parts of the run, in the order of time.
    pub windows: Vec<Window>,
    /// Some invocations, evenly chosen.
    pub services: Vec<Service>,
}

/// How a run was set up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// The name of the pictures' mix, or their folder.
    pub pictures: String,
    /// Environments at the same time.
    pub environments: usize,
    /// Invocations at the same time in each of them; 0 in older results, which had one.
    #[serde(default)]
    pub environment_concurrency: usize,
    /// The memory size of each.
    pub memory_size_mb: u32,
    /// Messages for each invocation, at most.
    pub batch_size: usize,
    /// Uploads for each second; `None` as fast as it goes.
    pub rate: Option<f64>,
    /// Seed of all random choices.
    pub seed: u64,
    /// The processor of the machine, as AWS names it.
    pub architecture: String,
}

/// Requests to S3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSums {
    /// PUT, COPY, POST, and LIST.
    pub writes: u64,
    /// GET and HEAD.
    pub reads: u64,
}

/// Sums of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByteSums {
    /// Of the uploads.
    pub uploaded: u64,
    /// Of the variants.
    pub stored: u64,
}

/// A part of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// When it ended, since the start of the run.
    pub until_s: f64,
    /// Uploads whose event has ended.
    pub uploads: usize,
    /// From the start of an upload to the end of its event.
    pub latency_ms: Percentiles,
    /// Billed GB-seconds for each upload.
    pub billed_gb_s_per_upload: f64,
    /// Processor time of the harness and of the function for each upload.
    pub cpu_ms_per_upload: f64,
    /// The harness's resident memory at its end.
    pub harness_mb: f64,
}

/// One invocation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Messages of its event.
    pub messages: usize,
    /// Its duration, without an init.
    pub duration_ms: f64,
    /// The init before it.
    pub init_ms: Option<f64>,
}

/// A distribution.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// How many values it has.
    pub count: usize,
    /// Half of the values are at most this.
    pub p50: f64,
    /// Nine of ten.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Percentiles {
    /// Of these values, which are sorted for it; all zero where there are none.
    pub fn of(values: &mut [f64]) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        // The nearest rank: the smallest value that enough of the values are at most.
        let rank = |share: f64| {
            let rank = (share * values.len() as f64).ceil() as usize;
            values.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self {
            count: values.len(),
            p50: rank(0.5),
            p90: rank(0.9),
            p99: rank(0.99),
            max: values.last().copied().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Percentiles;

    #[test]
    fn percentiles_are_values_of_the_sample() {
        let mut values: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        let all = Percentiles { count: 200, p50: 100.0, p90: 180.0, p99: 198.0, max: 200.0 };
        assert_eq!(Percentiles::of(&mut values), all);
        let one = Percentiles { count: 1, p50: 7.0, p90: 7.0, p99: 7.0, max: 7.0 };
        assert_eq!(Percentiles::of(&mut [7.0]), one);
        assert_eq!(Percentiles::of(&mut []), Percentiles::default());
    }
}
