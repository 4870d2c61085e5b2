//! The event source mapping: how many batches are under way at a time, and how often it polls.
//! In: times, busy places, and whether messages wait. Out: whether to receive one more batch.

use crate::bucket::Bucket;
use crate::scenario::Ramps;
use crate::time::{Micros, SECOND};

/// Options of the mapping; the defaults are those of `infra/template.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingOptions {
    /// Messages in an invocation, at most. Default 4.
    pub batch_size: usize,
    /// How long a message waits for a batch to be full. Default 0.
    pub batch_window_us: Micros,
    /// How the pollers scale. Default: standard, with a maximum concurrency of 5.
    pub polling: Polling,
    /// After a throttle, the batch is tried again in this time, and in twice as much after each
    /// further one. AWS publishes neither value. Default 1 s.
    pub first_retry_us: Micros,
    /// The longest such wait. Default 60 s.
    pub max_retry_us: Micros,
}

impl Default for MappingOptions {
    fn default() -> Self {
        Self {
            batch_size: 4,
            batch_window_us: 0,
            polling: Polling::Standard { maximum_concurrency: Some(5) },
            first_retry_us: SECOND,
            max_retry_us: 60 * SECOND,
        }
    }
}

/// How pollers scale. Source: AWS Lambda Developer Guide, "Configuring scaling behavior for SQS
/// event source mappings", which calls a batch that is under way a concurrent invoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polling {
    /// AWS scales: 5 batches at first, up to 300 more each minute, 1,250 at most.
    Standard {
        /// Batches at the same time, at most: 2 to 1,000. `None` for no limit but AWS's.
        maximum_concurrency: Option<u64>,
    },
    /// Provisioned mode: each poller has up to 10 batches under way and polls up to 10 times a
    /// second. Up to 1,000 more batches each minute, 20,000 at most.
    Provisioned {
        /// Pollers that are always there: 2 to 200.
        minimum_pollers: u64,
        /// Pollers at most: 2 to 10,000.
        maximum_pollers: u64,
    },
}

/// Batches under way at first, and when there is little to do.
const STANDARD_START: u64 = 5;
const STANDARD_PER_MINUTE: u64 = 300;
const STANDARD_MAX: u64 = 1_250;
const PROVISIONED_PER_MINUTE: u64 = 1_000;
const PROVISIONED_MAX: u64 = 20_000;
/// Batches under way for each provisioned poller.
const BATCHES_PER_POLLER: u64 = 10;
/// Requests to the queue for each provisioned poller in a second.
const POLLS_PER_POLLER: u64 = 10;
/// A limit is counted in sixtieths, so that a second adds a whole number of them.
const PARTS: u64 = 60;

impl Polling {
    /// Batches under way: at first, at most, and how many more each minute.
    fn limits(self) -> (u64, u64, u64) {
        match self {
            Self::Standard { maximum_concurrency } => {
                let max = maximum_concurrency.unwrap_or(STANDARD_MAX).min(STANDARD_MAX);
                (STANDARD_START.min(max), max, STANDARD_PER_MINUTE)
            }
            Self::Provisioned { minimum_pollers, maximum_pollers } => {
                let max = (maximum_pollers * BATCHES_PER_POLLER).min(PROVISIONED_MAX);
                (minimum_pollers * BATCHES_PER_POLLER, max, PROVISIONED_PER_MINUTE)
            }
        }
    }

    /// Batches under way, at most.
    pub fn max_concurrency(self) -> u64 {
        self.limits().1
    }
}

/// A running mapping.
#[derive(Debug)]
pub(crate) struct Mapping {
    polling: Polling,
    start_parts: u64,
    max_parts: u64,
    step_parts: u64,
    limit_parts: u64,
    /// Batches that were received and have not ended, throttled ones among them.
    pub(crate) busy: u64,
    /// Whether the function was throttled since the last tick.
    pub(crate) was_throttled: bool,
    polls: Option<Bucket>,
}

impl Mapping {
    pub(crate) fn new(options: &MappingOptions, ramps: Ramps) -> Self {
        let polling = options.polling;
        let (start, max, per_minute) = polling.limits();
        let start = if ramps == Ramps::None { max } else { start };
        let polls = match polling {
            Polling::Provisioned { .. } if ramps == Ramps::Aws => Some(Bucket::new(0, 0)),
            _ => None,
        };
        let mut mapping = Self {
            polling,
            start_parts: start * PARTS,
            max_parts: max * PARTS,
            // Ticks come each second, and a minute has as many as a whole has parts.
            step_parts: per_minute,
            limit_parts: start * PARTS,
            busy: 0,
            was_throttled: false,
            polls,
        };
        mapping.resize_polls(0);
        mapping
    }

    /// Batches under way that are allowed now.
    pub(crate) fn limit(&self) -> u64 {
        self.limit_parts / PARTS
    }

    /// Provisioned pollers that run now.
    pub(crate) fn pollers(&self) -> u64 {
        match self.polling {
            Polling::Standard { .. } => 0,
            Polling::Provisioned { .. } => self.limit().div_ceil(BATCHES_PER_POLLER),
        }
    }

    pub(crate) fn has_place(&self) -> bool {
        self.busy < self.limit()
    }

    /// Scales, once each second: up while messages wait and every place is busy, down while the
    /// function is throttled or places are free. AWS publishes no rate for the way down; this one
    /// goes as fast as the way up.
    pub(crate) fn tick(&mut self, now: Micros, is_waiting: bool) {
        let wants_more = is_waiting && !self.has_place() && !self.was_throttled;
        let wants_less = self.was_throttled || !is_waiting && self.has_place();
        if wants_more {
            self.limit_parts = (self.limit_parts + self.step_parts).min(self.max_parts);
        } else if wants_less {
            self.limit_parts =
                self.limit_parts.saturating_sub(self.step_parts).max(self.start_parts);
        }
        self.was_throttled = false;
        self.resize_polls(now);
    }

    fn resize_polls(&mut self, now: Micros) {
        let per_s = self.pollers() * POLLS_PER_POLLER;
        if let Some(polls) = &mut self.polls {
            polls.resize(now, per_s, per_s);
        }
    }

    /// Asks the queue once.
    ///
    /// # Errors
    /// How long the next poll must wait.
    pub(crate) fn poll(&mut self, now: Micros) -> Result<(), Micros> {
        let Some(polls) = &mut self.polls else { return Ok(()) };
        if polls.take(now) { Ok(()) } else { Err(polls.wait_us()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mapping, MappingOptions, Polling};
    use crate::scenario::Ramps;
    use crate::time::SECOND;

    fn mapping(polling: Polling, ramps: Ramps) -> Mapping {
        Mapping::new(&MappingOptions { polling, ..MappingOptions::default() }, ramps)
    }

    /// The limit after so many seconds with a full queue.
    fn limit_after(mapping: &mut Mapping, seconds: u64) -> u64 {
        for second in 0..seconds {
            mapping.busy = mapping.limit();
            mapping.tick((second + 1) * SECOND, true);
        }
        mapping.limit()
    }

    #[test]
    fn a_standard_mapping_starts_with_5_and_adds_300_a_minute_up_to_1250() {
        let mut mapping = mapping(Polling::Standard { maximum_concurrency: None }, Ramps::Aws);
        assert_eq!(mapping.limit(), 5);
        assert_eq!(limit_after(&mut mapping, 60), 305);
        assert_eq!(limit_after(&mut mapping, 188), 1_245);
        assert_eq!(limit_after(&mut mapping, 60), 1_250);
    }

    #[test]
    fn maximum_concurrency_caps_a_standard_mapping() {
        let polling = Polling::Standard { maximum_concurrency: Some(100) };
        assert_eq!(limit_after(&mut mapping(polling, Ramps::Aws), 60), 100);
        let polling = Polling::Standard { maximum_concurrency: Some(2) };
        assert_eq!(mapping(polling, Ramps::Aws).limit(), 2);
    }

    #[test]
    fn provisioned_pollers_add_1000_batches_a_minute_up_to_20000() {
        let polling = Polling::Provisioned { minimum_pollers: 20, maximum_pollers: 10_000 };
        let mut mapping = mapping(polling, Ramps::Aws);
        assert_eq!((mapping.limit(), mapping.pollers()), (200, 20));
        assert_eq!(limit_after(&mut mapping, 60), 1_200);
        assert_eq!(limit_after(&mut mapping, 1_200), 20_000);
        assert_eq!(mapping.pollers(), 2_000);
    }

    #[test]
    fn a_provisioned_poller_polls_ten_times_a_second() {
        let polling = Polling::Provisioned { minimum_pollers: 2, maximum_pollers: 2 };
        let mut mapping = mapping(polling, Ramps::Aws);
        mapping.tick(SECOND, false);
        let polls = (0..100).filter(|_| mapping.poll(2 * SECOND).is_ok()).count();
        assert_eq!(polls, 20);
        assert_eq!(mapping.poll(2 * SECOND), Err(SECOND / 20));
    }

    #[test]
    fn throttles_and_an_empty_queue_scale_down_to_the_start() {
        let mut mapping = mapping(Polling::Standard { maximum_concurrency: None }, Ramps::Aws);
        limit_after(&mut mapping, 60);
        (mapping.busy, mapping.was_throttled) = (305, true);
        mapping.tick(61 * SECOND, true);
        assert_eq!(mapping.limit(), 300);
        mapping.busy = 0;
        for second in 62..200 {
            mapping.tick(second * SECOND, false);
        }
        assert_eq!(mapping.limit(), 5);
    }

    #[test]
    fn without_ramps_the_limit_is_there_at_once() {
        let polling = Polling::Standard { maximum_concurrency: Some(64) };
        assert_eq!(mapping(polling, Ramps::None).limit(), 64);
    }
}
