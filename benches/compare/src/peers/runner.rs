//! The program that measures, an example of `local-harness`: built, given a plan, read line by
//! line. It is a program of its own, so that this crate is built without the platform.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use super::roster::{Origin, ROSTER};
use crate::Outcome;
use crate::inputs::Input;
use crate::install::{run as run_tool, workspace};

/// The memory size of one processor, at which all functions are compared.
pub(super) const EQUAL_MB: u32 = 1769;

/// The other sizes, largest first.
const OTHER_MB: [u32; 3] = [512, 256, 128];

/// Rounds of the other sizes, at most.
pub(super) const OTHER_ROUNDS: usize = 3;

/// Warm invocations in a turn at the equal size.
const WARM: usize = 3;

/// What the program said.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// The month and the place of the prices.
    pub(super) prices: String,
    pub(super) turns: Vec<Line>,
}

/// One turn of a function.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) memory_mb: u32,
    pub(super) done: Option<Turn>,
    /// Why there is no turn.
    pub(super) failed: Option<String>,
}

/// A cold start and warm invocations.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Turn {
    pub(super) cold: Cold,
    pub(super) warm: Vec<Warm>,
    pub(super) warm_cpu_ms: f64,
    pub(super) max_memory_used_mb: u32,
}

/// The first invocation of an environment.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Cold {
    pub(super) init_ms: f64,
    pub(super) gb_s: f64,
    pub(super) first_stored_ms: f64,
    pub(super) all_stored_ms: f64,
}

/// A later invocation.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Warm {
    pub(super) duration_ms: f64,
    pub(super) gb_s: f64,
    pub(super) dollars_per_million: f64,
}

/// Runs the measuring program for every function that could be installed.
///
/// # Errors
/// If the program cannot be built, or does not end well.
pub(super) fn run(
    folder: &Path,
    input: &Input,
    programs: &[Outcome<Option<PathBuf>>],
    rounds: usize,
) -> Outcome<Measured> {
    let variants = folder.join("variants");
    match fs::remove_dir_all(&variants) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(format!("{}: {error}", variants.display()));
        }
        _ => {}
    }
    let path = folder.join("plan.json");
    let plan = plan(folder, input, programs, rounds).to_string();
    fs::write(&path, plan).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut child = Command::new(build(folder)?)
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the example peers: {error}"))?;
    let mut measured = Measured::default();
    let output = child.stdout.take().expect("its output is piped");
    let read = BufReader::new(output).lines().try_for_each(|line| {
        let line = line.map_err(|error| error.to_string())?;
        measured.add(&line)
    });
    if let Err(error) = read {
        // It ends by itself when nobody reads its lines; this is sooner.
        let _ = child.kill();
        let _ = child.wait();
        return Err(error);
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() { Ok(measured) } else { Err(format!("the example peers: {status}")) }
}

impl Measured {
    /// Reads a line.
    ///
    /// # Errors
    /// If it is neither the prices nor a turn.
    pub(super) fn add(&mut self, line: &str) -> Outcome<()> {
        let value: Value =
            serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        if let Some(prices) = value["prices"].as_str() {
            prices.clone_into(&mut self.prices);
            return Ok(());
        }
        let turn: Line = serde_json::from_value(value).map_err(|e| format!("{e}: {line}"))?;
        let said = match (&turn.done, &turn.failed) {
            (Some(done), _) => format!("first variant {:.0} ms", done.cold.first_stored_ms),
            (None, failed) => failed.clone().unwrap_or_default(),
        };
        eprintln!("  {:16} {:5} MB  {said}", turn.id, turn.memory_mb);
        self.turns.push(turn);
        Ok(())
    }
}

fn plan(
    folder: &Path,
    input: &Input,
    programs: &[Outcome<Option<PathBuf>>],
    rounds: usize,
) -> Value {
    let mut functions = Vec::new();
    for (peer, program) in ROSTER.iter().zip(programs) {
        let Ok(bootstrap) = program else { continue };
        let env = match peer.origin {
            Origin::Ours("") => Vec::new(),
            Origin::Ours(config) => vec![("RESIZER_CONFIG", config)],
            // The platform sets the second one for our function.
            _ => vec![("OUTPUT_BUCKET", "uploads-variants"), ("GLIBC_TUNABLES", "")],
        };
        functions.push(json!({ "id": peer.id, "bootstrap": bootstrap, "env": env }));
    }
    let mut series = vec![json!({ "memory_mb": EQUAL_MB, "rounds": rounds, "warm": WARM })];
    series.extend(OTHER_MB.map(|memory_mb| {
        json!({ "memory_mb": memory_mb, "rounds": OTHER_ROUNDS.min(rounds), "warm": 1 })
    }));
    json!({
        "picture": input.path,
        "variants": folder.join("variants"),
        "functions": functions,
        "series": series,
    })
}

/// Built every time: cargo knows when there is nothing to do.
fn build(folder: &Path) -> Outcome<PathBuf> {
    eprintln!("building the platform, minutes at the first time ...");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The whole workspace's features, which the function is built with, too.
    cargo.args(["build", "--quiet", "--release", "--workspace", "--example", "peers"]);
    for (name, _) in env::vars_os() {
        // Build scripts that look at these variables of this crate would run again.
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    run_tool(cargo.current_dir(workspace()))?;
    let target = folder.ancestors().nth(2).unwrap_or(folder);
    Ok(target.join("release").join("examples").join("peers"))
}
