//! The state machine of one execution environment, as the Runtime API sees it.
//! In: the requests of the process, and the supervisor's work. Out: the next state, or a refusal.
//! No HTTP, no clock, no process.

use std::sync::Arc;

use bytes::Bytes;

use super::extensions::Extensions;
use super::failure::FunctionError;
use super::work::Work;

/// The function's answer to its work, or its error.
pub type Outcome = Result<Bytes, FunctionError>;

/// The phase of the runtime, that is of the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The process has not asked for work yet.
    Starting,
    /// It has posted an init error.
    InitFailed(FunctionError),
    /// It waits in `/next`.
    Idle,
    /// Work is assigned; `/next` hands it out.
    Busy(Arc<Work>),
    /// The body of its answer is arriving.
    Answering(Arc<Work>),
    /// It has answered and not asked for more.
    Answered(Arc<Work>),
}

/// A request that does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request id in the path is not the current one.
    UnknownRequestId,
    /// The request is not allowed now; the phase's name.
    WrongState(&'static str),
}

/// The state of one process: its runtime and its extensions.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) phase: Phase,
    /// The outcome of the last work; it stays when the process asks for more.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) extensions: Extensions,
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Phase::Starting => "Starting",
            Phase::InitFailed(_) => "InitFailed",
            Phase::Idle => "Idle",
            Phase::Busy(_) => "Busy",
            Phase::Answering(_) => "Answering",
            Phase::Answered(_) => "Answered",
        }
    }

    /// The process asks for work. Asking again while busy is allowed and gets the same work again.
    pub(crate) fn ask(&mut self) -> Result<(), Refusal> {
        match self {
            Phase::Starting | Phase::Answered(_) => *self = Phase::Idle,
            Phase::Idle | Phase::Busy(_) => {}
            Phase::InitFailed(_) | Phase::Answering(_) => {
                return Err(Refusal::WrongState(self.name()));
            }
        }
        Ok(())
    }

    /// The process begins to answer `request_id`.
    pub(crate) fn begin_answer(&mut self, request_id: &str) -> Result<(), Refusal> {
        match self {
            Phase::Busy(work) if work.request_id == request_id => {
                *self = Phase::Answering(Arc::clone(work));
                Ok(())
            }
            Phase::Answering(work) | Phase::Answered(work) if work.request_id == request_id => {
                Err(Refusal::WrongState(self.name()))
            }
            Phase::InitFailed(_) => Err(Refusal::WrongState(self.name())),
            _ => Err(Refusal::UnknownRequestId),
        }
    }

    /// The process reports that it cannot start.
    pub(crate) fn fail_init(&mut self, error: FunctionError) -> Result<(), Refusal> {
        match self {
            Phase::Starting => {
                *self = Phase::InitFailed(error);
                Ok(())
            }
            _ => Err(Refusal::WrongState(self.name())),
        }
    }
}

impl State {
    pub(crate) fn new() -> Self {
        Self { phase: Phase::Starting, outcome: None, extensions: Extensions::default() }
    }

    /// The supervisor assigns work, which it does only when the state is ready.
    pub(crate) fn assign(&mut self, work: Arc<Work>) {
        self.extensions.announce(&work);
        self.outcome = None;
        self.phase = Phase::Busy(work);
    }

    /// The answer that was begun is complete, or has failed.
    pub(crate) fn finish_answer(&mut self, outcome: Outcome) {
        if let Phase::Answering(work) = &self.phase {
            self.phase = Phase::Answered(Arc::clone(work));
            self.outcome = Some(outcome);
        }
    }

    /// The process waits for work, and so does each of its extensions.
    pub(crate) fn is_ready(&self) -> bool {
        self.phase == Phase::Idle && self.extensions.all_wait()
    }
}
