//! What finished batches say: latencies, times, outcomes. In: batches. Out: the measured run.

use std::sync::Arc;
use std::time::Duration;

use lambda_local::Function;
use lambda_local::event_source::Batch;
use lambda_local::queue::Message;
use serde::Deserialize;

use super::uploads::Uploads;
use super::usage;
use crate::activity::now_ms;
use crate::bill::Usage;
use crate::measured::{Measured, Percentiles, Service, Window};
use crate::upload_line::UploadLine;

/// Invocations that the results list at most.
const MAX_SERVICES: usize = 4_096;
/// Parts of a run.
const WINDOWS: usize = 20;

/// The sums of a run so far.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) measured: Measured,
    /// Uploads whose event has ended, well or not.
    pub(super) ended: usize,
    max_deliveries: u32,
    function: Arc<Function>,
    latencies_ms: Vec<f64>,
    events_ms: Vec<f64>,
    inits_ms: Vec<f64>,
    /// Every n-th invocation is listed; n doubles when the list is full.
    stride: usize,
    window: Opened,
    window_size: usize,
    cpu_ms_at_start: f64,
}

/// The part of the run that is going on.
#[derive(Debug, Default)]
struct Opened {
    latencies_ms: Vec<f64>,
    billed_gb_s_before: f64,
    cpu_ms_before: f64,
}

impl Tally {
    /// For a run of so many uploads, whose events are given up after so many deliveries.
    pub(super) fn new(count: usize, max_deliveries: u32, function: Arc<Function>) -> Self {
        let cpu_ms = usage::cpu_ms(&function.process_ids());
        Self {
            measured: Measured::default(),
            ended: 0,
            max_deliveries,
            function,
            latencies_ms: Vec::new(),
            events_ms: Vec::new(),
            inits_ms: Vec::new(),
            stride: 1,
            window: Opened { cpu_ms_before: cpu_ms, ..Opened::default() },
            window_size: count.div_ceil(WINDOWS).max(1),
            cpu_ms_at_start: cpu_ms,
        }
    }

    /// Counts a batch, and gives its keys back.
    pub(super) fn add(&mut self, batch: &Batch, uploads: &Uploads) {
        let report = &batch.invocation.report;
        let gb_s = Usage::of_invocation(report.billed_duration_ms, report.memory_size_mb).gb_s;
        self.measured.billed_gb_s += gb_s;
        self.measured.max_memory_used_mb =
            self.measured.max_memory_used_mb.max(report.max_memory_used_mb);
        self.inits_ms.extend(report.init_duration_ms);
        self.list(Service {
            messages: batch.messages.len(),
            duration_ms: report.duration_ms,
            init_ms: report.init_duration_ms,
        });
        for line in batch.invocation.log.iter().filter_map(|line| UploadLine::parse(line)) {
            self.add_line(&line);
        }
        for message in &batch.messages {
            let is_returned = batch.returned_ids.contains(&message.id);
            self.add_message(message, is_returned, uploads);
        }
        // At the end of a batch, so that its billed time and its uploads are in one window.
        if self.window.latencies_ms.len() >= self.window_size {
            self.close_window(uploads.began.elapsed());
        }
    }

    fn add_line(&mut self, line: &UploadLine) {
        let measured = &mut self.measured;
        *measured.outcomes.entry(line.outcome.clone()).or_default() += 1;
        let used = Usage::of_requests(line.requests);
        measured.requests.writes += used.writes as u64;
        measured.requests.reads += used.reads as u64;
        measured.variants += line.variants.len();
        measured.bytes.stored += line.variants.iter().map(|variant| variant.bytes).sum::<u64>();
    }

    fn add_message(&mut self, message: &Message, is_returned: bool, uploads: &Uploads) {
        let Some(number) = key_of(&message.body).and_then(|key| uploads.number_of(&key)) else {
            return;
        };
        if is_returned {
            self.measured.failed_deliveries += 1;
            if message.receive_count < self.max_deliveries {
                return;
            }
            self.measured.dead_letters += 1;
        } else {
            let latency_ms = milliseconds(uploads.age(number));
            self.latencies_ms.push(latency_ms);
            self.events_ms.push((now_ms() - message.sent_ms as f64).max(0.0));
            self.window.latencies_ms.push(latency_ms);
        }
        uploads.free(number);
        self.ended += 1;
    }

    fn list(&mut self, service: Service) {
        let number = self.measured.invocations;
        self.measured.invocations += 1;
        let services = &mut self.measured.services;
        if services.len() == MAX_SERVICES {
            let mut keep = false;
            services.retain(|_| {
                keep = !keep;
                keep
            });
            self.stride *= 2;
        }
        if number.is_multiple_of(self.stride) {
            services.push(service);
        }
    }

    fn cpu_ms(&self) -> f64 {
        usage::cpu_ms(&self.function.process_ids())
    }

    fn close_window(&mut self, elapsed: Duration) {
        let mut latencies_ms = std::mem::take(&mut self.window.latencies_ms);
        if latencies_ms.is_empty() {
            return;
        }
        let uploads = latencies_ms.len();
        let (billed_gb_s, cpu_ms) = (self.measured.billed_gb_s, self.cpu_ms());
        let of_each = |now: f64, before: f64| (now - before) / uploads as f64;
        self.measured.windows.push(Window {
            until_s: elapsed.as_secs_f64(),
            uploads,
            latency_ms: Percentiles::of(&mut latencies_ms),
            billed_gb_s_per_upload: of_each(billed_gb_s, self.window.billed_gb_s_before),
            cpu_ms_per_upload: of_each(cpu_ms, self.window.cpu_ms_before),
            harness_mb: usage::resident_mb(),
        });
        self.window.billed_gb_s_before = billed_gb_s;
        self.window.cpu_ms_before = cpu_ms;
    }

    /// The results, after the last event.
    pub(super) fn finish(mut self, elapsed: Duration) -> Measured {
        self.close_window(elapsed);
        let done = self.latencies_ms.len();
        let cpu_ms = self.cpu_ms() - self.cpu_ms_at_start;
        Measured {
            seconds: elapsed.as_secs_f64(),
            uploads_per_second: done as f64 / elapsed.as_secs_f64(),
            latency_ms: Percentiles::of(&mut self.latencies_ms),
            event_ms: Percentiles::of(&mut self.events_ms),
            init_ms: Percentiles::of(&mut self.inits_ms),
            cpu_ms_per_upload: cpu_ms / done.max(1) as f64,
            harness_peak_mb: usage::peak_mb(),
            ..self.measured
        }
    }
}

/// The key in an S3 notification, decoded.
fn key_of(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Notification {
        records: Vec<Record>,
    }
    #[derive(Deserialize)]
    struct Record {
        s3: Entity,
    }
    #[derive(Deserialize)]
    struct Entity {
        object: Object,
    }
    #[derive(Deserialize)]
    struct Object {
        key: String,
    }
    let notification: Notification = serde_json::from_str(body).ok()?;
    notification.records.into_iter().next().map(|record| record.s3.object.key)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
