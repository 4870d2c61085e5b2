//! `demo`: uploads pictures through S3, waits for the function, checks the variants and prints a
//! table.

mod check;
mod page;
mod table;
mod uploads;

use std::collections::{BTreeMap, HashMap};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use aws_sdk_s3::primitives::ByteStream;
use resizer::event::ObjectRef;
use tokio::time::{Duration, timeout};

use self::table::{Row, print};
use self::uploads::Upload;
use super::up::configuration::{Buckets, CheckedConfig};
use super::{CommandError, folder};
use crate::activity::Kind;
use crate::harness::{Harness, HarnessError, HarnessOptions};
use crate::stdout::{out, outln};
use crate::upload_line::UploadLine;

/// How much longer than the function's timeout an event may take before it counts as lost.
const MARGIN: Duration = Duration::from_secs(30);

/// The file that marks a folder as one of a demo.
const MARK: &str = "made-by-demo";
/// Files and folders that a demo writes.
const RESULTS: [&str; 5] = ["s3", "uploads", "variants", "index.html", "log.txt"];

/// What the demo shows, and where.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The function's configuration.
    pub checked: CheckedConfig,
    /// Pictures and folders of a user; the demo's own pictures where there are none.
    pub paths: Vec<PathBuf>,
    /// The folder for the results.
    pub folder: PathBuf,
}

/// Uploads all pictures once, and checks and prints what becomes of them.
///
/// # Errors
/// `Unexpected` for uploads of another outcome than expected, or variants that differ from the log.
pub async fn run(mut options: HarnessOptions, demo: &DemoOptions) -> Result<(), CommandError> {
    let DemoOptions { checked, paths, folder } = demo;
    let buckets = Buckets::of(&checked.config, None);
    // One event at a time with one upload each, so that times and billed durations are its own.
    (options.batch_size, options.max_concurrency) = (1, 1);
    options.bucket.clone_from(&buckets.uploads[0]);
    options.more_upload_buckets = buckets.uploads[1..].to_vec();
    options.other_buckets = buckets.all();
    let bucket = options.bucket.clone();
    let batch_timeout = options.timeout + MARGIN;
    folder::claim(folder, MARK, "s3/lock", &RESULTS)?;
    let uploads = if paths.is_empty() {
        outln!("Generating the pictures ...");
        uploads::own(&bucket, &checked.config, checked.text.is_empty())
    } else {
        uploads::of_paths(paths, &bucket, &checked.config)?
    };
    let mut harness = Harness::start(options).await?;
    outln!("S3 endpoint {}; uploading {} files\n", harness.endpoint(), uploads.len());
    for upload in &uploads {
        put(&harness, upload).await?;
        let path = page::source_path(&upload.object);
        if let Err(error) = write_file(folder, &path, &upload.bytes) {
            outln!("no copy of {}: {error}", upload.object.key);
        }
    }
    let mut rows = collect(&mut harness, &uploads, batch_timeout).await;
    for row in &mut rows {
        check(&harness, row, folder).await?;
    }
    harness.function.shutdown().await;
    write_log(&mut harness, folder)?;
    print(&rows);
    let page = page::write(&rows, folder)?;
    outln!("Variants:   {}/variants/", folder.display());
    outln!("As a page:  {}", page.display());
    outln!("Log:        {}/log.txt", folder.display());
    let count = rows.iter().filter(|row| !row.problems.is_empty()).count();
    if count > 0 { Err(CommandError::Unexpected { count }) } else { Ok(()) }
}

async fn put(harness: &Harness, upload: &Upload) -> Result<(), CommandError> {
    let Upload { object, content_type, bytes, .. } = upload;
    let request = harness
        .client
        .put_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .set_content_type(content_type.map(str::to_owned))
        .body(ByteStream::from(bytes.clone()));
    request.send().await.map_err(|error| failed("upload", &object.key, &error))?;
    Ok(())
}

/// Waits until every upload has its line in the log. Returns a row for each, in their order.
async fn collect(harness: &mut Harness, uploads: &[Upload], batch_timeout: Duration) -> Vec<Row> {
    let waited: BTreeMap<&ObjectRef, usize> =
        uploads.iter().enumerate().map(|(at, upload)| (&upload.object, at)).collect();
    let mut ended = HashMap::new();
    while ended.len() < uploads.len() {
        progress(ended.len(), uploads.len());
        let Ok(Some(batch)) = timeout(batch_timeout, harness.batches.recv()).await else { break };
        let lines = batch.invocation.log.iter().filter_map(|line| UploadLine::parse(line));
        for line in lines {
            let object = ObjectRef { bucket: line.bucket.clone(), key: line.key.clone() };
            if let Some(at) = waited.get(&object) {
                ended.entry(*at).or_insert((line, batch.invocation.report.clone()));
            }
        }
    }
    progress(ended.len(), uploads.len());
    let row = |(at, upload): (usize, &Upload)| {
        let (line, report) = ended.remove(&at).unzip();
        let mut row = Row {
            object: upload.object.clone(),
            note: upload.note,
            bytes: upload.bytes.len(),
            line,
            report,
            problems: Vec::new(),
        };
        row.problems.extend(surprise(&row, upload.expected));
        row
    };
    uploads.iter().enumerate().map(row).collect()
}

/// How an upload ended otherwise than it should. What a user's file or configuration leads to is
/// not known, but it is not a failure of the function.
fn surprise(row: &Row, expected: Option<&str>) -> Option<String> {
    let outcome = row.outcome();
    if let Some(expected) = expected {
        return (outcome != expected).then(|| format!("expected the outcome {expected}"));
    }
    if row.line.is_none() {
        return Some("the function has not answered".to_owned());
    }
    (Kind::of(outcome) == Kind::Failed).then(|| "the function would try it again".to_owned())
}

/// Downloads every variant, decodes it with another decoder and writes it into the folder.
async fn check(harness: &Harness, row: &mut Row, folder: &Path) -> Result<(), CommandError> {
    let variants = row.line.as_ref().map(|line| line.variants.clone()).unwrap_or_default();
    for variant in variants {
        let request = harness.client.get_object().bucket(&variant.bucket).key(&variant.key);
        let object = request.send().await;
        let object = object.map_err(|error| failed("download", &variant.key, &error))?;
        let content_type = object.content_type().unwrap_or_default().to_owned();
        let body = object.body.collect().await;
        let body = body.map_err(|error| failed("download", &variant.key, &error))?.into_bytes();
        row.problems.extend(check::difference(&variant, &content_type, &body));
        write_file(folder, &page::variant_path(&variant), &body)?;
    }
    Ok(())
}

fn write_file(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), CommandError> {
    let path = folder.join(path);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).map_err(CommandError::file(parent))?;
    std::fs::write(&path, bytes).map_err(CommandError::file(&path))
}

fn progress(ended: usize, total: usize) {
    if std::io::stdout().is_terminal() {
        out!("\r{ended} of {total} uploads done {}", if ended == total { "\n\n" } else { "" });
        // The demo goes on without its progress line.
        let _ = std::io::stdout().flush();
    }
}

fn write_log(harness: &mut Harness, folder: &Path) -> Result<(), CommandError> {
    let mut text = String::new();
    while let Ok(line) = harness.log.try_recv() {
        text.push_str(line.text.trim_end());
        text.push('\n');
    }
    let path = folder.join("log.txt");
    std::fs::write(&path, text).map_err(CommandError::file(path))
}

fn failed(what: &str, key: &str, error: &dyn std::error::Error) -> HarnessError {
    let cause = aws_sdk_s3::error::DisplayErrorContext(error).to_string();
    HarnessError::Request { request: format!("{what} of {key:?}"), cause }
}
