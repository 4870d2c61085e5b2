//! The commands of the command line, and how they fail.

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

/// How a command failed.
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
    /// The function URL's port.
    #[error("port {port} for the function URL: {source}")]
    UrlPort {
        /// Asked for.
        port: u16,
        /// From the operating system.
        source: io::Error,
    },
    /// Some of the demo's uploads did not have the expected outcome.
    #[error("{count} of the demo's uploads did not have the expected outcome; see the table")]
    Unexpected {
        /// How many.
        count: usize,
    },
    /// Replayed events ended in errors.
    #[error("{failed} of {total} events ended in an error")]
    Replayed {
        /// Events with an error.
        failed: usize,
        /// All events.
        total: usize,
    },
    /// A check found a problem.
    #[error("the check of {what} failed: {problem}")]
    Check {
        /// What was checked.
        what: String,
        /// What was found.
        problem: String,
    },
    /// The demo's folder has files that no demo wrote.
    #[error("{} has files that no demo wrote; name another --folder", folder.display())]
    ForeignFolder {
        /// Left as it is.
        folder: PathBuf,
    },
    /// A signal asked to stop.
    #[error("stopped")]
    Interrupted,
}

impl CommandError {
    fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
