//! The two passes of one picture, in the order that suits its scale: rows of a stream in as they
//! come, rows of the picture out. Only as many rows wait as the filter is high, and a few more.

use resizer_cpu::Cpu;

use super::horizontal_first::HorizontalFirst;
use super::row_pairs::RowPairs;
use super::scaling::Scaling;
use super::vertical_first::VerticalFirst;
use super::vertical_pass::VerticalPass;

/// From this reduction on the horizontal pass comes first, so that the rows that wait stay in the
/// cache: Lanczos3 is then 24 rows high and more.
const HORIZONTAL_FIRST: f64 = 4.0;

/// Both passes of one picture.
#[derive(Debug)]
pub(super) enum Passes {
    /// Much is reduced: rows wait behind the horizontal pass.
    HorizontalFirst(HorizontalFirst),
    /// Rows wait where they come from.
    VerticalFirst(VerticalFirst),
}

impl Passes {
    pub(super) fn new(cpu: Cpu, scaling: &Scaling) -> Self {
        if is_horizontal_first(scaling) {
            Self::HorizontalFirst(HorizontalFirst::new(cpu, scaling))
        } else {
            Self::VerticalFirst(VerticalFirst::new(cpu, scaling))
        }
    }

    /// Bytes that they take, with the rows that wait for them.
    pub(super) fn bytes(scaling: &Scaling) -> u64 {
        let rows = if is_horizontal_first(scaling) {
            HorizontalFirst::bytes(scaling)
        } else {
            VerticalFirst::bytes(scaling)
        };
        // Starts have eight bytes; windows are first kept as ranges.
        let axis = |at: usize| scaling.to[at].count as u64 * (scaling.taps(at) * 2 + 48);
        rows + axis(0) + axis(1)
    }

    /// Pairs of rows that must wait where they come from.
    pub(super) fn waiting_pairs(&self) -> usize {
        match self {
            Self::HorizontalFirst(_) => 0,
            Self::VerticalFirst(passes) => passes.vertical().waiting_pairs(),
        }
    }

    /// Whether row `y` of those that come has a weight in a row that is yet to be made.
    pub(super) fn wants(&self, y: usize) -> bool {
        self.vertical().wants(y)
    }

    /// Takes row `y` of those that come, where rows do not wait there.
    pub(super) fn take(&mut self, y: usize, row: &[i16]) {
        if let Self::HorizontalFirst(passes) = self {
            passes.take(y, row);
        }
    }

    /// Makes the next rows, once enough of those that come did so: `came`, of which the last wait
    /// as `pairs`. Gives their number; 0 where they have to wait.
    pub(super) fn complete(&mut self, pairs: &RowPairs, came: usize) -> usize {
        match self {
            Self::HorizontalFirst(passes) => passes.complete(came),
            Self::VerticalFirst(passes) => passes.complete(pairs, came),
        }
    }

    /// One of the rows that were just made.
    pub(super) fn row(&self, index: usize) -> &[i16] {
        match self {
            Self::HorizontalFirst(passes) => passes.row(index),
            Self::VerticalFirst(passes) => passes.row(index),
        }
    }

    fn vertical(&self) -> &VerticalPass {
        match self {
            Self::HorizontalFirst(passes) => passes.vertical(),
            Self::VerticalFirst(passes) => passes.vertical(),
        }
    }
}

fn is_horizontal_first(Scaling { from, to, .. }: &Scaling) -> bool {
    to[1].pitch / from[1].pitch >= HORIZONTAL_FIRST
}
