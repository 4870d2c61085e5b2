//! One file through the whole pipeline in a process of its own, which does nothing else: how much
//! of memory it takes at its peak, C libraries, allocator and code included, and how long it works.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use resizer_engine::spec::{
    Animation, FormatSpec, Hdr, Metadata, OutputColor, OutputFormat, Request, VariantSpec,
};
use resizer_engine::{Job, Limits, Reject, Source, render, silence_caught_panics};

/// Tells a child which file and which request are its own.
const FILE: &str = "RESIZER_MEASURED_FILE";
const REQUEST: &str = "RESIZER_MEASURED_REQUEST";

/// What is asked of each file.
pub(crate) const REQUESTS: [&str; 2] = ["still", "moving"];

/// The pages of code and of libraries' tables that a first picture touches.
const FIXED_BYTES: u64 = 8 << 20;

/// What a file may take that is refused before its pixels.
const REFUSED_BYTES: u64 = 16 << 20;

/// A child that works longer than this by the clock on the wall hangs.
const HANG: Duration = Duration::from_secs(300);

/// What was seen of a file.
#[derive(Debug)]
pub(crate) struct Measured {
    /// `variants`, or the refusal's code and its words.
    pub(crate) outcome: String,
    pub(crate) time: Duration,
    /// At the peak, beside the source.
    pub(crate) taken_bytes: u64,
    /// Beside the source; nothing where it was refused before.
    pub(crate) predicted_bytes: Option<u64>,
}

impl Measured {
    /// Whether it took more memory than it may.
    pub(crate) fn memory_fault(&self) -> Option<String> {
        let allowed_bytes = match self.predicted_bytes {
            Some(bytes) => bytes + bytes * 15 / 100,
            None => REFUSED_BYTES,
        };
        let taken_bytes = self.taken_bytes;
        let fault = || format!("{taken_bytes} bytes where {allowed_bytes} are allowed");
        (taken_bytes > allowed_bytes + FIXED_BYTES).then(fault)
    }
}

/// Does what the environment asks of a child; false where this process is none.
pub(crate) fn is_child() -> bool {
    let (Some(path), Ok(name)) = (std::env::var_os(FILE), std::env::var(REQUEST)) else {
        return false;
    };
    silence_caught_panics();
    let file = std::fs::read(path).expect("the parent names a file");
    let request = request(&name);
    let before_bytes = status_bytes("VmRSS:");
    let begin = worked();
    let rendered = render(&file, &request, &Limits::default());
    let time = worked() - begin;
    let taken_bytes = status_bytes("VmHWM:").saturating_sub(before_bytes);
    let outcome = match rendered {
        Ok(_) => "variants".to_owned(),
        Err(reject) => format!("{}: {reject}", reject.code()),
    };
    let predicted = predicted_bytes(&file, &request).map_or("-".to_owned(), |b| b.to_string());
    println!("measured {} {taken_bytes} {predicted} {outcome}", time.as_nanos());
    true
}

/// Starts this program again for one file. The error says how the child ended instead.
pub(crate) fn measure(file: &Path, request: &str) -> Result<Measured, String> {
    let program = std::env::current_exe().expect("a program has a path");
    let mut child = Command::new(program)
        .env(FILE, file)
        .env(REQUEST, request)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("this program can be started again");
    let begin = Instant::now();
    while child.try_wait().expect("a child can be asked").is_none() {
        if begin.elapsed() > HANG {
            child.kill().expect("a child can be ended");
            return Err(format!("still at work after {HANG:?}"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("it ended");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("measured "));
    let words = line.map(|line| line.splitn(4, ' ').collect::<Vec<_>>());
    let Some([time, taken, predicted, outcome]) = words.as_deref() else {
        return Err(format!("{}: {text}", output.status));
    };
    let number = |text: &str| text.parse::<u64>().ok();
    Ok(Measured {
        outcome: (*outcome).to_owned(),
        time: Duration::from_nanos(number(time).unwrap_or(u64::MAX)),
        taken_bytes: number(taken).unwrap_or(u64::MAX),
        predicted_bytes: number(predicted),
    })
}

fn request(name: &str) -> Request {
    let spec = |format, width| VariantSpec {
        name: format!("{format:?}"),
        width: Some(width),
        formats: vec![FormatSpec::Fixed(format)],
        color: OutputColor::Keep,
        metadata: Metadata::All,
        hdr: Hdr::Keep,
        ..VariantSpec::default()
    };
    let still = vec![spec(OutputFormat::Jpeg, 320), spec(OutputFormat::Webp, 100)];
    let moving = [OutputFormat::Webp, OutputFormat::Gif, OutputFormat::Png];
    match name {
        "still" => Request { placeholders: true, ..still.into() },
        _ => Request {
            animation: Animation::Animate,
            ..moving.map(|format| spec(format, 40)).to_vec().into()
        },
    }
}

/// Beside the source.
fn predicted_bytes(file: &[u8], request: &Request) -> Result<u64, Reject> {
    let job = Job::prepare(Source::parse(file)?, request, &Limits::default())?;
    Ok(job.peak_bytes() - file.len() as u64)
}

/// A line of the system's page about this process.
fn status_bytes(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kibibytes.expect("Linux tells it") << 10
}

/// What this thread has worked.
fn worked() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells it");
    let nanoseconds = told.split(' ').next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a number comes first"))
}
