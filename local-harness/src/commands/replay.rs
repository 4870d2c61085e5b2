//! `replay`: invokes the function with recorded events on stored objects, in their order or in
//! disorder, and reports what became of them.

mod events;
mod schedule;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lambda_local::Invocation;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use self::events::Recorded;
use self::schedule::Disorder;
use super::CommandError;
use crate::bill::Usage;
use crate::harness::{HarnessOptions, Parts};
use crate::measured::Percentiles;
use crate::stdout::{out, outln};
use crate::upload_line::UploadLine;

/// The options that only `replay` has.
#[derive(Debug, Clone, clap::Args)]
pub struct ReplayArgs {
    /// Events: JSON files, files with an event in each line, and logs of the function that
    /// CloudWatch has exported (also as `aws logs filter-log-events` prints them), also with .gz;
    /// or folders of such files.
    #[arg(required = true)]
    pub events: Vec<PathBuf>,
    /// Folder with the objects.
    #[arg(long, default_value = "target/harness")]
    pub data_dir: PathBuf,
    /// Deliver one event in so many twice.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub duplicate: u32,
    /// Deliver the events in any order.
    #[arg(long)]
    pub shuffle: bool,
    /// Longest delay of an event, in seconds. Each event has a delay of its own.
    #[arg(long, default_value_t = 0.0, value_name = "SECONDS", value_parser = seconds)]
    pub delay: f64,
    /// Seed of all random choices.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// What became of the events so far.
#[derive(Debug, Default)]
struct Report {
    answered: usize,
    failed: usize,
    outcomes: BTreeMap<String, usize>,
    durations_ms: Vec<f64>,
    cold_starts: usize,
    gb_s: f64,
}

/// Invokes the function directly with each event, and prints its log, its answers, and a report.
///
/// # Errors
/// `Replayed` when any of them ended in an error; `File` and `Check` for the events.
pub async fn run(options: HarnessOptions, args: &ReplayArgs) -> Result<(), CommandError> {
    let events: Arc<[Recorded]> = events::read(&args.events)?.into();
    let disorder = Disorder {
        duplicate_one_in: args.duplicate,
        is_shuffled: args.shuffle,
        max_delay: Duration::from_secs_f64(args.delay),
        seed: args.seed,
    };
    let deliveries = schedule::deliveries(events.len(), &disorder);
    // Events that are not in disorder are invoked one after the other.
    let is_ordered = !args.shuffle && args.delay == 0.0 && args.duplicate == 0;
    let at_once = if is_ordered { 1 } else { options.max_concurrency };
    let mut parts = Parts::start(&options).await?;
    let (total, began) = (deliveries.len(), Instant::now());
    let mut report = Report::default();
    let mut running = JoinSet::new();
    for (number, (at, delay)) in deliveries.into_iter().enumerate() {
        while running.len() >= at_once {
            end(&mut running, &mut report, &mut parts).await;
        }
        sleep_until(began + delay).await;
        outln!("--- {} of {total}: {}", number + 1, events[at].origin);
        let (function, events) = (Arc::clone(&parts.function), Arc::clone(&events));
        running.spawn(async move { function.invoke(events[at].event.clone()).await });
    }
    while !running.is_empty() {
        end(&mut running, &mut report, &mut parts).await;
    }
    parts.function.shutdown().await;
    out!("{}", report.text(began.elapsed()));
    let Report { answered, failed, .. } = report;
    outln!("--- {total} events: {answered} answered, {failed} ended in an error");
    if failed > 0 { Err(CommandError::Replayed { failed, total }) } else { Ok(()) }
}

/// Waits for the end of one invocation, and prints what it said.
async fn end(running: &mut JoinSet<Invocation>, report: &mut Report, parts: &mut Parts) {
    let Some(Ok(invocation)) = running.join_next().await else { return };
    while let Ok(line) = parts.log.try_recv() {
        outln!("{}", line.text.trim_end());
    }
    match &invocation.result {
        Ok(answer) => outln!("answer: {}", String::from_utf8_lossy(answer)),
        Err(error) => outln!("error: {}: {}", error.error_type, error.message),
    }
    report.add(&invocation);
}

impl Report {
    fn add(&mut self, invocation: &Invocation) {
        match invocation.result {
            Ok(_) => self.answered += 1,
            Err(_) => self.failed += 1,
        }
        for line in invocation.log.iter().filter_map(|line| UploadLine::parse(line)) {
            *self.outcomes.entry(line.outcome).or_default() += 1;
        }
        let lambda_local::report::Report {
            duration_ms,
            billed_duration_ms,
            memory_size_mb,
            init_duration_ms,
            ..
        } = invocation.report;
        self.durations_ms.push(duration_ms);
        self.cold_starts += usize::from(init_duration_ms.is_some());
        self.gb_s += Usage::of_invocation(billed_duration_ms, memory_size_mb).gb_s;
    }

    fn text(&mut self, elapsed: Duration) -> String {
        let outcomes: Vec<String> =
            self.outcomes.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect();
        let Percentiles { p50, p90, p99, max, .. } = Percentiles::of(&mut self.durations_ms);
        format!(
            "\noutcomes    {}\n\
             duration    p50 {p50:.1}, p90 {p90:.1}, p99 {p99:.1}, max {max:.1} ms\n\
             billed      {:.3} GB-s, {} cold starts\ntime        {:.1} s\n",
            outcomes.join(", "),
            self.gb_s,
            self.cold_starts,
            elapsed.as_secs_f64()
        )
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let is_fit = (0.0..=86_400.0).contains(&number);
    if is_fit { Ok(number) } else { Err("must be from 0 to 86,400".to_owned()) }
}
