//! What the command line can be asked for, and why it may not be had.

pub mod demo;
pub mod model;
pub mod page;
pub mod replay;
pub mod table;
pub mod trouble;
pub mod up;

use std::io;
use std::path::PathBuf;

use crate::bootstrap::BuildError;
use crate::harness::HarnessError;

/// A command that did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no binary to run.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The harness did not start.
    #[error(transparent)]
    Harness(#[from] HarnessError),
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// From the operating system.
        source: io::Error,
    },
    /// The Invoke API's port.
    #[error("port {port} for Lambda's Invoke API: {source}")]
    LambdaPort {
        /// Asked for.
        port: u16,
        /// From the operating system.
        source: io::Error,
    },
    /// The demo's results are not what they must be.
    #[error("{count} of the demo's uploads did not end as they must; see the table")]
    Unexpected {
        /// How many.
        count: usize,
    },
    /// Replayed events ended in errors.
    #[error("{failed} of {total} events ended in an error of the function")]
    Replayed {
        /// Events with an error.
        failed: usize,
        /// All events.
        total: usize,
    },
    /// A check found something.
    #[error("{what} does not hold: {problem}")]
    Check {
        /// What was checked.
        what: String,
        /// What was found.
        problem: String,
    },
    /// The demo's folder is somebody else's.
    #[error("{} holds other files than a demo's; name another --folder", folder.display())]
    ForeignFolder {
        /// Left as it is.
        folder: PathBuf,
    },
    /// A person or the system asked to stop.
    #[error("stopped")]
    Interrupted,
}

impl CommandError {
    fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
