//! A token bucket: how AWS limits rates. In: times in ascending order. Out: yes or no.

use crate::time::{Micros, SECOND};

/// Tokens that refill continuously up to a capacity.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    rate_per_s: u64,
    capacity: u64,
    /// Millionths of tokens, so that a microsecond adds a whole number of them.
    millionths: u64,
    updated_us: Micros,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(rate_per_s: u64, capacity: u64) -> Self {
        Self { rate_per_s, capacity, millionths: capacity * SECOND, updated_us: 0 }
    }

    /// Changes the rate and the capacity from now on.
    pub(crate) fn resize(&mut self, now: Micros, rate_per_s: u64, capacity: u64) {
        self.refill(now);
        (self.rate_per_s, self.capacity) = (rate_per_s, capacity);
    }

    fn refill(&mut self, now: Micros) {
        let elapsed_us = now.saturating_sub(self.updated_us);
        let added = elapsed_us.saturating_mul(self.rate_per_s);
        self.millionths = self.millionths.saturating_add(added).min(self.capacity * SECOND);
        self.updated_us = self.updated_us.max(now);
    }

    /// Takes a token if there is one.
    pub(crate) fn take(&mut self, now: Micros) -> bool {
        self.refill(now);
        let is_granted = self.millionths >= SECOND;
        if is_granted {
            self.millionths -= SECOND;
        }
        is_granted
    }

    /// How long the next token takes, after `take` has refused one.
    pub(crate) fn wait_us(&self) -> Micros {
        let missing = SECOND.saturating_sub(self.millionths);
        missing.div_ceil(self.rate_per_s.max(1)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;
    use crate::time::SECOND;

    fn granted(bucket: &mut Bucket, now: u64, wanted: usize) -> usize {
        (0..wanted).filter(|_| bucket.take(now)).count()
    }

    #[test]
    fn a_bucket_grants_its_capacity_and_then_its_rate() {
        let mut bucket = Bucket::new(100, 1_000);
        assert_eq!(granted(&mut bucket, 0, 1_500), 1_000);
        assert_eq!(bucket.wait_us(), 10_000);
        assert!(!bucket.take(9_999));
        assert_eq!(bucket.wait_us(), 1);
        assert!(bucket.take(10_000));
        assert_eq!(granted(&mut bucket, 10_000 + SECOND, 500), 100);
        // What is not used is not kept beyond the capacity.
        assert_eq!(granted(&mut bucket, 1_000 * SECOND, 5_000), 1_000);
    }

    #[test]
    fn a_smaller_bucket_keeps_no_more_than_it_holds() {
        let mut bucket = Bucket::new(100, 1_000);
        bucket.resize(0, 10, 10);
        assert_eq!(granted(&mut bucket, SECOND, 100), 10);
    }
}
