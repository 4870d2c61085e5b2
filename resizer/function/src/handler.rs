//! One upload through the protocol: each step is carried out against S3, and `protocol` says what
//! comes next. Correct under duplicate, late and reordered events, because whoever writes last has
//! afterwards seen the source that the variants were made of.

mod claims;
mod clean;
mod encoding;
mod proof;
mod render;
mod results;
mod retire;
mod source;
mod version;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::budget::{Budget, Share};
use crate::client::{ClientError, Environment};
use crate::completion::Announcer;
use crate::config::Config;
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;
use crate::ledger::Ledgers;
use crate::metrics::{Checked, Outcome, Report, Stopwatch};
use crate::protocol::{End, MAX_ROUNDS, Proof, Protocol, Step, Verification};
use crate::reason::reason;
use crate::rules::{self, Ignored, Rule, Targets};
use crate::store::Store;
use version::Version;

/// Configuration, S3 and what uploads share, made once per process.
#[derive(Debug)]
pub struct App {
    config: Config,
    store: Store,
    budget: Budget,
    announcer: Option<Announcer>,
    ledgers: Ledgers,
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
    /// A redelivery, or a backfill.
    Repeated,
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
}

impl Terms {
    /// Whether an upload that is under way has others beside it or behind it.
    fn others_wait(&self) -> bool {
        self.unfinished.load(Ordering::Relaxed) > 1
    }
}

/// One upload under way.
struct Upload<'a> {
    app: &'a App,
    store: Store,
    rule: &'a Rule,
    targets: Targets,
    terms: &'a Terms,
    report: &'a mut Report,
    received: u32,
}

impl App {
    /// What to make of which key, where everything lies, and whom to tell.
    ///
    /// # Errors
    /// `ClientError` where TLS cannot be set up.
    pub fn new(config: Config, environment: &Environment) -> Result<Self, ClientError> {
        let channel = config.completion.clone();
        let announcer = channel.map(|channel| Announcer::new(channel, environment)).transpose()?;
        let store = Store::new(environment.s3()?, config.s3_timeout);
        let budget = Budget::new(config.limits.max_memory_bytes, config.threads);
        Ok(Self { config, store, budget, announcer, ledgers: Ledgers::default() })
    }

    /// What is shared out among the uploads of an event.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Brings the variants of one object up to date, or stops when it is time. Never fails: a
    /// failure is an outcome.
    pub async fn process(&self, delivery: Delivery, terms: &Terms) -> Report {
        let mut clock = Stopwatch::start();
        let mut report = Report::new(delivery.object);
        match rules::find(&self.config.rules, &report.object) {
            Err(Ignored::NoRule) => {
                self.clean(terms, &mut report).await;
                if matches!(report.outcome, Outcome::Ignored(_)) {
                    report.reason = reason(&self.config.rules, &report.object, Ignored::NoRule);
                }
            }
            Err(ignored) => {
                report.outcome = Outcome::Ignored(ignored);
                report.reason = reason(&self.config.rules, &report.object, ignored);
            }
            Ok(rule) => {
                // Whoever is told of every upload is told again, so that nothing is left out: under
                // a rule that retires originals right before that.
                let tells_again = self.announcer.is_none() || rule.retires_originals();
                let is_repeated = match delivery.attempt {
                    Attempt::First => false,
                    // Results of a retiring rule must be seen old once; without a count of
                    // deliveries each may be the one that can see it.
                    Attempt::Unknown => rule.retires_originals(),
                    Attempt::Repeated => tells_again,
                };
                self.settle(rule, (is_repeated, delivery.received), terms, &mut report).await;
            }
        }
        report.times.total_ms = clock.lap_ms();
        terms.unfinished.fetch_sub(1, Ordering::Relaxed);
        report
    }

    async fn settle(
        &self,
        rule: &Rule,
        (is_repeated, received): (bool, u32),
        terms: &Terms,
        report: &mut Report,
    ) {
        report.recipe.clone_from(&rule.recipe);
        let store = self.store.for_one_upload();
        let mut upload = Upload {
            app: self,
            store: store.clone(),
            rule,
            targets: rule.targets(&report.object),
            terms,
            report,
            received,
        };
        let settled = if Instant::now() < terms.stop_at {
            timeout_at(terms.stop_at, upload.settle(is_repeated)).await
        } else {
            Ok(Err(upload.no_time("there was no time left to begin")))
        };
        let settled = settled.unwrap_or_else(|elapsed| Err(upload.no_time(elapsed)));
        report.requests = store.requests();
        if let Err(fault) = settled {
            report.outcome = Outcome::Failed(fault);
        }
    }
}

impl Upload<'_> {
    /// Step after step until nothing is left to do; the outcome is in the report.
    async fn settle(&mut self, is_repeated: bool) -> Result<(), Fault> {
        let mut protocol = Protocol::new(self.rule.retires_originals());
        let mut step = protocol.begin(is_repeated);
        let (mut held, mut rests_on) = (None, Vec::new());
        self.report.outcome = Outcome::Proved;
        let end = loop {
            self.report.rounds = protocol.rounds();
            step = match step {
                Step::Prove => protocol.proved(match self.prove().await? {
                    // Whether others were told of a refusal, nothing shows.
                    Proof::Refusal if self.app.announcer.is_some() => Proof::Incomplete,
                    proof => proof,
                }),
                Step::Fetch => {
                    let (found, obtained) = self.obtain().await?;
                    held = obtained;
                    protocol.found(found)
                }
                Step::Replace { source } => {
                    self.learn_places(protocol.rounds() > 1).await?;
                    let held = held.take().expect("an upload that was found is held");
                    let stored;
                    (stored, rests_on) = self.replace(held).await?;
                    protocol.replaced(source, stored)
                }
                Step::Remove { source } => {
                    self.learn_places(protocol.rounds() > 1).await?;
                    self.remove(source.is_some()).await?;
                    rests_on.clear();
                    protocol.removed(source)
                }
                Step::Verify { expected, stored } => {
                    let present = self.present().await?;
                    let is_undone = match &present {
                        Some(source) if present == expected => {
                            self.is_undone(source, &rests_on).await?
                        }
                        _ => false,
                    };
                    protocol.verified(expected, stored, Verification { present, is_undone })
                }
                Step::Retire { source } => protocol.retired(self.retire(&source).await?),
                Step::Done(end) => break end,
            };
        };
        self.finish(end).await
    }

    /// Where results of the source may lie, by all configurations that there were.
    pub(super) async fn learn_places(&mut self, anew: bool) -> Result<(), Fault> {
        let (app, bucket) = (self.app, &self.targets.bucket);
        let rules = &app.config.rules;
        let layouts = app.ledgers.layouts(&app.store, rules, bucket, anew).await?;
        let source = &self.report.object;
        self.targets = self.rule.targets(source).within(&layouts, source);
        Ok(())
    }

    /// HEAD of the source.
    async fn present(&mut self) -> Result<Option<Version>, Fault> {
        self.report.phase = Phase::Verifying;
        let mut clock = Stopwatch::start();
        let present = self.store.head_source(&self.report.object).await?;
        self.report.times.verify_ms += clock.lap_ms();
        let state = present.as_ref().map(|present| present.state.clone());
        self.report.checked = Some(Checked::now(state));
        Ok(present.map(|present| Version::of_presence(present, &self.rule.output)))
    }

    async fn finish(&mut self, end: End) -> Result<(), Fault> {
        let is_unanswered = self.store.has_unanswered_write();
        match end {
            End::Verified | End::Proved => {}
            // It went while this delivery was at work, on it or on the one before.
            End::NoOriginal if matches!(self.report.outcome, Outcome::Stored) => {}
            End::NoOriginal => self.report.outcome = Outcome::Ignored(Ignored::NoOriginal),
            End::Retired => {
                let moved = self.targets.moved.is_some();
                self.report.original = Some(if moved { "moved" } else { "deleted" });
                return self.come_back_if(end.comes_back(is_unanswered));
            }
            End::Early => {
                self.announce().await?;
                let cause = "stored; the original goes when a later delivery finds the results so \
                             old that nobody can still be working on an earlier upload";
                return Err(self.fault(FaultKind::Settling, Phase::Retiring, cause));
            }
            End::Restless => {
                let cause = format!("the source changed in each of {MAX_ROUNDS} rounds");
                return Err(self.fault(FaultKind::Integrity, Phase::Verifying, cause));
            }
        }
        self.come_back_if(end.comes_back(is_unanswered))?;
        self.announce().await
    }

    /// What is done so far may yet be undone by a request of this delivery.
    fn come_back_if(&self, has_unanswered_write: bool) -> Result<(), Fault> {
        if !has_unanswered_write {
            return Ok(());
        }
        let cause = "a write got no answer and may still be carried out; everything is written, \
                     and the next delivery checks it";
        Err(self.fault(FaultKind::Unanswered, Phase::Storing, cause))
    }

    /// Tells whoever is to be told of what was done.
    async fn announce(&mut self) -> Result<(), Fault> {
        match (&self.app.announcer, &self.report.outcome) {
            (Some(announcer), Outcome::Stored | Outcome::Deleted | Outcome::Refused(_)) => {
                self.report.phase = Phase::Announcing;
                let manifest = self.targets.manifest.as_ref().map(|key| self.targets.object(key));
                announcer.announce(self.report, manifest.as_ref()).await
            }
            _ => Ok(()),
        }
    }

    fn no_time(&self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
        self.fault(FaultKind::Deadline, self.report.phase, cause)
    }

    fn fault(
        &self,
        kind: FaultKind,
        phase: Phase,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Fault {
        Fault { kind, phase, object: self.report.object.clone(), cause: cause.into() }
    }
}
