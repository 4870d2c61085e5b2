//! `soak`: one process, event after event: its memory and its handles stay as they are, it leaves
//! no file behind, and what it makes does not change.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::extent::Extent;
use super::reference::Reference;
use super::trial::{CONFIG, Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;

/// Messages of each invocation.
const BATCH: u64 = 10;
/// Keys that are uploaded, and told of again and again.
const KEYS: u64 = 40;
/// Of so many events one's results are compared with the first.
const COMPARED_ONE_IN: u64 = 100;
/// Memory beyond the first half's most that is no leak: an allocator's own.
const SPARE_KIB: u64 = 2048;

/// What the system knows of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Measure {
    resident_kib: u64,
    handles: usize,
}

/// Tells the function of so many uploads, through one environment.
///
/// # Errors
/// `Check` when memory or handles grow, a file is left, or a result differs.
pub async fn run(mut options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let reference = Reference::make(&options).await?;
    options.max_concurrency = 1;
    // Nothing is late on purpose here: a write that only waited for a processor is no fault.
    let config = CONFIG.replace("s3_patience_ms = 250", "s3_patience_ms = 30000");
    let trial = Trial::start(options, &config).await?;
    let picture_of = |key: u64| (key % reference.pictures.0.len() as u64) as usize;
    let uploads: BTreeMap<String, usize> =
        (0..KEYS).map(|key| (format!("s{key}"), picture_of(key))).collect();
    for (key, picture) in &uploads {
        trial.put(key, &reference.pictures.0[*picture]).await?;
    }
    trial.settle().await?;
    let keys: Vec<&String> = uploads.keys().collect();
    let born_with = open_files(only_process(&trial)?)?;
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
    no_new_files(only_process(&trial)?, &born_with)?;
    let (early, late) = measures.split_at(measures.len() / 2);
    let most = |measures: &[Measure]| {
        let resident_kib = measures.iter().map(|measure| measure.resident_kib).max();
        let handles = measures.iter().map(|measure| measure.handles).max();
        (resident_kib.unwrap_or(0), handles.unwrap_or(0))
    };
    let (early, late) = (most(early), most(late));
    println!(
        "{} events in one process: at most {} KiB and {} handles in the first half, {} KiB and {} \
         in the second; no file; results unchanged {} times; {:.0} s",
        invocations * BATCH,
        early.0,
        early.1,
        late.0,
        late.1,
        invocations.div_ceil(COMPARED_ONE_IN / BATCH),
        began.elapsed().as_secs_f64()
    );
    if late.0 > early.0 + SPARE_KIB || late.1 > early.1 + 2 {
        return Err(check("memory or handles grow".to_owned()));
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
    let handles = std::fs::read_dir(&path).map_err(CommandError::file(&path))?.count();
    Ok(Measure { resident_kib, handles })
}

/// The process has nothing in its folder, and no file open beside those that it was born with.
fn no_new_files(id: u32, born_with: &BTreeSet<PathBuf>) -> Result<(), CommandError> {
    let path = Path::new("/proc").join(id.to_string()).join("cwd");
    if std::fs::read_dir(&path).map_err(CommandError::file(&path))?.next().is_some() {
        return Err(check("the process left a file in its folder".to_owned()));
    }
    match open_files(id)?.difference(born_with).next() {
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
