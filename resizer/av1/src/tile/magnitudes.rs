//! The absolute values of levels, and the contexts of their symbols. Source: AV1 specification,
//! section "CDF selection process".

use crate::quantizer::Levels;

/// The values of a row, and zeros after it: the contexts reach two values beyond it.
const STRIDE: usize = 40;
/// The rows of the largest block, and the two that the contexts reach beyond it.
const ROWS: usize = 34;

/// The absolute values of the levels of a block, and the contexts that follow from them, in the
/// order of the levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Magnitudes {
    rows: [[u8; STRIDE]; ROWS],
    /// The absolute values, at most 127.
    pub(super) values: [u8; 1024],
    /// The contexts of symbols for 0 to 3. Those from 11 on are 21 to 25 of the specification.
    pub(super) base: [u8; 1024],
    /// The contexts of symbols for more than 3.
    pub(super) high: [u8; 1024],
}

impl Magnitudes {
    pub(crate) const fn new() -> Self {
        Self { rows: [[0; STRIDE]; ROWS], values: [0; 1024], base: [0; 1024], high: [0; 1024] }
    }
}

/// The lowest context of each column: in the first four rows, and in all other rows.
const BASE_CLASSES: [[u8; 32]; 5] = [
    row([1, 1, 6, 6], 11),
    row([1, 6, 6, 11], 11),
    row([6, 6, 11, 11], 11),
    row([6, 11, 11, 11], 11),
    [11; 32],
];

/// The lowest context of each column: in the first two rows, and in all other rows.
const HIGH_CLASSES: [[u8; 32]; 3] = [row([0, 7, 14, 14], 14), row([7, 7, 14, 14], 14), [14; 32]];

/// `others` is the value of all columns but the first four.
const fn row([a, b, c, d]: [u8; 4], others: u8) -> [u8; 32] {
    let mut row = [others; 32];
    (row[0], row[1], row[2], row[3]) = (a, b, c, d);
    row
}

/// Reads the levels of a block of `side` x `side` coefficients. Places after the first
/// [`Levels::rows`] rows keep their values.
#[inline(always)]
pub(crate) fn read(levels: &Levels, side: usize, out: &mut Magnitudes) {
    match side {
        4 => read_block::<4>(levels, out),
        8 => read_block::<8>(levels, out),
        16 => read_block::<16>(levels, out),
        _ => read_block::<32>(levels, out),
    }
}

#[inline(always)]
fn read_block<const N: usize>(levels: &Levels, out: &mut Magnitudes) {
    let count = levels.rows.min(N);
    let (rows, _) = levels.levels.as_chunks::<N>();
    let (values, _) = out.values.as_chunks_mut::<N>();
    for ((row, value), levels) in out.rows.iter_mut().zip(values).zip(rows).take(count) {
        let mut magnitudes = [0; N];
        for x in 0..N {
            magnitudes[x] = levels[x].unsigned_abs().min(127) as u8;
        }
        *value = magnitudes;
        row[..N].copy_from_slice(&magnitudes);
        row[N..N + 2].fill(0);
    }
    for row in &mut out.rows[count..count + 2] {
        row[..N].fill(0);
        row[N..N + 2].fill(0);
    }
    let (base, _) = out.base.as_chunks_mut::<N>();
    let (high, _) = out.high.as_chunks_mut::<N>();
    for (y, (base, high)) in base.iter_mut().zip(high).enumerate().take(count) {
        let [first, second, third] = [&out.rows[y], &out.rows[y + 1], &out.rows[y + 2]];
        let base_classes = &BASE_CLASSES[y.min(4)][..N];
        let high_classes = &HIGH_CLASSES[y.min(2)][..N];
        for x in 0..N {
            let sum = first[x + 1].min(3)
                + first[x + 2].min(3)
                + second[x].min(3)
                + second[x + 1].min(3)
                + third[x].min(3);
            base[x] = ((sum + 1) >> 1).min(4) + base_classes[x];
            let sum = first[x + 1].min(15) + second[x].min(15) + second[x + 1].min(15);
            high[x] = ((sum + 1) >> 1).min(6) + high_classes[x];
        }
    }
    out.base[0] = 0;
}
