//! One turn of a function: a cold start, then warm invocations, each for one upload.

use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;

use lambda_local::report::Report;
use local_harness::bill::{Architecture, Prices, Usage};
use local_harness::commands::load::usage;
use local_harness::upload_line::UploadLine;
use resizer::store::Requests;
use serde::Serialize;

use crate::platform::{Platform, Processed};
use crate::{FunctionPlan, Series};

const VARIANTS: usize = 5;

/// Requests to SQS for an upload in a batch of one: a send, a receive, and a delete.
const QUEUE_REQUESTS: f64 = 3.0;

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Turn {
    cold: Cold,
    warm: Vec<Warm>,
    /// Processor time of a warm invocation, the mean of this turn.
    warm_cpu_ms: f64,
    max_memory_used_mb: u32,
    #[serde(skip)]
    variants: Vec<(String, Vec<u8>)>,
}

/// The first invocation of an environment.
#[derive(Debug, Serialize)]
struct Cold {
    init_ms: f64,
    gb_s: f64,
    /// From the event in the queue to the first stored variant.
    first_stored_ms: f64,
    /// The same to the last one.
    all_stored_ms: f64,
}

/// A later invocation.
#[derive(Debug, Serialize)]
struct Warm {
    duration_ms: f64,
    gb_s: f64,
    dollars_per_million: f64,
}

/// Takes a turn on a platform of its own.
pub(crate) async fn take(
    function: &FunctionPlan,
    program: &Path,
    series: &Series,
    (picture, prices): (&[u8], &Prices),
) -> Result<Turn, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let memory_mb = series.memory_mb;
    let mut platform = Platform::start(function, program, memory_mb, folder.path()).await?;
    // The first environment has paid for what the disk had not in memory yet.
    platform.parts.function.shutdown().await;
    let first = platform.process("cold.jpg", picture, VARIANTS).await?;
    let cold = Cold::new(&first)?;
    let cpu_ms_before = cpu_ms(&platform);
    let mut warm = Vec::new();
    let mut max_memory_used_mb = first.batch.invocation.report.max_memory_used_mb;
    for number in 0..series.warm {
        let key = format!("warm-{number}.jpg");
        let processed = platform.process(&key, picture, VARIANTS).await?;
        let report = &processed.batch.invocation.report;
        max_memory_used_mb = max_memory_used_mb.max(report.max_memory_used_mb);
        warm.push(Warm::new(report, requests(&processed), prices)?);
    }
    let warm_cpu_ms = (cpu_ms(&platform) - cpu_ms_before) / series.warm.max(1) as f64;
    let mut variants = Vec::new();
    for stored in &first.variants {
        variants.push((stored.key.clone(), platform.read(&stored.key).await?));
    }
    platform.parts.function.shutdown().await;
    Ok(Turn { cold, warm, warm_cpu_ms, max_memory_used_mb, variants })
}

impl Turn {
    /// Writes the variants, named by their widths.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for (key, bytes) in &self.variants {
            // `stem/320.jpg` of a peer, `stem-320.jpg` or the like of this function.
            let stem = key.trim_end_matches(".jpg");
            let width = stem.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or(stem);
            fs::write(folder.join(format!("{width}.jpg")), bytes)?;
        }
        Ok(())
    }
}

impl Cold {
    fn new(processed: &Processed) -> Result<Self, Box<dyn Error>> {
        let report = &processed.batch.invocation.report;
        let after_ms = |at: Option<&crate::platform::Stored>| {
            at.map(|stored| (stored.at - processed.queued).as_secs_f64() * 1e3)
        };
        Ok(Self {
            init_ms: report.init_duration_ms.ok_or("the environment was not new")?,
            gb_s: Usage::of_invocation(report.billed_duration_ms, report.memory_size_mb).gb_s,
            first_stored_ms: after_ms(processed.variants.first()).ok_or("no variant")?,
            all_stored_ms: after_ms(processed.variants.last()).ok_or("no variant")?,
        })
    }
}

impl Warm {
    fn new(report: &Report, requests: Usage, prices: &Prices) -> Result<Self, Box<dyn Error>> {
        if report.init_duration_ms.is_some() {
            return Err("the environment was not warm".into());
        }
        let mut usage = Usage::of_invocation(report.billed_duration_ms, report.memory_size_mb);
        let gb_s = usage.gb_s;
        usage += requests;
        usage += Usage { queue_requests: QUEUE_REQUESTS, ..Usage::default() };
        let million = usage.share(1e6);
        Ok(Self {
            duration_ms: report.duration_ms,
            gb_s,
            dollars_per_million: million.dollars(prices, Architecture::of_this_machine()),
        })
    }
}

/// What the function's log says, or what is known of a handler without such a log: it reads the
/// upload once, and writes each variant once.
fn requests(processed: &Processed) -> Usage {
    let line = processed.batch.invocation.log.iter().find_map(|line| UploadLine::parse(line));
    let known = Requests { get: 1, put: VARIANTS as u32, ..Requests::default() };
    Usage::of_requests(line.map_or(known, |line| line.requests))
}

/// User and system time of the environment's process so far, in milliseconds.
fn cpu_ms(platform: &Platform) -> f64 {
    usage::cpu_ms_of(&platform.parts.function.process_ids())
}
