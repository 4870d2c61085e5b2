//! The options of a function: what AWS calls its configuration.

use std::path::PathBuf;
use std::time::Duration;

use super::log::LogSink;

/// The account id of the harness.
pub const ACCOUNT_ID: &str = "000000000000";
const DEFAULT_REGION: &str = "us-east-1";

/// The options of a function.
#[derive(Debug, Clone)]
pub struct FunctionOptions {
    /// The binary, as in the deployed zip.
    pub bootstrap: PathBuf,
    /// 1 to 64 letters, digits, `-` and `_`. Default `function`.
    pub name: String,
    /// Memory in MB, 128 to 10,240. Default 128.
    pub memory_size_mb: u32,
    /// Timeout of an invocation, 1 s to 15 min. Default 3 s.
    pub timeout: Duration,
    /// Timeout of a cold start, which is then repeated inside the invocation. Default 10 s, as on
    /// AWS.
    pub init_timeout: Duration,
    /// The most environments at once, at least 1. Default 10.
    pub max_concurrency: usize,
    /// The most invocations at once in one environment. With more than 1, environments are as on
    /// Lambda Managed Instances: they are not frozen, and an invocation that times out neither ends
    /// the process nor the others. AWS calls it PerExecutionEnvironmentMaxConcurrency; its init
    /// timeout there is 130 s or more. Default 1.
    pub environment_concurrency: usize,
    /// Whether an environment gets the processor time of its memory size only, as on AWS, where
    /// the system allows it; see [`Function::cpu_limit`](crate::Function::cpu_limit). Inits are
    /// not limited. Default false.
    pub limits_cpu: bool,
    /// The function's own environment variables, region and credentials among them. Default none.
    pub env: Vec<(String, String)>,
    /// Receives all log lines.
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
            environment_concurrency: 1,
            limits_cpu: false,
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
