//! The results of a load as a table and as a plot.

use std::fmt::Write;

use crate::bill::{Architecture, Prices, Usage};
use crate::chart::{Chart, Series};
use crate::commands::units::size;
use crate::measured::{Measured, Percentiles, Window};

/// Requests to SQS for each message: one send, one receive and one delete, of up to ten messages
/// each.
const QUEUE_REQUESTS: f64 = 3.0;

/// Uploads of the smallest run whose first and last part are compared.
const MIN_FOR_DRIFT: usize = 1_000;

/// What the whole run used of AWS.
pub(crate) fn usage(measured: &Measured) -> Usage {
    let messages = measured.setup.batch_size.clamp(1, 10) as f64;
    Usage {
        gb_s: measured.billed_gb_s,
        invocations: measured.invocations as f64,
        writes: measured.requests.writes as f64,
        reads: measured.requests.reads as f64,
        queue_requests: measured.uploads as f64 * (1.0 + (QUEUE_REQUESTS - 1.0) / messages),
        ..Usage::default()
    }
}

/// The results for a terminal.
pub(super) fn text(measured: &Measured, prices: &Prices) -> String {
    let mut text = String::new();
    write(&mut text, measured, prices).expect("a String takes every write");
    text
}

fn write(text: &mut String, measured: &Measured, prices: &Prices) -> std::fmt::Result {
    let Measured { setup, latency_ms, event_ms, init_ms, bytes, .. } = measured;
    let mut line = |name: &str, value: String| writeln!(text, "{name:11} {value}");
    line(
        "setup",
        format!(
            "pictures {}, {} environments of {} MB with {} invocations each, batches of up to {}",
            setup.pictures,
            setup.environments,
            setup.memory_size_mb,
            setup.environment_concurrency.max(1),
            setup.batch_size
        ),
    )?;
    line(
        "uploads",
        format!(
            "{} in {:.1} s, {:.1}/s; {} uploaded, {} of variants stored",
            measured.uploads,
            measured.seconds,
            measured.uploads_per_second,
            size(bytes.uploaded),
            size(bytes.stored)
        ),
    )?;
    if latency_ms.count > 0 {
        line("latency", format!("{} ms, from upload to the end of its event", spread(latency_ms)))?;
        line("events", format!("{} ms, from the queue to the end", spread(event_ms)))?;
    }
    line(
        "invocations",
        format!(
            "{}, {:.4} GB-s for each upload; {} cold starts{}",
            measured.invocations,
            measured.billed_gb_s / measured.uploads.max(1) as f64,
            init_ms.count,
            if init_ms.count > 0 { format!(" of {} ms", spread(init_ms)) } else { String::new() }
        ),
    )?;
    line(
        "memory",
        format!(
            "function {} MB at most, harness {:.0} MB at most",
            measured.max_memory_used_mb, measured.harness_peak_mb
        ),
    )?;
    let outcomes: Vec<String> =
        measured.outcomes.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect();
    line("outcomes", if outcomes.is_empty() { "-".to_owned() } else { outcomes.join(", ") })?;
    line(
        "errors",
        format!(
            "{} failed deliveries, {} dead letters, {} uploads refused by S3",
            measured.failed_deliveries, measured.dead_letters, measured.refused_uploads
        ),
    )?;
    if let ([first, .., last], MIN_FOR_DRIFT..) = (&*measured.windows, measured.uploads) {
        line("drift", drift(first, last))?;
    }
    if measured.dead_letters > 0 {
        return line("cost", "not known: some uploads were not processed".to_owned());
    }
    if setup.environment_concurrency > 1 {
        return line("cost", "not known: Managed Instances are billed by instance".to_owned());
    }
    let million = usage(measured).share(1e6 / measured.uploads.max(1) as f64);
    let [x86_64, arm64] = [Architecture::X86_64, Architecture::Arm64]
        .map(|architecture| million.dollars(prices, architecture));
    line(
        "cost",
        format!(
            "${x86_64:.2} for a million such uploads at the prices of x86_64, ${arm64:.2} at those \
             of arm64, if it takes the same time"
        ),
    )
}

fn spread(values: &Percentiles) -> String {
    let Percentiles { p50, p90, p99, max, .. } = values;
    format!("p50 {p50:.1}, p90 {p90:.1}, p99 {p99:.1}, max {max:.1}")
}

/// How the last part of the run compares with the first one.
fn drift(first: &Window, last: &Window) -> String {
    let percent = |first: f64, last: f64| (last / first - 1.0) * 100.0;
    format!(
        "last twentieth against first: {:+.1} % GB-s for each upload, harness {:.0} to {:.0} MB",
        percent(first.billed_gb_s_per_upload, last.billed_gb_s_per_upload),
        first.harness_mb,
        last.harness_mb
    )
}

/// Latency over the time of the run.
pub(super) fn plot(measured: &Measured) -> String {
    let series = |name: &str, value: fn(&Percentiles) -> f64| Series {
        name: name.to_owned(),
        points: measured
            .windows
            .iter()
            .map(|window| (window.until_s, value(&window.latency_ms)))
            .collect(),
    };
    let chart = Chart {
        title: format!(
            "{} uploads ({}), {} environments of {} MB: {:.1} uploads/s",
            measured.uploads,
            measured.setup.pictures,
            measured.setup.environments,
            measured.setup.memory_size_mb,
            measured.uploads_per_second
        ),
        x: "time of the run, s".to_owned(),
        y: "latency, ms".to_owned(),
        is_log: true,
        series: vec![
            series("p50", |latency| latency.p50),
            series("p90", |latency| latency.p90),
            series("p99", |latency| latency.p99),
            series("max", |latency| latency.max),
        ],
    };
    chart.to_svg()
}
