//! One resampling of rows as they come: rows of a stream in, rows of a picture out. What waits
//! meanwhile is as many rows as the filter is high and a few more, never the picture.

use std::ops::Range;

use resizer_jpeg::cpu::Cpu;

use super::axis::Axis;
use super::kernels::{PAIRED_COLUMNS, Sum, TAP_MULTIPLE, horizontal, vertical};
use super::pairs::{Pairs, padded};
use crate::plan::Grid;

/// From this reduction on rows are shortened before they wait, so that those that wait stay in the
/// cache: the filter is then 24 rows high and more.
const SHORTEN_FIRST: f64 = 4.0;

/// Rows that are completed together, column after column, so that what several of them are made of
/// comes from the L2 cache once.
const BATCH: usize = 8;

/// From the grids of the rows that come to those of the rows that go.
#[derive(Debug)]
pub(crate) struct Pass {
    cpu: Cpu,
    /// Samples of a channel in the rows that come, and those of them that a crop leaves.
    width: usize,
    used: Range<usize>,
    horizontal: Axis,
    vertical: Axis,
    /// Rows that are shortened before they wait; otherwise they wait where they come from.
    shortened: Option<Pairs>,
    /// Steps of columns that are added up.
    steps: Vec<Range<usize>>,
    /// The next row to go.
    next: usize,
    /// Rows out of the vertical direction, `sum_length` from one to the next.
    summed: Vec<i16>,
    sum_length: usize,
}

impl Pass {
    /// `from` and `to` are the horizontal and the vertical grid; rows hold `channels`, one after
    /// the other.
    pub(crate) fn new(channels: usize, from: [Grid; 2], to: [Grid; 2]) -> Self {
        let cpu = Cpu::detect();
        let width = from[0].count;
        let (used, horizontal) = Axis::new(from[0], to[0], TAP_MULTIPLE).trimmed();
        let vertical = Axis::in_pairs(from[1], to[1]);
        let shorten_first = shortens_first(from, to);
        let length = if shorten_first { horizontal.output() } else { width } * channels;
        let sum_length = padded(length);
        let shortened = shorten_first.then(|| Pairs::new(cpu, length, vertical.reach_of(1) / 2));
        let steps = match shorten_first {
            true => steps(1, length, &(0..length)),
            false => steps(channels, width, &used),
        };
        Self {
            cpu,
            width,
            used,
            steps,
            next: 0,
            summed: vec![0; sum_length * if shorten_first { 1 } else { BATCH }],
            sum_length,
            shortened,
            horizontal,
            vertical,
        }
    }

    /// Bytes that a pass between these grids takes, with the rows that wait for it.
    pub(crate) fn bytes(channels: usize, from: [Grid; 2], to: [Grid; 2]) -> u64 {
        let step = |at: usize| (to[at].pitch / from[at].pitch).max(1.0);
        let taps = |at: usize| ((step(at) * 6.0) as u64 + 9).min(from[at].count as u64 + 1);
        let (width, batch) =
            if shortens_first(from, to) { (to[0].count, 1) } else { (from[0].count, BATCH as u64) };
        let pairs = (taps(1) + (batch as f64 * step(1)) as u64).div_ceil(2) + 1;
        let length = width * channels;
        // Starts have eight bytes; windows are first kept as ranges.
        let axis = |at: usize| to[at].count as u64 * (taps(at) * 2 + 48);
        Pairs::bytes(length, pairs) + padded(length) as u64 * batch * 2 + axis(0) + axis(1)
    }

    /// Pairs of rows that must wait where they come from.
    pub(crate) fn waiting_pairs(&self) -> usize {
        if self.shortened.is_some() { 0 } else { self.vertical.reach_of(BATCH) / 2 }
    }

    /// Whether row `y` of those that come is looked at.
    pub(crate) fn wants(&self, y: usize) -> bool {
        self.next < self.vertical.output() && y >= self.vertical.starts()[self.next]
    }

    /// Takes row `y`, where rows are shortened before they wait.
    pub(crate) fn take(&mut self, y: usize, row: &[i16]) {
        let Some(shortened) = &mut self.shortened else { return };
        let slots = shortened.coming(y).chunks_exact_mut(self.horizontal.output());
        for (channel, slot) in row.chunks_exact(self.width).zip(slots) {
            horizontal(self.cpu, &channel[self.used.clone()], &self.horizontal, slot);
        }
        if y % 2 == 1 || y + 1 == self.vertical.input() {
            shortened.keep(y);
        }
    }

    /// Adds up the next rows, once enough of those that they are made of have come: `came`, of
    /// which the last wait as `pairs`. Gives their number; 0 where they have to wait.
    pub(crate) fn sum(&mut self, pairs: &Pairs, came: usize) -> usize {
        if self.next == self.vertical.output() {
            return 0;
        }
        let most = self.summed.len() / self.sum_length;
        let batch = self.next..(self.next + most).min(self.vertical.output());
        let (start, end) = self.vertical.reach(batch.clone());
        if end > came.next_multiple_of(2) {
            return 0;
        }
        self.next = batch.end;
        let sum = |at: usize| {
            let (first, weights) = self.vertical.window(at);
            Sum { first_pair: (first - start) / 2, weights }
        };
        let sums: Vec<Sum<'_>> = batch.map(sum).collect();
        let pairs = self.shortened.as_ref().unwrap_or(pairs).of(start, end);
        for steps in &self.steps {
            vertical(self.cpu, &pairs, &sums, steps.clone(), &mut self.summed);
        }
        sums.len()
    }

    /// Writes one of the rows that were just added up.
    pub(crate) fn finish(&self, index: usize, out: &mut [i16]) {
        let row = &self.summed[index * self.sum_length..][..self.sum_length];
        if self.shortened.is_some() {
            out.copy_from_slice(&row[..out.len()]);
            return;
        }
        let channels =
            row.chunks_exact(self.width).zip(out.chunks_exact_mut(self.horizontal.output()));
        for (channel, out) in channels {
            horizontal(self.cpu, &channel[self.used.clone()], &self.horizontal, out);
        }
    }
}

fn shortens_first(from: [Grid; 2], to: [Grid; 2]) -> bool {
    to[1].pitch / from[1].pitch >= SHORTEN_FIRST
}

/// The steps of columns with the used ones of each channel, each step once.
fn steps(channels: usize, width: usize, used: &Range<usize>) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for channel in 0..channels {
        let first = (channel * width + used.start) / PAIRED_COLUMNS;
        let end = (channel * width + used.end).div_ceil(PAIRED_COLUMNS);
        match all.last_mut() {
            Some(last) if last.end >= first => last.end = end,
            _ => all.push(first..end),
        }
    }
    all
}
