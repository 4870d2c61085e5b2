//! What failed before, because senders do not say how often they have sent an event: how often an
//! object failed, and when it may be tried again. Forgotten when the process ends.

use std::collections::HashMap;

use resizer::event::ObjectRef;
use tokio::time::{Duration, Instant};

/// Objects that are remembered; a failure beyond takes the place of the oldest.
const MAX_OBJECTS: usize = 10_000;

/// The objects that failed the last time.
#[derive(Debug, Default)]
pub(super) struct Failures(HashMap<ObjectRef, Failure>);

#[derive(Debug, Clone, Copy)]
struct Failure {
    count: u32,
    not_before: Instant,
}

impl Failures {
    /// How often an object has failed since it was last done.
    pub(super) fn count(&self, object: &ObjectRef) -> u32 {
        self.0.get(object).map_or(0, |failure| failure.count)
    }

    /// How long the first of these objects that failed must still be left alone.
    pub(super) fn wait(&self, objects: &[ObjectRef], now: Instant) -> Option<Duration> {
        let waits = objects.iter().filter_map(|object| self.0.get(object));
        let waits = waits.map(|failure| failure.not_before.saturating_duration_since(now));
        waits.max().filter(|wait| !wait.is_zero())
    }

    pub(super) fn failed(&mut self, object: &ObjectRef, not_before: Instant) {
        if self.0.len() >= MAX_OBJECTS && !self.0.contains_key(object) {
            let oldest = self.0.iter().min_by_key(|(_, failure)| failure.not_before);
            if let Some(oldest) = oldest.map(|(object, _)| object.clone()) {
                self.0.remove(&oldest);
            }
        }
        let failure = self.0.entry(object.clone()).or_insert(Failure { count: 0, not_before });
        *failure = Failure { count: failure.count.saturating_add(1), not_before };
    }

    pub(super) fn done(&mut self, object: &ObjectRef) {
        self.0.remove(object);
    }
}

#[cfg(test)]
mod tests {
    use resizer::event::ObjectRef;
    use tokio::time::{Duration, Instant};

    use super::{Failures, MAX_OBJECTS};

    fn object(number: usize) -> ObjectRef {
        ObjectRef { bucket: "b".to_owned(), key: number.to_string() }
    }

    #[test]
    fn failures_are_counted_until_they_end() {
        let (now, mut failures) = (Instant::now(), Failures::default());
        let later = now + Duration::from_secs(60);
        failures.failed(&object(1), later);
        failures.failed(&object(1), later);
        assert_eq!((failures.count(&object(1)), failures.count(&object(2))), (2, 0));
        let objects = [object(1), object(2)];
        assert_eq!(failures.wait(&objects, now), Some(Duration::from_secs(60)));
        assert_eq!(failures.wait(&objects, later), None);
        assert_eq!(failures.wait(&objects[1..], now), None);
        failures.done(&object(1));
        assert_eq!(failures.count(&object(1)), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let (now, mut failures) = (Instant::now(), Failures::default());
        for number in 0..MAX_OBJECTS + 1 {
            failures.failed(&object(number), now + Duration::from_secs(number as u64));
        }
        assert_eq!(failures.0.len(), MAX_OBJECTS);
        assert_eq!((failures.count(&object(0)), failures.count(&object(1))), (0, 1));
    }
}
