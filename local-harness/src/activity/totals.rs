//! Sums over all invocations since the start, and the bill for them.

use lambda_local::report::Report;
use serde::Serialize;

use super::upload::{Kind, Rates, UploadRecord};
use crate::bill::{BillLine, Usage};

/// The sums.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    usage: Usage,
    stored: u64,
    refused: u64,
    failed: u64,
    variants: u64,
    invocations: u64,
    cold_starts: u64,
    source_bytes: u64,
    variant_bytes: u64,
}

/// The sums as a page shows them.
#[derive(Debug, Serialize)]
pub struct TotalsRecord {
    uploads: u64,
    stored: u64,
    refused: u64,
    failed: u64,
    variants: u64,
    invocations: u64,
    cold_starts: u64,
    billed_gb_s: f64,
    source_bytes: u64,
    variant_bytes: u64,
    bill: Vec<BillLine>,
    dollars: f64,
    dollars_per_million_uploads: Option<f64>,
}

impl Totals {
    /// Adds an invocation with its uploads.
    pub fn add(&mut self, report: &Report, uploads: &[UploadRecord]) {
        self.usage += Usage::of_invocation(report.billed_duration_ms, report.memory_size_mb);
        self.invocations += 1;
        self.cold_starts += u64::from(report.init_duration_ms.is_some());
        for upload in uploads {
            self.usage += Usage::of_requests(upload.requests);
            match upload.kind {
                Kind::Stored => self.stored += 1,
                Kind::Refused => self.refused += 1,
                Kind::Failed => self.failed += 1,
                Kind::Quiet => {}
            }
            self.variants += upload.variants.len() as u64;
            self.source_bytes += upload.source.as_ref().map_or(0, |source| source.bytes);
            self.variant_bytes += upload.variant_bytes();
        }
    }

    /// Adds the requests to the queue for a batch of so many messages: S3 sends each, and the
    /// mapping receives and deletes them together.
    pub fn add_batch(&mut self, messages: usize) {
        self.usage += Usage { queue_requests: messages as f64 + 2.0, ..Usage::default() };
    }

    /// With the bill.
    pub fn record(&self, rates: &Rates) -> TotalsRecord {
        let bill = self.usage.bill(&rates.prices, rates.architecture);
        let dollars = bill.iter().map(|line| line.dollars).sum();
        let uploads = self.stored + self.refused + self.failed;
        TotalsRecord {
            uploads,
            stored: self.stored,
            refused: self.refused,
            failed: self.failed,
            variants: self.variants,
            invocations: self.invocations,
            cold_starts: self.cold_starts,
            billed_gb_s: self.usage.gb_s,
            source_bytes: self.source_bytes,
            variant_bytes: self.variant_bytes,
            bill,
            dollars,
            dollars_per_million_uploads: (uploads > 0).then(|| dollars / uploads as f64 * 1e6),
        }
    }
}
