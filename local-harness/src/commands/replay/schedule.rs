//! When recorded events are delivered: duplicated, shuffled and delayed, the same way for the same
//! seed. Pure: no clock.

use std::time::Duration;

use lambda_local::seeded::Sequence;

/// The disorder of a replay.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Disorder {
    /// One event in this many is delivered twice; 0 for none.
    pub(super) duplicate_one_in: u32,
    /// Whether the events are delivered in any order.
    pub(super) is_shuffled: bool,
    /// The longest delay of an event.
    pub(super) max_delay: Duration,
    pub(super) seed: u64,
}

/// A delivery: the event's place, and when it begins after the start.
pub(super) type Delivery = (usize, Duration);

/// The deliveries of `count` events, by time.
pub(super) fn deliveries(count: usize, disorder: &Disorder) -> Vec<Delivery> {
    let mut chance = Sequence::new(disorder.seed);
    let mut order: Vec<usize> = Vec::new();
    for at in 0..count {
        order.push(at);
        if chance.one_in(disorder.duplicate_one_in) {
            order.push(at);
        }
    }
    if disorder.is_shuffled {
        for at in (1..order.len()).rev() {
            order.swap(at, chance.below(at as u64 + 1) as usize);
        }
    }
    let max_ms = u64::try_from(disorder.max_delay.as_millis()).unwrap_or(u64::MAX);
    let mut deliveries: Vec<Delivery> = order
        .into_iter()
        .map(|at| (at, Duration::from_millis(chance.below(max_ms.saturating_add(1)))))
        .collect();
    deliveries.sort_by_key(|(_, delay)| *delay);
    deliveries
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Disorder, deliveries};

    #[test]
    fn without_disorder_each_event_comes_once_in_its_order() {
        let places: Vec<usize> =
            deliveries(4, &Disorder::default()).into_iter().map(|(at, _)| at).collect();
        assert_eq!(places, [0, 1, 2, 3]);
    }

    #[test]
    fn disorder_loses_nothing_and_repeats_itself() {
        let max_delay = Duration::from_secs(2);
        let disorder = Disorder { duplicate_one_in: 3, is_shuffled: true, max_delay, seed: 7 };
        let first = deliveries(300, &disorder);
        assert_eq!(first, deliveries(300, &disorder));
        assert_ne!(first, deliveries(300, &Disorder { seed: 8, ..disorder }));
        let mut places: Vec<usize> = first.iter().map(|(at, _)| *at).collect();
        assert!(!places.is_sorted() && (350..450).contains(&places.len()), "{}", places.len());
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 300);
        assert!(
            first.iter().all(|(_, delay)| *delay <= max_delay) && first.is_sorted_by_key(|d| d.1)
        );
    }
}
