//! What became of objects before, because senders do not say how often they have sent an event: how
//! often an object failed since it was last done, and when it may be tried again. Forgotten when
//! the process ends.

use std::collections::HashMap;

use resizer::event::ObjectRef;
use tokio::time::{Duration, Instant};

/// Objects that are remembered. One more takes the place of the one that may be tried again first.
const MAX_OBJECTS: usize = 10_000;

/// The objects of the last events.
#[derive(Debug, Default)]
pub(super) struct Recent(HashMap<ObjectRef, Ended>);

#[derive(Debug, Clone, Copy)]
struct Ended {
    /// Deliveries that failed since one was done.
    failures: u32,
    not_before: Instant,
}

impl Recent {
    /// How often an object has failed since it was last done; `None` of one that is not remembered.
    pub(super) fn failures(&self, object: &ObjectRef) -> Option<u32> {
        self.0.get(object).map(|ended| ended.failures)
    }

    /// How long until all of these objects may be tried again.
    pub(super) fn wait(&self, objects: &[ObjectRef], now: Instant) -> Option<Duration> {
        let waits = objects.iter().filter_map(|object| self.0.get(object));
        let waits = waits.map(|ended| ended.not_before.saturating_duration_since(now));
        waits.max().filter(|wait| !wait.is_zero())
    }

    /// Counts a delivery that must be repeated, and not before this.
    pub(super) fn hold(&mut self, object: &ObjectRef, not_before: Instant) {
        let failures = self.failures(object).unwrap_or(0).saturating_add(1);
        self.remember(object, Ended { failures, not_before });
    }

    pub(super) fn done(&mut self, object: &ObjectRef, now: Instant) {
        self.remember(object, Ended { failures: 0, not_before: now });
    }

    fn remember(&mut self, object: &ObjectRef, ended: Ended) {
        if self.0.len() >= MAX_OBJECTS && !self.0.contains_key(object) {
            let first = self.0.iter().min_by_key(|(_, ended)| ended.not_before);
            if let Some(first) = first.map(|(object, _)| object.clone()) {
                self.0.remove(&first);
            }
        }
        self.0.insert(object.clone(), ended);
    }
}

#[cfg(test)]
mod tests {
    use resizer::event::ObjectRef;
    use tokio::time::{Duration, Instant};

    use super::{MAX_OBJECTS, Recent};

    fn object(number: usize) -> ObjectRef {
        ObjectRef { bucket: "b".to_owned(), key: number.to_string() }
    }

    #[test]
    fn failures_are_counted_until_they_end() {
        let (now, mut recent) = (Instant::now(), Recent::default());
        let later = now + Duration::from_secs(60);
        recent.hold(&object(1), later);
        recent.hold(&object(1), later);
        assert_eq!((recent.failures(&object(1)), recent.failures(&object(2))), (Some(2), None));
        let objects = [object(1), object(2)];
        assert_eq!(recent.wait(&objects, now), Some(Duration::from_secs(60)));
        assert_eq!(recent.wait(&objects, later), None);
        assert_eq!(recent.wait(&objects[1..], now), None);
        recent.done(&object(1), later);
        assert_eq!(recent.failures(&object(1)), Some(0));
        assert_eq!(recent.wait(&objects, later), None);
    }

    #[test]
    fn memory_is_bounded() {
        let (now, mut recent) = (Instant::now(), Recent::default());
        for number in 0..MAX_OBJECTS + 1 {
            recent.hold(&object(number), now + Duration::from_secs(number as u64));
        }
        assert_eq!(recent.0.len(), MAX_OBJECTS);
        assert_eq!((recent.failures(&object(0)), recent.failures(&object(1))), (None, Some(1)));
    }
}
