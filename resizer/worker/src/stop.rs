//! How far the worker's end has come: one signal in, seen by everything that waits.

use tokio::sync::watch;

/// From work to its end; each phase comes after the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Phase {
    /// Work is accepted.
    #[default]
    Working,
    /// Nothing more is accepted, and what is under way goes on.
    Draining,
    /// What is under way stops.
    Ending,
}

/// The present phase.
#[derive(Debug)]
pub(crate) struct Stop(watch::Sender<Phase>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(Phase::default()))
    }
}

impl Stop {
    pub(crate) fn begin(&self, phase: Phase) {
        self.0.send_replace(phase);
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.0.borrow()
    }

    /// Waits until a phase has begun.
    pub(crate) async fn reached(&self, phase: Phase) {
        let reached = self.0.subscribe().wait_for(|present| *present >= phase).await.is_ok();
        assert!(reached, "the sender lives as long as this value");
    }
}
