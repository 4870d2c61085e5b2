//! The two passes over 16-bit samples, each from the best instruction set that the machine has.
//! Every set gives the same samples.
//!
//! They are our own because this is where the time goes: see the figures in `resize.rs`.

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
