//! The limit of objects in a time. In: when objects begin. Out: when the next one may. Knows no
//! clock.

use std::time::Duration;

use tokio::time::Instant;

use super::arguments::Rate;

/// What a timer that wakes late may be made up for.
const SLACK: Duration = Duration::from_millis(50);

/// When the next object may begin. Time that was not used is lost, but for the slack.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: Option<Rate>,
    next: Instant,
}

impl Pace {
    /// Of a rate, or of none.
    pub(crate) fn new(rate: Option<Rate>, now: Instant) -> Self {
        Self { rate, next: now }
    }

    /// When the next object may begin.
    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    /// An object begins.
    pub(crate) fn begin(&mut self, now: Instant) {
        if let Some(rate) = self.rate {
            let earliest = now.checked_sub(SLACK).unwrap_or(now);
            self.next = self.next.max(earliest) + rate.interval;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Pace;

    #[test]
    fn no_second_has_more_objects_than_the_rate_says() {
        let start = Instant::now() + Duration::from_secs(1);
        let mut pace = Pace::new(Some("50/s".parse().expect("a rate")), start);
        let mut turns: Vec<Duration> = Vec::new();
        let mut now = start;
        for number in 0..1000_u64 {
            // Now and then the work itself takes long, and timers are late.
            let work = if number % 97 == 0 { 700 } else { number % 5 };
            now = (now + Duration::from_millis(work)).max(pace.next());
            pace.begin(now);
            turns.push(now - start);
        }
        for (at, turn) in turns.iter().enumerate() {
            let end = *turn + Duration::from_secs(1);
            let count = turns[at..].iter().take_while(|next| **next < end).count();
            // With the slack of 50 ms, which is two and a half objects.
            assert!(count <= 53, "{count} from {turn:?}");
        }
        let busy = turns[90] - turns[10];
        assert_eq!(busy, Duration::from_millis(80 * 20), "and no fewer where there is work");
        let mut free = Pace::new(None, start);
        free.begin(start);
        assert_eq!(free.next(), start);
    }
}
