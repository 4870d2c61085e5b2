//! Counts events while a run goes on. In: events with their times. Out: the outcome. Its memory
//! does not grow with the uploads: when there are too many windows, each two become one.

use crate::histogram::{Histogram, Spread};
use crate::outcome::{Events, Outcome, Peaks, Used, Window};
use crate::time::{Micros, SECOND, seconds};

/// Windows of a run at most.
const MAX_WINDOWS: usize = 240;

/// The state of all parts at one time.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct State {
    pub(crate) visible: u64,
    pub(crate) in_flight: u64,
    pub(crate) oldest_us: Micros,
    pub(crate) busy: u64,
    pub(crate) environments: u64,
    pub(crate) batches: u64,
    pub(crate) allowed: u64,
}

/// How an upload ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Refused,
    Expired,
    Dead { is_innocent: bool },
}

#[derive(Debug, Default)]
struct Part {
    counts: Window,
    latencies: Histogram,
}

/// The counts of a run so far.
#[derive(Debug)]
pub(crate) struct Recorder {
    outcome: Outcome,
    latencies: Histogram,
    window_us: Micros,
    parts: Vec<Part>,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let (outcome, latencies) = (Outcome::default(), Histogram::default());
        Self { outcome, latencies, window_us: SECOND, parts: Vec::new() }
    }

    pub(crate) fn events(&mut self) -> &mut Events {
        &mut self.outcome.events
    }

    pub(crate) fn used(&mut self) -> &mut Used {
        &mut self.outcome.used
    }

    fn part(&mut self, now: Micros) -> &mut Part {
        while (now / self.window_us) as usize >= MAX_WINDOWS {
            self.halve();
        }
        let at = (now / self.window_us) as usize;
        if at >= self.parts.len() {
            self.parts.resize_with(at + 1, Part::default);
        }
        &mut self.parts[at]
    }

    fn halve(&mut self) {
        self.window_us *= 2;
        let mut rest = std::mem::take(&mut self.parts).into_iter();
        while let Some(mut first) = rest.next() {
            if let Some(second) = rest.next() {
                first.counts.add(&second.counts);
                first.latencies.merge(&second.latencies);
            }
            self.parts.push(first);
        }
    }

    pub(crate) fn upload(&mut self, now: Micros) {
        self.outcome.uploads += 1;
        self.outcome.last_upload_s = seconds(now);
        self.part(now).counts.uploads += 1;
    }

    pub(crate) fn end(&mut self, now: Micros, uploaded_us: Micros, end: End) {
        self.outcome.last_end_s = seconds(now);
        match end {
            End::Done => {
                self.outcome.done += 1;
                self.outcome.last_done_s = seconds(now);
                self.part(now).counts.done += 1;
                self.latencies.add(now - uploaded_us);
                self.part(uploaded_us).latencies.add(now - uploaded_us);
            }
            End::Refused => self.outcome.refused += 1,
            End::Expired => self.outcome.expired += 1,
            End::Dead { is_innocent } => {
                self.outcome.dead_letters += 1;
                self.outcome.innocent_dead_letters += u64::from(is_innocent);
                self.part(now).counts.dead_letters += 1;
            }
        }
    }

    pub(crate) fn throttle(&mut self, now: Micros) {
        self.outcome.events.throttles += 1;
        self.part(now).counts.throttles += 1;
    }

    pub(crate) fn slow_down(&mut self, now: Micros) {
        self.outcome.events.slow_downs += 1;
        self.part(now).counts.slow_downs += 1;
    }

    /// Notes the state, once each second.
    pub(crate) fn sample(&mut self, now: Micros, state: State) {
        let counts = &mut self.part(now).counts;
        counts.visible = counts.visible.max(state.visible);
        counts.in_flight = counts.in_flight.max(state.in_flight);
        counts.oldest_s = counts.oldest_s.max(seconds(state.oldest_us));
        counts.busy = counts.busy.max(state.busy);
        counts.environments = counts.environments.max(state.environments);
        counts.allowed = counts.allowed.max(state.allowed);
        self.outcome.peaks.batches = self.outcome.peaks.batches.max(state.batches);
    }

    /// The outcome of a function with this memory size.
    pub(crate) fn finish(self, memory_size_mb: u32) -> Outcome {
        let Self { mut outcome, latencies, window_us, parts } = self;
        outcome.latency = latencies.spread();
        outcome.used.gb_s = outcome.used.billed_s * f64::from(memory_size_mb) / 1_024.0;
        let window = |(at, part): (usize, &Part)| Window {
            until_s: seconds((at as Micros + 1) * window_us),
            latency: part.latencies.spread(),
            ..part.counts
        };
        outcome.windows = parts.iter().enumerate().map(window).collect();
        let peaks = &mut outcome.peaks;
        for Window { uploads, done, visible, in_flight, oldest_s, busy, environments, .. } in
            &outcome.windows
        {
            let per_s = |count: u64| count as f64 / seconds(window_us);
            *peaks = Peaks {
                visible: peaks.visible.max(*visible),
                in_flight: peaks.in_flight.max(*in_flight),
                oldest_s: peaks.oldest_s.max(*oldest_s),
                busy: peaks.busy.max(*busy),
                environments: peaks.environments.max(*environments),
                batches: peaks.batches,
                uploads_per_s: peaks.uploads_per_s.max(per_s(*uploads)),
                done_per_s: peaks.done_per_s.max(per_s(*done)),
            };
        }
        outcome
    }
}

impl Window {
    fn add(&mut self, later: &Self) {
        *self = Self {
            until_s: later.until_s,
            uploads: self.uploads + later.uploads,
            done: self.done + later.done,
            latency: Spread::default(),
            visible: self.visible.max(later.visible),
            in_flight: self.in_flight.max(later.in_flight),
            oldest_s: self.oldest_s.max(later.oldest_s),
            busy: self.busy.max(later.busy),
            environments: self.environments.max(later.environments),
            allowed: self.allowed.max(later.allowed),
            throttles: self.throttles + later.throttles,
            slow_downs: self.slow_downs + later.slow_downs,
            dead_letters: self.dead_letters + later.dead_letters,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{End, Recorder, State};
    use crate::time::SECOND;

    #[test]
    fn windows_grow_and_lose_nothing() {
        let mut recorder = Recorder::new();
        for second in 0..1_000 {
            recorder.upload(second * SECOND);
            let state = State { visible: second, ..State::default() };
            recorder.sample(second * SECOND, state);
            recorder.end(second * SECOND + SECOND / 2, second * SECOND, End::Done);
        }
        let outcome = recorder.finish(1_024);
        // 1, 2, 4, 8 seconds: 1,000 seconds in 125 windows.
        assert_eq!(outcome.windows.len(), 125);
        assert!(outcome.windows.iter().all(|window| window.uploads == 8 && window.done == 8));
        assert_eq!(outcome.windows[0].visible, 7);
        assert_eq!(outcome.windows[124].until_s, 1_000.0);
        assert_eq!((outcome.peaks.visible, outcome.peaks.uploads_per_s), (999, 1.0));
        assert_eq!((outcome.latency.count, outcome.latency.max_s), (1_000, 0.5));
        assert_eq!(outcome.windows[9].latency.max_s, 0.5);
    }
}
