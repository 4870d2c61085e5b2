//! Damages JPEG files and decodes them, for as many mutations as told; says what was worst.
//!
//! ```text
//! cargo run --release -p resizer-jpeg --example mutate -- \
//!     --count 100000 --seed 1 --save /tmp/crashes $RESIZER_CORPUS $RESIZER_PHOTOS
//! ```
//! Each mutation follows from the files, the seed and its number alone: `--from N --count 1` does
//! it again, and saves its file.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::check::{Verdict, check};
use crate::long::{Arguments, chosen};
use crate::mutation::mutate;
use crate::random::Random;
use crate::seeds::Seed;

#[path = "../tests/damage/check.rs"]
mod check;
#[path = "../tests/damage/long.rs"]
mod long;
#[path = "../tests/damage/mutation.rs"]
mod mutation;
#[path = "../tests/damage/random.rs"]
mod random;
#[path = "../tests/damage/seeds.rs"]
mod seeds;

/// Above what the limits allow for coefficients: a band, tables, buffers, rows of RGB.
const BAND_BYTES: usize = 16 << 20;
/// What decoding a file may take in any case, and for each of its megabytes.
const FREE_TIME: Duration = Duration::from_millis(100);
const TIME_PER_MEGABYTE: Duration = Duration::from_secs(1);
/// A decoding that takes longer than this ends the process.
const HANG: Duration = Duration::from_secs(60);

/// What was seen of all mutations.
#[derive(Default)]
struct Report {
    mutations: u64,
    decoded: u64,
    faults: u64,
    /// Each with its number.
    longest: (Duration, u64),
    /// Seconds for each megabyte, of files whose decoding took more than the free time's tenth.
    slowest: (f64, u64),
    /// Of memory, resident.
    base_bytes: usize,
    peak_bytes: usize,
}

fn main() -> ExitCode {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let jpeg = [0xff, 0xd8];
    let mut seeds = seeds::own(&jpeg);
    for folder in &arguments.folders {
        seeds::collect(folder, &jpeg, arguments.most_bytes, &mut seeds);
    }
    println!("{} files, seed {}", seeds.len(), arguments.seed);
    let start = Instant::now();
    let base_bytes = peak_resident_bytes();
    let mut report = Report { base_bytes, peak_bytes: base_bytes, ..Report::default() };
    for number in arguments.numbers(HANG) {
        one(&arguments, &seeds, number, &mut report);
    }
    println!(
        "{} mutations in {:.0?}, {} decoded at full scale, {} faults",
        report.mutations,
        start.elapsed(),
        report.decoded,
        report.faults
    );
    println!("longest decoding {:?} (mutation {})", report.longest.0, report.longest.1);
    println!("slowest {:.3} s per megabyte (mutation {})", report.slowest.0, report.slowest.1);
    println!("{} bytes of memory above the start's", report.peak_bytes - report.base_bytes);
    ExitCode::from(u8::from(report.faults > 0))
}

fn one(arguments: &Arguments, seeds: &[Seed], number: u64, report: &mut Report) {
    let mut random = Random::stream(arguments.seed, number);
    let seed = chosen(seeds, &mut random);
    let other = chosen(seeds, &mut random);
    let file = mutate(&seed.bytes, &other.bytes, &mut random);
    let piece = random.one_of(&[1, 2, 3, 7, 31, 32, 33, 64, 100, 511, 4096, 70_000]);
    let result = panic::catch_unwind(AssertUnwindSafe(|| check(&file, piece)));
    report.mutations += 1;
    let peak = peak_resident_bytes();
    let grown = peak > report.peak_bytes;
    report.peak_bytes = report.peak_bytes.max(peak);
    let most_bytes = report.base_bytes + check::LIMITS.max_memory_bytes as usize + BAND_BYTES;
    let fault = match result {
        Err(_) => Some("a panic".to_owned()),
        Ok(_) if grown && peak > most_bytes => Some(format!("a peak of {peak} bytes")),
        Ok(verdict) => {
            report.decoded += u64::from(verdict.is_decoded);
            time_fault(&file, piece, verdict, number, report)
        }
    };
    if arguments.count == 1 {
        println!("{} bytes of {}: {fault:?}", file.len(), seed.name);
        arguments.save(number, &file);
    }
    if let Some(fault) = fault {
        report.faults += 1;
        eprintln!("{fault}: mutation {number} of seed {}, of {}", arguments.seed, seed.name);
        arguments.save(number, &file);
    }
}

fn time_fault(
    file: &[u8],
    piece: usize,
    verdict: Verdict,
    number: u64,
    report: &mut Report,
) -> Option<String> {
    let megabytes = file.len() as f64 / 1e6;
    let allowed = FREE_TIME + TIME_PER_MEGABYTE.mul_f64(megabytes);
    let mut longest = verdict.longest;
    // Once more where it is remarkable: the machine may have been busy.
    for _ in 0..3 {
        if longest > allowed || longest > report.longest.0 || longest > FREE_TIME / 10 {
            longest = longest.min(check(file, piece).longest);
        }
    }
    report.longest = report.longest.max((longest, number));
    let per_megabyte = longest.as_secs_f64() / megabytes;
    if longest > FREE_TIME / 10 && per_megabyte > report.slowest.0 {
        report.slowest = (per_megabyte, number);
    }
    (longest > allowed).then(|| format!("{longest:?} for {} bytes", file.len()))
}

/// The most memory that the process ever had, where the system tells it.
fn peak_resident_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kibibytes.unwrap_or(0) * 1024
}
