//! The identity transform, which codes the samples of a residual themselves. Source: AV1
//! specification, section "Inverse identity transform process".

/// Copies `size` x `size` residuals as orthonormal coefficients. Columns become rows.
#[inline]
pub(crate) fn forward(size: usize, residual: &[i16], out: &mut [f32]) {
    for (y, row) in residual.chunks_exact(size).take(size).enumerate() {
        for (out, residual) in out.chunks_exact_mut(size).zip(row) {
            out[y] = f32::from(*residual);
        }
    }
}

/// Scales a value of a row or column of `side` values as the decoder does.
#[inline(always)]
pub(super) fn scale(value: i32, side: usize) -> i32 {
    match side {
        4 => (value * 5793 + (1 << 11)) >> 12,
        8 => value * 2,
        16 => (value * 11_586 + (1 << 11)) >> 12,
        _ => value * 4,
    }
}
