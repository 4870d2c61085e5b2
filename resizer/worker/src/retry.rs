//! When an event that was not done may come back. In: how often it was received, and what its
//! uploads met. Out: how long it must stay away. No clock, no requests.

use std::time::Duration;

use resizer::batch::Reports;
use resizer::error::FaultKind;
use resizer::report::{Outcome, Report};

use crate::shared::Shared;

/// Covers the remaining requests of this delivery, and clocks that differ.
const QUIESCENCE_MARGIN: Duration = Duration::from_secs(10);

/// How long events stay away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryDelay {
    /// Before the second delivery of a message.
    first: Duration,
    max: Duration,
    /// The longest between a request without an answer and its effect: nothing may come back
    /// earlier than this.
    late_requests: Duration,
    /// The longest that any delivery lives.
    lifetime: Duration,
}

impl RetryDelay {
    /// As the settings say.
    pub(crate) fn of(shared: &Shared) -> Self {
        let settings = &shared.settings;
        Self {
            first: settings.retry_delay,
            max: settings.retry_delay_max,
            late_requests: shared.late_requests(),
            lifetime: settings.lifetime(),
        }
    }

    /// For a message after so many deliveries, of which the last one ended so: twice as long after
    /// each. Where nothing is wrong but the results are too young, as long as they need.
    pub(crate) fn of_message(&self, received: u32, reports: &Reports) -> Duration {
        let mut failed = reports.values().filter(|report| fault(report).is_some()).peekable();
        if failed.peek().is_some() && failed.all(is_too_young) {
            return self.quiescence();
        }
        let doublings = 1_u32.checked_shl(received.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first.saturating_mul(doublings).min(self.max)
    }

    /// For an object whose sender has a backoff of its own: no longer than it must be.
    pub(crate) fn of_object(&self, report: Option<&Report>) -> Duration {
        if report.is_some_and(is_too_young) { self.quiescence() } else { self.late_requests }
    }

    /// The wait until the results of this delivery are old enough for their original to be moved or
    /// deleted.
    fn quiescence(&self) -> Duration {
        self.lifetime + self.late_requests + QUIESCENCE_MARGIN
    }
}

fn fault(report: &Report) -> Option<FaultKind> {
    match &report.outcome {
        Outcome::Failed { fault, .. } => Some(fault.kind),
        _ => None,
    }
}

fn is_too_young(report: &Report) -> bool {
    fault(report) == Some(FaultKind::NotQuiescent)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use resizer::batch::Reports;
    use resizer::error::{Fault, FaultKind, Phase};
    use resizer::event::ObjectRef;
    use resizer::report::{Effort, Report};

    use super::RetryDelay;

    const DELAY: RetryDelay = RetryDelay {
        first: Duration::from_secs(60),
        max: Duration::from_secs(900),
        late_requests: Duration::from_secs(30),
        lifetime: Duration::from_secs(150),
    };

    fn reports(kinds: &[FaultKind]) -> Reports {
        let report = |(number, kind): (usize, &FaultKind)| {
            let object = ObjectRef { bucket: "b".to_owned(), key: number.to_string() };
            let (phase, cause) = (Phase::Fetching, "a test".into());
            let fault = Fault { kind: *kind, phase, object: object.clone(), cause };
            let effort = Effort::default();
            let (delivery, original) = (1, None);
            let report = Report {
                object: object.clone(),
                delivery,
                outcome: fault.into(),
                original,
                effort,
            };
            (object, report)
        };
        kinds.iter().enumerate().map(report).collect()
    }

    #[test]
    fn retries_come_ever_later_up_to_the_limit() {
        let after = |received| DELAY.of_message(received, &reports(&[FaultKind::Io])).as_secs();
        assert_eq!([1, 2, 3, 4, 5, 100].map(after), [60, 120, 240, 480, 900, 900]);
        // A body that names nothing has no reports.
        assert_eq!(DELAY.of_message(1, &reports(&[])).as_secs(), 60);
    }

    #[test]
    fn results_that_are_too_young_are_waited_for() {
        let young = FaultKind::NotQuiescent;
        assert_eq!(DELAY.of_message(1, &reports(&[young, young])).as_secs(), 190);
        assert_eq!(DELAY.of_message(2, &reports(&[young, FaultKind::Throttle])).as_secs(), 120);
    }

    #[test]
    fn an_object_waits_for_as_long_as_it_must() {
        let wait = |kinds: &[FaultKind]| DELAY.of_object(reports(kinds).values().next()).as_secs();
        assert_eq!(
            [&[FaultKind::Io][..], &[FaultKind::NotQuiescent], &[]].map(wait),
            [30, 190, 30]
        );
    }
}
