//! `demo`: uploads pictures through S3, waits for the function, checks the variants and prints a
//! table.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::path::Path;

use aws_sdk_s3::primitives::ByteStream;
use fixtures::upload_set::{DemoUpload, Expect, demo_uploads};
use resizer::manifest::ManifestVariant;
use tokio::time::{Duration, timeout};

use super::table::{Row, print};
use super::{CommandError, page};
use crate::harness::{Harness, HarnessError, HarnessOptions};
use crate::upload_line::UploadLine;

/// How much longer than the function's timeout an event may take before it counts as lost.
const MARGIN: Duration = Duration::from_secs(30);

/// Files and folders that a demo writes. The first one identifies a demo's folder.
const RESULTS: [&str; 4] = ["s3", "variants", "index.html", "log.txt"];

/// Uploads all pictures once, and checks and prints what becomes of them.
///
/// # Errors
/// `Unexpected` for uploads of another outcome than expected, or variants that differ from the log.
pub async fn run(mut options: HarnessOptions, folder: &Path) -> Result<(), CommandError> {
    // One event at a time with one upload each, so that times and billed durations are its own.
    (options.batch_size, options.max_concurrency) = (1, 1);
    let bucket = options.bucket.clone();
    let batch_timeout = options.timeout + MARGIN;
    clear(folder)?;
    println!("Generating the pictures ...");
    let uploads = demo_uploads();
    let mut harness = Harness::start(options).await?;
    println!(
        "S3 endpoint {}; uploading {} files to s3://{bucket}/\n",
        harness.endpoint(),
        uploads.len()
    );
    for upload in &uploads {
        put(&harness, &bucket, upload).await?;
    }
    let mut rows = collect(&mut harness, &uploads, batch_timeout).await;
    for row in &mut rows {
        check(&harness, row, folder).await?;
    }
    harness.function.shutdown().await;
    write_log(&mut harness, folder)?;
    print(&rows);
    let page = page::write(&rows, folder)?;
    println!("Variants:   {}/variants/", folder.display());
    println!("As a page:  {}", page.display());
    println!("Log:        {}/log.txt", folder.display());
    let count = rows.iter().filter(|row| !row.problems.is_empty()).count();
    if count > 0 { Err(CommandError::Unexpected { count }) } else { Ok(()) }
}

/// Takes away what an earlier demo left. A folder that holds something else is left alone.
fn clear(folder: &Path) -> Result<(), CommandError> {
    let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty && !folder.join(RESULTS[0]).join("buckets").is_dir() {
        return Err(CommandError::ForeignFolder { folder: folder.to_owned() });
    }
    for name in RESULTS {
        let path = folder.join(name);
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(CommandError::File { path, source: error });
            }
            _ => {}
        }
    }
    Ok(())
}

async fn put(harness: &Harness, bucket: &str, upload: &DemoUpload) -> Result<(), CommandError> {
    let request = harness
        .client
        .put_object()
        .bucket(bucket)
        .key(&upload.key)
        .content_type(upload.content_type)
        .body(ByteStream::from(upload.bytes.clone()));
    request.send().await.map_err(|error| failed("upload", &upload.key, &error))?;
    Ok(())
}

/// Waits until every upload has its line in the log. Returns a row for each, in their order.
async fn collect(
    harness: &mut Harness,
    uploads: &[DemoUpload],
    batch_timeout: Duration,
) -> Vec<Row> {
    let mut ended = HashMap::new();
    while ended.len() < uploads.len() {
        progress(ended.len(), uploads.len());
        let Ok(Some(batch)) = timeout(batch_timeout, harness.batches.recv()).await else { break };
        let lines = batch.invocation.log.iter().filter_map(|line| UploadLine::parse(line));
        for line in lines {
            ended.insert(line.key.clone(), (line, batch.invocation.report.clone()));
        }
    }
    progress(ended.len(), uploads.len());
    let row = |upload: &DemoUpload| {
        let (line, report) = ended.remove(&upload.key).unzip();
        let mut row = Row {
            key: upload.key.clone(),
            note: upload.note,
            bytes: upload.bytes.len(),
            line,
            report,
            problems: Vec::new(),
        };
        let expected = match upload.expect {
            Expect::Variants => "stored",
            Expect::Reject(code) => code,
        };
        if row.outcome() != expected {
            row.problems.push(format!("expected the outcome {expected}"));
        }
        row
    };
    uploads.iter().map(row).collect()
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
        row.problems.extend(difference(&variant, &content_type, &body));
        let path = folder.join(&variant.key);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(CommandError::file(parent))?;
        std::fs::write(&path, &body).map_err(CommandError::file(&path))?;
    }
    Ok(())
}

/// How the stored file differs from what the function's log says of it.
fn difference(variant: &ManifestVariant, content_type: &str, body: &[u8]) -> Option<String> {
    let format = match content_type {
        "image/jpeg" => image::ImageFormat::Jpeg,
        "image/png" => image::ImageFormat::Png,
        "image/webp" => image::ImageFormat::WebP,
        other => return Some(format!("{}: unexpected Content-Type {other:?}", variant.name)),
    };
    match image::load_from_memory_with_format(body, format) {
        Err(error) => Some(format!("{} cannot be decoded: {error}", variant.name)),
        Ok(picture) => {
            let logged = (variant.width, variant.height, variant.bytes);
            let stored = (picture.width(), picture.height(), body.len() as u64);
            (logged != stored).then(|| {
                let name = &variant.name;
                format!("{name}: width, height and bytes are {stored:?}, the log has {logged:?}")
            })
        }
    }
}

fn progress(ended: usize, total: usize) {
    if std::io::stdout().is_terminal() {
        print!("\r{ended} of {total} uploads done {}", if ended == total { "\n\n" } else { "" });
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
