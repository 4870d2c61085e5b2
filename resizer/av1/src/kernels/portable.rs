//! The kernels for any CPU.

/// The differences of `size` x `size` samples and their prediction.
#[inline(always)]
pub(super) fn subtract(
    (source, stride): (&[u8], usize),
    prediction: &[u8],
    size: usize,
    out: &mut [i16],
) {
    let rows = out.chunks_exact_mut(size).zip(prediction.chunks_exact(size)).take(size);
    for (y, (out, prediction)) in rows.enumerate() {
        let source = &source[y * stride..][..size];
        for x in 0..size {
            out[x] = i16::from(source[x]) - i16::from(prediction[x]);
        }
    }
}

/// The Hadamard transform of values that lie `step` apart.
#[inline(always)]
fn hadamard<const COUNT: usize>(values: &mut [i16], step: usize) {
    let mut distance = 1;
    while distance < COUNT {
        for first in (0..COUNT).step_by(2 * distance) {
            for at in first..first + distance {
                let (a, b) = (values[at * step], values[(at + distance) * step]);
                values[at * step] = a + b;
                values[(at + distance) * step] = a - b;
            }
        }
        distance *= 2;
    }
}

#[inline(always)]
fn transformed<const SIDE: usize, const COUNT: usize>(
    (source, stride): (&[u8], usize),
    (prediction, width): (&[u8], usize),
) -> u32 {
    let mut values = [0i16; COUNT];
    for (y, row) in values.chunks_exact_mut(SIDE).enumerate() {
        let (source, prediction) = (&source[y * stride..][..SIDE], &prediction[y * width..]);
        for x in 0..SIDE {
            row[x] = i16::from(source[x]) - i16::from(prediction[x]);
        }
    }
    for x in 0..SIDE {
        hadamard::<SIDE>(&mut values[x..], SIDE);
    }
    values.chunks_exact_mut(SIDE).for_each(|row| hadamard::<SIDE>(row, 1));
    values.iter().map(|value| u32::from(value.unsigned_abs())).sum()
}

/// The cost of 4 x 4 samples.
pub(super) fn hadamard_cost_4(source: (&[u8], usize), prediction: &[u8]) -> u32 {
    transformed::<4, 16>(source, (prediction, 4)) / 4
}

/// The cost of the first eight rows of a block.
pub(super) fn hadamard_cost(
    (source, stride): (&[u8], usize),
    prediction: &[u8],
    size: usize,
) -> u32 {
    let block = |x| transformed::<8, 64>((&source[x..], stride), (&prediction[x..], size));
    (0..size).step_by(8).map(|x| block(x) / 8).sum()
}
