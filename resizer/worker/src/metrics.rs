//! What the worker counts, for Prometheus: reports and the queue's ups and downs in, text out.

use std::sync::Mutex;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use resizer::batch::Reports;
use resizer::report::{Outcome, Report};

/// Upper bounds of the histogram's buckets, seconds: from a small file to a long animation.
const SECONDS: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    /// `done`, `refused` or `failed`.
    class: &'static str,
    /// The outcome's stable name, as in the log.
    outcome: &'static str,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct MessageEnded {
    /// `deleted` or `returned`.
    result: &'static str,
}

/// An answer of the public server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    /// `events` or `pictures`.
    route: &'static str,
    status: u32,
}

/// A request to the queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    operation: &'static str,
}

/// All counters of the process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    deliveries: Family<Ended, Counter>,
    seconds: Histogram,
    source_bytes: Counter,
    variant_bytes: Counter,
    in_flight: Gauge,
    messages: Family<MessageEnded, Counter>,
    queue_errors: Family<Request, Counter>,
    http_requests: Family<Answered, Counter>,
    /// Why the last request for messages failed.
    queue_problem: Mutex<Option<String>>,
}

impl Metrics {
    /// Nothing is counted yet. A worker with a queue is not ready until its first request for
    /// messages has succeeded.
    pub(crate) fn new(has_queue: bool) -> Self {
        let mut registry = Registry::with_prefix("resizer");
        let deliveries = Family::<Ended, Counter>::default();
        let seconds = Histogram::new(SECONDS);
        let (source_bytes, variant_bytes) = (Counter::default(), Counter::default());
        let in_flight = Gauge::default();
        let messages = Family::<MessageEnded, Counter>::default();
        let queue_errors = Family::<Request, Counter>::default();
        let help = "Deliveries of uploads by how they ended";
        registry.register("deliveries", help, deliveries.clone());
        let help = "Time from the event to the end of a delivery";
        registry.register("delivery_seconds", help, seconds.clone());
        let help = "Bytes of uploads whose variants were stored";
        registry.register("source_bytes", help, source_bytes.clone());
        registry.register("variant_bytes", "Bytes of stored variants", variant_bytes.clone());
        let help = "Events that are being worked on";
        registry.register("events_in_flight", help, in_flight.clone());
        registry.register("messages", "Messages that left the worker", messages.clone());
        let help = "Requests to the queue that failed";
        registry.register("queue_errors", help, queue_errors.clone());
        let http_requests = Family::<Answered, Counter>::default();
        let help = "Answers of the public HTTP server";
        registry.register("http_requests", help, http_requests.clone());
        let unknown = has_queue.then(|| "no message was asked for yet".to_owned());
        let queue_problem = Mutex::new(unknown);
        Self {
            registry,
            deliveries,
            seconds,
            source_bytes,
            variant_bytes,
            in_flight,
            messages,
            queue_errors,
            http_requests,
            queue_problem,
        }
    }

    /// An event begins; it ends when the answer is dropped.
    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts the deliveries of one event.
    pub(crate) fn count(&self, reports: &Reports) {
        for report in reports.values() {
            self.count_one(report);
        }
    }

    fn count_one(&self, report: &Report) {
        let class = match &report.outcome {
            Outcome::Refused(_) | Outcome::StillRefused { .. } => "refused",
            Outcome::Failed { .. } => "failed",
            _ => "done",
        };
        let outcome = report.outcome.code();
        self.deliveries.get_or_create(&Ended { class, outcome }).inc();
        self.seconds.observe(report.effort.times.total_ms / 1000.0);
        if let Some(stored) = report.outcome.stored() {
            let manifest = &stored.manifest;
            self.source_bytes.inc_by(manifest.source.bytes);
            let variants = manifest.variants.iter().map(|variant| variant.bytes).sum();
            self.variant_bytes.inc_by(variants);
        }
    }

    pub(crate) fn deleted(&self, messages: usize) {
        self.message("deleted", messages);
    }

    pub(crate) fn returned(&self, messages: usize) {
        self.message("returned", messages);
    }

    fn message(&self, result: &'static str, messages: usize) {
        self.messages.get_or_create(&MessageEnded { result }).inc_by(messages as u64);
    }

    pub(crate) fn queue_failed(&self, operation: &'static str) {
        self.queue_errors.get_or_create(&Request { operation }).inc();
    }

    pub(crate) fn answered(&self, route: &'static str, status: u16) {
        let status = u32::from(status);
        self.http_requests.get_or_create(&Answered { route, status }).inc();
    }

    /// Remembers how the last request for messages ended.
    pub(crate) fn asked_for_messages(&self, problem: Option<String>) {
        if let Ok(mut known) = self.queue_problem.lock() {
            *known = problem;
        }
    }

    /// Why the worker is not ready, if it is not.
    pub(crate) fn queue_problem(&self) -> Option<String> {
        self.queue_problem.lock().ok().and_then(|problem| problem.clone())
    }

    /// All of them in OpenMetrics's text format.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes everything");
        text
    }
}

/// An event that is being worked on.
#[derive(Debug)]
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}
