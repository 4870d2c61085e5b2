//! What all requests of one process share: the function's name, and the state that they wait on.

use tokio::sync::watch;

use super::state::State;

/// What the API tells about the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionMetadata {
    pub name: String,
    pub handler: String,
}

/// What all requests share: the state, which is also what everybody waits on.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) function: FunctionMetadata,
    pub(crate) state: watch::Sender<State>,
}
