//! The execution environments of the function: concurrency, scaling rate, cold starts.
//! In: starts and ends of invocations. Out: warm, cold, or throttled. Knows no messages.

use std::collections::VecDeque;

use crate::bucket::Bucket;
use crate::chance::Distribution;
use crate::scenario::Ramps;
use crate::time::{MILLISECOND, MINUTE, Micros};

/// Options of the function; the defaults are those of `infra/template.yaml` and of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct LambdaOptions {
    /// Memory in MB of 1,048,576 bytes: 128 to 10,240. Default 1,769, which is one vCPU.
    pub memory_size_mb: u32,
    /// Timeout of an invocation. Default 60 s.
    pub timeout_us: Micros,
    /// Concurrent invocations that the account leaves for this function. Default 1,000, AWS's
    /// default; new accounts have less, and quotas can be raised. Source: AWS Lambda Developer
    /// Guide, "Understanding Lambda function scaling".
    pub account_concurrency: u64,
    /// Reserved concurrency of the function. Default `None`.
    pub reserved_concurrency: Option<u64>,
    /// What the platform needs before an init: a place, the code, the sandbox. It is not billed.
    /// Default: lognormal, mean 150 ms, spread 0.5. AWS publishes no figure.
    pub platform_start: Distribution,
    /// How long an idle environment is kept. AWS publishes no figure; observers found 5 to 60
    /// minutes. Default 6 minutes.
    pub keep_warm_us: Micros,
}

impl Default for LambdaOptions {
    fn default() -> Self {
        Self {
            memory_size_mb: 1_769,
            timeout_us: MINUTE,
            account_concurrency: 1_000,
            reserved_concurrency: None,
            platform_start: Distribution::Lognormal { mean_us: 150 * MILLISECOND, spread: 0.5 },
            keep_warm_us: 6 * MINUTE,
        }
    }
}

impl LambdaOptions {
    /// Invocations at the same time, at most.
    pub fn concurrency(&self) -> u64 {
        self.reserved_concurrency.unwrap_or(self.account_concurrency)
    }
}

/// New environments for each second, and at once: 1,000 every 10 seconds for each function,
/// refilled continuously, and not saved up. Source: AWS Lambda Developer Guide, "Lambda scaling
/// behavior".
const ENVIRONMENTS_PER_S: u64 = 100;
const ENVIRONMENTS_AT_ONCE: u64 = 1_000;

/// Where an invocation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// In an environment that is ready.
    Warm,
    /// In a new environment.
    Cold,
    /// Nowhere: status 429.
    Throttled,
}

/// The environments.
#[derive(Debug)]
pub(crate) struct Lambda {
    concurrency: u64,
    keep_warm_us: Micros,
    busy: u64,
    /// When each idle environment became idle, in ascending order.
    idle: VecDeque<Micros>,
    scaling: Option<Bucket>,
}

impl Lambda {
    pub(crate) fn new(options: &LambdaOptions, ramps: Ramps) -> Self {
        let bucket = Bucket::new(ENVIRONMENTS_PER_S, ENVIRONMENTS_AT_ONCE);
        Self {
            concurrency: options.concurrency(),
            keep_warm_us: options.keep_warm_us,
            busy: 0,
            idle: VecDeque::new(),
            scaling: (ramps == Ramps::Aws).then_some(bucket),
        }
    }

    /// Starts an invocation, in the environment that was used last.
    pub(crate) fn start(&mut self, now: Micros) -> Start {
        self.expire(now);
        if self.busy >= self.concurrency {
            return Start::Throttled;
        }
        let start = match self.idle.pop_back() {
            Some(_) => Start::Warm,
            None if self.scaling.as_mut().is_none_or(|scaling| scaling.take(now)) => Start::Cold,
            None => return Start::Throttled,
        };
        self.busy += 1;
        start
    }

    /// Ends an invocation. An environment is not kept after a timeout.
    pub(crate) fn end(&mut self, now: Micros, is_kept: bool) {
        self.busy -= 1;
        if is_kept {
            self.idle.push_back(now);
        }
    }

    fn expire(&mut self, now: Micros) {
        while self.idle.front().is_some_and(|since| since + self.keep_warm_us <= now) {
            self.idle.pop_front();
        }
    }

    /// Environments that run an invocation or an init.
    pub(crate) fn busy(&self) -> u64 {
        self.busy
    }

    /// All environments.
    pub(crate) fn environments(&mut self, now: Micros) -> u64 {
        self.expire(now);
        self.busy + self.idle.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::{Lambda, LambdaOptions, Start};
    use crate::scenario::Ramps;
    use crate::time::{MINUTE, SECOND};

    fn lambda(concurrency: u64) -> Lambda {
        let options =
            LambdaOptions { account_concurrency: concurrency, ..LambdaOptions::default() };
        Lambda::new(&options, Ramps::Aws)
    }

    fn started(lambda: &mut Lambda, now: u64, count: usize) -> usize {
        (0..count).filter(|_| lambda.start(now) != Start::Throttled).count()
    }

    #[test]
    fn a_function_gets_1000_environments_at_once_and_100_more_each_second() {
        let mut lambda = lambda(10_000);
        assert_eq!(started(&mut lambda, 0, 3_000), 1_000);
        assert_eq!(started(&mut lambda, SECOND, 3_000), 100);
        assert_eq!(started(&mut lambda, 11 * SECOND, 3_000), 1_000);
        assert_eq!(lambda.busy(), 2_100);
    }

    #[test]
    fn the_account_and_the_reserved_concurrency_throttle() {
        assert_eq!(started(&mut lambda(10), 0, 50), 10);
        let options = LambdaOptions { reserved_concurrency: Some(7), ..LambdaOptions::default() };
        assert_eq!(started(&mut Lambda::new(&options, Ramps::None), 0, 50), 7);
    }

    #[test]
    fn environments_stay_warm_for_some_minutes() {
        let mut lambda = lambda(10);
        assert_eq!(lambda.start(0), Start::Cold);
        lambda.end(SECOND, true);
        assert_eq!(lambda.start(6 * MINUTE), Start::Warm);
        lambda.end(6 * MINUTE, true);
        assert_eq!(lambda.environments(12 * MINUTE - 1), 1);
        assert_eq!(lambda.start(12 * MINUTE), Start::Cold);
        lambda.end(13 * MINUTE, false);
        assert_eq!(lambda.start(13 * MINUTE), Start::Cold, "a timeout ends the environment");
    }
}
