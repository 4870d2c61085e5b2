//! The events that are still to come, in the order of time. Events at the same time keep the order
//! in which they were added, so that a run is the same each time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::s3::Request;
use crate::time::Micros;

/// What happens at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// The notification of this message reaches the queue.
    Sent(u32),
    /// The visibility timeout of this message runs out.
    Visible(u32),
    /// The oldest waiting message has waited for the batch window.
    WindowEnds,
    /// A poller may ask the queue again.
    Poll,
    /// A throttled invocation is tried again, or given up.
    Retry(u32),
    /// The environment of this invocation is ready.
    Begin(u32),
    /// The pictures of this invocation are rendered, or its time is over.
    Rendered(u32),
    /// A request to S3 is sent again.
    Resend(Resend),
    /// The mapping scales, and the state is recorded.
    Tick,
}

/// A request that S3 has refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Resend {
    pub(crate) invocation: u32,
    /// The place of the message in its batch.
    pub(crate) member: u16,
    pub(crate) request: Request,
    /// How often it was sent.
    pub(crate) attempts: u8,
}

/// Events by time.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    events: BinaryHeap<Reverse<(Micros, u64, Event)>>,
    added: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, at_us: Micros, event: Event) {
        self.events.push(Reverse((at_us, self.added, event)));
        self.added += 1;
    }

    /// When the next event happens.
    pub(crate) fn next_us(&self) -> Option<Micros> {
        self.events.peek().map(|Reverse((at_us, ..))| *at_us)
    }

    pub(crate) fn pop(&mut self) -> Option<(Micros, Event)> {
        self.events.pop().map(|Reverse((at_us, _, event))| (at_us, event))
    }
}

#[cfg(test)]
mod tests {
    use super::{Agenda, Event};

    #[test]
    fn events_come_by_time_and_then_in_the_order_of_their_addition() {
        let mut agenda = Agenda::default();
        for (at_us, event) in [(5, Event::Tick), (3, Event::Sent(2)), (3, Event::Sent(1))] {
            agenda.add(at_us, event);
        }
        assert_eq!(agenda.next_us(), Some(3));
        let order: Vec<_> = std::iter::from_fn(|| agenda.pop()).collect();
        assert_eq!(order, [(3, Event::Sent(2)), (3, Event::Sent(1)), (5, Event::Tick)]);
    }
}
