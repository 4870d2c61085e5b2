//! The platform as a whole: takes events in the order of time and passes them between the parts.
//! In: a scenario. Out: the outcome. The parts decide; this file only connects them.

mod delivery;
mod invocation;

use invocation::Invocations;

use crate::agenda::{Agenda, Event};
use crate::arrivals::Clock;
use crate::chance::Chance;
use crate::lambda::{Lambda, Start};
use crate::mapping::Mapping;
use crate::outcome::Outcome;
use crate::queue::{Fate, Queue, Return};
use crate::recorder::{End, Recorder, State};
use crate::s3::S3;
use crate::scenario::{Effect, Scenario};
use crate::service::{Draws, ServiceTimes};
use crate::time::{Micros, SECOND, seconds};

/// A free poller waits so long for messages before it asks again.
const LONG_POLL_S: u64 = 20;
/// Messages that one request to SQS takes.
const MESSAGES_PER_REQUEST: usize = 10;

/// Runs a scenario to the end of its last upload.
///
/// # Panics
/// If the scenario is not valid ([`Scenario::validate`]).
pub fn simulate(scenario: &Scenario, times: &ServiceTimes, seed: u64) -> Outcome {
    scenario.validate().expect("the caller validates the scenario");
    let mut world = World {
        scenario,
        times: Draws::new(times),
        chance: Chance::new(seed),
        agenda: Agenda::default(),
        queue: Queue::new(scenario.queue.clone()),
        mapping: Mapping::new(&scenario.mapping, scenario.ramps),
        lambda: Lambda::new(&scenario.lambda, scenario.ramps),
        s3: S3::new(&scenario.s3),
        invocations: Invocations::default(),
        recorder: Recorder::new(),
        batch: Vec::new(),
        window_ends_us: None,
        is_polling: false,
    };
    world.run();
    world.recorder.finish(scenario.lambda.memory_size_mb)
}

struct World<'a> {
    scenario: &'a Scenario,
    times: Draws<'a>,
    chance: Chance,
    agenda: Agenda,
    queue: Queue,
    mapping: Mapping,
    lambda: Lambda,
    s3: S3,
    invocations: Invocations,
    recorder: Recorder,
    /// The memory of the batch that is being received.
    batch: Vec<u32>,
    /// When the oldest waiting message has waited for the batch window.
    window_ends_us: Option<Micros>,
    /// Whether an event says when the pollers may poll again.
    is_polling: bool,
}

impl World<'_> {
    fn run(&mut self) {
        // Of its own, so that the times of uploads do not depend on what the platform does.
        let mut chance = Chance::new(self.chance.number());
        let mut clock = Clock::new(&self.scenario.arrivals);
        let mut next_upload_us = clock.next(&mut chance);
        self.agenda.add(0, Event::Tick);
        loop {
            let event_us = self.agenda.next_us().expect("the next tick is on the agenda");
            if let Some(upload_us) = next_upload_us.filter(|upload_us| *upload_us <= event_us) {
                self.upload(upload_us);
                next_upload_us = clock.next(&mut chance);
                continue;
            }
            let is_over = next_upload_us.is_none() && self.queue.unfinished() == 0;
            let Some((now, event)) = self.agenda.pop().filter(|_| !is_over) else { return };
            self.handle(now, event);
        }
    }

    fn handle(&mut self, now: Micros, event: Event) {
        match event {
            Event::Sent(message) => {
                self.queue.send(now, message);
                self.recorder.used().queue_requests += 1;
                self.receive(now);
            }
            Event::Visible(message) => self.show(now, message),
            Event::WindowEnds => {
                self.window_ends_us = None;
                self.receive_all(now, true);
            }
            Event::Poll => {
                self.is_polling = false;
                self.receive(now);
            }
            Event::Retry(invocation) => self.retry(now, invocation),
            Event::Begin(invocation) => self.fetch(now, invocation),
            Event::Rendered(invocation) => self.store(now, invocation),
            Event::Resend(resend) => self.resend(now, resend),
            Event::Tick => self.tick(now),
        }
    }

    fn upload(&mut self, now: Micros) {
        self.recorder.upload(now);
        let poison = self.scenario.poison.as_ref();
        let poison = poison.filter(|poison| (poison.from_us..poison.until_us).contains(&now));
        let fate = match poison {
            Some(poison) if self.chance.happens(poison.share) => match poison.effect {
                Effect::Fails => Fate::Fails,
                Effect::TimesOut => Fate::TimesOut,
            },
            _ => Fate::Good,
        };
        self.notify(now, fate, false);
        if self.chance.happens(self.scenario.queue.duplicate_share) {
            self.notify(now, fate, true);
        }
    }

    fn notify(&mut self, now: Micros, fate: Fate, is_duplicate: bool) {
        let message = self.queue.upload(now, fate, is_duplicate);
        let delay_us = self.scenario.s3.notification_delay.draw(&mut self.chance);
        self.agenda.add(now + delay_us, Event::Sent(message));
    }

    fn show(&mut self, now: Micros, number: u32) {
        let message = self.queue.message(number).clone();
        match self.queue.return_message(now, number) {
            Return::Visible => self.receive(now),
            Return::Dead if !message.is_duplicate => {
                let end = End::Dead { is_innocent: message.fate == Fate::Good };
                self.recorder.end(now, message.uploaded_us, end);
            }
            Return::Dead | Return::Ended => {}
        }
    }

    /// Receives batches while there are full ones and places for them.
    fn receive(&mut self, now: Micros) {
        self.receive_all(now, self.scenario.mapping.batch_window_us == 0);
    }

    fn receive_all(&mut self, now: Micros, takes_few: bool) {
        let size = self.scenario.mapping.batch_size;
        while self.mapping.has_place() && self.queue.visible() > 0 {
            if !takes_few && self.queue.visible() < size as u64 {
                self.open_window(now);
                return;
            }
            if let Err(wait_us) = self.mapping.poll(now) {
                if !std::mem::replace(&mut self.is_polling, true) {
                    self.agenda.add(now + wait_us, Event::Poll);
                }
                return;
            }
            let mut batch = std::mem::take(&mut self.batch);
            batch.clear();
            self.queue.receive(now, size, &mut batch);
            while let Some(message) = self.queue.pop_expired() {
                if !message.is_duplicate {
                    self.recorder.end(now, message.uploaded_us, End::Expired);
                }
            }
            if !batch.is_empty() {
                self.recorder.used().queue_requests += requests_for(batch.len());
                let by = (self.scenario.s3.prefixes, &mut self.chance);
                let invocation = self.invocations.add(now, &batch, by);
                self.mapping.busy += 1;
                self.invoke(now, invocation);
            }
            let is_empty = batch.is_empty();
            self.batch = batch;
            if is_empty {
                // Too many messages are in flight.
                return;
            }
        }
    }

    fn open_window(&mut self, now: Micros) {
        if self.window_ends_us.is_none() {
            let ends_us = now + self.scenario.mapping.batch_window_us;
            self.window_ends_us = Some(ends_us);
            self.agenda.add(ends_us, Event::WindowEnds);
        }
    }

    fn invoke(&mut self, now: Micros, number: u32) {
        let invocation = self.invocations.get(number);
        let start = self.lambda.start(now);
        if start == Start::Throttled {
            invocation.throttles += 1;
            let mapping = &self.scenario.mapping;
            let doublings = invocation.throttles.min(32) - 1;
            let wait_us = (mapping.first_retry_us << doublings).min(mapping.max_retry_us);
            let gives_up_us = invocation.received_us + self.scenario.queue.visibility_timeout_us;
            // Half of the wait and up to as much again, so that batches are not retried together.
            let at_us = now + wait_us / 2 + self.chance.below(wait_us.max(1));
            self.agenda.add(at_us.min(gives_up_us), Event::Retry(number));
            self.recorder.throttle(now);
            self.mapping.was_throttled = true;
            return;
        }
        self.recorder.events().invocations += 1;
        if start == Start::Warm {
            invocation.began_us = now;
            self.fetch(now, number);
            return;
        }
        self.recorder.events().cold_starts += 1;
        let start_us = self.scenario.lambda.platform_start.draw(&mut self.chance);
        invocation.init_us = self.times.init_us(&mut self.chance);
        invocation.began_us = now + start_us + invocation.init_us;
        self.agenda.add(invocation.began_us, Event::Begin(number));
    }

    /// Invokes again, or gives up. Source: AWS Lambda Developer Guide, "Handling errors for an SQS
    /// event source": Lambda retries a throttled batch until its visibility timeout, and takes
    /// concurrency from the mapping meanwhile.
    fn retry(&mut self, now: Micros, number: u32) {
        let gives_up_us =
            self.invocations.get(number).received_us + self.scenario.queue.visibility_timeout_us;
        if now < gives_up_us {
            self.invoke(now, number);
            return;
        }
        let members = std::mem::take(&mut self.invocations.get(number).members);
        self.invocations.remove(number);
        self.mapping.busy -= 1;
        self.recorder.events().throttled_deliveries += members.len() as u64;
        for member in members {
            self.show(now, member.message);
        }
        self.receive(now);
    }

    fn tick(&mut self, now: Micros) {
        let is_waiting = self.queue.visible() > 0;
        self.mapping.tick(now, is_waiting);
        if (now / SECOND).is_multiple_of(LONG_POLL_S) {
            let free = self.mapping.limit().saturating_sub(self.mapping.busy);
            self.recorder.used().queue_requests += free;
        }
        self.recorder.used().poller_hours += self.mapping.pollers() as f64 / 3_600.0;
        self.receive(now);
        let state = State {
            visible: self.queue.visible(),
            in_flight: self.queue.in_flight(),
            oldest_us: self.queue.oldest_us(now),
            busy: self.lambda.busy(),
            environments: self.lambda.environments(now),
            batches: self.mapping.busy,
            allowed: self.mapping.limit(),
        };
        self.recorder.sample(now, state);
        self.agenda.add(now + SECOND, Event::Tick);
    }

    fn bill(&mut self, duration_us: Micros) {
        // Lambda bills milliseconds that have begun.
        self.recorder.used().billed_s += seconds(duration_us.div_ceil(1_000) * 1_000);
    }
}

/// Requests to SQS for so many messages.
fn requests_for(messages: usize) -> u64 {
    messages.div_ceil(MESSAGES_PER_REQUEST) as u64
}
