//! The runtime of a process that works on several events at a time: one worker for each.
//! In: its requests, and work. Out: the next state, or a refusal. No HTTP, no clock, no process.
//! Source: AWS Lambda Developer Guide, "Understanding the Lambda Managed Instances execution
//! environment".

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::failure::FunctionError;
use super::state::{Outcome, Refusal};
use super::work::Work;

/// How far the process has come before its first event.
#[derive(Debug, PartialEq, Eq)]
enum Init {
    /// No worker has asked for work yet.
    Running,
    /// It has posted an init error.
    Failed(FunctionError),
    /// At least one worker has asked.
    Done,
}

/// How far a worker has come with its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Busy,
    /// The body of its answer is arriving.
    Answering,
}

/// Work that a worker has.
#[derive(Debug)]
struct Running {
    stage: Stage,
    /// Whether somebody waits for the outcome.
    is_wanted: bool,
}

/// All workers of one process.
#[derive(Debug)]
pub(crate) struct Workers {
    count: usize,
    init: Init,
    /// Requests for work that wait.
    asking: usize,
    /// Work that no worker has yet.
    pending: VecDeque<Arc<Work>>,
    running: BTreeMap<String, Running>,
    outcomes: BTreeMap<String, Outcome>,
}

impl Workers {
    pub(crate) fn new(count: usize) -> Self {
        Self {
            count,
            init: Init::Running,
            asking: 0,
            pending: VecDeque::new(),
            running: BTreeMap::new(),
            outcomes: BTreeMap::new(),
        }
    }

    pub(crate) fn ask(&mut self) -> Result<(), Refusal> {
        if let Init::Failed(_) = self.init {
            return Err(Refusal::WrongState("InitFailed"));
        }
        if self.asking == self.count {
            return Err(Refusal::WrongState("Idle"));
        }
        self.init = Init::Done;
        self.asking += 1;
        Ok(())
    }

    pub(crate) fn stop_asking(&mut self) {
        self.asking -= 1;
    }

    pub(crate) fn take_work(&mut self) -> Option<Arc<Work>> {
        let work = self.pending.pop_front()?;
        let running = Running { stage: Stage::Busy, is_wanted: true };
        self.running.insert(work.request_id.clone(), running);
        Some(work)
    }

    pub(crate) fn begin_answer(&mut self, request_id: &str) -> Result<(), Refusal> {
        match self.init {
            Init::Running => return Err(Refusal::WrongState("Starting")),
            Init::Failed(_) => return Err(Refusal::WrongState("InitFailed")),
            Init::Done => {}
        }
        match self.running.get_mut(request_id) {
            Some(running) if running.stage == Stage::Busy => {
                running.stage = Stage::Answering;
                Ok(())
            }
            Some(_) => Err(Refusal::WrongState("Answering")),
            None => Err(Refusal::UnknownRequestId),
        }
    }

    pub(crate) fn finish_answer(&mut self, request_id: &str, outcome: Outcome) {
        let running = self.running.remove(request_id);
        if running.is_some_and(|running| running.is_wanted) {
            self.outcomes.insert(request_id.to_owned(), outcome);
        }
    }

    pub(crate) fn fail_init(&mut self, error: FunctionError) -> Result<(), Refusal> {
        match self.init {
            Init::Running => {
                self.init = Init::Failed(error);
                Ok(())
            }
            Init::Failed(_) => Err(Refusal::WrongState("InitFailed")),
            Init::Done => Err(Refusal::WrongState("Idle")),
        }
    }

    pub(crate) fn init_error(&self) -> Option<&FunctionError> {
        match &self.init {
            Init::Failed(error) => Some(error),
            Init::Running | Init::Done => None,
        }
    }

    pub(crate) fn is_starting(&self) -> bool {
        self.init == Init::Running
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.init == Init::Done
    }

    pub(crate) fn assign(&mut self, work: Arc<Work>) {
        self.pending.push_back(work);
    }

    pub(crate) fn outcome_of(&self, request_id: &str) -> Option<&Outcome> {
        self.outcomes.get(request_id)
    }

    /// Work that no worker has is taken back. A worker that has it goes on, as on AWS, and may
    /// still answer.
    pub(crate) fn forget(&mut self, request_id: &str) {
        self.outcomes.remove(request_id);
        self.pending.retain(|work| work.request_id != request_id);
        if let Some(running) = self.running.get_mut(request_id) {
            running.is_wanted = false;
        }
    }
}
