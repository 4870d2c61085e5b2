//! Damages files of every format and puts them through the whole pipeline, for as many mutations as
//! told; says what was worst.
//!
//! ```text
//! cargo run --release -p resizer-engine --example mutate -- \
//!     --count 200000 --seed 1 --save crashes $RESIZER_CORPUS
//! ```
//! Each mutation follows from the files, the seed and its number alone: `--from N --count 1` does
//! it again, and saves its file.

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use resizer_engine::ImageFormat;
use resizer_engine::spec::Request;

use crate::check::{Verdict, check};
use crate::long::{Arguments, chosen};
use crate::mutation::mutate;
use crate::random::Random;
use crate::requests::request;
use crate::seeds::Seed;

#[path = "../tests/damage/check.rs"]
mod check;
#[path = "../../jpeg/tests/damage/long.rs"]
mod long;
#[path = "../tests/damage/mutation.rs"]
mod mutation;
#[path = "../tests/damage/parts.rs"]
mod parts;
#[path = "../../jpeg/tests/damage/random.rs"]
mod random;
#[path = "../tests/damage/requests.rs"]
mod requests;
#[path = "../../jpeg/tests/damage/seeds.rs"]
mod seeds;
#[path = "../../jpeg/tests/damage/mutation.rs"]
mod segments;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What one file may take.
const MOST_TIME: Duration = Duration::from_secs(5);
/// One that takes longer than this ends the process.
const HANG: Duration = Duration::from_secs(120);
const REPORT_EVERY: u64 = 5000;

/// Set by a panic of our own code, which is a fault even where the engine catches it on behalf of
/// a library.
static OWN_PANIC: AtomicBool = AtomicBool::new(false);

/// What the last panic said.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// What was seen of all mutations.
#[derive(Default)]
struct Report {
    outcomes: BTreeMap<&'static str, u64>,
    faults: u64,
    /// Each with its number.
    longest: (Duration, u64),
    largest_share: (f64, u64),
    largest_peak: (usize, u64),
}

impl Report {
    fn add(&mut self, verdict: Verdict, time: Duration, number: u64) {
        let Verdict { outcome, share, peak_bytes } = verdict;
        *self.outcomes.entry(outcome).or_insert(0) += 1;
        if share > self.largest_share.0 {
            self.largest_share = (share, number);
        }
        self.largest_peak = self.largest_peak.max((peak_bytes, number));
        self.longest = self.longest.max((time, number));
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let mut seeds = seeds::own(&[]);
    for folder in &arguments.folders {
        seeds::collect(folder, &[], arguments.most_bytes, &mut seeds);
    }
    println!("{} files, seed {}", seeds.len(), arguments.seed);
    panic::set_hook(Box::new(|panic| {
        let said = panic.to_string();
        // Libraries lie where cargo keeps them, and their panics are caught.
        let is_own = panic.location().is_some_and(|place| place.file().starts_with("resizer/"));
        if is_own {
            OWN_PANIC.store(true, Ordering::Relaxed);
            eprintln!("{said}");
        }
        *LAST_PANIC.lock().expect("hooks do not panic") = said;
    }));
    let start = Instant::now();
    let mut report = Report::default();
    for number in arguments.numbers(HANG) {
        one(&arguments, &seeds, number, &mut report);
        if (number + 1).is_multiple_of(REPORT_EVERY) {
            println!("{} in {:.0?}: {:?}", number + 1, start.elapsed(), report.outcomes);
        }
    }
    println!("{:?} in {:.0?}, {} faults", report.outcomes, start.elapsed(), report.faults);
    println!("longest {:?} (mutation {})", report.longest.0, report.longest.1);
    let (share, number) = report.largest_share;
    println!("{:.1} % of the predicted memory (mutation {number})", share * 100.0);
    println!("a peak of {} bytes (mutation {})", report.largest_peak.0, report.largest_peak.1);
    ExitCode::from(u8::from(report.faults > 0))
}

fn one(arguments: &Arguments, seeds: &[Seed], number: u64, report: &mut Report) {
    let mut random = Random::stream(arguments.seed, number);
    let mut seed = chosen(seeds, &mut random);
    // Of foreign formats there is little to see.
    for _ in 0..3 {
        if ImageFormat::sniff(&seed.bytes).is_err() {
            seed = chosen(seeds, &mut random);
        }
    }
    let other = chosen(seeds, &mut random);
    let file = match (seed.bytes.is_empty(), other.bytes.is_empty()) {
        (false, false) => mutate(&seed.bytes, &other.bytes, &mut random),
        _ => Vec::new(),
    };
    let request = request(&mut random);
    let result = panic::catch_unwind(AssertUnwindSafe(|| timed(&file, &request)));
    let is_own = OWN_PANIC.swap(false, Ordering::Relaxed);
    let fault = match result {
        Ok(_) if is_own => Some(LAST_PANIC.lock().expect("hooks do not panic").clone()),
        Err(_) => Some(LAST_PANIC.lock().expect("hooks do not panic").clone()),
        Ok((verdict, time)) => {
            report.add(verdict, time, number);
            (time > MOST_TIME).then(|| format!("{time:?} for {} bytes", file.len()))
        }
    };
    if arguments.count == 1 {
        println!("{} bytes of {}: {fault:?}\n{request:#?}", file.len(), seed.name);
        arguments.save(number, &file);
    }
    if let Some(fault) = fault {
        report.faults += 1;
        eprintln!("{fault}: mutation {number} of seed {}, of {}", arguments.seed, seed.name);
        arguments.save(number, &file);
    }
}

/// The check, and how long it worked; once more where that is remarkable, for busy neighbors slow
/// caches as well.
fn timed(file: &[u8], request: &Request) -> (Verdict, Duration) {
    let once = || {
        let begin = own_time();
        let verdict = check(file, request);
        (verdict, own_time() - begin)
    };
    let (verdict, time) = once();
    if time > MOST_TIME { (verdict, time.min(once().1)) } else { (verdict, time) }
}

/// What this thread has worked, where the system tells it, else the time of day.
fn own_time() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.as_deref().and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}
