//! One worker's next request, in every order that its step allows. A write to a shared key is two
//! requests: a HEAD that returns the owner, and a write on condition of the object that it
//! returned.

use resizer::closing::{Expectation, Sight};
use resizer::protocol::{Claim, Found, Protocol, Step, UpToDate, Verification, Written, claim};

use super::keys::{MAX_KEYS, SharedRule};
use super::{Condition, Of, SharedRequest, SharedWorld, Worker};
use crate::model::script::Omission;

/// The bit above those of the results: the HEAD of the source.
const FIRST: u32 = 1 << 30;

type Next = (SharedRequest, SharedWorld, Worker);

impl Worker {
    pub(super) fn new(source: u8, is_repeated: bool, rule: &SharedRule) -> Self {
        let protocol = Protocol::new(false);
        let worker = Self {
            source,
            protocol,
            step: Step::Fetch { outdated: None },
            pending: 0,
            conditions: [None; MAX_KEYS],
            taken: None,
            is_refusing: false,
            seen: (0, 0),
        };
        worker.to(protocol.begin(is_repeated), rule)
    }

    fn to(self, step: Step<u8>, rule: &SharedRule) -> Self {
        let plan = rule.plan(self.source);
        // What an earlier round stored is for the report alone: without it there are fewer states.
        let step = match step {
            Step::Fetch { .. } => Step::Fetch { outdated: None },
            step => step,
        };
        let pending = match step {
            Step::Check | Step::Verify { .. } => FIRST,
            Step::Replace { .. } => plan.variants | plan.beside_variants,
            Step::Remove { .. } => plan.all,
            Step::Fetch { .. } | Step::Retire { .. } | Step::Done(_) => 0,
        };
        // The check after writing needs to know why the upload was refused.
        let taken = self.taken.filter(|_| matches!(step, Step::Verify { .. }));
        Self { step, pending, taken, is_refusing: false, seen: (0, 0), ..self }
    }

    /// The objects that the worker's decision rests on, without those that a mutant leaves out.
    fn rests_on(&self, rule: &SharedRule) -> Vec<(u8, Expectation)> {
        let rests_on = rule.plan(self.source).rests_on(self.taken);
        let is_asked = |expected: &Expectation| match rule.script().without {
            Some(Omission::ClosingCheck) => false,
            Some(Omission::ClosingCheckOfStored) => self.taken.is_some(),
            Some(Omission::TakenPlace) => *expected != Expectation::Taken,
            _ => true,
        };
        rests_on.iter().filter(|(_, expected)| is_asked(expected)).copied().collect()
    }

    /// Finishes this key. After the last one of a round comes the failure record, if there must be
    /// one, and then the next step.
    fn done(mut self, key: u8, rule: &SharedRule) -> Self {
        let plan = rule.plan(self.source);
        self.pending &= !(1 << key);
        self.conditions[usize::from(key)] = None;
        if self.pending != 0 {
            return self;
        }
        match self.step {
            Step::Replace { .. } if self.taken.is_some() && !self.is_refusing => {
                Self { pending: plan.record | plan.beside_record, is_refusing: true, ..self }
            }
            Step::Replace { source, .. } => {
                let done = if self.is_refusing { Written::NoVariants } else { Written::Variants };
                self.to(self.protocol.replaced(source, done(())), rule)
            }
            Step::Remove { source } => self.to(self.protocol.removed(source, ()), rule),
            _ => self,
        }
    }
}

impl SharedWorld {
    pub(super) fn requests(&self, worker: Worker, rule: &SharedRule) -> Vec<Next> {
        let present = self.sources[usize::from(worker.source)];
        let plan = rule.plan(worker.source);
        match worker.step {
            Step::Check => self.checking(worker, rule),
            Step::Fetch { .. } => {
                let found = if present == 0 {
                    Found::Gone
                } else {
                    Found::Upload { source: present, upload: () }
                };
                let step = worker.protocol.found(found, None);
                vec![(SharedRequest::Get(present), self.clone(), worker.to(step, rule))]
            }
            Step::Replace { source, .. } => {
                let puts = if worker.is_refusing { plan.record } else { plan.variants };
                let of = Of { source: worker.source, upload: source };
                self.writing(worker, puts, Some(of), rule)
            }
            Step::Remove { .. } => self.writing(worker, 0, None, rule),
            Step::Verify { expected, written } => self.verifying(worker, (expected, written), rule),
            Step::Retire { .. } | Step::Done(_) => Vec::new(),
        }
    }

    /// HEAD of the source, then of all of its results in any order. The failure record of a taken
    /// key never counts as up to date, and results of the other source are ignored.
    fn checking(&self, worker: Worker, rule: &SharedRule) -> Vec<Next> {
        let plan = rule.plan(worker.source);
        if worker.pending & FIRST != 0 {
            let present = self.sources[usize::from(worker.source)];
            let worker = match present {
                0 => worker.to(worker.protocol.checked(UpToDate::No), rule),
                _ => Worker { pending: plan.all, seen: (present, 0), ..worker },
            };
            return vec![(SharedRequest::HeadSource(present), self.clone(), worker)];
        }
        let asked = numbers(worker.pending).map(|key| {
            let shows = self.results[usize::from(key)];
            let (source, results) = worker.seen;
            let is_variant = plan.variants & 1 << key != 0;
            let sight = self.sight(worker, key, source, rule);
            let is_wrong = sight == Sight::Outdated || sight == Sight::Current && !is_variant;
            let results = if sight == Sight::Current { results | 1 << key } else { results };
            let pending = worker.pending & !(1 << key);
            let mut worker = Worker { pending, seen: (source, results), ..worker };
            if is_wrong || pending == 0 {
                let is_whole = !is_wrong && rule.recognizes(worker.source, results) == Some(true);
                worker = worker.to(
                    worker.protocol.checked(if is_whole {
                        UpToDate::Variants { source, are_quiescent: false, found: () }
                    } else {
                        UpToDate::No
                    }),
                    rule,
                );
            }
            (SharedRequest::Head { key, shows }, self.clone(), worker)
        });
        asked.collect()
    }

    /// HEAD of the source, then of the objects that the decision rests on, in any order, until one
    /// of them is not as expected.
    fn verifying(
        &self,
        mut worker: Worker,
        (expected, written): (Option<u8>, Written),
        rule: &SharedRule,
    ) -> Vec<Next> {
        let rests_on = if expected.is_some() { worker.rests_on(rule) } else { Vec::new() };
        let ended = |worker: Worker, present, is_undone| {
            let mut protocol = worker.protocol;
            let seen = Verification { present, is_undone };
            let step = protocol.verified(expected, written, seen);
            Worker { protocol, ..worker }.to(step, rule)
        };
        if worker.pending & FIRST != 0 {
            let present = self.sources[usize::from(worker.source)];
            let seen = Some(present).filter(|present| *present > 0);
            let pending = rests_on.iter().fold(0, |bits, (key, _)| bits | 1 << key);
            let mut next = self.clone();
            next.is_freed[usize::from(worker.source)] = false;
            worker = match seen == expected && pending != 0 {
                true => Worker { pending, seen: (present, 0), ..worker },
                false => ended(worker, seen, false),
            };
            return vec![(SharedRequest::HeadSource(present), next, worker)];
        }
        let asked = rests_on.iter().filter(|(key, _)| worker.pending & 1 << key != 0);
        let asked = asked.map(|(key, expectation)| {
            let sight = self.sight(worker, *key, worker.seen.0, rule);
            let is_undone = !expectation.is_met(sight);
            let pending = worker.pending & !(1 << key);
            let after = match is_undone || pending == 0 {
                true => ended(worker, expected, is_undone),
                false => Worker { pending, ..worker },
            };
            let shows = self.results[usize::from(*key)];
            (SharedRequest::Head { key: *key, shows }, self.clone(), after)
        });
        asked.collect()
    }

    /// What the HEAD of a key returns to a worker of this upload.
    fn sight(&self, worker: Worker, key: u8, upload: u8, rule: &SharedRule) -> Sight {
        let current = Some(Of { source: worker.source, upload });
        let is_current = self.results[usize::from(key)] == current;
        Sight::of(self.claim(worker, key, rule), is_current)
    }

    /// PUTs and DELETEs in any order: unconditional ones for exclusive keys.
    fn writing(&self, worker: Worker, puts: u32, of: Option<Of>, rule: &SharedRule) -> Vec<Next> {
        let next = |key: u8| {
            let is_put = puts & 1 << key != 0;
            let request = |is_done| match is_put {
                true => SharedRequest::Put { key, is_done },
                false => SharedRequest::Delete { key, is_done },
            };
            let is_exclusive = rule.plan(worker.source).exclusive & 1 << key != 0;
            let condition = worker.conditions[usize::from(key)];
            if !is_exclusive && condition.is_none() {
                return self.looking(worker, key, is_put, rule);
            }
            let is_blind = is_exclusive || rule.script().without == Some(Omission::ClaimCondition);
            let is_done = is_blind || condition == Some(self.condition(key, rule));
            if !is_done {
                let mut worker = worker;
                worker.conditions[usize::from(key)] = None;
                return (request(false), self.clone(), worker);
            }
            let mut next = self.clone();
            let cell = &mut next.results[usize::from(key)];
            let other = cell.filter(|found| found.source != worker.source);
            next.trespass = next.trespass.or(other.map(|found| (worker.source, found)));
            if !is_put && cell.is_some() && !is_exclusive {
                next.is_freed[usize::from(1 - worker.source)] = true;
            }
            *cell = of.filter(|_| is_put);
            (request(true), next, worker.done(key, rule))
        };
        numbers(worker.pending).map(next).collect()
    }

    /// HEAD of a shared key before a write to it.
    fn looking(&self, worker: Worker, key: u8, is_put: bool, rule: &SharedRule) -> Next {
        let shows = self.results[usize::from(key)];
        let omission = if is_put { Omission::TagBeforePut } else { Omission::TagBeforeDelete };
        let claim = match self.claim(worker, key, rule) {
            Claim::Taken if rule.script().without == Some(omission) => Claim::Own,
            claim => claim,
        };
        let mut after = worker;
        match claim {
            Claim::Taken => {
                after.taken = after.taken.or(Some(key).filter(|_| is_put));
                after = after.done(key, rule);
            }
            Claim::Free if !is_put => after = after.done(key, rule),
            Claim::Free | Claim::Own => {
                after.conditions[usize::from(key)] = Some(self.condition(key, rule));
            }
        }
        (SharedRequest::Head { key, shows }, self.clone(), after)
    }

    fn claim(&self, worker: Worker, key: u8, rule: &SharedRule) -> Claim {
        let found = self.results[usize::from(key)].map(|of| Some(rule.name(of.source)));
        claim(rule.name(worker.source), found)
    }

    /// The condition that the present object of a key meets.
    fn condition(&self, key: u8, rule: &SharedRule) -> Condition {
        match self.results[usize::from(key)] {
            None => Condition::Absent,
            Some(_) if rule.script().has_equal_bytes => Condition::Is(Of { source: 0, upload: 0 }),
            Some(of) => Condition::Is(of),
        }
    }
}

fn numbers(bits: u32) -> impl Iterator<Item = u8> {
    (0..30).filter(move |number| bits & 1 << number != 0)
}
