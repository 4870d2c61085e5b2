//! Clients that upload: as fast as it goes, or at a rate. Each key has one upload at a time, so
//! that an event tells which upload it belongs to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, sleep_until};

use super::pictures::Pictures;

/// What all clients share.
#[derive(Debug)]
pub(super) struct Uploads {
    pub(super) client: Client,
    pub(super) bucket: String,
    pub(super) pictures: Pictures,
    pub(super) count: usize,
    /// Uploads for each second.
    pub(super) rate: Option<f64>,
    pub(super) began: Instant,
    next: AtomicUsize,
    /// Microseconds from `began` to the start of the current upload of each key.
    started_us: Vec<AtomicU64>,
    free: Mutex<Receiver<usize>>,
    freeing: Sender<usize>,
    /// Uploads that S3 has acknowledged and refused.
    pub(super) acknowledged: AtomicUsize,
    pub(super) refused: AtomicUsize,
    pub(super) bytes: AtomicU64,
}

impl Uploads {
    pub(super) fn new(
        (client, bucket): (Client, String),
        pictures: Pictures,
        (count, keys): (usize, usize),
        rate: Option<f64>,
    ) -> Self {
        let (freeing, free) = channel(keys);
        for key in 0..keys {
            freeing.try_send(key).expect("the channel has room for every key");
        }
        Self {
            client,
            bucket,
            pictures,
            count,
            rate,
            began: Instant::now(),
            next: AtomicUsize::new(0),
            started_us: (0..keys).map(|_| AtomicU64::new(0)).collect(),
            free: Mutex::new(free),
            freeing,
            acknowledged: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// One client's uploads, until all clients together have made `count`.
    pub(super) async fn run(self: Arc<Self>) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.count {
                return;
            }
            if let Some(rate) = self.rate {
                sleep_until(self.began + Duration::from_secs_f64(number as f64 / rate)).await;
            }
            let Some(key) = self.free.lock().await.recv().await else { return };
            self.upload(key).await;
        }
    }

    async fn upload(&self, number: usize) {
        let picture = self.pictures.of_key(number);
        let key = format!("load/{number}{}", picture.extension);
        let started_us = self.began.elapsed().as_micros();
        self.started_us[number]
            .store(u64::try_from(started_us).unwrap_or(u64::MAX), Ordering::Relaxed);
        let put = self.client.put_object().bucket(&self.bucket).key(key);
        match put.body(ByteStream::from(picture.bytes.clone())).send().await {
            Ok(_) => {
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
                self.bytes.fetch_add(picture.bytes.len() as u64, Ordering::Relaxed);
            }
            Err(error) => {
                tracing::warn!(%error, "S3 did not take an upload");
                self.refused.fetch_add(1, Ordering::Relaxed);
                self.free(number);
            }
        }
    }

    /// The number in a key of this run.
    pub(super) fn number_of(&self, key: &str) -> Option<usize> {
        let number = key.strip_prefix("load/")?.split('.').next()?.parse().ok()?;
        (number < self.started_us.len()).then_some(number)
    }

    /// How long ago the current upload of a key began.
    pub(super) fn age(&self, number: usize) -> Duration {
        let started = Duration::from_micros(self.started_us[number].load(Ordering::Relaxed));
        self.began.elapsed().saturating_sub(started)
    }

    /// Lets the next upload have the key.
    pub(super) fn free(&self, number: usize) {
        // A key is taken out before it is given back, so there is room.
        let _ = self.freeing.try_send(number);
    }
}
