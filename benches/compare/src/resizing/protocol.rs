//! The line protocol of the workers that only resample, and the loop of one in Rust.
//! In: one JSON object per line. Out: one per line, first the worker's version. rivals/resizing
//! includes this file by its path.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::{fs, io};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// Pixels in a file: row by row, the samples of a pixel beside each other, 16-bit samples with the
/// low byte first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pixels {
    pub(crate) path: PathBuf,
    /// Width and height.
    pub(crate) size: [u32; 2],
    /// 1 for gray, 3 for RGB, 4 for RGB with straight alpha.
    pub(crate) channels: usize,
    /// Of a sample: 8 or 16.
    pub(crate) bits: u32,
    /// Whether light is averaged, not gamma-encoded values.
    pub(crate) linear: bool,
}

/// Pixels to resample.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) pixels: Pixels,
    /// Widths and heights of the results.
    pub(crate) sizes: Vec<[u32; 2]>,
    /// Where the results go, one behind the other; written after the clock stopped.
    pub(crate) out: Option<PathBuf>,
}

/// A task's end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    /// All results were made.
    Done {
        /// Of all threads of the process, user and system, for the results alone.
        cpu_ms: f64,
    },
    /// Nothing was made.
    Failed {
        /// The library's message, or what it cannot do.
        error: String,
    },
}

/// What a worker says before its first task.
#[derive(Serialize)]
struct Hello<'a> {
    version: &'a str,
}

/// The samples of a result, as a library hands them out.
pub(crate) enum Samples {
    Narrow(Vec<u8>),
    Wide(Vec<u16>),
    /// Where taking them out is a copy, which is none of the work.
    Inside(Box<dyn FnOnce() -> Vec<u8>>),
}

impl Samples {
    /// As in the file of `Pixels`.
    fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Narrow(samples) => samples,
            Self::Wide(samples) => samples.into_iter().flat_map(u16::to_le_bytes).collect(),
            Self::Inside(take) => take(),
        }
    }
}

impl From<Vec<u8>> for Samples {
    fn from(samples: Vec<u8>) -> Self {
        Self::Narrow(samples)
    }
}

impl From<Vec<u16>> for Samples {
    fn from(samples: Vec<u16>) -> Self {
        Self::Wide(samples)
    }
}

impl From<Box<dyn FnOnce() -> Vec<u8>>> for Samples {
    fn from(take: Box<dyn FnOnce() -> Vec<u8>>) -> Self {
        Self::Inside(take)
    }
}

/// Makes the results of some sizes.
pub(crate) type Run = Box<dyn FnMut(&[[u32; 2]]) -> Result<Vec<Samples>, String>>;

/// Answers tasks from standard input until it ends. `prepare` gets the pixels, and makes of them
/// what its library takes before the clock starts.
///
/// # Errors
/// If standard input or output break, or results cannot be written.
pub(crate) fn serve(
    version: &str,
    mut prepare: impl FnMut(&Pixels, Vec<u8>) -> Result<Run, String>,
) -> io::Result<()> {
    say(&Hello { version })?;
    let mut prepared: Option<(Pixels, Run)> = None;
    for line in io::stdin().lock().lines() {
        let Task { pixels, sizes, out } = serde_json::from_str(&line?)?;
        let mut run = match prepared.take() {
            Some((same, run)) if same == pixels => run,
            _ => match prepare(&pixels, fs::read(&pixels.path)?) {
                Ok(run) => run,
                Err(error) => {
                    say(&Reply::Failed { error })?;
                    continue;
                }
            },
        };
        let start = process_cpu_ms();
        let results = run(&sizes);
        let cpu_ms = process_cpu_ms() - start;
        match results {
            Ok(results) => {
                if let Some(out) = out {
                    let bytes: Vec<Vec<u8>> =
                        results.into_iter().map(Samples::into_bytes).collect();
                    fs::write(out, bytes.concat())?;
                }
                say(&Reply::Done { cpu_ms })?;
            }
            Err(error) => say(&Reply::Failed { error })?,
        }
        prepared = Some((pixels, run));
    }
    Ok(())
}

fn say(value: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// CPU time of all threads of this process.
fn process_cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
