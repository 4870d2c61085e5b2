//! The protocol in a world in which everything happens that may: uploads, a deletion, duplicated
//! and late events, two workers that take turns at every request, and deaths in between.
//! In: what may happen. Out: every state that can follow a state. The protocol's steps and the keys
//! that a round writes are the function's own code; only S3 and the queue are imagined here.

pub mod explore;
mod requests;
mod rule;

use std::fmt;

use resizer::protocol::{End, Protocol, Step};

pub use rule::{Kind, ModelRule};

/// The results that the uploads of any script can have.
pub(crate) const RESULTS: [&str; KEYS] = [
    "failures/key.json",
    "manifests/key.json",
    "variants/key/a.jpg",
    "variants/key/a.png",
    "variants/key/b.jpg",
];
pub(crate) const KEYS: usize = 5;

/// An upload by its number, from 1; 0 is none.
pub type Upload = u8;

/// Results by their numbers, a bit each.
pub(crate) type Keys = u8;

/// What may happen, and how often.
#[derive(Debug, Clone)]
pub struct Script {
    /// For the report.
    pub name: &'static str,
    /// What each upload is, in no order: the world chooses one. Equal bytes have equal ETags, and
    /// so are one upload with a number of times.
    pub uploads: Vec<(Kind, u8)>,
    /// Deletions by a person.
    pub deletions: u8,
    /// Events that arrive once more than they were sent.
    pub duplicates: u8,
    /// Workers that die between two requests.
    pub crashes: u8,
    /// Whether the rule moves originals away.
    pub retires: bool,
    /// What is left out on purpose, to see that it is missed.
    pub without: Option<Omission>,
}

/// A part of the protocol that a broken twin lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Omission {
    /// The HEAD after writing.
    Verify,
    /// The wait before an original goes.
    Wait,
}

/// One state of everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub(crate) source: Upload,
    moved: Upload,
    last: Upload,
    /// Which upload each result was made of.
    pub(crate) results: [Upload; KEYS],
    uploads_left: [u8; 3],
    deletions_left: u8,
    duplicates_left: u8,
    crashes_left: u8,
    /// Events on their way: those that nobody has seen, and those that come back.
    fresh: u8,
    repeated: u8,
    workers: [Option<Worker>; 2],
}

/// A worker within a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Worker {
    pub(crate) protocol: Protocol,
    pub(crate) step: Step<Upload>,
    /// Requests of the step that are still to be sent; their numbers mean what the step says.
    pub(crate) pending: u16,
    /// What HEADs have shown so far, in a proof: the source, and the results of it.
    pub(crate) seen: (Upload, Keys),
    /// Whether the present source was uploaded after this worker began.
    is_old: bool,
    /// Whether nobody was old when this worker saw the source.
    pub(crate) is_settled: bool,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    Uploaded(Upload),
    DeletedByPerson,
    Duplicated { as_repeated: bool },
    Began { worker: usize, is_repeated: bool },
    Died { worker: usize },
    Requested { worker: usize, request: Request },
    Ended { worker: usize, end: End },
}

/// One request of a worker to S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    HeadSource(Upload),
    HeadLeftOut,
    HeadResult { key: usize, shows: Upload },
    Get(Upload),
    Put { key: usize, of: Upload },
    Delete { key: usize },
    Copy { of: Upload, done: bool },
    DeleteOriginal { of: Upload, done: bool },
    TooEarly,
}

impl World {
    /// Nothing is there and nothing has happened.
    pub fn new(script: &Script) -> Self {
        let times = |index: usize| script.uploads.get(index).map_or(0, |(_, times)| *times);
        Self {
            source: 0,
            moved: 0,
            last: 0,
            results: [0; KEYS],
            uploads_left: [times(0), times(1), times(2)],
            deletions_left: script.deletions,
            duplicates_left: script.duplicates,
            crashes_left: script.crashes,
            fresh: 0,
            repeated: 0,
            workers: [None; 2],
        }
    }

    /// Whether no event is on its way and nobody works.
    pub fn is_quiet(&self) -> bool {
        self.fresh + self.repeated == 0 && self.workers == [None; 2]
    }

    /// Every state that can come next, and through what.
    pub fn next(&self, rule: &ModelRule) -> Vec<(Happening, World)> {
        let mut out = Vec::new();
        self.outside(&mut out);
        for worker in 0..self.workers.len() {
            match self.workers[worker] {
                None => self.beginnings(worker, rule, &mut out),
                Some(_) => self.turns(worker, rule, &mut out),
            }
        }
        out
    }

    /// What is wrong with a quiet world; `None` when the results are those of the source.
    pub fn problem(&self, rule: &ModelRule) -> Option<String> {
        let retired = rule.retires() && self.source == 0;
        let of = if retired { self.last } else { self.source };
        let expected = rule.results_of(of);
        if self.results != expected {
            let (found, expected) = (ModelRule::named(&self.results), ModelRule::named(&expected));
            return Some(format!("of upload {of} there should be {expected}; there are {found}"));
        }
        if retired && self.moved != self.last {
            return Some(format!("upload {} is lost: upload {} was moved", self.last, self.moved));
        }
        None
    }

    fn outside(&self, out: &mut Vec<(Happening, World)>) {
        for (index, left) in self.uploads_left.iter().enumerate().filter(|(_, left)| **left > 0) {
            let upload = index as Upload + 1;
            let mut next = self.clone();
            next.uploads_left[index] = left - 1;
            (next.source, next.last) = (upload, upload);
            next.fresh += 1;
            next.workers.iter_mut().flatten().for_each(|worker| worker.is_old = true);
            out.push((Happening::Uploaded(upload), next));
        }
        if self.deletions_left > 0 && self.source > 0 {
            let mut next = self.clone();
            next.deletions_left -= 1;
            next.source = 0;
            next.fresh += 1;
            out.push((Happening::DeletedByPerson, next));
        }
        if self.duplicates_left > 0 && self.fresh + self.repeated > 0 {
            for as_repeated in [false, true] {
                let mut next = self.clone();
                next.duplicates_left -= 1;
                *(if as_repeated { &mut next.repeated } else { &mut next.fresh }) += 1;
                out.push((Happening::Duplicated { as_repeated }, next));
            }
        }
    }

    fn beginnings(&self, worker: usize, rule: &ModelRule, out: &mut Vec<(Happening, World)>) {
        for (is_repeated, waiting) in [(false, self.fresh), (true, self.repeated)] {
            if waiting > 0 {
                let mut next = self.clone();
                *(if is_repeated { &mut next.repeated } else { &mut next.fresh }) -= 1;
                let protocol = Protocol::new(rule.retires());
                let step = protocol.begin(is_repeated);
                let pending = rule.requests_of(&step);
                next.workers[worker] = Some(Worker {
                    protocol,
                    step,
                    pending,
                    seen: (0, 0),
                    is_old: false,
                    is_settled: false,
                });
                out.push((Happening::Began { worker, is_repeated }, next));
            }
        }
    }

    fn turns(&self, at: usize, rule: &ModelRule, out: &mut Vec<(Happening, World)>) {
        let Some(worker) = self.workers[at] else { return };
        if let Step::Done(end) = worker.step {
            let mut next = self.clone();
            next.workers[at] = None;
            next.repeated += u8::from(matches!(end, End::Early | End::Restless));
            out.push((Happening::Ended { worker: at, end }, next));
            return;
        }
        if self.crashes_left > 0 {
            let mut next = self.clone();
            next.crashes_left -= 1;
            next.workers[at] = None;
            next.repeated += 1;
            out.push((Happening::Died { worker: at }, next));
        }
        for (request, mut next, worker) in self.requests(worker, rule) {
            next.workers[at] = Some(worker);
            out.push((Happening::Requested { worker: at, request }, next));
        }
    }

    /// Whether every worker that could have read an earlier source has ended.
    pub(crate) fn is_settled(&self) -> bool {
        !self.workers.iter().flatten().any(|worker| worker.is_old)
    }

    /// Two workers are alike: which of them is the first means nothing.
    fn with_workers_in_order(&self) -> Self {
        let mut world = self.clone();
        world.workers.sort_unstable();
        world
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uploaded(upload) => write!(f, "upload {upload} arrives"),
            Self::DeletedByPerson => f.write_str("a person deletes the upload"),
            Self::Duplicated { as_repeated: false } => f.write_str("an event is duplicated"),
            Self::Duplicated { as_repeated: true } => f.write_str("an event is redelivered"),
            Self::Began { worker, is_repeated } => {
                let event = if *is_repeated { "a repeated event" } else { "an event" };
                write!(f, "  worker {worker} begins with {event}")
            }
            Self::Died { worker } => write!(f, "  worker {worker} dies; its event comes back"),
            Self::Requested { worker, request } => write!(f, "  worker {worker}: {request}"),
            Self::Ended { worker, end } => write!(f, "  worker {worker} ends: {end:?}"),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = |done: &bool| if *done { "done" } else { "412, it is another one" };
        match self {
            Self::HeadSource(0) => f.write_str("HEAD source: gone"),
            Self::HeadSource(upload) => write!(f, "HEAD source: upload {upload}"),
            Self::HeadLeftOut => f.write_str("no HEAD of the source"),
            Self::HeadResult { key, shows: 0 } => write!(f, "HEAD {}: absent", RESULTS[*key]),
            Self::HeadResult { key, shows } => {
                write!(f, "HEAD {}: of upload {shows}", RESULTS[*key])
            }
            Self::Get(0) => f.write_str("GET source: gone"),
            Self::Get(upload) => write!(f, "GET source: upload {upload}"),
            Self::Put { key, of } => write!(f, "PUT {} of upload {of}", RESULTS[*key]),
            Self::Delete { key } => write!(f, "DELETE {}", RESULTS[*key]),
            Self::Copy { of, done: is } => write!(f, "COPY upload {of} away: {}", done(is)),
            Self::DeleteOriginal { of, done: is } => write!(f, "DELETE upload {of}: {}", done(is)),
            Self::TooEarly => f.write_str("the original may not go yet"),
        }
    }
}
