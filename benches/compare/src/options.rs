//! What may be said on the command line.

use std::fs;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::Outcome;
use crate::install;

/// Puts the engine beside its rivals and writes a report. Rivals are installed under
/// target/compare on the first run.
#[derive(Debug, Parser)]
#[command(name = "compare")]
pub(crate) struct Options {
    /// A folder with the two photographs that the report is about; without it, generated pictures.
    #[arg(long)]
    pub(crate) photos: Option<PathBuf>,
    /// Rounds of each job; slow rivals take part in fewer.
    #[arg(long, default_value_t = 11)]
    pub(crate) rounds: usize,
    /// Only these jobs, by their ids.
    #[arg(long, value_delimiter = ',')]
    pub(crate) jobs: Option<Vec<String>>,
    /// Only these rivals, by their ids; ours are rivals too.
    #[arg(long, value_delimiter = ',')]
    pub(crate) rivals: Option<Vec<String>>,
    /// Where REPORT.md and its plots go; default: target/compare/report.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The core that workers are pinned to; default: the last one that this process may use.
    #[arg(long)]
    core: Option<usize>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What the runner starts itself as.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answers orders of a runner.
    #[command(hide = true)]
    Worker {
        /// `ours` or `image`.
        rival: String,
        /// As the roster has it.
        #[arg(default_value = "")]
        mode: String,
    },
}

impl Options {
    pub(crate) fn out(&self) -> Outcome<PathBuf> {
        match &self.out {
            Some(folder) => Ok(folder.clone()),
            None => Ok(install::folder()?.join("report")),
        }
    }

    /// The number of the core that workers run on.
    pub(crate) fn core(&self) -> Outcome<usize> {
        let from_status = || {
            let status = fs::read_to_string("/proc/self/status").ok()?;
            let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
            list.trim().rsplit([',', '-']).next()?.parse().ok()
        };
        self.core.or_else(from_status).ok_or_else(|| "no core to pin to; name one: --core 0".into())
    }
}
