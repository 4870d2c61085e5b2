//! What is done to every sample, each from the best instruction set that the machine has: the two
//! passes, bytes to amounts of light, channels to pixels. Every set gives the same values.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(test)]
mod tests;

use resizer_jpeg::cpu::Cpu;

use super::axis::Axis;

/// Horizontal taps come in multiples of this, so that a vector of them is never cut.
pub(crate) const TAP_MULTIPLE: usize = 8;

/// Vertical taps come in multiples of this, for rows are added up in pairs.
pub(crate) const ROW_MULTIPLE: usize = 2;

/// One row of output: each column of `rows` times `weights`. Down a column of samples that are at
/// most 1.9 times white.
///
/// # Panics
/// When rows differ in length or are not as many as the weights.
pub(crate) fn vertical(cpu: Cpu, rows: &[&[i16]], weights: &[i16], out: &mut [i16]) {
    assert_eq!(rows.len(), weights.len());
    for row in rows {
        assert_eq!(row.len(), out.len());
    }
    match cpu {
        Cpu::Portable => portable::vertical(rows, weights, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::vertical(avx2, rows, weights, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::vertical(neon, rows, weights, out),
    }
}

/// One row of one channel, from one grid to the other.
///
/// # Panics
/// When the rows are not as long as the axis says.
pub(crate) fn horizontal(cpu: Cpu, row: &[i16], axis: &Axis, out: &mut [i16]) {
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

/// Bytes in sRGB to amounts of light, [`WHITE`](super::light::WHITE) for 255.
///
/// # Panics
/// When there are not as many samples as bytes.
pub(crate) fn to_linear(cpu: Cpu, bytes: &[u8], samples: &mut [i16]) {
    assert_eq!(bytes.len(), samples.len());
    match cpu {
        Cpu::Portable => portable::to_linear(bytes, samples),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::to_linear(avx2, bytes, samples),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::to_linear(neon, bytes, samples),
    }
}

/// Amounts of light to bytes in sRGB; what is below black or beyond
/// [`WHITE`](super::light::WHITE) is cut.
///
/// # Panics
/// When there are not as many bytes as samples.
pub(crate) fn from_linear(cpu: Cpu, samples: &[i16], bytes: &mut [u8]) {
    assert_eq!(bytes.len(), samples.len());
    match cpu {
        Cpu::Portable => portable::from_linear(samples, bytes),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::from_linear(avx2, samples, bytes),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::from_linear(neon, samples, bytes),
    }
}

/// Three rows of a byte for each pixel to one of three.
///
/// # Panics
/// When the lengths do not fit.
pub(crate) fn interleave(cpu: Cpu, rows: [&[u8]; 3], out: &mut [u8]) {
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
