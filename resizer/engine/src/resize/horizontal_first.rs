//! The passes of a picture that is much smaller than its source: each row is resampled horizontally
//! as it comes, and the short rows wait for the vertical pass.

use std::ops::Range;

use resizer_cpu::Cpu;

use super::axis::Axis;
use super::kernels::{TAP_MULTIPLE, horizontal};
use super::row_pairs::{RowPairs, paired_columns};
use super::scaling::Scaling;
use super::vertical_pass::VerticalPass;

/// The horizontal pass, then the vertical one.
#[derive(Debug)]
pub(super) struct HorizontalFirst {
    cpu: Cpu,
    /// Samples of a channel in the rows that come, and those of them that a crop leaves.
    width: usize,
    used: Range<usize>,
    horizontal: Axis,
    /// Rows out of the horizontal pass.
    waiting: RowPairs,
    vertical: VerticalPass,
    /// Samples of a row that goes.
    length: usize,
}

impl HorizontalFirst {
    pub(super) fn new(cpu: Cpu, scaling: &Scaling) -> Self {
        let &Scaling { filter, channels, from, to } = scaling;
        let axis = Axis::new(filter, from[0], to[0], [1, TAP_MULTIPLE]);
        let (used, horizontal) = axis.trimmed();
        let length = horizontal.output() * channels;
        let axis = Axis::in_pairs(filter, from[1], to[1]);
        let columns = paired_columns(1, length, &(0..length));
        let vertical = VerticalPass::new(cpu, axis, [length, 1], columns);
        let waiting = RowPairs::new(cpu, length, vertical.waiting_pairs());
        Self { cpu, width: from[0].count, used, horizontal, waiting, vertical, length }
    }

    /// Bytes that the rows between the passes take.
    pub(super) fn bytes(scaling: &Scaling) -> u64 {
        let length = scaling.to[0].count * scaling.channels;
        RowPairs::bytes(length, scaling.waiting_pairs(1)) + VerticalPass::bytes([length, 1])
    }

    pub(super) fn vertical(&self) -> &VerticalPass {
        &self.vertical
    }

    /// Takes row `y` of those that come.
    pub(super) fn take(&mut self, y: usize, row: &[i16]) {
        let slots = self.waiting.coming(y).chunks_exact_mut(self.horizontal.output());
        for (channel, slot) in row.chunks_exact(self.width).zip(slots) {
            horizontal(self.cpu, &channel[self.used.clone()], &self.horizontal, slot);
        }
        if y % 2 == 1 || y + 1 == self.vertical.input() {
            self.waiting.keep(y);
        }
    }

    /// Makes the next row, if enough of those that come were taken: `came` of them.
    pub(super) fn complete(&mut self, came: usize) -> usize {
        self.vertical.sum(&self.waiting, came)
    }

    /// The row that was just made.
    pub(super) fn row(&self, index: usize) -> &[i16] {
        &self.vertical.row(index)[..self.length]
    }
}
