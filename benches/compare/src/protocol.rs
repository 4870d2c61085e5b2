//! The line protocol between the runner and its workers, and the loop of a worker in Rust.
//! In: one JSON object per line. Out: one per line, first the worker's version. The Rust rivals
//! include this file by its path.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;
use std::{fs, io};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// What a worker says before its first job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// Of the library and what it rests on, for the report.
    pub(crate) version: String,
}

/// One job: every variant of one picture.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The source file; read before the clock starts.
    pub(crate) input: PathBuf,
    /// Width and height of the source in pixels.
    pub(crate) size: [u32; 2],
    /// Of the variants, in pixels, widest first.
    pub(crate) widths: Vec<u32>,
    /// `jpeg`, `png`, `webp` or `avif`.
    pub(crate) format: String,
    /// 1 to 100.
    pub(crate) quality: u8,
    /// Where the variants go, as `<width>.<format>`; written after the clock stopped.
    pub(crate) out: Option<PathBuf>,
    /// Whether stages are timed, by rivals that can; that takes time itself.
    #[serde(default)]
    pub(crate) stages: bool,
}

/// CPU time of the stages of a job, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stages {
    /// Header and plan included.
    pub(crate) decode: f64,
    pub(crate) resize: f64,
    pub(crate) encode: f64,
}

/// What a job made.
#[derive(Debug)]
pub(crate) struct Made {
    /// One for each width.
    pub(crate) files: Vec<Vec<u8>>,
    /// If they were asked for.
    pub(crate) stages: Option<Stages>,
}

impl From<Vec<Vec<u8>>> for Made {
    fn from(files: Vec<Vec<u8>>) -> Self {
        Self { files, stages: None }
    }
}

/// What a job took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// Of all threads of the process, user and system, during the job.
    pub(crate) cpu_ms: f64,
    /// From start to end of the job.
    pub(crate) wall_ms: f64,
    /// Of each variant.
    pub(crate) bytes: Vec<u64>,
    /// CPU time of the process since it began.
    pub(crate) process_cpu_ms: f64,
    /// If they were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) stages: Option<Stages>,
    /// Peak memory, only from a worker whose work is done by other processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) peak_kib: Option<u64>,
}

/// A job's end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Reply {
    /// All variants were made.
    Done(Answer),
    /// Nothing was made.
    Failed {
        /// The library's message.
        error: String,
    },
}

/// Answers orders from standard input until it ends. `make` gets the order and the source's bytes
/// and returns one file per width, and what its stages took if it was asked.
///
/// # Errors
/// If standard input or output break, or a variant cannot be written.
pub(crate) fn serve(
    version: &str,
    mut make: impl FnMut(&Order, &[u8]) -> Result<Made, String>,
) -> io::Result<()> {
    say(&Hello { version: version.to_owned() })?;
    for line in io::stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        let source = fs::read(&order.input)?;
        let (cpu, wall) = (process_cpu_ms(), Instant::now());
        let made = make(&order, &source);
        let (wall_ms, cpu_ms) = (wall.elapsed().as_secs_f64() * 1e3, process_cpu_ms() - cpu);
        let reply = match made {
            Ok(Made { files, stages }) => {
                write(&order, &files)?;
                let bytes = files.iter().map(|file| file.len() as u64).collect();
                let process_cpu_ms = process_cpu_ms();
                let peak_kib = None;
                Reply::Done(Answer { cpu_ms, wall_ms, bytes, process_cpu_ms, stages, peak_kib })
            }
            Err(error) => Reply::Failed { error },
        };
        say(&reply)?;
    }
    Ok(())
}

fn write(order: &Order, files: &[Vec<u8>]) -> io::Result<()> {
    let Some(folder) = &order.out else { return Ok(()) };
    for (width, file) in order.widths.iter().zip(files) {
        fs::write(folder.join(format!("{width}.{}", order.format)), file)?;
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
pub(crate) fn process_cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
