//! A model of two sources whose results share keys: uploads, deletions, redelivered events, and two
//! workers that HEAD a shared key and then write to it conditionally, in every interleaving.
//! In: a script. Out: all successors of a state. The shared keys, the owner of an object and the
//! next step are the function's own code; S3 and the queue are modeled here.

mod keys;
pub mod scripts;
mod wording;
mod writes;

use resizer::protocol::{End, Protocol, Step};

use keys::MAX_KEYS;
pub(crate) use keys::SharedRule;
pub use scripts::SharedScript;

/// The upload that a result was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Of {
    /// 0 or 1.
    pub(crate) source: u8,
    /// Which upload of it, from 1.
    pub(crate) upload: u8,
}

/// One state of sources, results, queue and workers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SharedWorld {
    /// The present upload of each source; 0 is none.
    sources: [u8; 2],
    /// The upload that each result was made of; none where there is no object.
    results: [Option<Of>; MAX_KEYS],
    uploads: [u8; 2],
    deletions_left: [u8; 2],
    duplicates_left: u8,
    crashes_left: u8,
    /// Events in the queue: the source, and whether the event is a redelivery.
    events: Vec<(u8, bool)>,
    workers: [Option<Worker>; 2],
    /// The source whose worker overwrote or deleted a result of the other source, and that result.
    trespass: Option<(u8, Of)>,
    /// Whether a key became free for each source since the last check of one of its deliveries: a
    /// refusal may be out of date then.
    is_freed: [bool; 2],
}

/// A worker within a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Worker {
    source: u8,
    protocol: Protocol,
    step: Step<u8>,
    /// Keys that the step has not finished, a bit each.
    pending: u32,
    /// The conditions of the next writes to shared keys, from the HEADs before them.
    conditions: [Option<Condition>; MAX_KEYS],
    /// The first key that belongs to the other source.
    taken: Option<u8>,
    /// Whether the worker is writing the failure record that follows.
    is_refusing: bool,
    /// What the HEADs of an up-to-date check have returned so far: the source, and its results.
    seen: (u8, u32),
}

/// The condition of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Condition {
    /// If-None-Match: no object.
    Absent,
    /// If-Match with the ETag of this result.
    Is(Of),
}

/// A transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SharedHappening {
    Uploaded(Of),
    Deleted { source: u8 },
    Duplicated { source: u8, as_repeated: bool },
    Began { worker: usize, source: u8, is_repeated: bool },
    Died { worker: usize },
    Requested { worker: usize, request: SharedRequest },
    Ended { worker: usize, end: End },
}

/// One request of a worker to S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SharedRequest {
    HeadSource(u8),
    Get(u8),
    Head { key: u8, shows: Option<Of> },
    Put { key: u8, is_done: bool },
    Delete { key: u8, is_done: bool },
}

impl SharedWorld {
    /// The initial state: no objects, no events.
    pub(crate) fn new(script: &SharedScript) -> Self {
        Self {
            sources: [0; 2],
            results: [None; MAX_KEYS],
            uploads: [0; 2],
            deletions_left: script.deletions,
            duplicates_left: script.duplicates,
            crashes_left: script.crashes,
            events: Vec::new(),
            workers: [None; 2],
            trespass: None,
            is_freed: [false; 2],
        }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.events.is_empty() && self.workers.iter().all(Option::is_none)
    }

    pub(super) fn next(&self, rule: &SharedRule) -> Vec<(SharedHappening, Self)> {
        let mut out = Vec::new();
        self.outside(rule, &mut out);
        for at in 0..self.workers.len() {
            match self.workers[at] {
                None => self.beginnings(at, rule, &mut out),
                Some(worker) => self.turns(at, worker, rule, &mut out),
            }
        }
        out
    }

    /// What is wrong with a final state: a result of an upload that does not exist any more; a
    /// source that is neither stored nor refused, or is refused although its last delivery found
    /// its keys free; or a result that the other source overwrote or deleted.
    pub(super) fn problem(&self, rule: &SharedRule) -> Option<String> {
        if let Some((by, of)) = self.trespass {
            return Some(format!("a worker of source {by} overwrote or deleted a result of {of}"));
        }
        let gone = (0u8..).zip(&self.results).find_map(|(key, of)| {
            let of = (*of)?;
            (self.sources[usize::from(of.source)] != of.upload).then_some((key, of))
        });
        if let Some((key, of)) = gone {
            return Some(format!(
                "{} was made of {of}, which does not exist any more",
                rule.key(key)
            ));
        }
        (0..2u8).find_map(|source| {
            let upload = self.sources[usize::from(source)];
            if upload == 0 {
                return None;
            }
            let of = Of { source, upload };
            let own = self.results.iter().enumerate().filter(|(_, cell)| **cell == Some(of));
            let own = own.fold(0, |bits, (key, _)| bits | 1 << key);
            // A source is refused only if the other one was ever uploaded.
            let may_be_refused = self.uploads[usize::from(1 - source)] > 0;
            let is_refused = may_be_refused && own == rule.plan(source).record;
            let is_stored = own == rule.plan(source).variants;
            if !is_stored && !is_refused {
                return Some(format!("{of} exists and is neither stored nor refused"));
            }
            let is_free = self.is_free_for(source, rule) && !self.is_freed[usize::from(source)];
            (is_refused && is_free).then(|| format!("{of} is refused although its keys are free"))
        })
    }

    /// Whether no key of this source's variants belongs to the other source.
    fn is_free_for(&self, source: u8, rule: &SharedRule) -> bool {
        let places = (0u8..).zip(&self.results);
        let mut others = places.filter(|(_, cell)| cell.is_some_and(|of| of.source != source));
        others.all(|(key, _)| rule.plan(source).variants & 1 << key == 0)
    }

    /// The same state with its workers sorted: they are interchangeable.
    pub(super) fn in_order(&self) -> Self {
        let mut world = self.clone();
        world.workers.sort_unstable();
        world
    }

    fn outside(&self, rule: &SharedRule, out: &mut Vec<(SharedHappening, Self)>) {
        for source in 0..2u8 {
            let at = usize::from(source);
            if self.uploads[at] < rule.script().uploads[at] {
                let mut next = self.clone();
                next.uploads[at] += 1;
                next.sources[at] = next.uploads[at];
                next.tell((source, false));
                let of = Of { source, upload: next.uploads[at] };
                out.push((SharedHappening::Uploaded(of), next));
            }
            if self.deletions_left[at] > 0 && self.sources[at] > 0 {
                let mut next = self.clone();
                next.deletions_left[at] -= 1;
                next.sources[at] = 0;
                next.tell((source, false));
                out.push((SharedHappening::Deleted { source }, next));
            }
            let is_under_way = self.events.iter().any(|(of, _)| *of == source);
            if self.duplicates_left > 0 && is_under_way {
                for as_repeated in [false, true] {
                    let mut next = self.clone();
                    next.duplicates_left -= 1;
                    next.tell((source, as_repeated));
                    out.push((SharedHappening::Duplicated { source, as_repeated }, next));
                }
            }
        }
    }

    fn beginnings(&self, at: usize, rule: &SharedRule, out: &mut Vec<(SharedHappening, Self)>) {
        let mut events = self.events.clone();
        events.dedup();
        for (source, is_repeated) in events {
            let mut next = self.clone();
            let event = next.events.iter().position(|event| *event == (source, is_repeated));
            next.events.remove(event.expect("it was just seen"));
            next.workers[at] = Some(Worker::new(source, is_repeated, rule));
            out.push((SharedHappening::Began { worker: at, source, is_repeated }, next));
        }
    }

    fn turns(
        &self,
        at: usize,
        worker: Worker,
        rule: &SharedRule,
        out: &mut Vec<(SharedHappening, Self)>,
    ) {
        let mut without = self.clone();
        without.workers[at] = None;
        let back = (worker.source, true);
        if let Step::Done(end) = worker.step {
            if end.comes_back(false) {
                without.tell(back);
            }
            out.push((SharedHappening::Ended { worker: at, end }, without));
            return;
        }
        for (request, mut next, worker) in self.requests(worker, rule) {
            next.workers[at] = Some(worker);
            out.push((SharedHappening::Requested { worker: at, request }, next));
        }
        if self.crashes_left > 0 {
            without.crashes_left -= 1;
            without.tell(back);
            out.push((SharedHappening::Died { worker: at }, without));
        }
    }

    fn tell(&mut self, event: (u8, bool)) {
        self.events.push(event);
        self.events.sort_unstable();
    }
}
