//! The demo's table: one row per upload, with its variants below it.

use resizer::manifest::ManifestVariant;
use resizer::store::Requests;
use resizer::times::StageTimes;

use crate::upload_line::UploadLine;
use lambda_local::report::Report;

/// One upload and its outcome.
#[derive(Debug)]
pub struct Row {
    /// Key of the upload.
    pub key: String,
    /// What is special about it.
    pub note: &'static str,
    /// Size of the file.
    pub bytes: usize,
    /// The function's log line; `None` where there is none.
    pub line: Option<UploadLine>,
    /// The report of the invocation.
    pub report: Option<Report>,
    /// How the result differs from what is expected.
    pub problems: Vec<String>,
}

const KEY_WIDTH: usize = 34;

impl Row {
    /// The outcome's code.
    pub fn outcome(&self) -> &str {
        self.line.as_ref().map_or("no outcome", |line| &line.outcome)
    }

    /// Format and size of the source, where its header was read.
    pub fn source(&self) -> String {
        let source = self.line.as_ref().and_then(|line| line.source.as_ref());
        source.map_or_else(String::new, |source| {
            format!("{} {}x{}", source.format, source.width, source.height)
        })
    }
}

/// Prints all rows and their totals.
pub fn print(rows: &[Row]) {
    println!(
        "{:KEY_WIDTH$} {:>8} {:15} {:13}{:>7}{:>8}{:>8}{:>8}{:>7}{:>8}",
        "upload",
        "size",
        "source",
        "outcome",
        "fetch",
        "decode",
        "resize",
        "encode",
        "store",
        "billed"
    );
    for row in rows {
        print_row(row);
    }
    let billed_ms: u64 = rows.iter().filter_map(|row| row.report.as_ref()).map(billed_ms).sum();
    let variants: usize =
        rows.iter().filter_map(|row| row.line.as_ref()).map(|line| line.variants.len()).sum();
    println!(
        "\n{} uploads, {variants} variants, {billed_ms} ms billed. Times in milliseconds, of an \
         unoptimized build; `cargo bench` measures speed.\n",
        rows.len()
    );
    let stored = rows.iter().filter_map(|row| row.line.as_ref());
    if let Some(line) = stored.into_iter().find(|line| line.outcome == "stored") {
        let Requests { get, head, put, delete, .. } = line.requests;
        println!(
            "Requests to S3 per stored upload: {get} GET, {put} PUT, {delete} DELETE, {head} HEAD\n"
        );
    }
}

fn print_row(row: &Row) {
    let times = row.line.as_ref().map(|line| line.times);
    let stage = |of: fn(&StageTimes) -> f64| {
        times.as_ref().map_or_else(String::new, |times| match of(times) {
            0.0 => "-".to_owned(),
            milliseconds => format!("{milliseconds:.1}"),
        })
    };
    let key = shortened(&row.key);
    // Wide characters take two columns of a terminal and one of a format's width.
    let missing = KEY_WIDTH.saturating_sub(columns(&key));
    println!(
        "{key}{:missing$} {:>8} {:15} {:13}{:>7}{:>8}{:>8}{:>8}{:>7}{:>8}",
        "",
        size(row.bytes as u64),
        row.source(),
        row.outcome(),
        stage(|times| times.fetch_ms),
        stage(|times| times.decode_ms),
        stage(|times| times.resize_ms),
        stage(|times| times.encode_ms),
        stage(|times| times.store_ms),
        row.report.as_ref().map_or_else(String::new, |report| billed_ms(report).to_string()),
    );
    if let Some(line) = &row.line {
        let variant = |variant: &ManifestVariant| {
            format!("{}x{} {}", variant.width, variant.height, size(variant.bytes))
        };
        let variants: Vec<String> = line.variants.iter().map(variant).collect();
        if !variants.is_empty() {
            println!("  -> {}", variants.join(", "));
        }
        if let Some(message) = &line.message {
            println!("  -> {message}");
        }
    }
    for problem in &row.problems {
        println!("  !! {problem}");
    }
}

/// A size in bytes, in a unit that fits it.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..10_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        10_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn billed_ms(report: &Report) -> u64 {
    report.billed_duration_ms
}

fn shortened(key: &str) -> String {
    let mut text: String = key.to_owned();
    while columns(&text) > KEY_WIDTH {
        text.pop();
    }
    text
}

/// The columns of a text in a terminal: emoji and CJK take two, joiners none.
fn columns(text: &str) -> usize {
    let width = |character: char| match u32::from(character) {
        0xfe00..=0xfe0f | 0x200d | 0x300..=0x36f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xff00..=0xff60 => 2,
        0x1f300..=0x1faff => 2,
        _ => 1,
    };
    text.chars().map(width).sum()
}
