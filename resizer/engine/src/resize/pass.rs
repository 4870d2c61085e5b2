//! One resampling of rows as they come: rows of a stream in, rows of a picture out. What waits
//! meanwhile is as many rows as the filter is high and a few more, never the picture.

use std::ops::Range;

use resizer_cpu::Cpu;

use super::axis::Axis;
use super::kernels::{
    BATCH, Column, PAIRED_COLUMNS, Sum, TAP_MULTIPLE, batch_alignment, horizontal,
    horizontal_batch, vertical,
};
use super::pairs::{Pairs, padded};
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
    /// Rows that are shortened before they wait; otherwise they wait where they come from.
    shortened: Option<Pairs>,
    /// Steps of columns that are added up.
    steps: Vec<Range<usize>>,
    /// The next row to go.
    next: usize,
    /// Rows out of the vertical direction, `sum_length` from one to the next. A batch of them is
    /// completed together, column after column, so that what several of them are made of comes from
    /// the L2 cache once.
    summed: Vec<i16>,
    sum_length: usize,
    /// A batch of them turned, and the rows that it becomes; unused where rows were shortened.
    columns: Vec<Column>,
    completed: Vec<i16>,
    /// Samples of a row that goes.
    length: usize,
}

impl Pass {
    /// `from` and `to` are the horizontal and the vertical grid; rows hold `channels`, one after
    /// the other.
    pub(crate) fn new(channels: usize, from: [Grid; 2], to: [Grid; 2]) -> Self {
        let cpu = Cpu::detect();
        let width = from[0].count;
        let shorten_first = shortens_first(from, to);
        let alignment = if shorten_first { [1, TAP_MULTIPLE] } else { batch_alignment(cpu) };
        let (used, horizontal) = Axis::new(from[0], to[0], alignment).trimmed();
        let vertical = Axis::in_pairs(from[1], to[1]);
        let length = horizontal.output() * channels;
        let sum_length = padded(if shorten_first { length } else { width * channels });
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
            columns: vec![
                [0; 2 * BATCH];
                if shorten_first { 0 } else { horizontal.input().div_ceil(2) }
            ],
            completed: vec![0; if shorten_first { 0 } else { length * BATCH }],
            length,
            shortened,
            horizontal,
            vertical,
        }
    }

    /// Bytes that a pass between these grids takes, with the rows that wait for it.
    pub(crate) fn bytes(channels: usize, from: [Grid; 2], to: [Grid; 2]) -> u64 {
        let step = |at: usize| (to[at].pitch / from[at].pitch).max(1.0);
        let taps = |at: usize| ((step(at) * 6.0) as u64 + 9).min(from[at].count as u64 + 1);
        let shorten_first = shortens_first(from, to);
        let (width, batch) =
            if shorten_first { (to[0].count, 1) } else { (from[0].count, BATCH as u64) };
        let turned = (from[0].count + 1) * size_of::<Column>() / 2;
        let completed = to[0].count * channels * BATCH * 2;
        let completing = if shorten_first { 0 } else { (turned + completed) as u64 };
        let pairs = (taps(1) + (batch as f64 * step(1)) as u64).div_ceil(2) + 1;
        let length = width * channels;
        // Starts have eight bytes; windows are first kept as ranges.
        let axis = |at: usize| to[at].count as u64 * (taps(at) * 2 + 48);
        let summed = padded(length) as u64 * batch * 2;
        Pairs::bytes(length, pairs) + summed + completing + axis(0) + axis(1)
    }

    /// Pairs of rows that must wait where they come from.
    pub(crate) fn waiting_pairs(&self) -> usize {
        if self.shortened.is_some() { 0 } else { self.vertical.reach_of(BATCH) / 2 }
    }

    /// Whether row `y` of those that come is looked at.
    pub(crate) fn wants(&self, y: usize) -> bool {
        self.next < self.vertical.output() && y >= self.vertical.starts()[self.next]
    }

    /// Takes row `y` of those that come, where rows are shortened before they wait.
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
        let count = sums.len();
        if self.shortened.is_none() {
            self.complete();
        }
        count
    }

    /// Shortens a batch of rows; those behind the last ones are anything.
    fn complete(&mut self) {
        let output = self.horizontal.output();
        for channel in 0..self.length / output {
            let end = self.used.end.min(self.width);
            let used = channel * self.width + self.used.start..channel * self.width + end;
            let rows = std::array::from_fn(|y| &self.summed[y * self.sum_length..][used.clone()]);
            let mut out = self.completed.chunks_exact_mut(self.length);
            let out = std::array::from_fn(|_| {
                let row = out.next().expect("a batch is as many rows");
                &mut row[channel * output..][..output]
            });
            horizontal_batch(self.cpu, rows, &self.horizontal, &mut self.columns, out);
        }
    }

    /// One of the rows that were just made.
    pub(crate) fn row(&self, index: usize) -> &[i16] {
        let (rows, stride) = match self.shortened {
            Some(_) => (&self.summed, self.sum_length),
            None => (&self.completed, self.length),
        };
        &rows[index * stride..][..self.length]
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
