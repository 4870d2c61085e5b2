//! The plots of a simulated run.

use simulate::{Outcome, Window};

use crate::chart::{Chart, Series};

fn series(outcome: &Outcome, name: &str, value: fn(&Window) -> f64) -> Series {
    let points = outcome.windows.iter().map(|window| (window.until_s / 60.0, value(window)));
    Series { name: name.to_owned(), points: points.collect() }
}

fn chart(title: String, y: &str, series: Vec<Series>) -> String {
    let x = "time of the run, min";
    Chart { title, x: x.to_owned(), y: y.to_owned(), is_log: true, series }.to_svg()
}

/// Time to the last variant, by the time of the upload.
pub(super) fn latency(name: &str, outcome: &Outcome) -> String {
    let lines = vec![
        series(outcome, "p50", |window| window.latency.p50_s),
        series(outcome, "p90", |window| window.latency.p90_s),
        series(outcome, "p99", |window| window.latency.p99_s),
        series(outcome, "max", |window| window.latency.max_s),
    ];
    let title = format!("{name}: from an upload to its last variant, by the time of the upload");
    chart(title, "latency, s", lines)
}

/// Messages and environments.
pub(super) fn queue(name: &str, outcome: &Outcome) -> String {
    let lines = vec![
        series(outcome, "messages waiting", |window| window.visible as f64),
        series(outcome, "messages in flight", |window| window.in_flight as f64),
        series(outcome, "busy environments", |window| window.busy as f64),
        series(outcome, "longest wait, s", |window| window.oldest_s),
    ];
    let title = format!("{name}: queue and environments, highest values of each part of the run");
    chart(title, "number, or s", lines)
}
