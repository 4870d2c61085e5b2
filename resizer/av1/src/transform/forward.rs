//! The forward transform of a residual, as products with orthonormal matrices. Sums of `f32` have
//! the same order on every CPU, so the coefficients are the same, too.

use super::{SINES_OF_NINTHS, TransformType, coded_side, cosine, identity, sine};

/// A matrix and its transpose: rows are frequencies, columns are positions.
#[derive(Debug, Clone)]
struct Matrix {
    by_frequency: Vec<f32>,
    by_position: Vec<f32>,
}

impl Matrix {
    /// Of `size` x `size` values, each of them a function of frequency and position.
    fn new(size: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        let coded = coded_side(size);
        let cells = |columns: usize, rows: usize| {
            (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
        };
        Self {
            by_frequency: cells(size, coded).map(|(k, n)| value(k, n)).collect(),
            by_position: cells(coded, size).map(|(n, k)| value(k, n)).collect(),
        }
    }

    fn dct(size: usize) -> Self {
        let scale = (2.0 / size as f32).sqrt() / 4096.0;
        Self::new(size, |k, n| {
            let value = cosine(((2 * n + 1) * k * 64 / size) as i32) as f32;
            if k == 0 { value * scale * 0.5f32.sqrt() } else { value * scale }
        })
    }

    fn adst(size: usize) -> Self {
        if size == 4 {
            let [s1, s2, s3, s4] = SINES_OF_NINTHS;
            let rows = [[s1, s2, s3, s4], [s3, s3, 0, -s3], [s4, -s1, -s3, s2], [s2, -s4, s3, -s1]];
            let scale = 0.5f32.sqrt() / 4096.0;
            return Self::new(size, |k, n| rows[k][n] as f32 * scale);
        }
        let scale = (2.0 / size as f32).sqrt() / 4096.0;
        Self::new(size, |k, n| sine(((2 * n + 1) * (2 * k + 1) * 32 / size) as i32) as f32 * scale)
    }
}

/// The matrices of all transforms.
#[derive(Debug, Clone)]
pub(crate) struct Matrices {
    /// By size: 4, 8, 16, 32, 64.
    dct: [Matrix; 5],
    /// By size: 4, 8, 16.
    adst: [Matrix; 3],
}

impl Matrices {
    pub(crate) fn new() -> Self {
        Self { dct: [4, 8, 16, 32, 64].map(Matrix::dct), adst: [4, 8, 16].map(Matrix::adst) }
    }

    fn of(&self, size: usize, is_adst: bool) -> &Matrix {
        let index = size.ilog2() as usize - 2;
        if is_adst && index < 3 { &self.adst[index] } else { &self.dct[index] }
    }
}

/// Transforms `size` x `size` residuals to [`coded_side`] x `coded_side` coefficients, in rows of
/// equal vertical frequency.
#[inline(always)]
pub(crate) fn transform(
    matrices: &Matrices,
    (size, kind): (usize, TransformType),
    residual: &[i16],
    out: &mut [f32],
) {
    if kind == TransformType::Identity {
        return identity::forward(&residual[..size * size], out);
    }
    let columns = &matrices.of(size, kind.has_column_adst()).by_frequency;
    let rows = &matrices.of(size, kind.has_row_adst()).by_position;
    let is_dct = !kind.has_column_adst();
    match size {
        4 => multiply::<4, 4>(columns, rows, residual, out),
        8 => multiply::<8, 8>(columns, rows, residual, out),
        16 if is_dct => multiply_folded::<16, 16>(columns, rows, residual, out),
        16 => multiply::<16, 16>(columns, rows, residual, out),
        32 => multiply_folded::<32, 32>(columns, rows, residual, out),
        _ => multiply_folded::<64, 32>(columns, rows, residual, out),
    }
}

#[inline(always)]
fn multiply<const N: usize, const CODED: usize>(
    columns: &[f32],
    rows: &[f32],
    residual: &[i16],
    out: &mut [f32],
) {
    let (residual, _) = residual.as_chunks::<N>();
    let mut input = [[0f32; N]; N];
    for (input, residual) in input.iter_mut().zip(residual) {
        *input = residual.map(f32::from);
    }
    let (columns, _) = columns.as_chunks::<N>();
    let (out, _) = out.as_chunks_mut::<CODED>();
    for (factors, out) in columns.iter().zip(out) {
        let mut sums = [0f32; N];
        for (factor, row) in factors.iter().zip(&input) {
            for x in 0..N {
                sums[x] += factor * row[x];
            }
        }
        *out = transform_row::<N, CODED>(&sums, rows);
    }
}

/// As [`multiply`], for a DCT of the columns: the even frequencies need only the sums of mirrored
/// rows, and the odd ones only their differences.
#[inline(always)]
fn multiply_folded<const N: usize, const CODED: usize>(
    columns: &[f32],
    rows: &[f32],
    residual: &[i16],
    out: &mut [f32],
) {
    let (residual, _) = residual.as_chunks::<N>();
    let mut folded = [[0f32; N]; N];
    for y in 0..N / 2 {
        for x in 0..N {
            let (upper, lower) = (residual[y][x], residual[N - 1 - y][x]);
            folded[y][x] = f32::from(upper + lower);
            folded[N / 2 + y][x] = f32::from(upper - lower);
        }
    }
    let (columns, _) = columns.as_chunks::<N>();
    let (out, _) = out.as_chunks_mut::<CODED>();
    for (k, (factors, out)) in columns.iter().zip(out).enumerate() {
        let half = &folded[k % 2 * (N / 2)..][..N / 2];
        let mut sums = [0f32; N];
        for (factor, row) in factors.iter().zip(half) {
            for x in 0..N {
                sums[x] += factor * row[x];
            }
        }
        *out = transform_row::<N, CODED>(&sums, rows);
    }
}

#[inline(always)]
fn transform_row<const N: usize, const CODED: usize>(
    input: &[f32; N],
    rows: &[f32],
) -> [f32; CODED] {
    let (rows, _) = rows.as_chunks::<CODED>();
    let mut sums = [0f32; CODED];
    for (value, factors) in input.iter().zip(rows) {
        for l in 0..CODED {
            sums[l] += value * factors[l];
        }
    }
    sums
}
