//! The data that all requests of one process share: the function's name, and the state that they
//! wait on.

use tokio::sync::watch;

use super::state::State;

/// The function's data in the API's answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionMetadata {
    /// The function's name.
    pub name: String,
    /// The configured handler.
    pub handler: String,
}

/// Shared by all requests of one process.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) function: FunctionMetadata,
    pub(crate) state: watch::Sender<State>,
}
