//! All contenders in turn, for each kind of pixels and each light: first their results beside the
//! model, then rounds in running processes on one core.

use std::fs;
use std::path::{Path, PathBuf};

use super::model::{Errors, Model, samples};
use super::protocol::{Pixels, Reply, Task};
use super::roster::{Contender, ROSTER};
use super::sources::{Kind, Sources};
use crate::Outcome;
use crate::install::Installed;
use crate::machine::Machine;
use crate::statistics::Spread;
use crate::worker::Worker;

/// All rows of one kind of pixels in one light, in the order of the roster.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) kind: Kind,
    pub(super) linear: bool,
    pub(super) rows: Vec<(Contender, Outcome<Row>)>,
}

/// What one contender took, and how exact it was.
#[derive(Debug)]
pub(super) struct Row {
    /// CPU time in milliseconds: of each size alone, the five first; or of the five at once.
    pub(super) cpu_ms: Vec<Spread>,
    /// Over all results.
    pub(super) errors: Errors,
}

/// Pixels, the sizes that they are resampled to, and the models of these.
struct Goal {
    pixels: Pixels,
    size: [u32; 2],
    model: Model,
}

/// A contender while it is being measured.
struct Running {
    worker: Worker,
    tasks: Vec<Task>,
    cpu_ms: Vec<Vec<f64>>,
    errors: Errors,
}

/// Every table.
///
/// # Errors
/// If a source cannot be read.
pub(super) fn all(
    sources: &Sources,
    installed: &Installed,
    machine: &Machine,
    rounds: usize,
) -> Outcome<Vec<Table>> {
    let mut tables = Vec::new();
    for linear in [false, true] {
        for kind in Kind::ALL {
            eprintln!("{}, {}", kind.name(), if linear { "linear light" } else { "gamma" });
            let goals = goals(sources, kind, linear)?;
            let rows = rows(&goals, installed, machine, rounds);
            tables.push(Table { kind, linear, rows });
        }
    }
    Ok(tables)
}

fn goals(sources: &Sources, kind: Kind, linear: bool) -> Outcome<Vec<Goal>> {
    let mut goals = Vec::new();
    for picture in [&sources.photo, &sources.large] {
        let pixels = picture.pixels(kind, linear);
        let bytes = read(&pixels.path)?;
        let goal = |&size: &[u32; 2]| {
            let model = Model::new(&pixels, &bytes, size);
            Goal { pixels: pixels.clone(), size, model }
        };
        goals.extend(picture.sizes.iter().map(goal));
    }
    Ok(goals)
}

fn rows(
    goals: &[Goal],
    installed: &Installed,
    machine: &Machine,
    rounds: usize,
) -> Vec<(Contender, Outcome<Row>)> {
    let start = |contender| Running::new(contender, goals, installed, machine.core);
    let mut running: Vec<Outcome<Running>> = ROSTER.iter().map(start).collect();
    for task in 0..goals.len() {
        for round in 0..rounds {
            // Another contender begins each round, so that none always follows the same one.
            for place in 0..running.len() {
                let at = (place + round) % running.len();
                let Ok(contender) = &mut running[at] else { continue };
                if let Err(error) = contender.run(task) {
                    running[at] = Err(error);
                }
            }
        }
    }
    let row = |running: Outcome<Running>| running?.end();
    ROSTER.into_iter().zip(running.into_iter().map(row)).collect()
}

impl Running {
    /// Starts the worker, compares its results with the models, and so warms it up.
    fn new(
        contender: &Contender,
        goals: &[Goal],
        installed: &Installed,
        core: usize,
    ) -> Outcome<Self> {
        let rival = &contender.rival;
        let worker = Worker::start(installed.launch(rival)?, rival, Some(core))?;
        let out = goals[0].pixels.path.with_file_name(format!("{}.raw", rival.id));
        // The last goal has a source of its own.
        let five = &goals[..goals.len() - 1];
        let groups: Vec<&[Goal]> =
            if contender.is_chain { vec![five] } else { goals.chunks(1).collect() };
        let (mut tasks, errors) = (Vec::new(), Errors::default());
        tasks.extend(groups.iter().map(|goals| task(goals)));
        let cpu_ms = vec![Vec::new(); tasks.len()];
        let mut running = Self { worker, tasks, cpu_ms, errors };
        for (task, goals) in groups.into_iter().enumerate() {
            running.check(task, goals, out.clone())?;
        }
        Ok(running)
    }

    fn check(&mut self, task: usize, goals: &[Goal], out: PathBuf) -> Outcome<()> {
        let task = Task { out: Some(out.clone()), ..self.tasks[task].clone() };
        self.ask(&task)?;
        let bytes = read(&out)?;
        let mut bytes = &bytes[..];
        for Goal { pixels, model, .. } in goals {
            let length = model.len() * pixels.bits as usize / 8;
            let result = bytes.split_off(..length).ok_or("fewer samples than the size has")?;
            self.errors = self.errors.and(model.errors(samples(result, pixels.bits)));
        }
        if bytes.is_empty() { Ok(()) } else { Err("more samples than the size has".into()) }
    }

    fn run(&mut self, task: usize) -> Outcome<()> {
        // Fewer tasks where the five sizes are one.
        let Some(order) = self.tasks.get(task).cloned() else { return Ok(()) };
        let cpu_ms = self.ask(&order)?;
        self.cpu_ms[task].push(cpu_ms);
        Ok(())
    }

    fn ask(&mut self, task: &Task) -> Outcome<f64> {
        match self.worker.send(task)? {
            Reply::Done { cpu_ms } => Ok(cpu_ms),
            Reply::Failed { error } => Err(error),
        }
    }

    fn end(self) -> Outcome<Row> {
        let spreads = self.cpu_ms.iter().map(|sample| Spread::of(sample));
        let cpu_ms = spreads.collect::<Option<_>>().ok_or("no rounds")?;
        Ok(Row { cpu_ms, errors: self.errors })
    }
}

fn task(goals: &[Goal]) -> Task {
    let sizes = goals.iter().map(|goal| goal.size).collect();
    Task { pixels: goals[0].pixels.clone(), sizes, out: None }
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
