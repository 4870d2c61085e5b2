//! One worker's next request in every order that its step leaves open: what S3 answers, and where
//! the protocol goes from there.

use resizer::protocol::{Found, Proof, Retirement, Step};

use super::rule::{Kind, ModelRule};
use super::{KEYS, Omission, Request, Upload, Worker, World};

/// The bit beyond those of the results.
const FIRST: u16 = 1 << KEYS;
/// The last put of a round, or the copy of an original, is behind the worker.
const SECOND: u16 = FIRST << 1;

type Next = (Request, World, Worker);

impl World {
    pub(super) fn requests(&self, worker: Worker, rule: &ModelRule) -> Vec<Next> {
        match worker.step {
            Step::Prove => self.proving(worker, rule),
            Step::Fetch => vec![self.fetching(worker, rule)],
            Step::Replace { source } => self.replacing(worker, source, rule),
            Step::Remove { source } => self.removing(worker, source, rule),
            Step::Verify { expected, stored } => {
                vec![self.verifying(worker, expected, stored, rule)]
            }
            Step::Retire { source } => vec![self.retiring(worker, source, rule)],
            Step::Done(_) => Vec::new(),
        }
    }

    /// HEAD of the source, then of all results in any order.
    fn proving(&self, worker: Worker, rule: &ModelRule) -> Vec<Next> {
        if worker.pending & FIRST != 0 {
            let request = Request::HeadSource(self.source);
            let own = self.source > 0 && rule.kind(self.source) == Kind::OwnResult;
            if self.source == 0 || own {
                let step = worker.protocol.proved(Proof::Incomplete);
                return vec![(request, self.clone(), to(worker, step, rule))];
            }
            let all = (1 << KEYS) - 1;
            let (seen, is_settled) = ((self.source, 0), self.is_settled());
            let worker = Worker { pending: all, seen, is_settled, ..worker };
            return vec![(request, self.clone(), worker)];
        }
        let asked = numbers(worker.pending).map(|key| {
            let shows = self.results[key];
            let mut worker = Worker { pending: worker.pending & !(1 << key), ..worker };
            if shows == worker.seen.0 {
                worker.seen.1 |= 1 << key;
            }
            let wrong = shows != 0 && shows != worker.seen.0;
            if wrong || worker.pending == 0 {
                let recognised = if wrong { None } else { rule.recognises(worker.seen.1) };
                let step = worker.protocol.proved(match recognised {
                    Some(true) => Proof::Variants(worker.seen.0),
                    Some(false) => Proof::Refusal,
                    None => Proof::Incomplete,
                });
                worker = to(worker, step, rule);
            }
            (Request::HeadResult { key, shows }, self.clone(), worker)
        });
        asked.collect()
    }

    fn fetching(&self, worker: Worker, rule: &ModelRule) -> Next {
        let found = match self.source {
            0 => Found::Gone,
            upload if rule.kind(upload) == Kind::OwnResult => Found::OwnResult(upload),
            upload => Found::Upload(upload),
        };
        let step = worker.protocol.found(found);
        let worker = Worker { is_settled: self.is_settled(), ..worker };
        (Request::Get(self.source), self.clone(), to(worker, step, rule))
    }

    /// Puts and deletes in any order, then the last put.
    fn replacing(&self, worker: Worker, of: Upload, rule: &ModelRule) -> Vec<Next> {
        let (puts, _, last) = rule.writes_of(of);
        let stored = rule.kind(of) != Kind::Bad;
        let write = |key: usize| {
            let mut next = self.clone();
            let is_put = u16::from(puts | last) & 1 << key != 0;
            next.results[key] = if is_put { of } else { 0 };
            let request = if is_put { Request::Put { key, of } } else { Request::Delete { key } };
            let mut worker = Worker { pending: worker.pending & !(1 << key), ..worker };
            if worker.pending == 0 && last != 0 {
                worker.pending = u16::from(last) | SECOND;
            }
            if worker.pending & !SECOND == 0 {
                let step = worker.protocol.replaced(of, stored);
                worker = to(worker, step, rule);
            }
            (request, next, worker)
        };
        numbers(worker.pending & !SECOND).map(write).collect()
    }

    fn removing(&self, worker: Worker, source: Option<Upload>, rule: &ModelRule) -> Vec<Next> {
        let delete = |key: usize| {
            let mut next = self.clone();
            next.results[key] = 0;
            let mut worker = Worker { pending: worker.pending & !(1 << key), ..worker };
            if worker.pending == 0 {
                let step = worker.protocol.removed(source);
                worker = to(worker, step, rule);
            }
            (Request::Delete { key }, next, worker)
        };
        numbers(worker.pending).map(delete).collect()
    }

    fn verifying(
        &self,
        mut worker: Worker,
        expected: Option<Upload>,
        stored: bool,
        rule: &ModelRule,
    ) -> Next {
        let present = Some(self.source).filter(|source| *source > 0);
        // The broken twin believes that nothing has changed.
        let (request, present) = match rule.script().without {
            Some(Omission::Verify) => (Request::HeadLeftOut, expected),
            _ => (Request::HeadSource(self.source), present),
        };
        let step = worker.protocol.verified(expected, stored, present);
        (request, self.clone(), to(worker, step, rule))
    }

    /// Copy on condition, then DELETE on condition, which S3 tells of like any other.
    fn retiring(&self, mut worker: Worker, of: Upload, rule: &ModelRule) -> Next {
        let mut next = self.clone();
        let done = self.source == of;
        let waits = rule.script().without != Some(Omission::Wait);
        let (request, retirement) = if worker.pending & FIRST != 0 {
            if waits && !worker.is_settled {
                (Request::TooEarly, Retirement::Early)
            } else if done {
                next.moved = of;
                let worker = Worker { pending: SECOND, ..worker };
                return (Request::Copy { of, done }, next, worker);
            } else {
                (Request::Copy { of, done }, Retirement::Changed)
            }
        } else if done {
            next.source = 0;
            next.fresh += 1;
            (Request::DeleteOriginal { of, done }, Retirement::Done)
        } else {
            (Request::DeleteOriginal { of, done }, Retirement::Changed)
        };
        let step = worker.protocol.retired(retirement);
        (request, next, to(worker, step, rule))
    }
}

fn to(worker: Worker, step: Step<Upload>, rule: &ModelRule) -> Worker {
    Worker { step, pending: rule.requests_of(&step), seen: (0, 0), ..worker }
}

fn numbers(bits: u16) -> impl Iterator<Item = usize> {
    (0..KEYS).filter(move |number| bits & 1 << number != 0)
}
