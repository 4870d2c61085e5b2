//! The vertical pass: rows that wait in pairs in, weighted sums of them out, a batch at a time.

use std::ops::Range;

use resizer_cpu::Cpu;

use super::axis::Axis;
use super::kernels::{Sum, vertical};
use super::row_pairs::{RowPairs, padded};

/// Rows of one width from the vertical grid of a source to that of a picture.
#[derive(Debug)]
pub(super) struct VerticalPass {
    cpu: Cpu,
    axis: Axis,
    /// The columns that are summed, in steps of `PAIRED_COLUMNS`.
    columns: Vec<Range<usize>>,
    /// The next row to be summed.
    next: usize,
    /// The last batch of sums, `stride` samples from one row to the next.
    sums: Vec<i16>,
    stride: usize,
}

impl VerticalPass {
    /// `axis` is one in pairs; rows have `length` samples. Up to `batch` of them are summed
    /// together, column after column, so that the rows which several are made of come from the L2
    /// cache once.
    pub(super) fn new(
        cpu: Cpu,
        axis: Axis,
        [length, batch]: [usize; 2],
        columns: Vec<Range<usize>>,
    ) -> Self {
        let stride = padded(length);
        Self { cpu, axis, columns, next: 0, sums: vec![0; stride * batch], stride }
    }

    /// Bytes that the sums take.
    pub(super) fn bytes([length, batch]: [usize; 2]) -> u64 {
        (padded(length) * batch * size_of::<i16>()) as u64
    }

    /// Rows on the way in.
    pub(super) fn input(&self) -> usize {
        self.axis.input()
    }

    /// Pairs of rows that have to wait for a batch.
    pub(super) fn waiting_pairs(&self) -> usize {
        self.axis.reach_of(self.sums.len() / self.stride) / 2
    }

    /// Whether a sum that is yet to be made has a weight for row `y`.
    pub(super) fn wants(&self, y: usize) -> bool {
        self.next < self.axis.output() && y >= self.axis.starts()[self.next]
    }

    /// Sums the next batch, once enough rows have come: `came`, of which the last wait as `pairs`.
    /// Gives the number of sums; 0 where rows are missing, or all sums were made.
    pub(super) fn sum(&mut self, pairs: &RowPairs, came: usize) -> usize {
        if self.next == self.axis.output() {
            return 0;
        }
        let most = self.sums.len() / self.stride;
        let batch = self.next..(self.next + most).min(self.axis.output());
        let (start, end) = self.axis.reach(batch.clone());
        if end > came.next_multiple_of(2) {
            return 0;
        }
        self.next = batch.end;
        let sum = |at: usize| {
            let (first, weights) = self.axis.window(at);
            Sum { first_pair: (first - start) / 2, weights }
        };
        let sums: Vec<Sum<'_>> = batch.map(sum).collect();
        let pairs = pairs.of(start, end);
        for columns in &self.columns {
            vertical(self.cpu, &pairs, &sums, columns.clone(), &mut self.sums);
        }
        sums.len()
    }

    /// One row of the last batch; behind its samples it is padded.
    pub(super) fn row(&self, index: usize) -> &[i16] {
        &self.sums[index * self.stride..][..self.stride]
    }
}
