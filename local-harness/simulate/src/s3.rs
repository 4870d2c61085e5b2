//! S3 as the function meets it: limits for each prefix, 503 Slow Down, and the function's retries.

use crate::bucket::Bucket;
use crate::chance::{Chance, Distribution};
use crate::time::{MILLISECOND, Micros};

/// Options of S3.
#[derive(Debug, Clone, PartialEq)]
pub struct S3Options {
    /// Partitioned prefixes of the output bucket and of the upload bucket, among which keys are
    /// evenly distributed. S3 makes them itself, in 30 to 60 minutes of load. Default 1.
    pub prefixes: u16,
    /// PUT, COPY, POST, and DELETE requests for each second and prefix. Default 3,500.
    /// Source: Amazon S3 User Guide, "Best practices design patterns: optimizing performance".
    pub writes_per_s: u64,
    /// GET and HEAD requests for each second and prefix. Default 5,500, from the same page.
    pub reads_per_s: u64,
    /// PUT requests for each upload: variants and manifest. Default 5.
    pub puts: u32,
    /// DeleteObjects requests for each upload, which are POSTs. Default 1.
    pub deletes: u32,
    /// How long one of the three steps (GET, all writes together, HEAD) takes. The same page says
    /// 100 to 200 ms for small objects. Default 100 ms.
    pub step_us: Micros,
    /// From an upload to its message in the queue. Default: lognormal, mean 1.65 s, spread 1.31,
    /// which is 1 s at the median, 10 s at p99, and a minute for one in 50,000. Source: Amazon S3
    /// User Guide, "Amazon S3 Event Notifications": "typically in seconds", sometimes "a minute or
    /// longer".
    pub notification_delay: Distribution,
}

impl Default for S3Options {
    fn default() -> Self {
        let mean_us = 1_650 * MILLISECOND;
        Self {
            prefixes: 1,
            writes_per_s: 3_500,
            reads_per_s: 5_500,
            puts: 5,
            deletes: 1,
            step_us: 100 * MILLISECOND,
            notification_delay: Distribution::Lognormal { mean_us, spread: 1.31 },
        }
    }
}

impl S3Options {
    /// Uploads for each second whose writes all prefixes together accept.
    pub fn max_uploads_per_s(&self) -> f64 {
        let writes = f64::from((self.puts + self.deletes).max(1));
        f64::from(self.prefixes) * self.writes_per_s as f64 / writes
    }
}

/// How often the function sends one request at most (`resizer/function/src/store/attempts.rs`, like
/// the next two).
pub(crate) const MAX_ATTEMPTS: u8 = 4;
/// How many requests of one upload it sends again at most.
pub(crate) const MAX_RETRIES: u8 = 16;
/// The mean wait after 503 Slow Down, which doubles with each attempt.
const WAIT_WHEN_THROTTLED: Micros = 200 * MILLISECOND;

/// A request of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Request {
    /// GET or HEAD.
    Read,
    /// PUT.
    Put,
    /// DeleteObjects.
    Delete,
}

/// The limits of all prefixes.
#[derive(Debug)]
pub(crate) struct S3 {
    reads: Vec<Bucket>,
    writes: Vec<Bucket>,
}

impl S3 {
    pub(crate) fn new(options: &S3Options) -> Self {
        // S3 counts by the second.
        let buckets = |per_s| vec![Bucket::new(per_s, per_s); options.prefixes.max(1).into()];
        Self { reads: buckets(options.reads_per_s), writes: buckets(options.writes_per_s) }
    }

    /// Whether S3 carries a request out; if not, it answers 503 Slow Down.
    pub(crate) fn accepts(&mut self, now: Micros, request: Request, prefix: u16) -> bool {
        let buckets = match request {
            Request::Read => &mut self.reads,
            Request::Put | Request::Delete => &mut self.writes,
        };
        buckets[usize::from(prefix)].take(now)
    }
}

/// The function's backoff with full jitter, before it sends a request for the next time.
pub(crate) fn wait_us(attempts: u8, chance: &mut Chance) -> Micros {
    chance.below(WAIT_WHEN_THROTTLED << attempts)
}

#[cfg(test)]
mod tests {
    use super::{Request, S3, S3Options, wait_us};
    use crate::chance::Chance;
    use crate::time::{MILLISECOND, SECOND};

    fn accepted(s3: &mut S3, now: u64, request: Request, prefix: u16) -> usize {
        (0..10_000).filter(|_| s3.accepts(now, request, prefix)).count()
    }

    #[test]
    fn each_prefix_has_limits_for_reads_and_for_writes() {
        let mut s3 = S3::new(&S3Options { prefixes: 2, ..S3Options::default() });
        assert_eq!(accepted(&mut s3, 0, Request::Put, 0), 3_500);
        assert_eq!(accepted(&mut s3, 0, Request::Delete, 0), 0, "they share the limit");
        assert_eq!(accepted(&mut s3, 0, Request::Put, 1), 3_500);
        assert_eq!(accepted(&mut s3, 0, Request::Read, 0), 5_500);
        assert_eq!(accepted(&mut s3, SECOND / 10, Request::Put, 0), 350);
    }

    #[test]
    fn the_backoff_doubles() {
        let mut chance = Chance::new(3);
        for attempts in 1..4 {
            let limit = (200 * MILLISECOND) << attempts;
            let waits: Vec<u64> = (0..10_000).map(|_| wait_us(attempts, &mut chance)).collect();
            assert!(waits.iter().all(|wait| *wait < limit));
            let mean = waits.iter().sum::<u64>() / 10_000;
            assert!(mean.abs_diff(limit / 2) < limit / 50, "{mean}");
        }
    }

    #[test]
    fn six_writes_limit_a_prefix_to_583_uploads_a_second() {
        assert_eq!(S3Options::default().max_uploads_per_s().floor(), 583.0);
    }
}
