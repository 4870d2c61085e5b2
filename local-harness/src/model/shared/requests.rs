//! One worker's next request in every order that its step leaves open. A write to a shared place is
//! two requests: a HEAD that says whose it is, and the write on condition of what was seen.

use resizer::protocol::{Claim, Found, Proof, Protocol, Step, claim};

use super::{MAX_KEYS, Of, Omission, SharedRequest, SharedRule, SharedWorld, Worker};

/// The bit beyond those of the results: the source's HEAD.
const FIRST: u32 = 1 << 30;

/// What must lie in a place for a write to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Condition {
    Absent,
    /// An ETag.
    Is(Of),
}

type Next = (SharedRequest, SharedWorld, Worker);

impl Worker {
    pub(super) fn new(source: u8, is_repeated: bool, rule: &SharedRule) -> Self {
        let protocol = Protocol::new(false);
        let worker = Self {
            source,
            protocol,
            step: Step::Fetch,
            pending: 0,
            conditions: [None; MAX_KEYS],
            is_taken: false,
            is_refusing: false,
            seen: (0, 0),
        };
        worker.to(protocol.begin(is_repeated), rule)
    }

    fn to(self, step: Step<u8>, rule: &SharedRule) -> Self {
        let plan = rule.plan(self.source);
        let pending = match step {
            Step::Prove => FIRST,
            Step::Replace { .. } => plan.variants | plan.beside_variants,
            Step::Remove { .. } => plan.all,
            Step::Fetch | Step::Verify { .. } | Step::Retire { .. } | Step::Done(_) => 0,
        };
        Self { step, pending, is_taken: false, is_refusing: false, seen: (0, 0), ..self }
    }

    /// This key is done with; after the last one of a round comes the record of a refusal, if there
    /// must be one, and then the next step.
    fn done(mut self, key: u8, rule: &SharedRule) -> Self {
        let plan = rule.plan(self.source);
        self.pending &= !(1 << key);
        self.conditions[usize::from(key)] = None;
        if self.pending != 0 {
            return self;
        }
        match self.step {
            Step::Replace { .. } if self.is_taken && !self.is_refusing => {
                Self { pending: plan.record | plan.beside_record, is_refusing: true, ..self }
            }
            Step::Replace { source } => {
                self.to(self.protocol.replaced(source, !self.is_refusing), rule)
            }
            Step::Remove { source } => self.to(self.protocol.removed(source), rule),
            _ => self,
        }
    }
}

impl SharedWorld {
    pub(super) fn requests(&self, mut worker: Worker, rule: &SharedRule) -> Vec<Next> {
        let present = self.sources[usize::from(worker.source)];
        let plan = rule.plan(worker.source);
        match worker.step {
            Step::Prove => self.proving(worker, rule),
            Step::Fetch => {
                let found = if present == 0 { Found::Gone } else { Found::Upload(present) };
                let step = worker.protocol.found(found);
                vec![(SharedRequest::Get(present), self.clone(), worker.to(step, rule))]
            }
            Step::Replace { source } => {
                let puts = if worker.is_refusing { plan.record } else { plan.variants };
                let of = Of { source: worker.source, upload: source };
                self.writing(worker, puts, Some(of), rule)
            }
            Step::Remove { .. } => self.writing(worker, 0, None, rule),
            Step::Verify { expected, stored } => {
                let seen = Some(present).filter(|present| *present > 0);
                let step = worker.protocol.verified(expected, stored, seen);
                vec![(SharedRequest::HeadSource(present), self.clone(), worker.to(step, rule))]
            }
            Step::Retire { .. } | Step::Done(_) => Vec::new(),
        }
    }

    /// HEAD of the source, then of all of its results in any order. The record of a taken key is
    /// never recognized, and what the other source has does not count.
    fn proving(&self, worker: Worker, rule: &SharedRule) -> Vec<Next> {
        let plan = rule.plan(worker.source);
        if worker.pending & FIRST != 0 {
            let present = self.sources[usize::from(worker.source)];
            let worker = match present {
                0 => worker.to(worker.protocol.proved(Proof::Incomplete), rule),
                _ => Worker { pending: plan.all, seen: (present, 0), ..worker },
            };
            return vec![(SharedRequest::HeadSource(present), self.clone(), worker)];
        }
        let asked = numbers(worker.pending).map(|key| {
            let shows = self.results[usize::from(key)];
            let (source, results) = worker.seen;
            let expected = Some(Of { source: worker.source, upload: source });
            let is_variant = plan.variants & 1 << key != 0;
            let is_left_out = shows.is_none() || self.claim(worker, key, rule) == Claim::Taken;
            let is_wrong = !(is_left_out || is_variant && shows == expected);
            let results = if is_left_out { results } else { results | 1 << key };
            let pending = worker.pending & !(1 << key);
            let mut worker = Worker { pending, seen: (source, results), ..worker };
            if is_wrong || pending == 0 {
                let is_whole = !is_wrong && rule.recognises(worker.source, results) == Some(true);
                worker = worker.to(
                    worker.protocol.proved(if is_whole {
                        Proof::Variants { source, are_quiescent: false }
                    } else {
                        Proof::Incomplete
                    }),
                    rule,
                );
            }
            (SharedRequest::Head { key, shows }, self.clone(), worker)
        });
        asked.collect()
    }

    /// Puts and deletes in any order: blind ones in exclusive places.
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
            *cell = of.filter(|_| is_put);
            (request(true), next, worker.done(key, rule))
        };
        numbers(worker.pending).map(next).collect()
    }

    /// HEAD of a shared place before a write to it.
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
                after.is_taken |= is_put;
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

    /// What a write must ask for so that it meets what lies there now.
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
