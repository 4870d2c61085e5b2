//! `soak`: many events in one process. Its memory and open files must not grow, it must leave no
//! file behind, and its results must not change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::extent::Extent;
use super::reference::Reference;
use super::trial::{CONFIG, Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;
use crate::stdout::outln;

/// Messages per invocation.
const BATCH: u64 = 10;
/// Keys that are uploaded once; every event names one of them.
const KEYS: u64 = 40;
/// One event in this many has its results compared with the first ones.
const COMPARED_ONE_IN: u64 = 100;
/// Growth over the first half's peak that counts as the allocator's, not as a leak.
const SPARE_KIB: u64 = 2048;

/// What the system reports of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Measure {
    resident_kib: u64,
    open_files: usize,
}

/// Sends this many events to one environment.
///
/// # Errors
/// `Check` when memory or open files grow, a file is left behind, or a result differs.
pub async fn run(mut options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let reference = Reference::make(&options).await?;
    options.max_concurrency = 1;
    // Nothing is late on purpose here: a write that only waited for a processor is no fault.
    let config = CONFIG.replace("s3_timeout_ms = 250", "s3_timeout_ms = 30000");
    let trial = Trial::start(options, &config).await?;
    let picture_of = |key: u64| (key % reference.pictures.0.len() as u64) as usize;
    let uploads: BTreeMap<String, usize> =
        (0..KEYS).map(|key| (format!("s{key}"), picture_of(key))).collect();
    for (key, picture) in &uploads {
        trial.put(key, &reference.pictures.0[*picture]).await?;
    }
    trial.finish().await?;
    let keys: Vec<&String> = uploads.keys().collect();
    let first_files = open_files(only_process(&trial)?)?;
    let invocations = extent.count.div_ceil(BATCH);
    let mut measures = Vec::new();
    for invocation in 0..invocations {
        let answer = trial.function().invoke(event(invocation).to_string().into_bytes()).await;
        let answer = answer.result.map_err(|error| check(error.message))?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or(Value::Null);
        if answer["batchItemFailures"] != json!([]) {
            return Err(check(format!("invocation {invocation} answered {answer}")));
        }
        if invocation % (COMPARED_ONE_IN / BATCH) == 0 {
            let key = keys[(invocation % KEYS) as usize];
            for (key, expected) in reference.expect([(key, &uploads[key])]) {
                let found = trial.get(&key).await?;
                if found != expected {
                    return Err(check(format!("{key:?} is {found}, and was {expected}")));
                }
            }
        }
        if invocation % 10 == 9 || invocation + 1 == invocations {
            measures.push(measure(&trial)?);
        }
    }
    no_new_files(only_process(&trial)?, &first_files)?;
    let (early, late) = measures.split_at(measures.len() / 2);
    let most = |measures: &[Measure]| {
        let resident_kib = measures.iter().map(|measure| measure.resident_kib).max();
        let open_files = measures.iter().map(|measure| measure.open_files).max();
        (resident_kib.unwrap_or(0), open_files.unwrap_or(0))
    };
    let (early, late) = (most(early), most(late));
    outln!(
        "{} events in one process: at most {} KiB and {} open files in the first half, {} KiB and \
         {} in the second; no file left behind; results compared {} times; {:.0} s",
        invocations * BATCH,
        early.0,
        early.1,
        late.0,
        late.1,
        invocations.div_ceil(COMPARED_ONE_IN / BATCH),
        began.elapsed().as_secs_f64()
    );
    if late.0 > early.0 + SPARE_KIB || late.1 > early.1 + 2 {
        return Err(check("memory or the number of open files grows".to_owned()));
    }
    Ok(())
}

/// A batch of ten uploads that are there.
fn event(invocation: u64) -> Value {
    let message = |number: u64| {
        let key = format!("s{}", (invocation * BATCH + number) % KEYS);
        let body = json!({"Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "uploads"}, "object": {"key": key}}
        }]});
        json!({
            "messageId": format!("{invocation}-{number}"),
            "eventSource": "aws:sqs",
            "body": body.to_string(),
        })
    };
    json!({ "Records": (0..BATCH).map(message).collect::<Vec<Value>>() })
}

fn only_process(trial: &Trial) -> Result<u32, CommandError> {
    match trial.function().process_ids()[..] {
        [id] => Ok(id),
        ref ids => Err(check(format!("{} processes, not one", ids.len()))),
    }
}

fn measure(trial: &Trial) -> Result<Measure, CommandError> {
    let process = Path::new("/proc").join(only_process(trial)?.to_string());
    let path = process.join("status");
    let status = std::fs::read_to_string(&path).map_err(CommandError::file(&path))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    let resident_kib = number.and_then(|number| number.parse().ok()).unwrap_or(0);
    let path = process.join("fd");
    let open_files = std::fs::read_dir(&path).map_err(CommandError::file(&path))?.count();
    Ok(Measure { resident_kib, open_files })
}

/// Checks that the process left no file in its folder, and has only its first files open.
fn no_new_files(id: u32, first_files: &BTreeSet<PathBuf>) -> Result<(), CommandError> {
    let path = Path::new("/proc").join(id.to_string()).join("cwd");
    if std::fs::read_dir(&path).map_err(CommandError::file(&path))?.next().is_some() {
        return Err(check("the process left a file in its working directory".to_owned()));
    }
    match open_files(id)?.difference(first_files).next() {
        Some(file) => Err(check(format!("the process has {} open", file.display()))),
        None => Ok(()),
    }
}

fn open_files(id: u32) -> Result<BTreeSet<PathBuf>, CommandError> {
    let path = Path::new("/proc").join(id.to_string()).join("fd");
    let entries = std::fs::read_dir(&path).map_err(CommandError::file(&path))?;
    let targets = entries.flatten().filter_map(|entry| std::fs::read_link(entry.path()).ok());
    Ok(targets.filter(|target| target.is_absolute()).collect())
}
