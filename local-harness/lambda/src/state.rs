//! The state machine of one execution environment, as the Runtime API sees it.
//! In: the requests of the process, and the supervisor's work. Out: the next state, or a refusal.
//! No HTTP, no clock, no process.

use std::sync::Arc;

use bytes::Bytes;

use super::extensions::Extensions;
use super::failure::FunctionError;
use super::work::Work;
use super::workers::Workers;

/// The function's answer to its work, or its error.
pub type Outcome = Result<Bytes, FunctionError>;

/// The phase of a runtime that gets one event at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
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
    /// The request id in the path is not a current one.
    UnknownRequestId,
    /// The request is not allowed now; the phase's name.
    WrongState(&'static str),
}

/// The runtime of the process.
#[derive(Debug)]
enum Runtime {
    /// One event at a time; the outcome of the last work stays when the process asks for more.
    Sequential { phase: Phase, outcome: Option<Outcome> },
    /// Several events at a time.
    Concurrent(Workers),
}

/// The state of one process: its runtime and its extensions.
#[derive(Debug)]
pub(crate) struct State {
    runtime: Runtime,
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

    /// Asking again while busy is allowed and gets the same work again.
    fn ask(&mut self) -> Result<(), Refusal> {
        match self {
            Phase::Starting | Phase::Answered(_) => *self = Phase::Idle,
            Phase::Idle | Phase::Busy(_) => {}
            Phase::InitFailed(_) | Phase::Answering(_) => {
                return Err(Refusal::WrongState(self.name()));
            }
        }
        Ok(())
    }

    fn begin_answer(&mut self, request_id: &str) -> Result<(), Refusal> {
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

    fn fail_init(&mut self, error: FunctionError) -> Result<(), Refusal> {
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
    /// Of a process that works on so many events at a time.
    pub(crate) fn new(concurrency: usize) -> Self {
        let runtime = if concurrency > 1 {
            Runtime::Concurrent(Workers::new(concurrency))
        } else {
            Runtime::Sequential { phase: Phase::Starting, outcome: None }
        };
        Self { runtime, extensions: Extensions::default() }
    }

    /// The process asks for work. Every success needs a [`State::stop_asking`].
    pub(crate) fn ask(&mut self) -> Result<(), Refusal> {
        match &mut self.runtime {
            Runtime::Sequential { phase, .. } => phase.ask(),
            Runtime::Concurrent(workers) => workers.ask(),
        }
    }

    /// The work for a process that asks, once there is some.
    pub(crate) fn take_work(&mut self) -> Option<Arc<Work>> {
        match &mut self.runtime {
            Runtime::Sequential { phase: Phase::Busy(work), .. } => Some(Arc::clone(work)),
            Runtime::Sequential { .. } => None,
            Runtime::Concurrent(workers) => workers.take_work(),
        }
    }

    /// A request for work has got some, or its client is gone.
    pub(crate) fn stop_asking(&mut self) {
        match &mut self.runtime {
            // The process is expected to ask again.
            Runtime::Sequential { .. } => {}
            Runtime::Concurrent(workers) => workers.stop_asking(),
        }
    }

    /// The process begins to answer `request_id`.
    pub(crate) fn begin_answer(&mut self, request_id: &str) -> Result<(), Refusal> {
        match &mut self.runtime {
            Runtime::Sequential { phase, .. } => phase.begin_answer(request_id),
            Runtime::Concurrent(workers) => workers.begin_answer(request_id),
        }
    }

    /// The answer that was begun is complete, or has failed.
    pub(crate) fn finish_answer(&mut self, request_id: &str, finished: Outcome) {
        match &mut self.runtime {
            Runtime::Sequential { phase, outcome } => {
                if let Phase::Answering(work) = phase {
                    *phase = Phase::Answered(Arc::clone(work));
                    *outcome = Some(finished);
                }
            }
            Runtime::Concurrent(workers) => workers.finish_answer(request_id, finished),
        }
    }

    /// The process reports that it cannot start.
    pub(crate) fn fail_init(&mut self, error: FunctionError) -> Result<(), Refusal> {
        match &mut self.runtime {
            Runtime::Sequential { phase, .. } => phase.fail_init(error),
            Runtime::Concurrent(workers) => workers.fail_init(error),
        }
    }

    /// What the process posted to `/init/error`.
    pub(crate) fn init_error(&self) -> Option<&FunctionError> {
        match &self.runtime {
            Runtime::Sequential { phase: Phase::InitFailed(error), .. } => Some(error),
            Runtime::Sequential { .. } => None,
            Runtime::Concurrent(workers) => workers.init_error(),
        }
    }

    /// Whether the process has not asked for work yet.
    pub(crate) fn is_starting(&self) -> bool {
        match &self.runtime {
            Runtime::Sequential { phase, .. } => *phase == Phase::Starting,
            Runtime::Concurrent(workers) => workers.is_starting(),
        }
    }

    /// Whether the process gets several events at a time.
    pub(crate) fn is_concurrent(&self) -> bool {
        matches!(self.runtime, Runtime::Concurrent(_))
    }

    /// The supervisor assigns work, which it does only when the state is ready.
    pub(crate) fn assign(&mut self, work: Arc<Work>) {
        self.extensions.announce(&work);
        match &mut self.runtime {
            Runtime::Sequential { phase, outcome } => {
                *outcome = None;
                *phase = Phase::Busy(work);
            }
            Runtime::Concurrent(workers) => workers.assign(work),
        }
    }

    /// The outcome of this work, or, for one event at a time, of the last one.
    pub(crate) fn outcome_of(&self, request_id: &str) -> Option<&Outcome> {
        match &self.runtime {
            Runtime::Sequential { outcome, .. } => outcome.as_ref(),
            Runtime::Concurrent(workers) => workers.outcome_of(request_id),
        }
    }

    /// Nobody waits for this outcome any more.
    pub(crate) fn forget(&mut self, request_id: &str) {
        if let Runtime::Concurrent(workers) = &mut self.runtime {
            workers.forget(request_id);
        }
    }

    /// The process waits for work, and so does each of its extensions. With several events at a
    /// time, its first request for work counts for all others.
    pub(crate) fn is_ready(&self) -> bool {
        let is_ready = match &self.runtime {
            Runtime::Sequential { phase, .. } => *phase == Phase::Idle,
            Runtime::Concurrent(workers) => workers.is_ready(),
        };
        is_ready && self.extensions.all_wait()
    }
}
