//! The passes of a picture that is not much smaller than its source: rows wait where they come
//! from, several pictures share them, and batches of vertical sums are resampled horizontally.

use std::array::from_fn;
use std::ops::Range;

use resizer_cpu::Cpu;

use super::axis::Axis;
use super::kernels::{BATCH, Column, batch_alignment, horizontal_batch};
use super::row_pairs::{RowPairs, paired_columns};
use super::scaling::Scaling;
use super::vertical_pass::VerticalPass;

/// The vertical pass, then the horizontal one.
#[derive(Debug)]
pub(super) struct VerticalFirst {
    cpu: Cpu,
    /// Samples of a channel in the rows that come, and those of them that a crop leaves.
    width: usize,
    used: Range<usize>,
    vertical: VerticalPass,
    horizontal: Axis,
    /// Room for a batch of sums, transposed.
    columns: Vec<Column>,
    /// The rows that it became, `length` samples each.
    rows: Vec<i16>,
    length: usize,
}

impl VerticalFirst {
    pub(super) fn new(cpu: Cpu, scaling: &Scaling) -> Self {
        let &Scaling { filter, channels, from, to } = scaling;
        let width = from[0].count;
        let axis = Axis::new(filter, from[0], to[0], batch_alignment(cpu));
        let (used, horizontal) = axis.trimmed();
        let length = horizontal.output() * channels;
        let axis = Axis::in_pairs(filter, from[1], to[1]);
        let summed = paired_columns(channels, width, &used);
        let vertical = VerticalPass::new(cpu, axis, [width * channels, BATCH], summed);
        let columns = vec![[0; 2 * BATCH]; horizontal.input().div_ceil(2)];
        let rows = vec![0; length * BATCH];
        Self { cpu, width, used, vertical, horizontal, columns, rows, length }
    }

    /// Bytes that the rows between the passes take, those that wait where they come from included.
    pub(super) fn bytes(scaling: &Scaling) -> u64 {
        let &Scaling { channels, from, to, .. } = scaling;
        let length = from[0].count * channels;
        let columns = (from[0].count + 1) * size_of::<Column>() / 2;
        let rows = to[0].count * channels * BATCH * size_of::<i16>();
        RowPairs::bytes(length, scaling.waiting_pairs(BATCH))
            + VerticalPass::bytes([length, BATCH])
            + (columns + rows) as u64
    }

    pub(super) fn vertical(&self) -> &VerticalPass {
        &self.vertical
    }

    /// Makes the next batch of rows, if enough of those that come did so: `came`, of which the last
    /// wait as `pairs`. Gives their number. Behind the last row a batch has arbitrary ones.
    pub(super) fn complete(&mut self, pairs: &RowPairs, came: usize) -> usize {
        let count = self.vertical.sum(pairs, came);
        if count == 0 {
            return 0;
        }
        let output = self.horizontal.output();
        for channel in 0..self.length / output {
            let end = self.used.end.min(self.width);
            let used = channel * self.width + self.used.start..channel * self.width + end;
            let sums = from_fn(|y| &self.vertical.row(y)[used.clone()]);
            let mut rows = self.rows.chunks_exact_mut(self.length);
            let out = from_fn(|_| {
                let row = rows.next().expect("a batch is as many rows");
                &mut row[channel * output..][..output]
            });
            horizontal_batch(self.cpu, sums, &self.horizontal, &mut self.columns, out);
        }
        count
    }

    /// One of the rows that were just made.
    pub(super) fn row(&self, index: usize) -> &[i16] {
        &self.rows[index * self.length..][..self.length]
    }
}
