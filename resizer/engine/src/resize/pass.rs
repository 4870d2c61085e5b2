//! One resampling of rows as they come: each row in may complete rows out. What waits meanwhile is
//! as many rows as the filter is high, never the picture.

use std::ops::Range;

use resizer_jpeg::cpu::Cpu;

use super::axis::Axis;
use super::kernels::{ROW_MULTIPLE, TAP_MULTIPLE, horizontal, vertical};
use crate::plan::Grid;

/// From this reduction on rows are shortened before they wait, so that those that wait stay in the
/// cache: the filter is then 24 rows high and more.
const SHORTEN_FIRST: f64 = 4.0;

/// From the grids of the rows that come to those of the rows that go.
#[derive(Debug)]
pub(crate) struct Pass {
    cpu: Cpu,
    /// Samples of a channel in the rows that come, and those of them that a crop leaves.
    width: usize,
    used: Range<usize>,
    horizontal: Axis,
    vertical: Axis,
    shorten_first: bool,
    /// The last rows, `vertical.taps()` of them, row `y` at `y % vertical.taps()`.
    waiting: Vec<i16>,
    /// Samples of one of them: of a channel, over all channels.
    waiting_width: usize,
    waiting_length: usize,
    /// Rows that came.
    seen: usize,
    /// The next row to go.
    next: usize,
    /// A row between the two directions; unused where rows are shortened first.
    between: Vec<i16>,
    row: Vec<i16>,
}

impl Pass {
    /// `from` and `to` are the horizontal and the vertical grid; rows hold `channels`, one after
    /// the other.
    pub(crate) fn new(channels: usize, from: [Grid; 2], to: [Grid; 2]) -> Self {
        let (used, horizontal) = Axis::new(from[0], to[0], TAP_MULTIPLE).trimmed();
        let vertical = Axis::new(from[1], to[1], ROW_MULTIPLE);
        let shorten_first = to[1].pitch / from[1].pitch >= SHORTEN_FIRST;
        let waiting_width = if shorten_first { horizontal.output() } else { used.len() };
        let waiting_length = waiting_width * channels;
        Self {
            cpu: Cpu::detect(),
            width: from[0].count,
            used,
            shorten_first,
            waiting: vec![0; waiting_length * vertical.taps()],
            waiting_width,
            waiting_length,
            seen: 0,
            next: 0,
            between: vec![0; if shorten_first { 0 } else { waiting_length }],
            row: vec![0; horizontal.output() * channels],
            horizontal,
            vertical,
        }
    }

    /// Bytes that a pass between these grids takes.
    pub(crate) fn bytes(channels: usize, from: [Grid; 2], to: [Grid; 2]) -> u64 {
        let step = |at: usize| (to[at].pitch / from[at].pitch).max(1.0);
        let taps = |at: usize| ((step(at) * 6.0) as u64 + 9).min(from[at].count as u64);
        let waiting_width = if step(1) >= SHORTEN_FIRST { to[0].count } else { from[0].count };
        let rows = waiting_width as u64 * (taps(1) + 1) + to[0].count as u64;
        // Starts have eight bytes, and weights are first made window by window.
        let axis = |at: usize| to[at].count as u64 * (taps(at) * 4 + 56);
        rows * 2 * channels as u64 + axis(0) + axis(1)
    }

    /// Whether the next row that comes is looked at.
    pub(crate) fn wants(&self) -> bool {
        self.next < self.vertical.output() && self.seen >= self.vertical.starts()[self.next]
    }

    /// Takes the next row; gives each row that it completes to `emit`.
    pub(crate) fn push(&mut self, row: &[i16], emit: &mut dyn FnMut(&[i16])) {
        let (y, wanted, taps) = (self.seen, self.wants(), self.vertical.taps());
        self.seen += 1;
        if !wanted {
            return;
        }
        let slot = &mut self.waiting[y % taps * self.waiting_length..][..self.waiting_length];
        let slots = slot.chunks_exact_mut(self.waiting_width);
        for (channel, slot) in row.chunks_exact(self.width).zip(slots) {
            let used = &channel[self.used.clone()];
            if self.shorten_first {
                horizontal(self.cpu, used, &self.horizontal, slot);
            } else {
                slot.copy_from_slice(used);
            }
        }
        while self.next < self.vertical.output()
            && self.vertical.starts()[self.next] + taps == y + 1
        {
            self.complete();
            self.next += 1;
            emit(&self.row);
        }
    }

    /// Makes row `next` of those that wait.
    fn complete(&mut self) {
        let (start, weights) = self.vertical.window(self.next);
        let length = self.waiting_length;
        let waiting = |y: usize| &self.waiting[y % weights.len() * length..][..length];
        let rows: Vec<&[i16]> = (start..start + weights.len()).map(waiting).collect();
        let Self { cpu, horizontal, between, row, .. } = self;
        match rows[..] {
            _ if self.shorten_first => vertical(*cpu, &rows, weights, row),
            [sole] => shorten(*cpu, horizontal, sole, row),
            _ => {
                vertical(*cpu, &rows, weights, between);
                shorten(*cpu, horizontal, between, row);
            }
        }
    }
}

/// The horizontal direction, channel after channel.
fn shorten(cpu: Cpu, axis: &Axis, row: &[i16], out: &mut [i16]) {
    let channels = row.chunks_exact(axis.input()).zip(out.chunks_exact_mut(axis.output()));
    for (row, out) in channels {
        horizontal(cpu, row, axis, out);
    }
}
