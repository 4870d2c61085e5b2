//! The run: objects of the listing and of an earlier run in, several of them under way at a time,
//! counts and the state file out.

use std::collections::VecDeque;
use std::rc::Rc;

use resizer::error::{Fault, FaultKind};
use resizer::event::ObjectRef;
use resizer::handler::App;
use resizer::report::Outcome;
use resizer::store::Listed;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::arguments::BackfillArguments;
use super::failures::Failures;
use super::listing::{Listing, rule_of};
use super::object::{Ended, Manner, process};
use super::pace::Pace;
use super::prices::Sent;
use super::progress::Progress;
use super::state::StateFile;
use crate::Misuse;

/// So many objects that fail one after the other for want of a right or a bucket end the run.
const SETUP_FAULTS: usize = 10;

/// A run under way.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    app: Rc<App>,
    arguments: &'a BackfillArguments,
    pub(crate) file: StateFile,
    pub(crate) failures: Failures,
    /// Objects that failed for want of a right or a bucket, since one did not.
    suspects: Vec<(String, Fault)>,
    /// What was sent for ledgers and is counted.
    ledgers: Sent,
}

/// How a run ends.
#[derive(Debug)]
pub(crate) enum End {
    /// Everything was processed.
    Complete,
    /// Somebody wanted it to.
    Interrupted,
    /// It makes no sense to go on.
    Broken(String),
}

impl<'a> Work<'a> {
    /// Of a state that may have begun.
    pub(crate) fn new(app: App, arguments: &'a BackfillArguments, file: StateFile) -> Self {
        let failures = Failures::new(file.failures(), file.resumes);
        let (suspects, ledgers) = (Vec::new(), Sent::default());
        Self { app: Rc::new(app), arguments, file, failures, suspects, ledgers }
    }

    /// Processes everything that is left.
    ///
    /// # Errors
    /// `Misuse` where the state file cannot be written.
    pub(crate) async fn run(&mut self, mut stop: watch::Receiver<bool>) -> Result<End, Misuse> {
        let (app, target) = (Rc::clone(&self.app), &self.arguments.target);
        let (parallel, after) = (usize::from(self.arguments.parallel), self.after());
        let (manner, stopped) = (Manner::new(&app, self.arguments), stop.clone());
        let mut listing = Listing::new(app.store(), target, after);
        let (mut waiting, mut under_way) = (self.unfinished(), JoinSet::new());
        let mut pace = Pace::new(self.arguments.rate, Instant::now());
        let (mut is_listed, mut broken) = (false, None);
        let mut progress = self.progress();
        self.file.write(Instant::now())?;
        loop {
            let goes_on = !*stop.borrow() && broken.is_none();
            let has_room = goes_on && under_way.len() < parallel;
            if has_room && waiting.is_empty() && !is_listed {
                let page = tokio::select! {
                    page = listing.next() => page,
                    _ = stop.wait_for(|stop| *stop) => continue,
                };
                match page {
                    Ok(Some((page, sent))) => waiting.extend(self.take(page.objects, sent)),
                    Ok(None) => is_listed = true,
                    Err(fault) => broken = Some(fault.to_string()),
                }
                // Whatever comes next, this page is not listed again.
                self.file.write(Instant::now())?;
                continue;
            }
            let may_begin = has_room && !waiting.is_empty();
            if under_way.is_empty() && !may_begin {
                break;
            }
            tokio::select! {
                biased;
                () = sleep_until(pace.next()), if may_begin => {
                    let object = waiting.pop_front().expect("an object waits");
                    pace.begin(Instant::now());
                    under_way.spawn_local(one(Rc::clone(&app), object, manner, stopped.clone()));
                }
                Some(ended) = under_way.join_next() => {
                    // The function catches the panics of the engine; any other one is the end.
                    let (object, ended) = ended.expect("no object ends in a panic");
                    self.end(&object, ended);
                    self.file.write_now_and_then(Instant::now())?;
                    if self.suspects.len() >= SETUP_FAULTS {
                        broken = self.suspects.first().map(|(_, fault)| fault.to_string());
                    }
                }
                _ = stop.wait_for(|stop| *stop), if goes_on => {}
            }
            let counts = &self.file.state.counts;
            progress.tick(Instant::now(), counts.done(), counts.failed);
        }
        progress.end();
        let end = match broken {
            Some(problem) => End::Broken(problem),
            None if *stop.borrow() => End::Interrupted,
            None => End::Complete,
        };
        self.close(&end)?;
        Ok(end)
    }

    fn after(&self) -> Option<String> {
        self.file.state.listed_through.clone()
    }

    fn progress(&self) -> Progress {
        let state = &self.file.state;
        let total = state.expected.map(|expected| expected.objects);
        Progress::new(Instant::now(), state.counts.done(), total)
    }

    /// What an earlier part of the run had begun or listed.
    fn unfinished(&self) -> VecDeque<ObjectRef> {
        let keys = self.file.state.unfinished.iter();
        let bucket = &self.arguments.target.bucket;
        keys.map(|key| ObjectRef { bucket: bucket.clone(), key: key.clone() }).collect()
    }

    /// Those of a page that rules take; all are counted.
    fn take(&mut self, page: Vec<Listed>, sent: Sent) -> Vec<ObjectRef> {
        let state = &mut self.file.state;
        state.counts.sent += sent;
        if let Some(last) = page.last() {
            state.listed_through = Some(last.key.clone());
        }
        let mut taken = Vec::new();
        for Listed { key, size_bytes } in page {
            let bucket = self.arguments.target.bucket.clone();
            let object = ObjectRef { bucket, key };
            let rule = rule_of(self.app.config(), &object, size_bytes);
            state.counts.find(rule, size_bytes);
            if rule.is_ok() {
                state.unfinished.insert(object.key.clone());
                taken.push(object);
            }
        }
        taken
    }

    fn end(&mut self, object: &ObjectRef, ended: Ended) {
        let Ended { outcome, sent, is_given_up } = ended;
        let all_for_ledgers = Sent::from(self.app.ledger_requests());
        let state = &mut self.file.state;
        state.counts.sent += sent;
        state.counts.sent += all_for_ledgers.since(&self.ledgers);
        self.ledgers = all_for_ledgers;
        if is_given_up {
            return;
        }
        match outcome {
            Outcome::Failed { fault, .. } if fault.kind == FaultKind::Setup => {
                self.suspects.push((object.key.clone(), fault));
            }
            outcome => {
                self.settle_suspects();
                self.settle(&object.key, &outcome);
            }
        }
    }

    /// Something else works, so the objects are to blame.
    fn settle_suspects(&mut self) {
        for (key, fault) in std::mem::take(&mut self.suspects) {
            self.settle(&key, &fault.into());
        }
    }

    /// Counts what became of an object.
    fn settle(&mut self, key: &str, outcome: &Outcome) {
        let counts = &mut self.file.state.counts;
        let is_failed = counts.end(outcome);
        if is_failed || matches!(outcome, Outcome::Refused(_) | Outcome::StillRefused { .. }) {
            self.failures.add(key, outcome.code(), &outcome.message().unwrap_or_default());
        }
        self.file.state.unfinished.remove(key);
    }

    /// Keeps what there is to go on with.
    fn close(&mut self, end: &End) -> Result<(), Misuse> {
        if !matches!(end, End::Broken(_)) {
            self.settle_suspects();
        }
        match end {
            End::Complete => {
                self.file.remove();
                Ok(())
            }
            End::Interrupted | End::Broken(_) => self.file.write(Instant::now()),
        }
    }
}

async fn one(
    app: Rc<App>,
    object: ObjectRef,
    manner: Manner,
    stop: watch::Receiver<bool>,
) -> (ObjectRef, Ended) {
    let ended = process(&app, &object, manner, &stop).await;
    (object, ended)
}
