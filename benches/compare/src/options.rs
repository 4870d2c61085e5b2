//! The command line.

use std::fs;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::Outcome;
use crate::install;

/// Measures the engine and its rivals and writes a report. The first run installs the rivals under
/// target/compare.
#[derive(Debug, Parser)]
#[command(name = "compare")]
pub(crate) struct Options {
    /// Folder with photographs: the two of the report, or all for `--avif`. Default: generated
    /// pictures.
    #[arg(long)]
    pub(crate) photos: Option<PathBuf>,
    /// Rounds of each job; slow rivals run fewer.
    #[arg(long, default_value_t = 11)]
    pub(crate) rounds: usize,
    /// Ids of the jobs to run, separated by commas. Default: all.
    #[arg(long, value_delimiter = ',')]
    pub(crate) jobs: Option<Vec<String>>,
    /// Ids of the rivals to run, separated by commas; ours are rivals too. Default: all.
    #[arg(long, value_delimiter = ',')]
    pub(crate) rivals: Option<Vec<String>>,
    /// Measure other people's Lambda handlers beside the function instead, and write PEERS.md.
    #[arg(long, conflicts_with_all = ["jobs", "rivals"])]
    pub(crate) peers: bool,
    /// Measure resampling alone beside other libraries instead, and write RESIZING.md.
    #[arg(long, conflicts_with_all = ["jobs", "rivals", "peers"])]
    pub(crate) resizing: bool,
    /// Measure PNGs beside other programs instead, and write PNG.md.
    #[arg(long, requires = "corpus", conflicts_with_all = ["jobs", "rivals", "peers", "resizing", "avif"])]
    pub(crate) png: bool,
    /// Measure AVIFs and the scale of `quality` instead, with all photographs of `--photos`, and
    /// write AVIF.md.
    #[arg(long, requires = "photos", conflicts_with_all = ["jobs", "rivals", "peers", "resizing"])]
    pub(crate) avif: bool,
    /// Widths of the pictures of `--avif` in pixels, separated by commas. Scores of wide pictures
    /// take minutes each.
    #[arg(long, value_delimiter = ',', default_values_t = [160, 320, 640, 1920])]
    pub(crate) widths: Vec<u32>,
    /// Folder with the corpus whose drawings `--png` takes.
    #[arg(long)]
    pub(crate) corpus: Option<PathBuf>,
    /// Folder for REPORT.md and its plots, PEERS.md, RESIZING.md, PNG.md, or AVIF.md. Default:
    /// target/compare/report.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Core that workers are pinned to. Default: the last one that this process may use.
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
        /// `ours`, `image` or `resizing`.
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
