//! One worker's next request, in every order that its step allows: the response of S3, and the
//! protocol's next step.

use resizer::protocol::{Found, Retirement, Step, UpToDate, Verification, Written};

use super::rule::{FIRST, ModelRule, SECOND};
use super::script::{Kind, Omission};
use super::state::{MAX_AGE, State};
use super::{Request, Seen, Worker, World, Write};

type Next = (Request, World, Worker);

impl World {
    pub(super) fn requests(&self, worker: Worker, rule: &ModelRule) -> Vec<Next> {
        match worker.step {
            Step::Check => self.checking(worker, rule),
            Step::Fetch { .. } => vec![self.fetching(worker, rule)],
            Step::Replace { source, .. } => self.replacing(worker, source, rule),
            Step::Remove { source } => self.removing(worker, source, rule),
            Step::Verify { expected, written } => {
                vec![self.verifying(worker, expected, written, rule)]
            }
            Step::Retire { source } => vec![self.retiring(worker, source, rule)],
            Step::Done(_) => Vec::new(),
        }
    }

    /// HEAD of the source, then of all results in any order.
    fn checking(&self, worker: Worker, rule: &ModelRule) -> Vec<Next> {
        if worker.pending & FIRST != 0 {
            let request = Request::HeadSource(self.source);
            let is_own = self.source.upload > 0 && rule.kind(self.source) == Kind::OwnResult;
            if self.source.upload == 0 || is_own {
                let step = worker.protocol.checked(UpToDate::No);
                return vec![(request, self.clone(), to(worker, step, rule))];
            }
            let seen = Seen {
                source: rule.as_seen(self.source),
                source_age: self.source_age,
                results: 0,
                youngest: MAX_AGE,
            };
            let worker = Worker { pending: rule.all_keys(), seen, ..worker };
            return vec![(request, self.clone(), worker)];
        }
        let asked = numbers(worker.pending).map(|key| {
            let cell = self.results[usize::from(key)];
            let mut worker = Worker { pending: worker.pending & !(1 << key), ..worker };
            let seen = &mut worker.seen;
            let is_own = cell.of == seen.source && rule.is_current(key, cell.config, self.config);
            if is_own {
                seen.results |= 1 << key;
                seen.youngest = seen.youngest.min(cell.age);
            }
            let is_wrong = cell.of.upload != 0 && !is_own;
            if is_wrong || worker.pending == 0 {
                let seen = worker.seen;
                let recognized =
                    if is_wrong { None } else { rule.recognizes(seen.results, self.config) };
                let step = worker.protocol.checked(match recognized {
                    Some(true) => UpToDate::Variants {
                        source: seen.source,
                        are_quiescent: rule.is_quiescent(seen.youngest, seen.source_age),
                        found: (),
                    },
                    Some(false) => UpToDate::Refusal(()),
                    None => UpToDate::No,
                });
                worker = to(worker, step, rule);
            }
            (Request::HeadResult { key, shows: cell.of, age: cell.age }, self.clone(), worker)
        });
        asked.collect()
    }

    fn fetching(&self, worker: Worker, rule: &ModelRule) -> Next {
        let state = rule.as_seen(self.source);
        let found = match self.source.upload {
            0 => Found::Gone,
            _ if rule.kind(self.source) == Kind::OwnResult => Found::NoUpload(state),
            _ => Found::Upload { source: state, upload: () },
        };
        let step = worker.protocol.found(found, None);
        (Request::Get(self.source), self.clone(), to(worker, step, rule))
    }

    /// Puts and deletes in any order, then the last put.
    fn replacing(&self, worker: Worker, of: State, rule: &ModelRule) -> Vec<Next> {
        let (puts, _, last) = rule.writes_of(of, self.config);
        let written = if rule.refuses(of, self.config) {
            Written::NoVariants(())
        } else {
            Written::Variants(())
        };
        let mut out = Vec::new();
        for key in numbers(worker.pending & !SECOND) {
            let is_put = (puts | last) & 1 << key != 0;
            let write = if is_put { Write::Put { key, of } } else { Write::Delete { key } };
            self.writing(worker, write, key, &mut out, |mut worker| {
                if worker.pending == 0 && last != 0 {
                    worker.pending = last | SECOND;
                }
                if worker.pending & !SECOND == 0 {
                    let step = worker.protocol.replaced(of, written);
                    worker = to(worker, step, rule);
                }
                worker
            });
        }
        out
    }

    fn removing(&self, worker: Worker, source: Option<State>, rule: &ModelRule) -> Vec<Next> {
        let mut out = Vec::new();
        for key in numbers(worker.pending) {
            self.writing(worker, Write::Delete { key }, key, &mut out, |worker| {
                if worker.pending > 0 {
                    return worker;
                }
                let step = worker.protocol.removed(source, ());
                to(worker, step, rule)
            });
        }
        if worker.pending == 0 {
            let step = worker.protocol.removed(source, ());
            out.push((Request::HeadLeftOut, self.clone(), to(worker, step, rule)));
        }
        out
    }

    /// A write that takes effect, and one without a response that will be retried.
    fn writing(
        &self,
        worker: Worker,
        write: Write,
        key: u8,
        out: &mut Vec<Next>,
        and_then: impl Fn(Worker) -> Worker,
    ) {
        if self.late_left > 0 {
            let mut next = self.clone();
            next.late_left -= 1;
            next.late.push((write, 0));
            let worker = Worker { has_unanswered_write: true, ..worker };
            out.push((Request::Unanswered(write), next, worker));
        }
        let mut next = self.clone();
        next.carry_out(write);
        let worker = and_then(Worker { pending: worker.pending & !(1 << key), ..worker });
        out.push((Request::Written(write), next, worker));
    }

    fn verifying(
        &self,
        mut worker: Worker,
        expected: Option<State>,
        written: Written,
        rule: &ModelRule,
    ) -> Next {
        let present = Some(rule.as_seen(self.source)).filter(|source| source.upload > 0);
        // The mutant assumes that nothing has changed.
        let (request, present) = match rule.script().without {
            Some(Omission::Verify) => (Request::HeadLeftOut, expected),
            _ => (Request::HeadSource(self.source), present),
        };
        // Nothing is shared with another source here.
        let seen = Verification { present, is_undone: false };
        let step = worker.protocol.verified(expected, written, seen);
        (request, self.clone(), to(worker, step, rule))
    }

    /// A conditional copy; then HEAD and a conditional DELETE as one step. Between the two, nobody
    /// uploads other bytes and the first ones again, which the ETag as S3's only condition misses.
    fn retiring(&self, mut worker: Worker, of: State, rule: &ModelRule) -> Next {
        let mut next = self.clone();
        if worker.pending & FIRST != 0 {
            let is_done = self.source.upload == of.upload;
            let request = Request::Copy { of, is_done };
            if is_done {
                next.moved = self.source;
                return (request, next, Worker { pending: SECOND, ..worker });
            }
            let step = worker.protocol.retired(Retirement::Changed);
            return (request, next, to(worker, step, rule));
        }
        let is_done = rule.as_seen(self.source) == of;
        let retirement = if is_done { Retirement::Done(()) } else { Retirement::Changed };
        if is_done {
            next.remove_source();
        }
        let step = worker.protocol.retired(retirement);
        (Request::DeleteOriginal { of, is_done }, next, to(worker, step, rule))
    }
}

fn to(worker: Worker, step: Step<State>, rule: &ModelRule) -> Worker {
    // What an earlier round stored is for the report alone: without it there are fewer states.
    let step = match step {
        Step::Fetch { .. } => Step::Fetch { outdated: None },
        step => step,
    };
    Worker {
        step,
        pending: rule.requests_of(&step, worker.config),
        seen: Seen::default(),
        ..worker
    }
}

fn numbers(bits: u32) -> impl Iterator<Item = u8> {
    (0..30).filter(move |number| bits & 1 << number != 0)
}
