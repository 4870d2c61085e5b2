//! What the work on one object uses and leaves behind: its requests, its times, its deadline.

use tokio::time::timeout_at;

use super::{App, Terms};
use crate::completion::Completion;
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;
use crate::reason::reason;
use crate::report::{Effort, Observed, Outcome, Report};
use crate::rules::Ignored;
use crate::store::Store;
use crate::times::{Meter, StageTimes};

/// One object under way.
pub(super) struct Run<'a> {
    pub(super) app: &'a App,
    pub(super) terms: &'a Terms,
    pub(super) object: &'a ObjectRef,
    pub(super) store: Store,
    pub(super) meter: Meter,
}

impl<'a> Run<'a> {
    pub(super) fn start(app: &'a App, terms: &'a Terms, object: &'a ObjectRef) -> Self {
        Self { app, terms, object, store: app.store.for_one_upload(), meter: Meter::start() }
    }

    /// A part of the work, until the deadline.
    pub(super) async fn in_time<T>(
        &self,
        phase: Phase,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let ended = timeout_at(self.terms.stop_at, work).await;
        ended.unwrap_or_else(|elapsed| Err(self.fault(FaultKind::Deadline, phase, elapsed)))
    }

    /// The same, with its time counted.
    pub(super) async fn measured<T>(
        &self,
        phase: Phase,
        stage: fn(&mut StageTimes) -> &mut f64,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        self.meter.measure(stage, self.in_time(phase, work)).await
    }

    /// Announces an outcome to whoever is to know of it.
    pub(super) async fn announce(
        &self,
        outcome: &Outcome,
        observed: Option<&Observed>,
        manifest: Option<&ObjectRef>,
    ) -> Result<(), Fault> {
        let Some(announcer) = self.app.announcer.as_ref().filter(|_| outcome.is_news()) else {
            return Ok(());
        };
        let completion = Completion { object: self.object, outcome, observed, manifest };
        let announced = announcer.announce(completion, self.terms.trace_id.as_deref());
        self.in_time(Phase::Announcing, announced).await
    }

    pub(super) fn fault(
        &self,
        kind: FaultKind,
        phase: Phase,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Fault {
        Fault { kind, phase, object: self.object.clone(), cause: cause.into() }
    }

    /// The outcome of an object that gets no variants though nothing is wrong with it.
    pub(super) fn ignored(&self, ignored: Ignored) -> Outcome {
        let reason = reason(&self.app.config.rules, self.object, ignored);
        Outcome::Ignored { ignored, reason }
    }

    /// Everything worth knowing, so far and after so many rounds.
    pub(super) fn report(&self, outcome: Outcome, rounds: u8) -> Report {
        let (requests, times) = (self.store.requests(), self.meter.times());
        let effort = Effort { rounds, requests, times };
        Report { object: self.object.clone(), delivery: 1, outcome, original: None, effort }
    }
}
