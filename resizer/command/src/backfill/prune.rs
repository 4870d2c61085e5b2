//! `--prune`: what no rule makes any more is deleted. In: the objects of the output buckets, by the
//! beginnings that results can have. An object goes only if it carries the function's tag, if its
//! source is known by that tag, and if no rule writes it for that source. Whoever deletes looks at
//! the source again afterwards, so that an upload that came meanwhile gets its results back.

mod attribution;
mod guard;
mod removal;
mod unnamed;
mod verdict;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use futures::stream::{self, StreamExt, TryStreamExt};
use resizer::error::Fault;
use resizer::event::ObjectRef;
use resizer::handler::App;
use resizer::layout::Layouts;
use resizer::store::{Listed, ProvenanceTag, Store};
use resizer::template::{SourceName, VariantName};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::arguments::{BackfillArguments, Target};
use super::listing::Listing;
use super::object::Manner;
use super::pace::Pace;
use super::prices::RequestCounts;
use super::progress::Progress;
use super::state::StateFile;
use super::work::End;
use crate::Misuse;

/// Results whose sources are looked for together in a listing of the uploads.
const UNNAMED_AT_ONCE: usize = 20_000;

/// A run under way.
#[derive(Debug)]
pub(crate) struct Prune<'a> {
    app: Rc<App>,
    arguments: &'a BackfillArguments,
    manner: Manner,
    pub(crate) file: RefCell<StateFile>,
    pace: RefCell<Pace>,
    stop: watch::Receiver<bool>,
    /// Layouts that were known of each bucket at first.
    layouts: RefCell<BTreeMap<String, usize>>,
    /// What a run would send beside what a dry run sends.
    pub(crate) unsent: Cell<RequestCounts>,
    /// When the run began, in seconds since 1970 by S3's clock.
    began_s: Cell<u64>,
}

/// A result of a source.
#[derive(Debug, Clone)]
struct Found {
    place: ObjectRef,
    size_bytes: u64,
    etag: String,
    /// Last-Modified in seconds since 1970.
    written_s: u64,
    tag: ProvenanceTag,
}

/// Why the run cannot go on.
#[derive(Debug)]
enum Trouble {
    Fault(Fault),
    File(Misuse),
    Layouts(String),
    /// Somebody wants the work to end.
    Stopped,
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Misuse> for Trouble {
    fn from(misuse: Misuse) -> Self {
        Self::File(misuse)
    }
}

impl<'a> Prune<'a> {
    /// Of a state that may have begun.
    pub(crate) fn new(
        app: App,
        arguments: &'a BackfillArguments,
        file: StateFile,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            manner: Manner { only_missing: true, ..Manner::new(&app, arguments) },
            app: Rc::new(app),
            arguments,
            file: RefCell::new(file),
            pace: RefCell::new(Pace::new(arguments.rate, Instant::now())),
            stop,
            layouts: RefCell::default(),
            unsent: Cell::default(),
            began_s: Cell::default(),
        }
    }

    /// Looks at every object that a result may be.
    ///
    /// # Errors
    /// `Misuse` where the state file cannot be written.
    pub(crate) async fn run(&self) -> Result<End, Misuse> {
        let done = self.all_buckets().await;
        crate::output::progress("");
        let end = match done {
            Ok(()) => End::Complete,
            Err(Trouble::Stopped) => End::Interrupted,
            Err(Trouble::Fault(fault)) => End::Broken(fault.to_string()),
            Err(Trouble::Layouts(problem)) => End::Broken(problem),
            Err(Trouble::File(misuse)) => return Err(misuse),
        };
        let all_for_ledgers = self.app.ledger_requests().into();
        self.file.borrow_mut().state.counts.sent += all_for_ledgers;
        match end {
            _ if self.arguments.dry_run => {}
            End::Complete => self.file.borrow().remove(),
            End::Interrupted | End::Broken(_) => self.file.borrow_mut().write(Instant::now())?,
        }
        Ok(end)
    }

    async fn all_buckets(&self) -> Result<(), Trouble> {
        self.begin().await?;
        let deleted = self.file.borrow().state.deleted.clone();
        // A run that died had deleted these and had not looked at their sources again.
        self.verify_all(&deleted).await?;
        let earlier = self.arguments.earlier_output_bucket.iter().cloned();
        for bucket in self.output_buckets().into_iter().chain(earlier).collect::<BTreeSet<_>>() {
            self.bucket(&bucket).await?;
        }
        Ok(())
    }

    /// Of all rules, for uploads of the target.
    fn output_buckets(&self) -> BTreeSet<String> {
        let sources = &self.arguments.target.bucket;
        let source = SourceName { bucket: sources, key: "" };
        let rules = self.app.config().rules.iter();
        let rules = rules.filter(|rule| rule.source.bucket.as_ref().is_none_or(|b| b == sources));
        rules.map(|rule| rule.output.bucket.render(source, VariantName::default())).collect()
    }

    async fn bucket(&self, bucket: &str) -> Result<(), Trouble> {
        let target = &self.arguments.target;
        let layouts = self.layouts(bucket).await?;
        let resumed = self.file.borrow().state.listed_through.clone();
        let resumed = resumed.as_deref().and_then(|place| place.split_once('/'));
        let after = match resumed {
            Some((done, _)) if bucket < done => return Ok(()),
            Some((done, key)) if bucket == done => Some(key.to_owned()),
            _ => None,
        };
        let mut progress = self.progress();
        let mut unnamed: Vec<Found> = Vec::new();
        let store = self.app.store();
        for prefix in layouts.beginnings(bucket, &target.bucket, &target.prefix) {
            let results = Target { bucket: bucket.to_owned(), prefix };
            let mut listing = Listing::new(store, &results, after.clone());
            while let Some((page, sent)) = listing.next().await? {
                self.unless_stopped()?;
                self.spend(sent);
                let last = page.objects.last().map(|object| format!("{bucket}/{}", object.key));
                unnamed.extend(self.page(bucket, page.objects).await?);
                if unnamed.len() >= UNNAMED_AT_ONCE {
                    self.find_sources(std::mem::take(&mut unnamed)).await?;
                }
                if unnamed.is_empty() {
                    self.passed(last)?;
                }
                let counts = &self.file.borrow().state.counts;
                progress.tick(Instant::now(), counts.listed.objects, counts.failed);
            }
        }
        self.find_sources(unnamed).await
    }

    fn progress(&self) -> Progress {
        let before = self.file.borrow().state.counts.listed.objects;
        Progress::new(Instant::now(), before, None)
    }

    /// Looks at a page of objects. Those whose sources their keys do not name come back.
    async fn page(&self, bucket: &str, objects: Vec<Listed>) -> Result<Vec<Found>, Trouble> {
        let layouts = self.layouts(bucket).await?;
        let candidates = self.candidates(&layouts, bucket, objects);
        let candidates = self.without_current(&layouts, candidates).await?;
        let (named, unnamed) = self.attribute(candidates).await?;
        self.prune(&layouts, named).await?;
        self.verified()?;
        self.unless_stopped()?;
        Ok(unnamed)
    }

    /// Deletes what no rule makes of these sources. Places that may be empty now come back; in a
    /// dry run, those that would be.
    async fn prune(
        &self,
        layouts: &Layouts,
        named: BTreeMap<ObjectRef, Vec<Found>>,
    ) -> Result<Vec<ObjectRef>, Trouble> {
        let judged = named.into_iter().map(async |(source, founds)| {
            self.turn().await?;
            let doomed = self.doomed(layouts, &source, founds, true).await?;
            Ok::<_, Trouble>((source, doomed))
        });
        let judged = stream::iter(judged).buffer_unordered(self.parallel());
        let judged: Vec<_> = judged.try_collect().await?;
        let doomed: Vec<_> = judged.into_iter().filter(|(_, doomed)| !doomed.is_empty()).collect();
        if doomed.is_empty() {
            return Ok(Vec::new());
        }
        if self.arguments.dry_run {
            return Ok(self.without_removal(doomed));
        }
        self.intend(doomed.iter().flat_map(|(_, founds)| founds)).await?;
        let removed = doomed
            .into_iter()
            .map(|(source, founds)| async move { self.remove(layouts, &source, founds).await });
        let removed = stream::iter(removed).buffer_unordered(self.parallel());
        let removed: Vec<Vec<ObjectRef>> = removed.try_collect().await?;
        let removed: Vec<ObjectRef> = removed.into_iter().flatten().collect();
        Ok(removed)
    }

    /// Counts what a removal would send: a listing of the upload bucket, and for each source a
    /// second look, the deletions, and a last look where a rule wants one of the places.
    fn without_removal(&self, doomed: Vec<(ObjectRef, Vec<Found>)>) -> Vec<ObjectRef> {
        let wants = |(source, founds): &&(ObjectRef, Vec<Found>)| {
            founds.iter().any(|found| self.writes(source, &found.place))
        };
        let head = (doomed.len() + doomed.iter().filter(wants).count()) as u64;
        let founds = doomed.into_iter().flat_map(|(_, founds)| founds);
        let places: Vec<ObjectRef> = founds.map(|found| found.place).collect();
        let delete = places.len() as u64;
        self.would_send(RequestCounts { list: 1, head, delete, ..Default::default() });
        places
    }

    fn would_send(&self, requests: RequestCounts) {
        let mut unsent = self.unsent.get();
        unsent += requests;
        self.unsent.set(unsent);
    }

    /// Waits for the next turn by the rate, unless somebody wants the work to end.
    async fn turn(&self) -> Result<(), Trouble> {
        let mut stop = self.stop.clone();
        loop {
            self.unless_stopped()?;
            let next = self.pace.borrow().next();
            if next <= Instant::now() {
                self.pace.borrow_mut().begin(Instant::now());
                return Ok(());
            }
            tokio::select! {
                () = sleep_until(next) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }

    fn unless_stopped(&self) -> Result<(), Trouble> {
        if *self.stop.borrow() { Err(Trouble::Stopped) } else { Ok(()) }
    }

    /// Whether it only looks.
    pub(crate) fn is_dry(&self) -> bool {
        self.arguments.dry_run
    }

    fn parallel(&self) -> usize {
        usize::from(self.arguments.parallel)
    }

    /// The store with a count and retries of its own.
    fn store(&self) -> Store {
        self.app.store().for_one_upload()
    }

    fn spend(&self, sent: RequestCounts) {
        self.file.borrow_mut().state.counts.sent += sent;
    }

    /// All that was deleted so far has been looked at again.
    fn verified(&self) -> Result<(), Misuse> {
        let mut file = self.file.borrow_mut();
        if file.state.deleted.is_empty() {
            return Ok(());
        }
        file.state.deleted.clear();
        file.write_now_and_then(Instant::now())
    }

    fn passed(&self, place: Option<String>) -> Result<(), Misuse> {
        let mut file = self.file.borrow_mut();
        file.state.listed_through = place.or(file.state.listed_through.take());
        if self.arguments.dry_run { Ok(()) } else { file.write_now_and_then(Instant::now()) }
    }
}
