//! A model of one source: uploads (also with an old Last-Modified), deletions, duplicated and late
//! events, two workers interleaved at every request, writes that take effect after their retry,
//! crashes, and time.
//! In: a script. Out: all successors of a state. The protocol's steps and the keys that a round
//! writes are the function's own code; S3 and the queue are modeled here.

mod display;
pub mod explore;
mod requests;
mod rule;
mod script;
pub mod shared;
mod state;

use resizer::protocol::{End, Protocol, Step};

pub(crate) use rule::ModelRule;
pub use script::{Kind, Omission, RuleText, Script};
pub(crate) use state::Keys;
pub(crate) use state::State;
use state::{COMEBACK, LATE, LIFETIME, MAX_AGE};

/// The object under the key of a result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cell {
    /// The state that it was made of; the default where there is no object.
    pub(crate) of: State,
    /// The configuration that made it.
    pub(crate) config: u8,
    /// Ticks since its PUT, up to `MAX_AGE`.
    age: u8,
}

/// A write to S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Write {
    Put { key: u8, of: State },
    Delete { key: u8 },
}

/// An event in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Event {
    is_repeated: bool,
    /// Ticks until it can be delivered.
    wait: u8,
}

/// One state of source, results, queue and workers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) source: State,
    /// Ticks since the source's Last-Modified.
    pub(crate) source_age: u8,
    moved: State,
    last: State,
    /// The configuration of new deliveries.
    pub(crate) config: u8,
    /// Whether a delivery under this configuration has done the source as it is now. Kept only
    /// where a script has two configurations.
    is_served: bool,
    pub(crate) results: Vec<Cell>,
    uploads_left: Vec<u8>,
    deletions_left: u8,
    duplicates_left: u8,
    crashes_left: u8,
    late_left: u8,
    events: Vec<Event>,
    workers: Vec<Option<Worker>>,
    /// Writes that were retried and may still take effect, with their ages.
    late: Vec<(Write, u8)>,
}

/// A worker within a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Worker {
    pub(crate) protocol: Protocol,
    pub(crate) step: Step<State>,
    /// Requests of the step that are not sent yet, a bit each; the step defines the bits.
    pub(crate) pending: u32,
    /// What the HEADs of an up-to-date check have returned so far.
    pub(crate) seen: Seen,
    pub(crate) config: u8,
    age: u8,
    has_unanswered_write: bool,
    /// Whether the source has not changed since the delivery began.
    is_current: bool,
}

/// The source, its results, and the age of the youngest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Seen {
    pub(crate) source: State,
    pub(crate) source_age: u8,
    pub(crate) results: Keys,
    pub(crate) youngest: u8,
}

/// A transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    Uploaded { state: State, is_dated_back: bool },
    DeletedByPerson,
    Duplicated { as_repeated: bool },
    Ticked,
    Deployed,
    Began { worker: usize, is_repeated: bool },
    Died { worker: usize },
    Requested { worker: usize, request: Request },
    Arrived { write: Write },
    Ended { worker: usize, end: End, comes_back: bool },
}

/// One request of a worker to S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    HeadSource(State),
    HeadLeftOut,
    HeadResult { key: u8, shows: State, age: u8 },
    Get(State),
    Written(Write),
    Unanswered(Write),
    Copy { of: State, is_done: bool },
    DeleteOriginal { of: State, is_done: bool },
}

impl World {
    /// The initial state: no objects, no events.
    pub(crate) fn new(script: &Script, rule: &ModelRule) -> Self {
        Self {
            source: State::default(),
            source_age: 0,
            moved: State::default(),
            last: State::default(),
            config: 0,
            is_served: false,
            results: vec![Cell::default(); rule.keys().len()],
            uploads_left: script.uploads.iter().map(|(_, times)| *times).collect(),
            deletions_left: script.deletions,
            duplicates_left: script.duplicates,
            crashes_left: script.crashes,
            late_left: script.late_writes,
            events: Vec::new(),
            workers: vec![None; 2],
            late: Vec::new(),
        }
    }

    /// Whether the state is final: no event, no active worker, no late write.
    pub(crate) fn is_quiet(&self) -> bool {
        self.events.is_empty() && self.late.is_empty() && self.workers.iter().all(Option::is_none)
    }

    /// All successors, each with its transition.
    pub(crate) fn next(&self, rule: &ModelRule) -> Vec<(Happening, World)> {
        let mut out = Vec::new();
        self.outside(rule, &mut out);
        self.time(rule, &mut out);
        for worker in 0..self.workers.len() {
            match self.workers[worker] {
                None => self.beginnings(worker, rule, &mut out),
                Some(_) => self.turns(worker, rule, &mut out),
            }
        }
        out
    }

    /// What is wrong with a final state; `None` when the results are those of the source.
    pub(crate) fn problem(&self, rule: &ModelRule) -> Option<String> {
        let is_retired = rule.retires() && self.source.upload == 0;
        let of = rule.as_seen(if is_retired { self.last } else { self.source });
        // Without an event, results of the earlier configuration stay.
        let first = if self.is_served { self.config } else { 0 };
        let expected: Vec<Vec<State>> =
            (first..=self.config).map(|config| rule.results_of(of, config)).collect();
        let found: Vec<State> = self.results.iter().map(|cell| cell.of).collect();
        if !expected.contains(&found) {
            let expected = expected.last().expect("there is a configuration");
            let (found, expected) = (rule.named(&found), rule.named(expected));
            return Some(format!("{of} should have {expected}; found {found}"));
        }
        if is_retired && rule.as_seen(self.moved) != rule.as_seen(self.last) {
            return Some(format!("{} is lost; {} was moved", self.last, self.moved));
        }
        None
    }

    fn outside(&self, rule: &ModelRule, out: &mut Vec<(Happening, World)>) {
        for (index, left) in self.uploads_left.iter().enumerate().filter(|(_, left)| **left > 0) {
            let times = rule.script().uploads[index].1;
            let state = State { upload: index as u8 + 1, time: times - left + 1 };
            let dates: &[bool] = if rule.script().has_clock() { &[false, true] } else { &[false] };
            for &is_dated_back in dates {
                let mut next = self.clone();
                next.uploads_left[index] = left - 1;
                (next.source, next.last) = (state, state);
                next.source_age = if is_dated_back { MAX_AGE } else { 0 };
                next.forget_served();
                next.tell(Event { is_repeated: false, wait: 0 });
                out.push((Happening::Uploaded { state, is_dated_back }, next));
            }
        }
        let nobody_works = self.workers.iter().all(Option::is_none);
        if rule.script().next_rule.is_some() && self.config == 0 && nobody_works {
            let next = Self { config: 1, is_served: false, ..self.clone() };
            out.push((Happening::Deployed, next));
        }
        if self.deletions_left > 0 && self.source.upload > 0 {
            let mut next = self.clone();
            next.deletions_left -= 1;
            next.remove_source();
            out.push((Happening::DeletedByPerson, next));
        }
        if self.duplicates_left > 0 && !self.events.is_empty() {
            for as_repeated in [false, true] {
                let mut next = self.clone();
                next.duplicates_left -= 1;
                next.tell(Event { is_repeated: as_repeated, wait: 0 });
                out.push((Happening::Duplicated { as_repeated }, next));
            }
        }
    }

    /// Late writes take effect, and time passes unless a worker is at the end of its lifetime or a
    /// write at its maximum lateness.
    fn time(&self, rule: &ModelRule, out: &mut Vec<(Happening, World)>) {
        for index in 0..self.late.len() {
            let mut next = self.clone();
            let (write, _) = next.late.remove(index);
            next.carry_out(write);
            out.push((Happening::Arrived { write }, next));
        }
        let may_tick = self.workers.iter().flatten().all(|worker| worker.age < LIFETIME)
            && self.late.iter().all(|(_, age)| *age < LATE);
        if rule.script().has_clock() && may_tick {
            let mut next = self.clone();
            let grow = |age: &mut u8| *age = (*age + 1).min(MAX_AGE);
            grow(&mut next.source_age);
            next.results.iter_mut().filter(|cell| cell.of.upload > 0).for_each(|cell| {
                grow(&mut cell.age);
            });
            next.late.iter_mut().for_each(|(_, age)| grow(age));
            next.events.iter_mut().for_each(|event| event.wait = event.wait.saturating_sub(1));
            next.events.sort_unstable();
            for worker in next.workers.iter_mut().flatten() {
                grow(&mut worker.age);
                grow(&mut worker.seen.youngest);
                grow(&mut worker.seen.source_age);
            }
            if next != *self {
                out.push((Happening::Ticked, next));
            }
        }
    }

    fn beginnings(&self, worker: usize, rule: &ModelRule, out: &mut Vec<(Happening, World)>) {
        for is_repeated in [false, true] {
            let event = Event { is_repeated, wait: 0 };
            let Some(index) = self.events.iter().position(|waiting| *waiting == event) else {
                continue;
            };
            let mut next = self.clone();
            next.events.remove(index);
            let protocol = Protocol::new(rule.retires());
            let step = protocol.begin(is_repeated);
            next.workers[worker] = Some(Worker {
                protocol,
                step,
                pending: rule.requests_of(&step, self.config),
                seen: Seen::default(),
                config: self.config,
                age: 0,
                has_unanswered_write: false,
                is_current: rule.script().next_rule.is_some(),
            });
            out.push((Happening::Began { worker, is_repeated }, next));
        }
    }

    fn turns(&self, at: usize, rule: &ModelRule, out: &mut Vec<(Happening, World)>) {
        let Some(worker) = self.workers[at] else { return };
        let comeback = || {
            let wait = if rule.script().has_clock() { COMEBACK } else { 0 };
            Event { is_repeated: true, wait }
        };
        if let Step::Done(end) = worker.step {
            let mut next = self.clone();
            next.workers[at] = None;
            let is_forgotten = rule.script().without == Some(Omission::Comeback);
            let comes_back = end.comes_back(worker.has_unanswered_write && !is_forgotten);
            if comes_back {
                next.tell(comeback());
            }
            next.is_served |= worker.is_current && !comes_back;
            out.push((Happening::Ended { worker: at, end, comes_back }, next));
            return;
        }
        // A worker at the end of its lifetime can time out; that is not one of the crashes.
        let is_over = worker.age >= LIFETIME;
        if self.crashes_left > 0 || is_over {
            let mut next = self.clone();
            next.crashes_left -= u8::from(!is_over);
            next.workers[at] = None;
            next.tell(comeback());
            out.push((Happening::Died { worker: at }, next));
        }
        for (request, mut next, worker) in self.requests(worker, rule) {
            next.workers[at] = Some(worker);
            out.push((Happening::Requested { worker: at, request }, next));
        }
    }

    /// S3 carries out a write.
    fn carry_out(&mut self, write: Write) {
        match write {
            Write::Put { key, of } => {
                self.results[usize::from(key)] = Cell { of, config: self.config, age: 0 };
            }
            Write::Delete { key } => self.results[usize::from(key)] = Cell::default(),
        }
    }

    fn remove_source(&mut self) {
        (self.source, self.source_age) = (State::default(), 0);
        self.forget_served();
        self.tell(Event { is_repeated: false, wait: 0 });
    }

    /// The source changes: no delivery has done it yet.
    fn forget_served(&mut self) {
        self.is_served = false;
        self.workers.iter_mut().flatten().for_each(|worker| worker.is_current = false);
    }

    fn tell(&mut self, event: Event) {
        self.events.push(event);
        self.events.sort_unstable();
    }

    /// The same state with its workers sorted: they are interchangeable.
    fn in_order(&self) -> Self {
        let mut world = self.clone();
        world.workers.sort_unstable();
        world.late.sort_unstable();
        world
    }
}
