//! The results of a simulated run as a table.

use std::fmt::Write;

use simulate::{Advice, Outcome, Polling, Scenario, Spread};

use super::{SimulateOptions, usage};
use crate::commands::cost::grouped;
use crate::measured::Measured;

/// Columns of all lines.
const COLUMNS: usize = 100;
/// Columns of a name and the space after it.
const INDENT: usize = 12;

/// The results for a terminal.
pub(super) fn text(options: &SimulateOptions, outcome: &Outcome, advice: &Advice) -> String {
    let mut text = String::new();
    setup(&mut text, options)
        .and_then(|()| outcomes(&mut text, outcome))
        .and_then(|()| platform(&mut text, outcome))
        .and_then(|()| compared(&mut text, options, outcome))
        .and_then(|()| bill(&mut text, options, outcome))
        .expect("a String takes every write");
    text.push('\n');
    text.push_str(&wrapped(&advice.text(&options.scenario, outcome), COLUMNS));
    text.push('\n');
    text
}

fn line(text: &mut String, name: &str, value: &str) -> std::fmt::Result {
    let wrapped = wrapped(value, COLUMNS - INDENT);
    writeln!(text, "{name:11} {}", wrapped.replace('\n', &format!("\n{:INDENT$}", "")))
}

fn setup(text: &mut String, options: &SimulateOptions) -> std::fmt::Result {
    let Scenario { mapping, lambda, queue, s3, .. } = &options.scenario;
    let pollers = match mapping.polling {
        Polling::Standard { maximum_concurrency: Some(limit) } => {
            format!("maximum concurrency {limit}")
        }
        Polling::Standard { maximum_concurrency: None } => "no maximum concurrency".to_owned(),
        Polling::Provisioned { minimum_pollers, maximum_pollers } => {
            format!("{minimum_pollers} to {maximum_pollers} provisioned pollers")
        }
    };
    let platform = format!(
        "{}, {} MB, batches of up to {}, {pollers}, Lambda concurrency {}, visibility timeout {}, \
         prefixes {}",
        options.name,
        lambda.memory_size_mb,
        mapping.batch_size,
        lambda.concurrency(),
        duration(queue.visibility_timeout_us as f64 / 1e6),
        s3.prefixes
    );
    line(text, "scenario", &platform)?;
    line(text, "durations", &options.source)
}

fn outcomes(text: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let Outcome { uploads, done, refused, expired, dead_letters, latency, .. } = outcome;
    let [uploads, done, refused, expired, dead_letters] =
        [uploads, done, refused, expired, dead_letters].map(|number| count(*number));
    let ends = format!(
        "{uploads} in {}: {done} done, {refused} refused, {expired} expired, {dead_letters} dead \
         letters ({} of them without a fault)",
        duration(outcome.last_upload_s),
        count(outcome.innocent_dead_letters)
    );
    line(text, "uploads", &ends)?;
    line(text, "latency", &format!("{}, to the last variant", spread(latency)))?;
    let backlog = format!(
        "{} messages and {} at most; the last variant is stored {} after the last upload, the last \
         upload ends {} after it",
        count(outcome.peaks.visible),
        duration(outcome.peaks.oldest_s),
        duration(outcome.drain_s()),
        duration((outcome.last_end_s - outcome.last_upload_s).max(0.0))
    );
    line(text, "backlog", &backlog)
}

fn platform(text: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let Outcome { events, peaks, .. } = outcome;
    let function = format!(
        "{} invocations, {} cold starts, {} timeouts, {} throttles; {} environments at most, {} \
         busy",
        count(events.invocations),
        count(events.cold_starts),
        count(events.timeouts),
        count(events.throttles),
        count(peaks.environments),
        count(peaks.busy)
    );
    line(text, "function", &function)?;
    let queue = format!(
        "{} failed deliveries, {} lost to throttles, {} duplicates; {} in flight at most",
        count(events.failed_deliveries),
        count(events.throttled_deliveries),
        count(events.duplicates),
        count(peaks.in_flight)
    );
    line(text, "queue", &queue)?;
    let s3 = format!(
        "{} times 503 Slow Down, {} retries, {} requests given up",
        count(events.slow_downs),
        count(events.retries),
        count(events.given_up_requests)
    );
    line(text, "S3", &s3)
}

/// How a run of `load` compares with its simulation.
fn compared(text: &mut String, options: &SimulateOptions, outcome: &Outcome) -> std::fmt::Result {
    let Some(measured) = &options.measured else { return Ok(()) };
    let Measured { uploads_per_second, billed_gb_s, event_ms, .. } = measured;
    let simulated_per_s = outcome.done as f64 / outcome.last_done_s.max(f64::MIN_POSITIVE);
    let percent = |simulated: f64, measured: f64| (simulated / measured - 1.0) * 100.0;
    let mut comparison = format!(
        "{uploads_per_second:.1} uploads/s measured, {simulated_per_s:.1} simulated ({:+.1} %); \
         {billed_gb_s:.1} GB-s, {:.1} ({:+.1} %)",
        percent(simulated_per_s, *uploads_per_second),
        outcome.used.gb_s,
        percent(outcome.used.gb_s, *billed_gb_s)
    );
    // Without a rate, the clients of a load wait for S3, and their uploads are not at once.
    if measured.setup.rate.is_some() && event_ms.count > 0 {
        let (p50_s, simulated_s) = (event_ms.p50 / 1e3, outcome.latency.p50_s);
        let change = percent(simulated_s, p50_s);
        write!(
            comparison,
            "; p50 from the queue {p50_s:.3} s, {simulated_s:.3} s ({change:+.1} %)"
        )?;
    }
    line(text, "load", &comparison)
}

fn bill(text: &mut String, options: &SimulateOptions, outcome: &Outcome) -> std::fmt::Result {
    let usage = usage(outcome);
    let lines = usage.bill(&options.prices, options.architecture);
    writeln!(text, "\n{:22} {:>16} {:8} {:>12}", "bill", "amount", "", "dollars")?;
    for line in &lines {
        let (name, amount, unit) = (line.name, line.amount, line.unit);
        writeln!(text, "{name:22} {:>16} {unit:8} {:>12.2}", grouped(amount), line.dollars)?;
    }
    let dollars = usage.dollars(&options.prices, options.architecture);
    let of_million = dollars / outcome.uploads.max(1) as f64 * 1e6;
    writeln!(text, "{:22} {:>16} {:8} {dollars:>12.2}", "sum", "", "")?;
    writeln!(
        text,
        "That is ${of_million:.2} for a million uploads at the prices of {} ({}, {}).\n\
         Storage and data out are not in it.",
        options.architecture.name(),
        options.prices.region,
        options.prices.as_of
    )?;
    if outcome.used.poller_hours > 0.0 {
        let hours = outcome.used.poller_hours;
        writeln!(text, "{hours:.1} hours of provisioned pollers are not in it either.")?;
    }
    Ok(())
}

fn count(number: u64) -> String {
    grouped(number as f64)
}

fn spread(values: &Spread) -> String {
    let Spread { p50_s, p90_s, p99_s, max_s, .. } = *values;
    let [p50, p90, p99, max] = [p50_s, p90_s, p99_s, max_s].map(duration);
    format!("p50 {p50}, p90 {p90}, p99 {p99}, max {max}")
}

/// A duration in the unit that suits it.
fn duration(time_s: f64) -> String {
    match time_s {
        86_400.0.. => format!("{:.1} d", time_s / 86_400.0),
        5_400.0.. => format!("{:.1} h", time_s / 3_600.0),
        120.0.. => format!("{:.1} min", time_s / 60.0),
        _ => format!("{time_s:.2} s"),
    }
}

/// A text in lines of so many columns.
fn wrapped(text: &str, max_columns: usize) -> String {
    let mut wrapped = String::new();
    let mut columns = 0;
    for word in text.split_whitespace() {
        let separator = match columns {
            0 => "",
            _ if columns + 1 + word.len() > max_columns => "\n",
            _ => " ",
        };
        columns = if separator == "\n" { 0 } else { columns + separator.len() } + word.len();
        wrapped.push_str(separator);
        wrapped.push_str(word);
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, duration, wrapped};

    #[test]
    fn durations_have_their_units() {
        let durations = [0.5, 90.0, 130.0, 7_200.0, 100_000.0].map(duration);
        assert_eq!(durations, ["0.50 s", "90.00 s", "2.2 min", "2.0 h", "1.2 d"]);
    }

    #[test]
    fn a_paragraph_fits_into_its_columns() {
        let text = "word ".repeat(50);
        let wrapped = wrapped(&text, COLUMNS);
        assert!(wrapped.lines().all(|line| line.len() <= COLUMNS));
        assert_eq!(wrapped.split_whitespace().count(), 50);
    }
}
