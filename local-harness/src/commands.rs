//! The commands of the command line, and how they fail.

pub mod cost;
pub mod demo;
mod folder;
pub mod load;
pub mod model;
pub mod replay;
pub mod results;
pub mod simulate;
pub mod trouble;
pub mod tune;
pub mod units;
pub mod up;

use std::io;
use std::path::PathBuf;

use ::simulate::InvalidScenario;
use resizer::config::ConfigError;

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
    /// The function's configuration has problems.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file of prices is none.
    #[error("{} is no file of prices like local-harness/prices.toml: {source}", path.display())]
    Prices {
        /// Which.
        path: PathBuf,
        /// From the TOML parser.
        source: toml::de::Error,
    },
    /// A port that cannot be used.
    #[error(
        "port {port} for {what} cannot be used: {reason}; choose another one with {option}, such \
         as {option} {suggested}"
    )]
    Port {
        /// What should listen there.
        what: &'static str,
        /// Asked for.
        port: u16,
        /// Why it cannot be used.
        reason: String,
        /// The option that names it.
        option: &'static str,
        /// A free one; 0 stands for any.
        suggested: u16,
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
    /// A scenario that AWS would refuse.
    #[error(transparent)]
    Scenario(#[from] InvalidScenario),
    /// A folder for results has files that this command did not write.
    #[error("{} has files that this command did not write; name another folder", folder.display())]
    ForeignFolder {
        /// Left as it is.
        folder: PathBuf,
    },
    /// A signal asked to stop.
    #[error("stopped")]
    Interrupted,
    /// Nobody reads standard output any more.
    #[error("nobody reads the output")]
    Unread,
}

impl CommandError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
