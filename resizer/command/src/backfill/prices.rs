//! Requests in, dollars out. The only place with prices.
//! Source: aws.amazon.com/s3/pricing, aws.amazon.com/lambda/pricing and
//! aws.amazon.com/ec2/pricing/on-demand (data transfer), us-east-1, as published in 2025.

use std::ops::AddAssign;

use resizer::store::Requests;
use serde::{Deserialize, Serialize};

use crate::output::grouped;

/// What the prices below are.
pub(crate) const WHAT_PRICES: &str = "list prices of us-east-1 of 2025, S3 Standard";

/// S3: a PUT, COPY or LIST, in dollars. DELETE is free.
const WRITE: f64 = 5.0e-6;
/// S3: a GET or HEAD.
const READ: f64 = 0.4e-6;
/// From S3 to the internet, a GB of 10^9 bytes; up to 10 TB in a month.
const TRANSFER_GB: f64 = 0.09;
/// Lambda: an invocation.
const INVOCATION: f64 = 0.2e-6;
/// Lambda on arm64: a GB (2^30 bytes) for a second.
const LAMBDA_GB_SECOND: f64 = 1.333_34e-5;
/// S3 Batch Operations: a job.
const JOB: f64 = 0.25;
/// S3 Batch Operations: an object of a job.
const JOB_OBJECT: f64 = 1.0e-6;

/// Requests to S3 of a whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RequestCounts {
    pub(crate) list: u64,
    pub(crate) get: u64,
    pub(crate) head: u64,
    pub(crate) put: u64,
    pub(crate) copy: u64,
    pub(crate) delete: u64,
}

impl From<Requests> for RequestCounts {
    fn from(requests: Requests) -> Self {
        let Requests { get, head, put, copy, delete, list, retries: _ } = requests;
        let [list, get, head, put, copy, delete] =
            [list, get, head, put, copy, delete].map(u64::from);
        Self { list, get, head, put, copy, delete }
    }
}

impl AddAssign for RequestCounts {
    fn add_assign(&mut self, other: Self) {
        self.list = self.list.saturating_add(other.list);
        self.get = self.get.saturating_add(other.get);
        self.head = self.head.saturating_add(other.head);
        self.put = self.put.saturating_add(other.put);
        self.copy = self.copy.saturating_add(other.copy);
        self.delete = self.delete.saturating_add(other.delete);
    }
}

impl RequestCounts {
    /// What came on top of an earlier count.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            list: self.list.saturating_sub(earlier.list),
            get: self.get.saturating_sub(earlier.get),
            head: self.head.saturating_sub(earlier.head),
            put: self.put.saturating_sub(earlier.put),
            copy: self.copy.saturating_sub(earlier.copy),
            delete: self.delete.saturating_sub(earlier.delete),
        }
    }

    /// What S3 asks for them.
    pub(crate) fn dollars(&self) -> f64 {
        let sum = |counts: &[u64]| counts.iter().map(|count| *count as f64).sum::<f64>();
        sum(&[self.list, self.put, self.copy]) * WRITE + sum(&[self.get, self.head]) * READ
    }

    /// The same work so many times.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        let scaled = |count: u64| (count as f64 * factor).round() as u64;
        let Self { list, get, head, put, copy, delete } = *self;
        let [list, get, head, put, copy, delete] = [list, get, head, put, copy, delete].map(scaled);
        Self { list, get, head, put, copy, delete }
    }

    /// `LIST 3, GET 1,200, ...` without what was not sent.
    pub(crate) fn text(&self) -> String {
        let Self { list, get, head, put, copy, delete } = *self;
        let all = [
            ("LIST", list),
            ("GET", get),
            ("HEAD", head),
            ("PUT", put),
            ("COPY", copy),
            ("DELETE", delete),
        ];
        let sent = all.iter().filter(|(_, count)| *count > 0);
        let texts: Vec<String> =
            sent.map(|(name, count)| format!("{name} {}", grouped(*count))).collect();
        if texts.is_empty() { "none".to_owned() } else { texts.join(", ") }
    }
}

/// What leaves the region.
pub(crate) fn transfer_dollars(bytes: u64) -> f64 {
    bytes as f64 / 1e9 * TRANSFER_GB
}

/// A job of S3 Batch Operations that invokes a function once for each object.
pub(crate) fn job_dollars(objects: u64, memory_mib: u64, seconds: f64) -> f64 {
    let gb_seconds = memory_mib as f64 / 1024.0 * seconds;
    JOB + objects as f64 * (JOB_OBJECT + INVOCATION) + gb_seconds * LAMBDA_GB_SECOND
}

/// With as many digits as say something.
pub(crate) fn money(dollars: f64) -> String {
    if dollars >= 1.0 { format!("${dollars:.2}") } else { format!("${dollars:.6}") }
}

#[cfg(test)]
mod tests {
    use super::{RequestCounts, job_dollars, money};

    #[test]
    fn a_million_uploads_cost_what_the_documentation_says() {
        let one = RequestCounts { get: 1, head: 1, put: 5, delete: 1, ..RequestCounts::default() };
        assert_eq!(money(one.scaled(1e6).dollars()), "$25.80");
        let check = RequestCounts { head: 17, ..RequestCounts::default() };
        assert_eq!(money(check.scaled(1e6).dollars()), "$6.80");
        assert_eq!(one.text(), "GET 1, HEAD 1, PUT 5, DELETE 1");
        assert_eq!(RequestCounts::default().text(), "none");
        // A job, 1.2 million requests of two services, and the time on 1,769 MB.
        let dollars = job_dollars(1_000_000, 1769, 1_000_000.0);
        assert!((dollars - (0.25 + 1.2 + 23.03)).abs() < 0.01, "{dollars}");
    }
}
