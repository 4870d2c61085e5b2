//! Makes hostile files by chance, puts each through the whole pipeline in a process of its own, and
//! says what was worst: in memory of the process, and in time of one processor.
//!
//! ```text
//! cargo run --release -p resizer-engine --example hostile -- \
//!     --count 10000 --seed 1 --save found FOLDER
//! ```
//! First come one file of each kind, then those of the folders, then `--count` by chance. Each of
//! these follows from the seed and its number alone: `--from N --count 1` makes it again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use fixtures::hostile::{Hostile, all, seeded};

use crate::measure::{REQUESTS, is_child, measure};

#[path = "../tests/hostile/measure.rs"]
mod measure;

/// What one file may take of a processor, for each 10 MB that are begun.
const MOST_TIME: Duration = Duration::from_secs(5);
const TIMED_BYTES: u64 = 10_000_000;

const REPORT_EVERY: u64 = 500;

/// What was seen of all files.
#[derive(Default)]
struct Report {
    outcomes: BTreeMap<String, u64>,
    faults: u64,
    /// Whether each file gets a line.
    tells: bool,
    /// Each with the file's name.
    longest: (Duration, String),
    largest_share: (f64, String),
    largest_peak: (u64, String),
}

/// The command line's.
struct Arguments {
    seed: u64,
    from: u64,
    count: u64,
    save: Option<PathBuf>,
    folders: Vec<PathBuf>,
}

fn arguments() -> Result<Arguments, String> {
    let (save, folders) = (None, Vec::new());
    let mut arguments = Arguments { seed: 1, from: 0, count: 1000, save, folders };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        if !name.starts_with("--") {
            arguments.folders.push(name.into());
            continue;
        }
        let value = given.next().ok_or(format!("{name} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{name} needs a number"));
        match name.as_str() {
            "--seed" => arguments.seed = number()?,
            "--from" => arguments.from = number()?,
            "--count" => arguments.count = number()?,
            "--save" => arguments.save = Some(value.into()),
            _ => return Err(format!("{name} is not known")),
        }
    }
    Ok(arguments)
}

fn main() -> ExitCode {
    if is_child() {
        return ExitCode::SUCCESS;
    }
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let path = std::env::temp_dir().join(format!("resizer-hostile-{}", std::process::id()));
    let mut report = Report { tells: true, ..Report::default() };
    let made = |number: Option<u64>, Hostile { name, bytes }: Hostile, report: &mut Report| {
        std::fs::write(&path, &bytes).expect("the folder for temporary files can be written to");
        let faults = report.faults;
        report.add(&name, &path, bytes.len() as u64);
        if let (Some(folder), true) = (&arguments.save, report.faults > faults) {
            let name = number.map_or(name, |number| format!("seed-{}-{number}", arguments.seed));
            let kept = std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(folder.join(name.replace('/', "-")), &bytes));
            kept.expect("the folder for findings can be written to");
        }
    };
    if arguments.from == 0 {
        all().into_iter().for_each(|file| made(None, file, &mut report));
        for folder in &arguments.folders {
            let entries = std::fs::read_dir(folder).expect("the folder can be read");
            for entry in entries {
                let path = entry.expect("the folder can be read").path();
                let length = path.metadata().map_or(0, |file| file.len());
                report.add(&path.to_string_lossy(), &path, length);
            }
        }
        report.tells = arguments.count == 1;
        println!("one of each kind: {:?}, {} faults", report.outcomes, report.faults);
    }
    for number in arguments.from..arguments.from + arguments.count {
        made(Some(number), seeded(arguments.seed, number), &mut report);
        if (number + 1).is_multiple_of(REPORT_EVERY) {
            println!("{} by chance: {:?}", number + 1, report.outcomes);
        }
    }
    std::fs::remove_file(&path).unwrap_or_default();
    println!("{:?}, {} faults", report.outcomes, report.faults);
    println!("longest {:?} ({})", report.longest.0, report.longest.1);
    println!(
        "{:.1} % of the prediction ({})",
        report.largest_share.0 * 100.0,
        report.largest_share.1
    );
    println!("a peak of {} bytes ({})", report.largest_peak.0, report.largest_peak.1);
    ExitCode::from(u8::from(report.faults > 0))
}

/// Whether a file was worked at longer than it may be.
fn time_fault(time: Duration, file_bytes: u64) -> Option<String> {
    let allowed = MOST_TIME * file_bytes.div_ceil(TIMED_BYTES).max(1) as u32;
    (time > allowed).then(|| format!("{time:?} where {allowed:?} are allowed"))
}

impl Report {
    fn add(&mut self, name: &str, file: &Path, file_bytes: u64) {
        for request in REQUESTS {
            let named = || format!("{name}, {request}");
            let measured = match measure(file, request) {
                Ok(measured) => measured,
                Err(end) => {
                    self.faults += 1;
                    println!("{}: {end}", named());
                    continue;
                }
            };
            if self.tells {
                println!("{}: {measured:?}", named());
            }
            let code = measured.outcome.split(':').next().unwrap_or_default().to_owned();
            *self.outcomes.entry(code).or_insert(0) += 1;
            let faults = [measured.memory_fault(), time_fault(measured.time, file_bytes)];
            for fault in faults.into_iter().flatten() {
                self.faults += 1;
                println!("{}: {fault}; {measured:?}", named());
            }
            if let Some(predicted_bytes) = measured.predicted_bytes {
                // What code and tables take counts nothing where pictures are small.
                let share = measured.taken_bytes as f64 / predicted_bytes.max(32 << 20) as f64;
                if share > self.largest_share.0 {
                    self.largest_share = (share, named());
                }
            }
            if measured.taken_bytes > self.largest_peak.0 {
                self.largest_peak = (measured.taken_bytes, named());
            }
            if measured.time > self.longest.0 {
                self.longest = (measured.time, named());
            }
        }
    }
}
