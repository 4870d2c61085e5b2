//! When a message that was not done may come back. In: how often it was received, and what its
//! uploads met. Out: how long it stays hidden. No clock, no requests.

use std::time::Duration;

use resizer::batch::Reports;
use resizer::error::FaultKind;
use resizer::report::Outcome;
use serde_json::Value;

/// Beyond the age at which results may be taken as old enough: requests of this very delivery, and
/// clocks that differ, take no more.
const QUIESCENCE_MARGIN: Duration = Duration::from_secs(10);

/// Deliveries before the function refuses a file that is too slow or crashes.
const LATE_DELIVERY: u64 = 3;

/// How long messages stay hidden.
#[derive(Debug, Clone, Copy)]
pub(super) struct RetryDelay {
    /// Before the second delivery.
    pub(super) first: Duration,
    pub(super) max: Duration,
    /// The age that results must have before their original may be moved or deleted, apart from a
    /// margin: a deadline, and what is sent within it and arrives late.
    pub(super) quiescence: Duration,
}

impl RetryDelay {
    /// After so many deliveries, of which the last one ended so: twice as long after each. Where
    /// nothing is wrong but the results are too young, as long as they need.
    pub(super) fn after(&self, received: u32, reports: &Reports) -> Duration {
        let faults = reports.values().filter_map(|report| match &report.outcome {
            Outcome::Failed { fault, .. } => Some(fault.kind),
            _ => None,
        });
        let mut faults = faults.peekable();
        let only_young =
            faults.peek().is_some() && faults.all(|kind| kind == FaultKind::NotQuiescent);
        if only_young {
            return self.quiescence + QUIESCENCE_MARGIN;
        }
        let doublings = 1_u32.checked_shl(received.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first.saturating_mul(doublings).min(self.max)
    }
}

/// What is probably a mistake in a queue's redrive policy, its JSON or nothing.
pub(super) fn warnings(redrive_policy: Option<&str>) -> Vec<String> {
    let policy: Option<Value> = redrive_policy.and_then(|text| serde_json::from_str(text).ok());
    let Some(policy) = policy else {
        return vec![
            "the queue has no redrive policy: a message that always fails is delivered until it \
             expires, and nobody hears of it; give the queue a dead-letter queue"
                .to_owned(),
        ];
    };
    // Some servers write the number as text.
    let count = &policy["maxReceiveCount"];
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    match count {
        Some(count) if count < LATE_DELIVERY => vec![format!(
            "maxReceiveCount of the queue is {count}: a file that is too slow or crashes becomes a \
             dead letter before its {LATE_DELIVERY}rd delivery could refuse it"
        )],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use resizer::batch::Reports;
    use resizer::error::{Fault, FaultKind, Phase};
    use resizer::event::ObjectRef;
    use resizer::report::{Effort, Report};

    use super::{RetryDelay, warnings};

    const DELAY: RetryDelay = RetryDelay {
        first: Duration::from_secs(60),
        max: Duration::from_secs(900),
        quiescence: Duration::from_secs(180),
    };

    fn reports(kinds: &[FaultKind]) -> Reports {
        let report = |(number, kind): (usize, &FaultKind)| {
            let object = ObjectRef { bucket: "b".to_owned(), key: number.to_string() };
            let (phase, cause) = (Phase::Fetching, "a test".into());
            let fault = Fault { kind: *kind, phase, object: object.clone(), cause };
            let effort = Effort::default();
            let report =
                Report { object: object.clone(), outcome: fault.into(), original: None, effort };
            (object, report)
        };
        kinds.iter().enumerate().map(report).collect()
    }

    #[test]
    fn retries_come_ever_later_up_to_the_limit() {
        let after = |received| DELAY.after(received, &reports(&[FaultKind::Io])).as_secs();
        assert_eq!([1, 2, 3, 4, 5, 100].map(after), [60, 120, 240, 480, 900, 900]);
        // A body that names nothing has no reports.
        assert_eq!(DELAY.after(1, &reports(&[])).as_secs(), 60);
    }

    #[test]
    fn results_that_are_too_young_are_waited_for() {
        let young = FaultKind::NotQuiescent;
        assert_eq!(DELAY.after(1, &reports(&[young, young])).as_secs(), 190);
        assert_eq!(DELAY.after(2, &reports(&[young, FaultKind::Throttle])).as_secs(), 120);
    }

    #[test]
    fn queues_without_a_way_out_are_named() {
        assert!(warnings(None)[0].contains("no redrive policy"));
        assert!(warnings(Some(r#"{"maxReceiveCount":"2"}"#))[0].contains("is 2"));
        assert_eq!(warnings(Some(r#"{"maxReceiveCount":10}"#)), Vec::<String>::new());
    }
}
