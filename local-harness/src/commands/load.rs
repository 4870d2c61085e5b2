//! `load`: uploads pictures, waits for the function, and measures throughput, latency, memory and
//! cost.

pub mod arguments;
mod pictures;
mod report;
mod tally;
mod uploads;
pub mod usage;

use std::io::{IsTerminal, Write, stderr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, timeout};

use super::{CommandError, folder};
use crate::bill::{Architecture, Prices};
use crate::harness::{Harness, HarnessOptions};
use crate::measured::{ByteSums, Measured, Setup};
use crate::stdout::{out, outln};
pub use pictures::Mix;
use pictures::Pictures;
pub(crate) use report::usage;
use tally::Tally;
use uploads::Uploads;

/// The file that marks a folder as one of `load`.
const MARK: &str = "made-by-load";
/// What a harness keeps in its folder.
const DATA: [&str; 7] = [
    "buckets",
    "scratch",
    "lock",
    "sequencer.json",
    "notifications.journal",
    "queue.journal",
    "asynchronous.journal",
];

/// How much longer than the function's timeout the next end of an event may take.
const MARGIN: Duration = Duration::from_secs(30);
/// Between two progress lines.
const PROGRESS: Duration = Duration::from_millis(500);

/// Options that only `load` has.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// Uploads.
    pub count: usize,
    /// Keys, each with one upload at a time.
    pub keys: usize,
    /// Uploads for each second; without it as fast as it goes.
    pub rate: Option<f64>,
    /// Clients that upload at the same time.
    pub clients: usize,
    /// The sizes of generated pictures.
    pub mix: Mix,
    /// A folder with pictures instead of generated ones.
    pub pictures: Option<PathBuf>,
    /// Seed of all random choices.
    pub seed: u64,
    /// A file for the results as JSON.
    pub json: Option<PathBuf>,
    /// A file for a plot as SVG.
    pub plot: Option<PathBuf>,
    /// What a million uploads cost.
    pub prices: Prices,
}

/// Runs the load and prints its results.
///
/// # Errors
/// Those of [`measure`], `File` for the results, and `Check` for uploads that were not processed.
pub async fn run(options: HarnessOptions, load: LoadOptions) -> Result<(), CommandError> {
    let measured = measure(options, &load).await?;
    out!("{}", report::text(&measured, &load.prices));
    if let Some(path) = &load.json {
        let json = serde_json::to_string_pretty(&measured).expect("the results are JSON");
        std::fs::write(path, json + "\n").map_err(CommandError::file(path))?;
        outln!("results     {}", path.display());
    }
    if let Some(path) = &load.plot {
        std::fs::write(path, report::plot(&measured)).map_err(CommandError::file(path))?;
        outln!("plot        {}", path.display());
    }
    match measured.dead_letters + measured.refused_uploads {
        0 => Ok(()),
        lost => {
            let (what, total) = ("the load".to_owned(), load.count);
            let problem = format!("{lost} of {total} uploads were not processed");
            Err(CommandError::Check { what, problem })
        }
    }
}

/// Uploads, waits for the end of each event, and returns what was measured.
///
/// # Errors
/// `Harness` if it does not start, `File` for the pictures, `Check` if events stop ending.
pub async fn measure(
    options: HarnessOptions,
    load: &LoadOptions,
) -> Result<Measured, CommandError> {
    let pictures = match &load.pictures {
        Some(folder) => Pictures::of_folder(folder, load.seed)?,
        None => Pictures::of_mix(load.mix, load.seed),
    };
    let setup = Setup {
        pictures: pictures.name.clone(),
        environments: options.max_concurrency,
        environment_concurrency: options.environment_concurrency,
        memory_size_mb: options.memory_size_mb,
        batch_size: options.batch_size,
        rate: load.rate,
        seed: load.seed,
        architecture: Architecture::of_this_machine().name().to_owned(),
    };
    folder::claim(&options.data_dir, MARK, "lock", &DATA)?;
    let patience = options.timeout + MARGIN;
    let max_deliveries = options.queue.max_receive_count;
    let bucket = options.bucket.clone();
    let mut harness = Harness::start(options).await?;
    if let Some(Err(reason)) = harness.function.cpu_limit() {
        eprintln!("note: processor time is not limited: {reason}");
    }
    let target = (harness.client.clone(), bucket);
    let uploads = Uploads::new(target, pictures, (load.count, load.keys), load.rate);
    let uploads = Arc::new(uploads);
    let mut clients = JoinSet::new();
    for _ in 0..load.clients {
        clients.spawn(Arc::clone(&uploads).run());
    }
    let mut tally = Tally::new(load.count, max_deliveries, Arc::clone(&harness.function));
    collect(&mut harness, &uploads, &mut tally, patience).await?;
    let elapsed = uploads.began.elapsed();
    harness.function.shutdown().await;
    let measured = tally.finish(elapsed);
    Ok(Measured {
        setup,
        uploads: uploads.acknowledged.load(Ordering::Relaxed),
        refused_uploads: uploads.refused.load(Ordering::Relaxed),
        bytes: ByteSums { uploaded: uploads.bytes.load(Ordering::Relaxed), ..measured.bytes },
        ..measured
    })
}

/// Counts batches until every upload has ended.
async fn collect(
    harness: &mut Harness,
    uploads: &Uploads,
    tally: &mut Tally,
    patience: Duration,
) -> Result<(), CommandError> {
    let mut told = Instant::now();
    loop {
        let refused = uploads.refused.load(Ordering::Relaxed);
        if tally.ended + refused >= uploads.count {
            progress(tally.ended, uploads, true);
            return Ok(());
        }
        if told.elapsed() >= PROGRESS {
            progress(tally.ended, uploads, false);
            told = Instant::now();
        }
        // The lines are in the batches, too.
        while harness.log.try_recv().is_ok() {}
        match timeout(patience, harness.batches.recv()).await {
            Ok(Some(batch)) => tally.add(&batch, uploads),
            _ => {
                let what = "the load".to_owned();
                let left = uploads.count - tally.ended - refused;
                let problem = format!(
                    "no event has ended for {} s, and {left} uploads are left",
                    patience.as_secs()
                );
                return Err(CommandError::Check { what, problem });
            }
        }
    }
}

fn progress(ended: usize, uploads: &Uploads, is_last: bool) {
    if stderr().is_terminal() {
        let seconds = uploads.began.elapsed().as_secs_f64();
        let rate = ended as f64 / seconds;
        let end = if is_last { "\n" } else { "" };
        eprint!("\r{ended} of {} uploads done, {rate:.0}/s {end}", uploads.count);
        // The run goes on without its progress line.
        let _ = stderr().flush();
    }
}
