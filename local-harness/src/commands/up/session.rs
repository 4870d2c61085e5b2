//! The running harness: what its log, its queue and its files say goes to the terminal and to the
//! page.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use lambda_local::LogLine;
use lambda_local::event_source::Batch;
use serde::Serialize;
use serde_json::json;

use super::terminal::{
    Redelivery, dead_letter_line, invocation_line, objects, plural, printable, queue_line,
    returned_line, upload_line,
};
use crate::activity::{Activity, Assembler, Ended, Rates, Totals, UploadRecord, now_ms};
use crate::harness::Harness;
use crate::page::feed::{Feed, Topic};
use crate::page::links;
use crate::stdout::Printer;

/// Between two lines about waiting work.
const QUEUE_PAUSE: Duration = Duration::from_secs(2);
/// Dead letters that the page shows, the newest ones.
const SHOWN_DEAD_LETTERS: usize = 100;

/// What is told, and to whom.
#[derive(Debug)]
pub(super) struct Session {
    /// `--json`: the function's own lines.
    pub(super) is_raw: bool,
    /// For the dollars.
    pub(super) rates: Rates,
    /// When failed events come again.
    pub(super) redelivery: Redelivery,
    /// Presigns for browsers.
    pub(super) links: Client,
    /// What the page is told.
    pub(super) feed: Arc<Feed>,
    printer: Printer,
    assembler: Assembler,
    totals: Totals,
    last_upload: u64,
    told_dead: usize,
    queue: Option<QueueRecord>,
    told_queue: Option<(usize, Instant)>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct QueueRecord {
    visible: usize,
    in_flight: usize,
    dead: Vec<DeadRecord>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct DeadRecord {
    bucket: String,
    key: String,
    deliveries: u32,
    body: String,
}

impl Session {
    /// Nothing has happened yet.
    pub(super) fn new(
        is_raw: bool,
        (rates, redelivery): (Rates, Redelivery),
        links: Client,
    ) -> Self {
        Self {
            is_raw,
            rates,
            redelivery,
            links,
            feed: Arc::default(),
            printer: Printer::start(),
            assembler: Assembler::default(),
            totals: Totals::default(),
            last_upload: 0,
            told_dead: 0,
            queue: None,
            told_queue: None,
        }
    }

    /// The same, with this feed.
    #[must_use]
    pub(super) fn with_feed(self, feed: Arc<Feed>) -> Self {
        feed.publish(Topic::Totals, &self.totals.record(&self.rates));
        Self { feed, ..self }
    }

    /// What earlier runs left.
    pub(super) fn begin(&mut self, harness: &Harness) {
        let left = harness.left_events;
        if left > 0 {
            let events = plural(left, "event");
            self.line(format!(
                "{left} {events} of the last run had no result yet and will be delivered now"
            ));
        }
        self.told_dead = harness.queue.dead_letters().len();
        if self.told_dead > 0 {
            let letters = plural(self.told_dead, "dead letter");
            self.line(format!(
                "{} {letters} of earlier runs are kept; the page lists them",
                self.told_dead
            ));
        }
    }

    /// A line of the function's log.
    pub(super) async fn log(&mut self, line: &LogLine, harness: &Harness) {
        if self.is_raw {
            self.line(line.text.trim_end().to_owned());
        }
        match self.assembler.line(line) {
            None => {}
            Some(Activity::Notice(text)) => self.say(&format!("the function says: {text}")),
            Some(Activity::Started { request_id }) => {
                let started = json!({
                    "request_id": request_id, "state": "started", "at_ms": now_ms(),
                });
                self.feed.publish(Topic::Started, &started);
            }
            Some(Activity::Ended(ended)) => self.ended(&ended, !harness.queue.is_idle()).await,
        }
    }

    async fn ended(&mut self, ended: &Ended, is_queued: bool) {
        let mut uploads = UploadRecord::of_invocation(ended, &self.rates);
        self.totals.add(&ended.report, &uploads);
        for upload in uploads.iter_mut().filter(|upload| !upload.is_own_result()) {
            self.last_upload += 1;
            upload.id = self.last_upload;
            links::add(&self.links, upload).await;
            self.feed.publish(Topic::Upload, upload);
            self.say(&upload_line(upload, is_queued.then_some(self.redelivery)));
        }
        if let Some(line) = invocation_line(&ended.report) {
            self.say(&line);
        }
        let report = &ended.report;
        let ended = json!({
            "request_id": report.request_id,
            "state": "ended",
            "at_ms": ended.at_ms,
            "report": {
                "duration_ms": report.duration_ms,
                "billed_ms": report.billed_duration_ms,
                "memory_mb": report.memory_size_mb,
                "max_memory_mb": report.max_memory_used_mb,
                "init_ms": report.init_duration_ms,
                "status": report.status.as_ref().map(ToString::to_string),
            },
            "log": ended.log,
        });
        self.feed.publish(Topic::Ended, &ended);
        self.feed.publish(Topic::Totals, &self.totals.record(&self.rates));
    }

    /// A batch of the queue is done.
    pub(super) fn batch(&mut self, batch: &Batch, harness: &Harness) {
        if batch.invocation.report.status.is_some() {
            for message in batch.returned() {
                self.say(&returned_line(message, self.redelivery));
            }
        }
        self.totals.add_batch(batch.messages.len());
        self.feed.publish(Topic::Totals, &self.totals.record(&self.rates));
        self.look_at_queue(harness);
    }

    /// Tells of waiting work and of dead letters.
    pub(super) fn look_at_queue(&mut self, harness: &Harness) {
        let (visible, in_flight) = harness.queue.counts();
        let is_known = self
            .queue
            .as_ref()
            .is_some_and(|queue| (queue.visible, queue.in_flight) == (visible, in_flight));
        // All bodies are copied below, which an idle harness does not need.
        if is_known && harness.queue.dead_count() == self.told_dead {
            return self.tell_depth(visible, in_flight);
        }
        let letters = harness.queue.dead_letters();
        for message in letters.iter().skip(self.told_dead) {
            self.line(printable(&dead_letter_line(message)));
        }
        self.told_dead = letters.len();
        self.tell_depth(visible, in_flight);
        let shown = letters.iter().skip(letters.len().saturating_sub(SHOWN_DEAD_LETTERS));
        let dead = shown.map(|message| {
            let (bucket, key) = objects(&message.body).pop().unwrap_or_default();
            let (deliveries, body) = (message.receive_count, message.body.clone());
            DeadRecord { bucket, key, deliveries, body }
        });
        let queue = Some(QueueRecord { visible, in_flight, dead: dead.collect() });
        if self.queue != queue {
            self.queue = queue;
            self.feed.publish(Topic::Queue, &self.queue);
        }
    }

    fn tell_depth(&mut self, visible: usize, in_flight: usize) {
        let is_told = self
            .told_queue
            .is_some_and(|(depth, at)| depth == visible || at.elapsed() < QUEUE_PAUSE);
        if let Some(line) = queue_line(visible, in_flight).filter(|_| !is_told) {
            self.told_queue = Some((visible, Instant::now()));
            self.say(&line);
        }
    }

    /// A line of the harness, unless the function's own lines are wanted.
    pub(super) fn say(&self, line: &str) {
        if !self.is_raw {
            self.line(printable(line));
        }
    }

    /// A line in any case.
    pub(super) fn line(&self, line: String) {
        self.printer.line(line);
    }

    /// Prints what is left.
    pub(super) fn finish(self) {
        self.printer.finish();
    }
}
