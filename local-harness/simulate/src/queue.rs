//! A standard queue of SQS: messages, their visibility, receive counts, and dead letters.
//! In: times and numbers of messages. Out: batches. Knows no invocations.

use std::collections::VecDeque;

use crate::time::{DAY, MINUTE, Micros};

/// Options of the queue; the defaults are those of `infra/template.yaml`.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueOptions {
    /// How long a received message stays hidden. Default 360 s: six times the function's timeout,
    /// as Lambda asks for.
    pub visibility_timeout_us: Micros,
    /// Receives before a message becomes a dead letter; at least 1. Default 10.
    pub max_receive_count: u16,
    /// Messages that are received and not yet deleted or visible again, at most. Default 120,000.
    /// Source: Amazon SQS Developer Guide, "standard queue quotas".
    pub max_in_flight: u64,
    /// How long a message is kept, from the upload on. Default 7 days.
    pub retention_us: Micros,
    /// The share of uploads that are delivered twice. SQS and S3 promise at-least-once delivery
    /// and publish no share. Default 1 in 100,000.
    pub duplicate_share: f64,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            visibility_timeout_us: 6 * MINUTE,
            max_receive_count: 10,
            max_in_flight: 120_000,
            retention_us: 7 * DAY,
            duplicate_share: 1e-5,
        }
    }
}

/// What becomes of an upload whatever the function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its variants are stored.
    Good,
    /// Each delivery fails.
    Fails,
    /// Each delivery runs into the function's timeout.
    TimesOut,
}

/// A message, from its upload to its end.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) uploaded_us: Micros,
    /// When it arrived in the queue, or was visible again.
    visible_us: Micros,
    pub(crate) receive_count: u16,
    pub(crate) fate: Fate,
    /// The second message of an upload.
    pub(crate) is_duplicate: bool,
    /// It was deleted or is a dead letter.
    pub(crate) is_ended: bool,
    /// Deliveries, places in the queue, and pending visibility timeouts that refer to it.
    holds: u8,
}

/// What became of a message whose visibility timeout ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Return {
    /// It can be received again.
    Visible,
    /// It was received too often.
    Dead,
    /// It had ended before.
    Ended,
}

/// The queue. Messages have numbers, which are used again after their end.
#[derive(Debug)]
pub(crate) struct Queue {
    options: QueueOptions,
    messages: Vec<Message>,
    free: Vec<u32>,
    visible: VecDeque<u32>,
    in_flight: u64,
    expired: Vec<u32>,
}

impl Queue {
    pub(crate) fn new(options: QueueOptions) -> Self {
        Self {
            options,
            messages: Vec::new(),
            free: Vec::new(),
            visible: VecDeque::new(),
            in_flight: 0,
            expired: Vec::new(),
        }
    }

    /// Notes an upload, whose notification is under way.
    pub(crate) fn upload(&mut self, now: Micros, fate: Fate, is_duplicate: bool) -> u32 {
        let message = Message {
            uploaded_us: now,
            visible_us: now,
            receive_count: 0,
            fate,
            is_duplicate,
            is_ended: false,
            holds: 1,
        };
        if let Some(number) = self.free.pop() {
            self.messages[number as usize] = message;
            return number;
        }
        self.messages.push(message);
        u32::try_from(self.messages.len() - 1).expect("fewer than 2^32 messages are in flight")
    }

    /// The notification has arrived.
    pub(crate) fn send(&mut self, now: Micros, number: u32) {
        self.messages[number as usize].visible_us = now;
        self.visible.push_back(number);
    }

    pub(crate) fn message(&self, number: u32) -> &Message {
        &self.messages[number as usize]
    }

    /// Receives up to `wanted` messages into `batch`, the oldest first. SQS promises no order.
    /// Messages whose time is over are listed for [`Queue::pop_expired`].
    pub(crate) fn receive(&mut self, now: Micros, wanted: usize, batch: &mut Vec<u32>) {
        while batch.len() < wanted && self.in_flight < self.options.max_in_flight {
            let Some(number) = self.visible.pop_front() else { break };
            if self.message(number).is_ended {
                self.release(number);
                continue;
            }
            if now - self.message(number).uploaded_us > self.options.retention_us {
                self.expired.push(number);
                continue;
            }
            self.messages[number as usize].receive_count += 1;
            self.in_flight += 1;
            batch.push(number);
        }
    }

    /// Deletes a message whose time was over, and returns it.
    pub(crate) fn pop_expired(&mut self) -> Option<Message> {
        let number = self.expired.pop()?;
        let message = &mut self.messages[number as usize];
        message.is_ended = true;
        let message = message.clone();
        self.release(number);
        Some(message)
    }

    /// Deletes a message after its delivery; false if it had ended before.
    pub(crate) fn delete(&mut self, number: u32, is_in_flight: bool) -> bool {
        self.in_flight -= u64::from(is_in_flight);
        let message = &mut self.messages[number as usize];
        let is_first = !message.is_ended;
        message.is_ended = true;
        self.release(number);
        is_first
    }

    /// Notes that the visibility timeout of a message runs out while a delivery goes on.
    pub(crate) fn hold(&mut self, number: u32) {
        self.messages[number as usize].holds += 1;
    }

    /// Forgets a delivery that failed after its visibility timeout.
    pub(crate) fn release(&mut self, number: u32) {
        let message = &mut self.messages[number as usize];
        message.holds -= 1;
        if message.holds == 0 {
            self.free.push(number);
        }
    }

    /// Ends the visibility timeout of a message.
    pub(crate) fn return_message(&mut self, now: Micros, number: u32) -> Return {
        let limit = self.options.max_receive_count.max(1);
        let message = &mut self.messages[number as usize];
        if message.is_ended {
            self.in_flight -= 1;
            self.release(number);
            return Return::Ended;
        }
        self.in_flight -= 1;
        if message.receive_count < limit {
            message.visible_us = now;
            self.visible.push_back(number);
            return Return::Visible;
        }
        message.is_ended = true;
        self.release(number);
        Return::Dead
    }

    /// Messages that can be received.
    pub(crate) fn visible(&self) -> u64 {
        self.visible.len() as u64
    }

    /// Messages that are received and neither deleted nor visible.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// Messages that are anywhere between their upload and their end.
    pub(crate) fn unfinished(&self) -> usize {
        self.messages.len() - self.free.len()
    }

    /// How long the message that will be received next has waited.
    pub(crate) fn oldest_us(&self, now: Micros) -> Micros {
        self.visible.front().map_or(0, |number| now - self.message(*number).visible_us)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fate, Queue, QueueOptions, Return};

    fn queue(max_receive_count: u16, max_in_flight: u64) -> Queue {
        Queue::new(QueueOptions { max_receive_count, max_in_flight, ..QueueOptions::default() })
    }

    fn sent(queue: &mut Queue, count: u64) {
        for at in 0..count {
            let number = queue.upload(at, Fate::Good, false);
            queue.send(at + 10, number);
        }
    }

    fn receive(queue: &mut Queue, wanted: usize) -> Vec<u32> {
        let mut batch = Vec::new();
        queue.receive(100, wanted, &mut batch);
        batch
    }

    #[test]
    fn messages_are_received_oldest_first_and_deleted_once() {
        let mut queue = queue(2, 100);
        sent(&mut queue, 3);
        assert_eq!(queue.oldest_us(30), 20);
        assert_eq!(receive(&mut queue, 2), [0, 1]);
        assert_eq!((queue.visible(), queue.in_flight(), queue.unfinished()), (1, 2, 3));
        assert!(queue.delete(0, true));
        assert_eq!((queue.in_flight(), queue.unfinished()), (1, 2));
        // Its number is used again.
        assert_eq!(queue.upload(9, Fate::Good, false), 0);
    }

    #[test]
    fn a_message_is_dead_after_its_last_receive() {
        let mut queue = queue(2, 100);
        sent(&mut queue, 1);
        assert_eq!(receive(&mut queue, 10), [0]);
        assert_eq!(queue.return_message(50, 0), Return::Visible);
        assert_eq!(receive(&mut queue, 10), [0]);
        assert_eq!(queue.message(0).receive_count, 2);
        assert_eq!(queue.return_message(50, 0), Return::Dead);
        assert_eq!((queue.unfinished(), queue.in_flight()), (0, 0));
    }

    #[test]
    fn messages_in_flight_are_limited() {
        let mut queue = queue(2, 3);
        sent(&mut queue, 5);
        assert_eq!(receive(&mut queue, 10).len(), 3);
        assert_eq!(receive(&mut queue, 10).len(), 0);
        queue.delete(0, true);
        assert_eq!(receive(&mut queue, 10).len(), 1);
    }

    #[test]
    fn messages_expire() {
        let options = QueueOptions { retention_us: 96, ..QueueOptions::default() };
        let mut queue = Queue::new(options);
        sent(&mut queue, 6);
        // Uploaded at 0 to 5, received at 100.
        assert_eq!(receive(&mut queue, 10), [4, 5]);
        let expired: Vec<u64> =
            std::iter::from_fn(|| queue.pop_expired()).map(|it| it.uploaded_us).collect();
        assert_eq!(expired, [3, 2, 1, 0]);
        assert_eq!(queue.unfinished(), 2);
    }

    #[test]
    fn a_late_delivery_ends_a_message_that_is_visible_again() {
        let mut queue = queue(5, 100);
        sent(&mut queue, 1);
        receive(&mut queue, 1);
        queue.hold(0);
        assert_eq!(queue.return_message(50, 0), Return::Visible);
        assert!(queue.delete(0, false), "the first delivery ends after the visibility timeout");
        assert_eq!(receive(&mut queue, 1), [0; 0], "the message is gone");
        assert_eq!((queue.unfinished(), queue.in_flight()), (0, 0));
    }

    #[test]
    fn the_second_of_two_deliveries_is_a_duplicate() {
        let mut queue = queue(5, 100);
        sent(&mut queue, 1);
        receive(&mut queue, 1);
        queue.hold(0);
        queue.return_message(50, 0);
        receive(&mut queue, 1);
        assert!(queue.delete(0, false));
        assert!(!queue.delete(0, true));
        assert_eq!((queue.unfinished(), queue.in_flight()), (0, 0));
    }
}
