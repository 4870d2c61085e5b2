//! What is done to every sample, each by the best instruction set that the machine has: the two
//! passes, bytes to linear light and back, planar channels to interleaved pixels. Every instruction
//! set gives the same values.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(test)]
mod tests;

use std::ops::Range;

use resizer_cpu::Cpu;

use super::axis::Axis;

/// The sample of white and of full alpha, 64 for each step of a byte: room for what the filter
/// adds beyond white, and in linear light 5 for the first step above black.
pub(super) const WHITE: i16 = 255 << STEP_BITS;

/// Bits of a sample below a byte's.
pub(super) const STEP_BITS: u32 = 6;

/// Taps of [`horizontal`] come in multiples of this, so that they fill vectors.
pub(super) const TAP_MULTIPLE: usize = 8;

/// Rows that [`horizontal_batch`] takes at once.
pub(super) const BATCH: usize = 8;

/// Two neighboring samples of each row of a batch, row by row.
pub(super) type Column = [i16; 2 * BATCH];

/// Rows of the vertical pass have a multiple of this many columns.
pub(super) const PAIRED_COLUMNS: usize = 64;

/// Columns of two rows that lie together in a pair, in an order that each set has for itself.
const BLOCK: usize = 16;

/// One row out of the vertical pass: the first of the pairs of rows that it is a sum of, and two
/// weights for each of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum<'a> {
    pub(super) first_pair: usize,
    pub(super) weights: &'a [i16],
}

/// Two rows as a pair for [`vertical`].
///
/// # Panics
/// When the pair is not as long as both rows, which are a multiple of [`PAIRED_COLUMNS`].
pub(super) fn pair(cpu: Cpu, rows: [&[i16]; 2], out: &mut [i16]) {
    let [upper, lower] = rows.map(|row| row.as_chunks::<BLOCK>().0);
    let blocks = out.as_chunks_mut::<{ 2 * BLOCK }>().0;
    assert!(rows[0].len().is_multiple_of(PAIRED_COLUMNS));
    assert_eq!((upper.len(), lower.len()), (blocks.len(), blocks.len()));
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::pair(avx2, upper, lower, blocks),
        _ => portable::pair(upper, lower, blocks),
    }
}

/// The vertical pass: rows of output, one behind the other, each the weighted sum of some of the
/// `pairs`. `steps` are the columns to be summed, [`PAIRED_COLUMNS`] each.
///
/// # Panics
/// When pairs differ in length or are fewer than the weights, or there is no room for all rows.
pub(super) fn vertical(
    cpu: Cpu,
    pairs: &[&[i16]],
    sums: &[Sum<'_>],
    steps: Range<usize>,
    out: &mut [i16],
) {
    for pair in pairs {
        assert_eq!(pair.len(), pairs[0].len());
    }
    match cpu {
        Cpu::Portable => portable::vertical(pairs, sums, steps, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::vertical(avx2, pairs, sums, steps, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::vertical(neon, pairs, sums, steps, out),
    }
}

/// The blocks of the pairs that a sum is made of, at one step of columns, and their weights.
fn terms<'a>(
    pairs: &'a [&[i16]],
    sum: &'a Sum<'_>,
    step: usize,
) -> impl Iterator<Item = (&'a [i16; 2 * PAIRED_COLUMNS], [i16; 2])> {
    let (weights, _) = sum.weights.as_chunks::<2>();
    let pairs = &pairs[sum.first_pair..][..weights.len()];
    let at_step = move |pair: &&'a [i16]| &pair.as_chunks::<{ 2 * PAIRED_COLUMNS }>().0[step];
    pairs.iter().map(at_step).zip(weights.iter().copied())
}

/// The horizontal pass of one channel of one row.
///
/// # Panics
/// When the rows are not as long as the axis says.
pub(super) fn horizontal(cpu: Cpu, row: &[i16], axis: &Axis, out: &mut [i16]) {
    assert_eq!((row.len(), out.len()), (axis.input(), axis.output()));
    if axis.taps() == 1 {
        for (out, &start) in out.iter_mut().zip(axis.starts()) {
            *out = row[start];
        }
        return;
    }
    match cpu {
        Cpu::Portable => portable::horizontal(row, axis, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::horizontal(avx2, row, axis, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::horizontal(neon, row, axis, out),
    }
}

/// What the taps of [`horizontal_batch`] start at a multiple of, and come in multiples of.
pub(super) fn batch_alignment(cpu: Cpu) -> [usize; 2] {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(_) => [2, 2],
        _ => [1, TAP_MULTIPLE],
    }
}

/// The horizontal pass of one channel of a batch of rows, each as [`horizontal`] makes it; a row
/// may be shorter by the one sample that taps in pairs reach beyond it. `columns` is room for them,
/// two by two. In AVX2 the rows lie side by side in a vector, so that nothing is summed across it,
/// and taps are as many as the filter has, not a multiple of 8: 8.7 % of a job instead of 11.4 %.
///
/// # Panics
/// When the rows are not as long as the axis says, or there is less room.
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(unused_variables, reason = "rows are only transposed where that pays")
)]
pub(super) fn horizontal_batch(
    cpu: Cpu,
    rows: [&[i16]; BATCH],
    axis: &Axis,
    columns: &mut [Column],
    mut out: [&mut [i16]; BATCH],
) {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) if axis.taps() > 1 => {
            avx2::horizontal_batch(avx2, rows, axis, columns, out);
        }
        _ => {
            for (row, out) in rows.iter().zip(&mut out) {
                horizontal(cpu, row, axis, out);
            }
        }
    }
}

/// Bytes to gamma-encoded samples, 64 for each step.
///
/// # Panics
/// When there are not as many samples as bytes.
pub(super) fn to_gamma(cpu: Cpu, bytes: &[u8], samples: &mut [i16]) {
    assert_eq!(bytes.len(), samples.len());
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::to_gamma(avx2, bytes, samples),
        _ => portable::to_gamma(bytes, samples),
    }
}

/// Gamma-encoded samples to bytes, clamped to black and [`WHITE`].
///
/// # Panics
/// When there are not as many bytes as samples.
pub(super) fn from_gamma(cpu: Cpu, samples: &[i16], bytes: &mut [u8]) {
    assert_eq!(bytes.len(), samples.len());
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::from_gamma(avx2, samples, bytes),
        _ => portable::from_gamma(samples, bytes),
    }
}

/// Bytes in sRGB to linear light, [`WHITE`] for 255.
///
/// # Panics
/// When there are not as many samples as bytes.
pub(super) fn to_linear(cpu: Cpu, bytes: &[u8], samples: &mut [i16]) {
    assert_eq!(bytes.len(), samples.len());
    match cpu {
        Cpu::Portable => portable::to_linear(bytes, samples),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::to_linear(avx2, bytes, samples),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::to_linear(neon, bytes, samples),
    }
}

/// Linear light to bytes in sRGB, clamped to black and [`WHITE`].
///
/// # Panics
/// When there are not as many bytes as samples.
pub(super) fn from_linear(cpu: Cpu, samples: &[i16], bytes: &mut [u8]) {
    assert_eq!(bytes.len(), samples.len());
    match cpu {
        Cpu::Portable => portable::from_linear(samples, bytes),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::from_linear(avx2, samples, bytes),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::from_linear(neon, samples, bytes),
    }
}

/// Rows of red, green and blue to one of interleaved pixels.
///
/// # Panics
/// When the lengths do not fit.
pub(super) fn interleave(cpu: Cpu, rows: [&[u8]; 3], out: &mut [u8]) {
    for row in rows {
        assert_eq!(row.len() * 3, out.len());
    }
    match cpu {
        Cpu::Portable => portable::interleave(rows, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::interleave(avx2, rows, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::interleave(neon, rows, out),
    }
}
