//! What one picture is made of and becomes, and how much of it waits between the passes at most.

use crate::filter::Filter;
use crate::plan::Grid;

/// From the rows of a source, or of a larger picture, to those of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scaling {
    pub(super) filter: Filter,
    /// Rows hold so many channels, one after the other.
    pub(super) channels: usize,
    /// The grids of the rows that come: across, down.
    pub(super) from: [Grid; 2],
    /// Those of the rows that go.
    pub(super) to: [Grid; 2],
}

impl Scaling {
    /// Input samples for each output sample of one direction, at least 1.
    fn step(&self, direction: usize) -> f64 {
        (self.to[direction].pitch / self.from[direction].pitch).max(1.0)
    }

    /// At most so many taps has the axis of one direction, with those that fill up vectors.
    pub(super) fn taps(&self, direction: usize) -> u64 {
        let reach = self.filter.reach(1.0, self.step(direction));
        ((reach * 2.0) as u64 + 9).min(self.from[direction].count as u64 + 1)
    }

    /// At most so many pairs of rows wait for a batch.
    pub(super) fn waiting_pairs(&self, batch: usize) -> u64 {
        (self.taps(1) + (batch as f64 * self.step(1)) as u64).div_ceil(2) + 1
    }
}
