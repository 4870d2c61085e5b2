//! What was seen of some objects of a rule in, what all of them will take out.

use resizer::handler::{Inspection, Rehearsal};
use resizer::store::Requests;

use crate::backfill::prices::RequestCounts;

/// Standard errors on each side of a 95 % interval.
const CONFIDENCE: f64 = 1.96;

/// What was seen of a rule's objects.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// All that the rule takes.
    pub(crate) objects: u64,
    /// Their checks, as far as they were checked; all are made where none was.
    pub(crate) checks: Vec<Inspection>,
    /// Those whose check failed.
    pub(crate) failed_checks: usize,
    /// Those that were rendered, of those that are to be made.
    pub(crate) rehearsals: Vec<Rehearsal>,
    /// Those whose rendering failed, but not because of their files.
    pub(crate) failed_rehearsals: usize,
    /// What becomes of an original that goes.
    pub(crate) of_retirement: Requests,
}

/// What the objects of a rule, or of all rules, will take.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) objects: f64,
    pub(crate) current: f64,
    pub(crate) to_make: f64,
    /// Of those that are to be made, and of the others.
    pub(crate) failing: f64,
    pub(crate) refused: f64,
    pub(crate) originals: f64,
    pub(crate) sent: RequestCounts,
    /// Bytes to read.
    pub(crate) source_bytes: f64,
    /// Bytes to write.
    pub(crate) result_bytes: f64,
    /// Of one processor.
    pub(crate) engine_seconds: f64,
    /// The square of the standard error of the bill.
    variance: f64,
}

impl Seen {
    fn checked(&self) -> usize {
        self.checks.len() + self.failed_checks
    }

    fn rendered(&self) -> usize {
        self.rehearsals.len() + self.failed_rehearsals
    }
}

impl Estimate {
    /// From what was seen.
    pub(crate) fn of(seen: &Seen) -> Self {
        let objects = seen.objects as f64;
        let missing = seen.checks.iter().filter(|check| !check.is_current).count();
        let (checked, rendered) = (seen.checked(), seen.rendered());
        let missing_share = share(missing, checked).unwrap_or(1.0);
        let retired = seen.checks.iter().filter(|check| check.retires).count();
        let of_all = |count| objects * share(count, checked).unwrap_or(0.0);
        let to_make = objects * missing_share;
        let of_made = |count| to_make * share(count, rendered).unwrap_or(0.0);
        let refused = seen.rehearsals.iter().filter(|one| !one.is_stored).count();
        let of_check = sum(seen.checks.iter().map(|check| check.requests));
        let of_making = sum(seen.rehearsals.iter().map(|one| one.requests));
        let mean = |value: fn(&Rehearsal) -> f64| {
            let count = rendered.max(1) as f64;
            seen.rehearsals.iter().map(value).sum::<f64>() / count
        };
        let mut sent = of_check.scaled(objects / checked.max(1) as f64);
        sent += of_making.scaled(to_make / rendered.max(1) as f64);
        let originals = of_all(retired);
        sent += RequestCounts::from(seen.of_retirement).scaled(originals);
        Self {
            objects,
            current: of_all(seen.checks.len() - missing),
            to_make,
            failing: of_all(seen.failed_checks) + of_made(seen.failed_rehearsals),
            refused: of_made(refused),
            originals,
            sent,
            source_bytes: to_make * mean(|one| one.source_bytes as f64),
            result_bytes: to_make * mean(|one| one.result_bytes as f64),
            engine_seconds: to_make * mean(|one| one.engine_ms) / 1000.0,
            variance: variance(seen, to_make, missing_share),
        }
    }

    /// Of all rules together.
    pub(crate) fn add(&mut self, other: &Self) {
        self.objects += other.objects;
        self.current += other.current;
        self.to_make += other.to_make;
        self.failing += other.failing;
        self.refused += other.refused;
        self.originals += other.originals;
        self.sent += other.sent;
        self.source_bytes += other.source_bytes;
        self.result_bytes += other.result_bytes;
        self.engine_seconds += other.engine_seconds;
        self.variance += other.variance;
    }

    /// How far the bill may be off, with 95 % probability.
    pub(crate) fn margin_dollars(&self) -> f64 {
        CONFIDENCE * self.variance.sqrt()
    }
}

fn share(count: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| count as f64 / of as f64)
}

fn sum(requests: impl Iterator<Item = Requests>) -> RequestCounts {
    requests.fold(RequestCounts::default(), |mut sum, one| {
        sum += one.into();
        sum
    })
}

/// Of the bill: what is made was seen in a sample, and so was the price of making it.
fn variance(seen: &Seen, to_make: f64, missing_share: f64) -> f64 {
    let prices = seen.rehearsals.iter().map(|one| RequestCounts::from(one.requests).dollars());
    let prices: Vec<f64> = prices.chain(std::iter::repeat_n(0.0, seen.failed_rehearsals)).collect();
    let rendered = seen.rendered() as f64;
    let mean = prices.iter().sum::<f64>() / rendered.max(1.0);
    let spread = prices.iter().map(|price| (price - mean).powi(2)).sum::<f64>();
    // A sample that is all there is has no error.
    let unseen = |seen: f64, all: f64| if all > 1.0 { (1.0 - seen / all).max(0.0) } else { 0.0 };
    let of_price = if rendered > 1.0 {
        to_make.powi(2) * spread / (rendered - 1.0) / rendered * unseen(rendered, to_make)
    } else {
        0.0
    };
    let (checked, objects) = (seen.checked() as f64, seen.objects as f64);
    let of_share = if checked > 0.0 {
        let spread = missing_share * (1.0 - missing_share) / checked;
        (objects * mean).powi(2) * spread * unseen(checked, objects)
    } else {
        0.0
    };
    of_price + of_share
}

#[cfg(test)]
mod tests {
    use resizer::handler::{Inspection, Rehearsal};
    use resizer::store::Requests;

    use super::{Estimate, Seen};

    fn check(is_current: bool) -> Inspection {
        let requests = Requests { head: 9, ..Requests::default() };
        Inspection { is_current, retires: false, requests }
    }

    fn made(put: u32) -> Rehearsal {
        let requests = Requests { get: 1, put, head: 1, ..Requests::default() };
        Rehearsal { is_stored: put > 1, requests, source_bytes: 100, ..Rehearsal::default() }
    }

    #[test]
    fn what_was_seen_is_scaled_to_all() {
        let seen = Seen {
            objects: 1000,
            checks: vec![check(true), check(false), check(true), check(true)],
            rehearsals: vec![made(5), made(1)],
            ..Seen::default()
        };
        let estimate = Estimate::of(&seen);
        assert_eq!((estimate.to_make, estimate.refused), (250.0, 125.0));
        assert_eq!((estimate.sent.head, estimate.sent.put), (9000 + 250, 750));
        assert_eq!(estimate.source_bytes, 25_000.0);
        assert!(estimate.margin_dollars() > 0.0);

        let failing = Seen { failed_checks: 4, failed_rehearsals: 2, ..Seen::default() };
        let failing = Seen { checks: seen.checks.clone(), objects: 1000, ..failing };
        let failing = Seen { rehearsals: seen.rehearsals.clone(), ..failing };
        let estimate = Estimate::of(&failing);
        assert_eq!((estimate.current, estimate.to_make), (375.0, 125.0));
        assert_eq!((estimate.refused, estimate.failing), (31.25, 500.0 + 62.5));

        let whole = Seen { objects: 4, rehearsals: vec![made(1)], ..seen };
        let estimate = Estimate::of(&whole);
        assert_eq!((estimate.sent.head, estimate.sent.put), (36 + 1, 1));
        assert_eq!(estimate.margin_dollars(), 0.0, "all of it was seen");
    }

    #[test]
    fn without_checks_everything_is_made() {
        let seen = Seen { objects: 10, rehearsals: vec![made(5)], ..Seen::default() };
        let estimate = Estimate::of(&seen);
        assert_eq!((estimate.to_make, estimate.sent.put, estimate.sent.head), (10.0, 50, 10));
    }
}
