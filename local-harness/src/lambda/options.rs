//! How a function runs: what AWS keeps as its configuration.

use std::path::PathBuf;
use std::time::Duration;

use super::invocation::LogSink;

/// The account of everything in the harness.
pub const ACCOUNT_ID: &str = "000000000000";
const DEFAULT_REGION: &str = "us-east-1";

/// How a function runs.
#[derive(Debug, Clone)]
pub struct FunctionOptions {
    /// The binary, as it would lie in the deployed zip.
    pub bootstrap: PathBuf,
    /// 1 to 64 letters, digits, `-` and `_`. Default `function`.
    pub name: String,
    /// MB, 128 to 10,240. Default 128.
    pub memory_size_mb: u32,
    /// 1 s to 15 min. Default 3 s.
    pub timeout: Duration,
    /// How long a cold start may take before it is repeated inside the invocation. Default, and
    /// always on AWS, 10 s.
    pub init_timeout: Duration,
    /// The most environments at once, at least 1. Default 10.
    pub max_concurrency: usize,
    /// The function's own variables; region and credentials go here too. Default none.
    pub env: Vec<(String, String)>,
    pub log: LogSink,
}

impl FunctionOptions {
    /// AWS's defaults for this binary.
    pub fn new(bootstrap: PathBuf, log: LogSink) -> Self {
        Self {
            bootstrap,
            name: "function".to_owned(),
            memory_size_mb: 128,
            timeout: Duration::from_secs(3),
            init_timeout: Duration::from_secs(10),
            max_concurrency: 10,
            env: Vec::new(),
            log,
        }
    }

    /// AWS_REGION of the function's variables, or us-east-1.
    pub fn region(&self) -> &str {
        let set = self.env.iter().rev().find(|(name, _)| name == "AWS_REGION");
        set.map_or(DEFAULT_REGION, |(_, region)| region.as_str())
    }

    /// The function's ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{ACCOUNT_ID}:function:{}", self.region(), self.name)
    }
}
