//! `replay`: invokes the function with recorded events, one after the other, on stored objects.

use std::path::{Path, PathBuf};

use super::CommandError;
use crate::harness::{HarnessOptions, Parts};

/// Invokes the function directly with each event and prints its log and its answer.
///
/// # Errors
/// `Replayed` when any of them ended in an error.
pub async fn run(options: HarnessOptions, events: &Path) -> Result<(), CommandError> {
    let files = event_files(events)?;
    let mut parts = Parts::start(&options).await?;
    let mut failed = 0;
    for (index, file) in files.iter().enumerate() {
        println!("--- {} of {}: {}", index + 1, files.len(), file.display());
        let event = std::fs::read(file).map_err(CommandError::file(file))?;
        let invocation = parts.function.invoke(event).await;
        while let Ok(line) = parts.log.try_recv() {
            println!("{}", line.text.trim_end());
        }
        match invocation.result {
            Ok(answer) => println!("answer: {}", String::from_utf8_lossy(&answer)),
            Err(error) => {
                println!("error: {}: {}", error.error_type, error.message);
                failed += 1;
            }
        }
    }
    parts.function.shutdown().await;
    let answered = files.len() - failed;
    println!("--- {} events: {answered} answered, {failed} ended in an error", files.len());
    if failed > 0 { Err(CommandError::Replayed { failed, total: files.len() }) } else { Ok(()) }
}

fn event_files(events: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if events.is_file() {
        return Ok(vec![events.to_owned()]);
    }
    let entries = std::fs::read_dir(events).map_err(CommandError::file(events))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut files = paths.map_err(CommandError::file(events))?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}
