//! The run: objects of the listing and of an earlier run in, several of them under way at a time,
//! counts and the state file out.

use std::collections::VecDeque;
use std::rc::Rc;

use resizer::error::{Fault, FaultKind};
use resizer::event::ObjectRef;
use resizer::handler::App;
use resizer::report::Outcome;
use resizer::store::{Listed, Page};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::arguments::BackfillArguments;
use super::failures::Failures;
use super::listing::{Listing, rule_of};
use super::object::{Manner, Processed, process};
use super::pace::Pace;
use super::prices::RequestCounts;
use super::progress::Progress;
use super::state::StateFile;
use crate::Misuse;

/// Consecutive faults of S3 or its settings that end the run.
const CONSECUTIVE_FAULTS: usize = 10;

/// A run under way.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    app: Rc<App>,
    arguments: &'a BackfillArguments,
    pub(crate) file: StateFile,
    pub(crate) failures: Failures,
    /// Objects that failed because of S3 or its settings. They count as failed once the run is
    /// complete; another part of the run tries them again.
    blocked: Vec<(String, Fault)>,
    /// How many of the last objects are among these.
    in_a_row: usize,
    /// Why it makes no sense to go on.
    broken: Option<String>,
    /// What was sent for ledgers and is counted.
    ledgers: RequestCounts,
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

/// Objects that wait, and those under way.
struct Queue {
    waiting: VecDeque<ObjectRef>,
    /// What an earlier part of the run had begun or listed. It comes last: some of it may fail
    /// again and again, and must not end the run before all others are done.
    left_over: Vec<ObjectRef>,
    under_way: JoinSet<(ObjectRef, Processed)>,
    pace: Pace,
    /// Whether no page follows.
    is_listed: bool,
}

impl Queue {
    /// Begins with the next object, which must be there.
    fn begin(&mut self, app: &Rc<App>, manner: Manner, stop: &watch::Receiver<bool>) {
        let object = self.waiting.pop_front().expect("an object waits");
        self.pace.begin(Instant::now());
        let (app, stop) = (Rc::clone(app), stop.clone());
        self.under_way.spawn_local(async move {
            let processed = process(&app, &object, manner, &stop).await;
            (object, processed)
        });
    }
}

impl<'a> Work<'a> {
    /// Of a state that may have begun.
    pub(crate) fn new(app: App, arguments: &'a BackfillArguments, file: StateFile) -> Self {
        Self {
            app: Rc::new(app),
            arguments,
            failures: Failures::new(file.failures(), file.resumes),
            file,
            blocked: Vec::new(),
            in_a_row: 0,
            broken: None,
            ledgers: RequestCounts::default(),
        }
    }

    /// Processes everything that is left.
    ///
    /// # Errors
    /// `Misuse` where the state file cannot be written.
    pub(crate) async fn run(&mut self, mut stop: watch::Receiver<bool>) -> Result<End, Misuse> {
        let (app, target) = (Rc::clone(&self.app), &self.arguments.target);
        let (parallel, manner) =
            (usize::from(self.arguments.parallel), Manner::new(&app, self.arguments));
        let after = self.file.state.listed_through.clone();
        let mut listing = Listing::new(app.store(), target, after);
        let (mut queue, stopped) = (self.queue(), stop.clone());
        let mut progress = self.progress();
        self.file.write(Instant::now())?;
        loop {
            let goes_on = !*stop.borrow() && self.broken.is_none();
            let has_room = goes_on && queue.under_way.len() < parallel;
            if has_room && queue.waiting.is_empty() && !queue.is_listed {
                tokio::select! {
                    page = listing.next() => self.take_page(page, &mut queue)?,
                    _ = stop.wait_for(|stop| *stop) => {}
                }
                continue;
            }
            let may_begin = has_room && !queue.waiting.is_empty();
            if queue.under_way.is_empty() && !may_begin {
                break;
            }
            tokio::select! {
                biased;
                () = sleep_until(queue.pace.next()), if may_begin => {
                    queue.begin(&app, manner, &stopped);
                }
                Some(done) = queue.under_way.join_next() => {
                    // The function catches the panics of the engine; any other one is the end.
                    let (object, processed) = done.expect("no object ends in a panic");
                    self.record(&object, processed);
                    self.file.write_now_and_then(Instant::now())?;
                }
                _ = stop.wait_for(|stop| *stop), if goes_on => {}
            }
            let (counts, blocked) = (&self.file.state.counts, self.blocked.len() as u64);
            progress.tick(Instant::now(), counts.done() + blocked, counts.failed + blocked);
        }
        progress.clear();
        let end = match self.broken.take() {
            Some(problem) => End::Broken(problem),
            None if *stop.borrow() => End::Interrupted,
            None => End::Complete,
        };
        self.close(&end)?;
        Ok(end)
    }

    /// Empty, but for what is left over.
    fn queue(&self) -> Queue {
        let keys = self.file.state.unfinished.iter();
        let bucket = &self.arguments.target.bucket;
        let object = |key: &String| ObjectRef { bucket: bucket.clone(), key: key.clone() };
        Queue {
            waiting: VecDeque::new(),
            left_over: keys.map(object).collect(),
            under_way: JoinSet::new(),
            pace: Pace::new(self.arguments.rate, Instant::now()),
            is_listed: false,
        }
    }

    fn progress(&self) -> Progress {
        let state = &self.file.state;
        let total = state.expected.map(|expected| expected.objects);
        Progress::new(Instant::now(), state.counts.done(), total)
    }

    /// Counts a page, and lets wait what rules take.
    fn take_page(
        &mut self,
        page: Result<Option<(Page, RequestCounts)>, Fault>,
        queue: &mut Queue,
    ) -> Result<(), Misuse> {
        match page {
            Ok(Some((page, sent))) => queue.waiting.extend(self.take(page.objects, sent)),
            Ok(None) => {
                queue.is_listed = true;
                queue.waiting.extend(std::mem::take(&mut queue.left_over));
            }
            Err(fault) => self.broken = Some(fault.to_string()),
        }
        // Whatever comes next, this page is not listed again.
        self.file.write(Instant::now())
    }

    /// Those of a page that rules take; all are counted.
    fn take(&mut self, page: Vec<Listed>, sent: RequestCounts) -> Vec<ObjectRef> {
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

    /// Keeps what became of an object.
    fn record(&mut self, object: &ObjectRef, processed: Processed) {
        let Processed { outcome, sent, is_given_up } = processed;
        let all_for_ledgers = RequestCounts::from(self.app.ledger_requests());
        let counts = &mut self.file.state.counts;
        counts.sent += sent;
        counts.sent += all_for_ledgers.since(&self.ledgers);
        self.ledgers = all_for_ledgers;
        if is_given_up {
            return;
        }
        match outcome {
            Outcome::Failed { fault, .. } if is_of_everybody(fault.kind) => {
                self.in_a_row += 1;
                if self.in_a_row >= CONSECUTIVE_FAULTS && self.broken.is_none() {
                    self.broken = Some(fault.to_string());
                }
                self.blocked.push((object.key.clone(), fault));
            }
            outcome => {
                self.in_a_row = 0;
                self.settle(&object.key, &outcome);
            }
        }
    }

    /// Counts what became of an object for good.
    fn settle(&mut self, key: &str, outcome: &Outcome) {
        let is_failed = self.file.state.counts.add_outcome(outcome);
        if is_failed || matches!(outcome, Outcome::Refused(_) | Outcome::StillRefused { .. }) {
            self.failures.add(key, outcome.code(), &outcome.message().unwrap_or_default());
        }
        self.file.state.unfinished.remove(key);
    }

    /// Keeps what there is to go on with.
    fn close(&mut self, end: &End) -> Result<(), Misuse> {
        match end {
            End::Complete => {
                for (key, fault) in std::mem::take(&mut self.blocked) {
                    self.settle(&key, &fault.into());
                }
                self.file.remove();
                Ok(())
            }
            End::Interrupted | End::Broken(_) => self.file.write(Instant::now()),
        }
    }
}

/// Whether any other object may fail in the same way at the same time.
fn is_of_everybody(kind: FaultKind) -> bool {
    matches!(kind, FaultKind::Setup | FaultKind::Io | FaultKind::Throttle)
}
