//! One job, all rivals in turn: warm runs on one core, then cold processes for memory and starts.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;
use crate::inputs::Input;
use crate::install::Installed;
use crate::jobs::{Job, QUALITY};
use crate::machine::Machine;
use crate::protocol::{Order, Stages};
use crate::rival::Rival;
use crate::segments;
use crate::statistics::Spread;
use crate::worker::Worker;

/// A rival leaves the rounds of a job after this much wall time ...
const BUDGET_MS: f64 = 2500.0;

/// ... but not before this many rounds.
const FEWEST_ROUNDS: usize = 3;

/// Fresh processes for memory and cold starts; the one in the middle counts.
const COLD_RUNS: usize = 3;

/// Rounds in which stages are timed.
const STAGE_ROUNDS: usize = 5;

/// A process that takes longer has no others after it.
const COLD_BUDGET_MS: f64 = 500.0;

/// What one rival took for one job.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) rival: Rival,
    /// Or why it cannot do the job.
    pub(crate) outcome: Outcome<Figures>,
}

/// All times in milliseconds, all memory in KiB.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) cpu_ms: Spread,
    pub(crate) wall_ms: Spread,
    pub(crate) bytes: Vec<u64>,
    /// Peak of a fresh process that did the job once.
    pub(crate) peak_kib: u64,
    /// Peak of it before the job; `None` where each job is a process.
    pub(crate) base_kib: Option<u64>,
    /// CPU time of that process from its start.
    pub(crate) cold_cpu_ms: f64,
    /// The folder with the variants.
    pub(crate) files: PathBuf,
    /// CPU time of its stages, from rivals that measure it.
    pub(crate) stages: Option<Stages>,
    /// Of the widest variant as its file has it; `None` for anything but JPEG in color.
    pub(crate) chroma: Option<&'static str>,
}

impl Figures {
    /// What those must have that are compared by score.
    pub(crate) fn is_subsampled(&self) -> bool {
        self.chroma == Some("4:2:0")
    }
}

/// A rival while its job is being measured.
struct Contender {
    tells_stages: bool,
    worker: Worker,
    order: Order,
    cpu_ms: Vec<f64>,
    wall_ms: Vec<f64>,
    bytes: Vec<u64>,
    files: PathBuf,
}

impl Contender {
    /// Starts the worker, has the variants written, and warms it up.
    fn new(
        rival: &Rival,
        installed: &Installed,
        mut order: Order,
        files: PathBuf,
        core: usize,
    ) -> Outcome<Self> {
        let mut worker = Worker::start(installed.launch(rival)?, rival, Some(core))?;
        worker.ask(&order)?;
        order.out = None;
        let bytes = worker.ask(&order)?.bytes;
        let tells_stages = rival.is_ours() || rival.is_floor();
        let (cpu_ms, wall_ms) = (Vec::new(), Vec::new());
        Ok(Self { tells_stages, worker, order, cpu_ms, wall_ms, bytes, files })
    }

    /// Times the stages, and lets the worker end.
    fn end(mut self) -> Outcome<Warm> {
        let stages = self.stages()?;
        let Self { order, cpu_ms, wall_ms, bytes, files, .. } = self;
        Ok(Warm { order, cpu_ms, wall_ms, bytes, files, stages })
    }

    /// Medians of some rounds; `None` from rivals that do not measure stages.
    fn stages(&mut self) -> Outcome<Option<Stages>> {
        if !self.tells_stages {
            return Ok(None);
        }
        let order = Order { stages: true, ..self.order.clone() };
        let mut all = Vec::new();
        for _ in 0..STAGE_ROUNDS {
            all.extend(self.worker.ask(&order)?.stages);
        }
        let median = |stage: fn(&Stages) -> f64| {
            let sample: Vec<f64> = all.iter().map(stage).collect();
            Spread::of(&sample).map_or(0.0, |spread| spread.median)
        };
        let (decode, resize, encode) =
            (median(|s| s.decode), median(|s| s.resize), median(|s| s.encode));
        Ok(Some(Stages { decode, resize, encode }))
    }

    fn has_time(&self) -> bool {
        let rounds = self.wall_ms.len();
        rounds < FEWEST_ROUNDS || self.wall_ms.iter().sum::<f64>() < BUDGET_MS
    }

    fn run(&mut self) -> Outcome<()> {
        let answer = self.worker.ask(&self.order)?;
        self.cpu_ms.push(answer.cpu_ms);
        self.wall_ms.push(answer.wall_ms);
        Ok(())
    }
}

/// Every rival's figures for a job, in the order of the roster.
pub(crate) fn run(
    job: &Job,
    input: &Input,
    installed: &Installed,
    machine: &Machine,
    rounds: usize,
    folder: &Path,
) -> Vec<Measured> {
    eprintln!("{}: {} rivals", job.title, installed.rivals.len());
    let start = |rival: &Rival| {
        let files = folder.join("variants").join(job.id).join(rival.id);
        let order = order(job, input, &files)?;
        Contender::new(rival, installed, order, files, machine.core)
    };
    let mut contenders: Vec<_> = installed.rivals.iter().map(start).collect();
    for round in 0..rounds {
        // Another rival begins each round, so that none always follows the same one.
        for place in 0..contenders.len() {
            let at = (place + round) % contenders.len();
            let Ok(contender) = &mut contenders[at] else { continue };
            if contender.has_time()
                && let Err(error) = contender.run()
            {
                contenders[at] = Err(error);
            }
        }
    }
    // Workers are gone before the cold ones start.
    let warm: Vec<Outcome<Warm>> =
        contenders.into_iter().map(|contender| contender?.end()).collect();
    let finished = installed.rivals.iter().zip(warm).map(|(rival, warm)| {
        let outcome = warm.and_then(|warm| figures(rival, installed, warm, machine.core));
        Measured { rival: *rival, outcome }
    });
    finished.collect()
}

/// What the rounds of a rival left behind.
struct Warm {
    order: Order,
    cpu_ms: Vec<f64>,
    wall_ms: Vec<f64>,
    bytes: Vec<u64>,
    files: PathBuf,
    stages: Option<Stages>,
}

fn figures(rival: &Rival, installed: &Installed, warm: Warm, core: usize) -> Outcome<Figures> {
    let Warm { order, cpu_ms, wall_ms, bytes, files, stages } = warm;
    let spread = |sample: &[f64]| Spread::of(sample).ok_or("not a single round");
    let (cpu_ms, wall_ms) = (spread(&cpu_ms)?, spread(&wall_ms)?);
    let Cold { peak_kib, base_kib, cpu_ms: cold_cpu_ms } = cold(rival, installed, &order, core)?;
    let widest = files.join(format!("{}.{}", order.widths[0], order.format));
    let widest = fs::read(&widest).map_err(|error| format!("{}: {error}", widest.display()))?;
    let chroma = widest.starts_with(&[0xff, 0xd8]).then(|| segments::chroma(&widest)).flatten();
    Ok(Figures { cpu_ms, wall_ms, bytes, peak_kib, base_kib, cold_cpu_ms, files, stages, chroma })
}

fn order(job: &Job, input: &Input, files: &Path) -> Outcome<Order> {
    let made = fs::create_dir_all(files);
    made.map_err(|error| format!("{}: {error}", files.display()))?;
    Ok(Order {
        input: input.path.clone(),
        size: input.size,
        widths: job.widths.to_vec(),
        format: job.format.into(),
        quality: QUALITY,
        out: Some(files.to_owned()),
        stages: false,
    })
}

struct Cold {
    peak_kib: u64,
    base_kib: Option<u64>,
    cpu_ms: f64,
}

/// The run of the median CPU time, of several fresh processes.
fn cold(rival: &Rival, installed: &Installed, order: &Order, core: usize) -> Outcome<Cold> {
    let mut runs = Vec::new();
    for _ in 0..COLD_RUNS {
        let mut worker = Worker::start(installed.launch(rival)?, rival, Some(core))?;
        let base_kib = worker.peak_kib()?;
        let answer = worker.ask(order)?;
        let (peak_kib, base_kib) = match answer.peak_kib {
            Some(of_child) => (of_child, None),
            None => (worker.peak_kib()?, Some(base_kib)),
        };
        runs.push(Cold { peak_kib, base_kib, cpu_ms: answer.process_cpu_ms });
        if answer.process_cpu_ms > COLD_BUDGET_MS {
            break;
        }
    }
    runs.sort_by(|a, b| a.cpu_ms.total_cmp(&b.cpu_ms));
    Ok(runs.swap_remove(runs.len() / 2))
}
