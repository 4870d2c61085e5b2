//! The demo's table: one row per upload, with its variants below it.

use resizer::event::ObjectRef;
use resizer::manifest::ManifestVariant;
use resizer::store::Requests;
use resizer::times::StageTimes;

use crate::commands::units::size;
use crate::stdout::outln;
use crate::upload_line::UploadLine;
use lambda_local::report::Report;

/// One upload and its outcome.
#[derive(Debug)]
pub(super) struct Row {
    /// The upload.
    pub(super) object: ObjectRef,
    /// What is special about it; may be empty.
    pub(super) note: &'static str,
    /// Size of the file.
    pub(super) bytes: usize,
    /// The function's log line; `None` where there is none.
    pub(super) line: Option<UploadLine>,
    /// The report of the invocation.
    pub(super) report: Option<Report>,
    /// How the result differs from what is expected.
    pub(super) problems: Vec<String>,
}

const KEY_WIDTH: usize = 34;

impl Row {
    /// The outcome's code; `stored` also where only the original has still to go.
    pub(super) fn outcome(&self) -> &str {
        match &self.line {
            None => "no outcome",
            Some(line) if is_stored_for_now(line) => "stored",
            Some(line) => &line.outcome,
        }
    }

    /// Why there are no variants.
    pub(super) fn message(&self) -> Option<&str> {
        let line = self.line.as_ref().filter(|line| !is_stored_for_now(line))?;
        line.message.as_deref()
    }

    /// Format and size of the source, where its header was read.
    pub(super) fn source(&self) -> String {
        let source = self.line.as_ref().and_then(|line| line.source.as_ref());
        source.map_or_else(String::new, |source| {
            format!("{} {}x{}", source.format, source.width, source.height)
        })
    }
}

/// All variants are stored, and a later delivery moves or deletes the original.
fn is_stored_for_now(line: &UploadLine) -> bool {
    line.outcome == "not_quiescent" && !line.variants.is_empty()
}

/// The format of a variant, where it is not that of its source.
fn other_format<'v>(line: &UploadLine, variant: &'v ManifestVariant) -> Option<&'v str> {
    let format = variant.media_type.strip_prefix("image/")?;
    let is_same =
        line.source.as_ref().is_some_and(|source| source.format.eq_ignore_ascii_case(format));
    (!is_same).then_some(format)
}

/// Variants whose files are equal, in the order of their first ones.
pub(super) fn equal_files(variants: &[ManifestVariant]) -> Vec<Vec<&ManifestVariant>> {
    let mut groups: Vec<Vec<&ManifestVariant>> = Vec::new();
    for variant in variants {
        match groups.iter_mut().find(|group| group[0].sha256 == variant.sha256) {
            Some(group) => group.push(variant),
            None => groups.push(vec![variant]),
        }
    }
    groups
}

/// Equal files in a few words.
fn described(line: &UploadLine, equal: &[&ManifestVariant]) -> String {
    let Some(variant) = equal.first() else { return String::new() };
    let format = other_format(line, variant).map_or(String::new(), |name| format!("{name} "));
    let count = if equal.len() > 1 { format!(" ({} times)", equal.len()) } else { String::new() };
    format!("{format}{}x{} {}{count}", variant.width, variant.height, size(variant.bytes))
}

/// Prints all rows and their totals.
pub(super) fn print(rows: &[Row]) {
    outln!(
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
    outln!(
        "\n{} uploads, {variants} variants, {billed_ms} ms billed. Times in milliseconds, of an \
         unoptimized build; `cargo bench` measures speed.\n",
        rows.len()
    );
    let stored = rows.iter().filter_map(|row| row.line.as_ref());
    if let Some(line) = stored.into_iter().find(|line| line.outcome == "stored") {
        let Requests { get, head, put, delete, .. } = line.requests;
        outln!(
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
    let key = shortened(&row.object.key);
    // Wide characters take two columns of a terminal and one of a format's width.
    let missing = KEY_WIDTH.saturating_sub(columns(&key));
    outln!(
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
        let variants: Vec<String> =
            equal_files(&line.variants).iter().map(|equal| described(line, equal)).collect();
        if !variants.is_empty() {
            outln!("  -> {}", variants.join(", "));
        }
        match row.message() {
            Some(message) => outln!("  -> {message}"),
            None if is_stored_for_now(line) => outln!("  -> the original goes later"),
            None => {}
        }
    }
    for problem in &row.problems {
        outln!("  !! {problem}");
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
