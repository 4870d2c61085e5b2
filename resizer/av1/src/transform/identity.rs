//! The identity transform, which codes the samples of a residual themselves. Source: AV1
//! specification, section "Inverse identity transform process".

/// Copies a residual as orthonormal coefficients.
pub(super) fn forward(residual: &[i16], out: &mut [f32]) {
    for (out, residual) in out.iter_mut().zip(residual) {
        *out = f32::from(*residual);
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
