//! Two sources whose results share their keys: uploads, deletions, redelivered events, and workers
//! that HEAD a shared place and then write to it on condition, in every interleaving.
//! In: what may happen. Out: every state that can follow a state. Which keys are shared, whose an
//! object is, and what comes next are the function's own code; only S3 and the queue are imagined.

mod claims;
mod keys;
pub mod scripts;
mod wording;

use resizer::protocol::{End, Protocol, Step};

use keys::MAX_KEYS;
pub use keys::SharedRule;
pub use scripts::SharedScript;

/// What an object under a result's key was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Of {
    /// 0 or 1.
    pub source: u8,
    /// Which upload of it, from 1.
    pub upload: u8,
}

/// One state of everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SharedWorld {
    /// The upload that lies under each source's key; 0 is none.
    sources: [u8; 2],
    /// What lies under the key of each result.
    results: [Option<Of>; MAX_KEYS],
    uploads: [u8; 2],
    deletions_left: [u8; 2],
    duplicates_left: u8,
    crashes_left: u8,
    /// Sources of events on their way, and whether each may have been delivered before.
    events: Vec<(u8, bool)>,
    workers: [Option<Worker>; 2],
    /// Who overwrote or deleted what, where it was made of the other source.
    trespass: Option<(u8, Of)>,
    /// Whether a place was freed for each source since one of its deliveries last came to its end:
    /// a refusal may be out of date then.
    is_freed: [bool; 2],
}

/// A worker within a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Worker {
    source: u8,
    protocol: Protocol,
    step: Step<u8>,
    /// Keys that the step has not come to the end of, a bit each.
    pending: u32,
    /// What HEADs of shared places asked of the writes that follow them.
    conditions: [Option<Condition>; MAX_KEYS],
    /// The first place that was the other source's.
    taken: Option<u8>,
    /// That is being written to the failure record.
    is_refusing: bool,
    /// What HEADs have shown so far in an up-to-date check: the source, and its results.
    seen: (u8, u32),
}

/// What must lie in a place for a write to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Condition {
    Absent,
    /// An ETag.
    Is(Of),
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedHappening {
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
pub enum SharedRequest {
    HeadSource(u8),
    Get(u8),
    Head { key: u8, shows: Option<Of> },
    Put { key: u8, is_done: bool },
    Delete { key: u8, is_done: bool },
}

impl SharedWorld {
    /// Nothing is there and nothing has happened.
    pub fn new(script: &SharedScript) -> Self {
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

    /// What is wrong with a quiet world: a result of what is not there, a source that is neither
    /// stored nor refused, or is refused though its places were free when its last delivery looked;
    /// or one whose results the other source wrote over or deleted.
    pub(super) fn problem(&self, rule: &SharedRule) -> Option<String> {
        if let Some((by, of)) = self.trespass {
            return Some(format!("a worker of source {by} overwrote or deleted a result of {of}"));
        }
        let gone = (0u8..).zip(&self.results).find_map(|(key, of)| {
            let of = (*of)?;
            (self.sources[usize::from(of.source)] != of.upload).then_some((key, of))
        });
        if let Some((key, of)) = gone {
            return Some(format!("{} is of {of}, which is not there", rule.key(key)));
        }
        (0..2u8).find_map(|source| {
            let upload = self.sources[usize::from(source)];
            if upload == 0 {
                return None;
            }
            let of = Of { source, upload };
            let own = self.results.iter().enumerate().filter(|(_, cell)| **cell == Some(of));
            let own = own.fold(0, |bits, (key, _)| bits | 1 << key);
            // Nobody can have been in the way of one who was always alone.
            let may_be_refused = self.uploads[usize::from(1 - source)] > 0;
            let is_refused = may_be_refused && own == rule.plan(source).record;
            let is_stored = own == rule.plan(source).variants;
            if !is_stored && !is_refused {
                return Some(format!("{of} is there, and is neither stored nor refused"));
            }
            let is_free = self.is_free_for(source, rule) && !self.is_freed[usize::from(source)];
            (is_refused && is_free).then(|| format!("{of} is refused for places that are free"))
        })
    }

    /// Whether no place of this source's variants is the other one's.
    fn is_free_for(&self, source: u8, rule: &SharedRule) -> bool {
        let places = (0u8..).zip(&self.results);
        let mut others = places.filter(|(_, cell)| cell.is_some_and(|of| of.source != source));
        others.all(|(key, _)| rule.plan(source).variants & 1 << key == 0)
    }

    /// Two workers are alike: which of them is the first means nothing.
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
