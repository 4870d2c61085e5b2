//! One upload through the protocol: each step is carried out against S3 and returns a value, and
//! `protocol` says what comes next. Correct under duplicate, late and out-of-order events, because
//! whoever writes last has afterwards seen the source that the variants were made of.

mod alone;
mod claims;
mod clean;
mod description;
mod encoding;
mod inspection;
mod render;
mod results;
mod retire;
mod run;
mod source;
mod up_to_date;
mod version;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::budget::{Budget, Share};
use crate::client::{ClientError, Environment};
use crate::completion::Announcer;
use crate::config::Config;
use crate::endpoint::Flights;
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;
use crate::layout::Layouts;
use crate::ledger::Ledgers;
use crate::metrics::Metrics;
use crate::protocol::{End, MAX_ROUNDS, Protocol, Step, Verification};
use crate::report::{Observed, Outcome, Report, Retired};
use crate::rules::{Ignored, Originals, Rule, Scope};
use crate::store::{Requests, Store};
pub(crate) use alone::Alone;
pub use inspection::{Inspection, Rehearsal};
use results::Done;
use run::Run;
use version::Version;

/// Configuration, S3 and what uploads share, made once per process.
#[derive(Debug)]
pub struct App {
    config: Config,
    store: Store,
    budget: Budget,
    announcer: Option<Announcer>,
    metrics: Option<Metrics>,
    ledgers: Ledgers,
    flights: Flights,
}

/// An object that an event names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Which.
    pub object: ObjectRef,
    /// Whether it may have been done before.
    pub attempt: Attempt,
    /// How often the queue has delivered it, this time included; 1 where nobody counts.
    pub received: u32,
}

/// What is known of earlier deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attempt {
    /// There was none.
    First,
    /// The trigger does not count.
    Unknown,
    /// A redelivery.
    Repeated,
    /// One of a backfill that makes everything again. No event came, so the upload is not known to
    /// be new: nothing that is stored is deleted because the upload cannot be read at present.
    Anew,
    /// One of a backfill, or of a job over objects that were there before, that makes what is
    /// missing and nothing else: what is current is neither made nor announced again. The rest is
    /// as for `Anew`.
    Backfill,
    /// Somebody asks for a picture, and no event came. As for a backfill; and nothing that is
    /// stored is deleted or announced where nothing can be stored in its place, and no original
    /// goes: what anyone may ask for must not take anything away.
    Asked,
}

impl Attempt {
    /// Whether what is current is neither made nor announced again.
    fn makes_only_missing(self) -> bool {
        matches!(self, Self::Backfill | Self::Asked)
    }

    /// What the first round of a delivery leaves as it is where the upload is refused. Later rounds
    /// repair what the delivery may have written itself.
    fn spares(self) -> Spares {
        match self {
            Self::First | Self::Unknown | Self::Repeated => Spares::Nothing,
            Self::Anew | Self::Backfill => Spares::Unread,
            Self::Asked => Spares::All,
        }
    }
}

/// Which results stay where an upload is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spares {
    /// None: the failure record takes the place of all others.
    Nothing,
    /// All, if the refusal does not follow from the file and another delivery may not meet it.
    Unread,
    /// All.
    All,
}

/// What the uploads of one invocation may use.
#[derive(Debug)]
pub struct Terms {
    /// When to stop, so that there is time to answer.
    pub stop_at: Instant,
    /// The longest that any invocation of this function lives.
    pub lifetime: Duration,
    /// Memory and processors.
    pub share: Share,
    /// Uploads of the invocation that have not ended.
    pub unfinished: AtomicUsize,
    /// The X-Ray header of the invocation, if any.
    pub trace_id: Option<String>,
}

impl Terms {
    /// Whether an upload that is under way has others beside it or behind it.
    fn others_wait(&self) -> bool {
        self.unfinished.load(Ordering::Relaxed) > 1
    }
}

/// An object that a rule takes, under way.
struct Upload<'a> {
    run: Run<'a>,
    rule: &'a Rule,
    attempt: Attempt,
    received: u32,
}

impl App {
    /// From a configuration, with clients from the environment.
    ///
    /// # Errors
    /// `ClientError` where TLS cannot be set up.
    pub fn new(config: Config, environment: &Environment) -> Result<Self, ClientError> {
        let channel = config.completion.clone();
        let announcer = channel.map(|channel| Announcer::new(channel, environment)).transpose()?;
        let store = Store::new(environment.s3()?, config.s3_timeout);
        let budget = Budget::new(config.limits.max_memory_bytes, config.threads);
        let metrics = config.metrics_namespace.clone().map(|namespace| Metrics {
            namespace,
            function: environment.function_name().to_owned(),
        });
        let (ledgers, flights) = (Ledgers::default(), Flights::default());
        Ok(Self { config, store, budget, announcer, metrics, ledgers, flights })
    }

    /// The same for a process that only looks: it adds nothing to the ledgers.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.ledgers.are_read_only = true;
        self
    }

    /// What it was told to do.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// S3, with a count of requests that are no upload's.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What was asked of S3 for ledgers, which is in no report.
    pub fn ledger_requests(&self) -> Requests {
        self.ledgers.requests()
    }

    /// Where results may lie in an output bucket, by the rules and its ledger.
    ///
    /// # Errors
    /// `Setup` where the ledger cannot be read as one; any `Fault` of S3.
    pub async fn layouts(&self, bucket: &str) -> Result<Arc<Layouts>, Fault> {
        self.ledgers.layouts(&self.store, &self.config.rules, bucket, false).await
    }

    /// What is shared out among the uploads of an event.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    pub(crate) fn flights(&self) -> &Flights {
        &self.flights
    }

    /// What log lines tell CloudWatch to count, if anything.
    pub fn metrics(&self) -> Option<&Metrics> {
        self.metrics.as_ref()
    }

    /// Brings the variants of one object up to date, or stops when it is time. Never fails: a
    /// failure is an outcome.
    pub async fn process(&self, delivery: Delivery, terms: &Terms) -> Report {
        let Delivery { object, attempt, received } = &delivery;
        let run = Run::start(self, terms, object);
        let report = match self.config.rule_for(object) {
            Ok(rule) => {
                let upload = Upload { run, rule, attempt: *attempt, received: *received };
                upload.process(self.is_repeated(rule, *attempt)).await
            }
            Err(Ignored::NoRule) => run.clean().await,
            Err(ignored) => run.report(run.ignored(ignored), 0),
        };
        terms.unfinished.fetch_sub(1, Ordering::Relaxed);
        Report { delivery: *received, ..report }
    }

    /// Whether a delivery begins with the up-to-date check.
    fn is_repeated(&self, rule: &Rule, attempt: Attempt) -> bool {
        match attempt {
            Attempt::First | Attempt::Anew => false,
            // Results of a retiring rule must be seen old once; without a count of deliveries each
            // may be the one that can see it.
            Attempt::Unknown => rule.retires_originals(),
            // Every upload is announced again, so that none is left out: under a rule that retires
            // originals right before that.
            Attempt::Repeated => self.announcer.is_none() || rule.retires_originals(),
            Attempt::Backfill | Attempt::Asked => true,
        }
    }
}

impl Upload<'_> {
    async fn process(&self, is_repeated: bool) -> Report {
        let mut protocol = Protocol::new(self.rule.retires_originals());
        // Boxed, because the compiler limits how deep futures lie in each other.
        let ended = Box::pin(self.follow(&mut protocol, is_repeated)).await;
        let (outcome, original) = match ended {
            Ok(end) => self.conclude(end).await,
            Err(fault) => (fault.into(), None),
        };
        Report { original, ..self.run.report(outcome, protocol.rounds()) }
    }

    /// Step after step until nothing is left to do.
    async fn follow(&self, protocol: &mut Protocol, is_repeated: bool) -> Result<End<Done>, Fault> {
        if Instant::now() >= self.run.terms.stop_at {
            let cause = "there was no time left to begin";
            return Err(self.run.fault(FaultKind::Deadline, Phase::Fetching, cause));
        }
        let mut step = protocol.begin(is_repeated);
        loop {
            step = match step {
                Step::Check => protocol.checked(self.check().await?),
                Step::Fetch { outdated } => protocol.found(self.obtain().await?, outdated),
                Step::Replace { source, upload } => {
                    let scope = self.scope(protocol.rounds() > 1).await?;
                    let spares = self.spares(protocol);
                    let written = self.replace(&source, upload, (scope, spares)).await?;
                    protocol.replaced(source, written)
                }
                Step::Remove { source } if self.spares(protocol) == Spares::All => {
                    let ignored = Ignored::of_no_upload(source.map(|source| source.kind));
                    return Ok(End::UpToDate(Outcome::from(ignored).into()));
                }
                Step::Remove { source } => {
                    let scope = self.scope(protocol.rounds() > 1).await?;
                    let outcome = self.remove(source.as_ref(), &scope).await?;
                    protocol.removed(source, outcome.into())
                }
                Step::Verify { expected, written } => {
                    let (seen, observed) = self.verify(expected.as_ref(), written.get()).await?;
                    let observed = Some(observed);
                    let written = written.map(|done| Done { observed, ..done });
                    protocol.verified(expected, written, seen)
                }
                Step::Retire { source } => protocol.retired(self.retire(&source).await?),
                Step::Done(end) => return Ok(end),
            };
        }
    }

    /// What stays in this round. What a later round finds may be this delivery's.
    fn spares(&self, protocol: &Protocol) -> Spares {
        if protocol.rounds() == 1 { self.attempt.spares() } else { Spares::Nothing }
    }

    /// Where results of the source may lie, by all configurations that there were; read `anew`
    /// where what was read a moment ago is not new enough.
    async fn scope(&self, anew: bool) -> Result<Scope, Fault> {
        let (app, source) = (self.run.app, self.run.object);
        let bucket = self.rule.output_bucket(source);
        let layouts = app.ledgers.layouts(&app.store, &app.config.rules, &bucket, anew);
        let layouts = self.run.in_time(Phase::Fetching, layouts).await?;
        Ok(self.rule.scope(source, &layouts))
    }

    /// HEAD of the source, then of what the round's decision rests on.
    async fn verify(
        &self,
        expected: Option<&Version>,
        done: &Done,
    ) -> Result<(Verification<Version>, Observed), Fault> {
        let (present, observed) = self.present().await?;
        let is_undone = match (&present, &done.rests_on) {
            (Some(source), Some(rests_on)) if expected == Some(source) => {
                self.is_undone(source, rests_on).await?
            }
            _ => false,
        };
        Ok((Verification { present, is_undone }, observed))
    }

    /// HEAD of the source.
    async fn present(&self) -> Result<(Option<Version>, Observed), Fault> {
        let head = self.run.store.head_source(self.run.object);
        let present =
            self.run.measured(Phase::Verifying, |times| &mut times.verify_ms, head).await?;
        let observed = Observed::now(present.as_ref().map(|present| present.state.clone()));
        let version = |present| Version::of_presence(self.run.object, present, &self.rule.output);
        Ok((present.map(version), observed))
    }

    /// What an end means, once it is announced.
    async fn conclude(&self, end: End<Done>) -> (Outcome, Option<Retired>) {
        let end = match end {
            // The original waits for an event.
            End::NotQuiescent(done) if self.attempt == Attempt::Asked => End::Verified(done),
            end => end,
        };
        let comes_back = end.comes_back(self.run.store.has_unanswered_write());
        let (done, original) = match end {
            End::Verified(done) | End::UpToDate(done) => (done, None),
            // It went while this delivery was at work.
            End::NoOriginal { outdated: Some(done) } => (done, None),
            End::NoOriginal { outdated: None } => (Outcome::from(Ignored::NoOriginal).into(), None),
            End::Retired(done) => (done, Some(self.retired())),
            End::NotQuiescent(done) => {
                let announced = self.announce(&done).await;
                let fault = announced.err().unwrap_or_else(|| self.not_quiescent());
                return (done.outcome.but(fault), None);
            }
            End::Unstable => return (self.unstable().into(), None),
        };
        if comes_back {
            return (done.outcome.but(self.unanswered()), original);
        }
        // An original goes right after the announcement of its variants.
        let announced = if original.is_none() { self.announce(&done).await } else { Ok(()) };
        match announced {
            Ok(()) => (done.outcome, original),
            Err(fault) => (done.outcome.but(fault), original),
        }
    }

    /// What becomes of originals under the rule that retires them.
    fn retired(&self) -> Retired {
        match self.rule.originals {
            Originals::Move { .. } => Retired::Moved,
            Originals::Keep | Originals::Delete => Retired::Deleted,
        }
    }

    async fn announce(&self, done: &Done) -> Result<(), Fault> {
        if self.attempt == Attempt::Asked && done.outcome.stored().is_none() {
            return Ok(());
        }
        let manifest = self.rule.manifest(self.run.object);
        self.run.announce(&done.outcome, done.observed.as_ref(), manifest.as_ref()).await
    }

    fn not_quiescent(&self) -> Fault {
        let cause = "stored; the original goes when a later delivery finds the results so old that \
                     nobody can still be working on an earlier upload";
        self.run.fault(FaultKind::NotQuiescent, Phase::Retiring, cause)
    }

    fn unstable(&self) -> Fault {
        let cause = format!("the source changed in each of {MAX_ROUNDS} rounds");
        self.run.fault(FaultKind::Integrity, Phase::Verifying, cause)
    }

    /// What is done so far may yet be undone by a request of this delivery.
    fn unanswered(&self) -> Fault {
        let cause = "a write got no answer and may still be carried out; everything is written, \
                     and the next delivery checks it";
        self.run.fault(FaultKind::Unanswered, Phase::Storing, cause)
    }
}
