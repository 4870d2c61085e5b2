//! The row operations, with the fastest instruction set of the machine.

#[cfg(target_arch = "x86_64")]
use super::avx2;
#[cfg(target_arch = "aarch64")]
use super::neon;
use super::portable;
use resizer_cpu::Cpu;

pub(super) use portable::{luma, multiply_black, nearest, upsample_h1v2};

/// Upsamples `row`, of two samples or more, 2:1 to the start of `out`.
pub(super) fn upsample_h2v1(cpu: Cpu, row: &[u8], out: &mut [u8]) {
    let out = &mut out[..row.len() * 2];
    match cpu {
        Cpu::Portable => portable::upsample_h2v1(row, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::upsample_h2v1(avx2, row, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::upsample_h2v1(neon, row, out),
    }
}

/// Upsamples 2:1 a row between `near` and `far`, a quarter of the way from `near`, to the start of
/// `out`.
pub(super) fn upsample_h2v2(cpu: Cpu, near: &[u8], far: &[u8], out: &mut [u8]) {
    assert_eq!(near.len(), far.len());
    let out = &mut out[..near.len() * 2];
    match cpu {
        Cpu::Portable => portable::upsample_h2v2(near, far, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::upsample_h2v2(avx2, near, far, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::upsample_h2v2(neon, near, far, out),
    }
}

/// Y, Cb and Cr to red, green and blue, each one byte per pixel.
pub(super) fn convert_ycbcr(cpu: Cpu, rows: [&[u8]; 3], out: [&mut [u8]; 3]) {
    for (row, out) in rows.iter().zip(&out) {
        assert_eq!((row.len(), row.len()), (out.len(), rows[0].len()));
    }
    match cpu {
        Cpu::Portable => portable::convert_ycbcr(rows, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::convert_ycbcr(avx2, rows, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::convert_ycbcr(neon, rows, out),
    }
}

/// Interleaves three rows of one length.
pub(super) fn interleave_3(cpu: Cpu, rows: [&[u8]; 3], out: &mut [u8]) {
    assert!(rows.iter().all(|row| row.len() * 3 == out.len()));
    match cpu {
        Cpu::Portable => portable::interleave(rows, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::interleave_3(avx2, rows, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::interleave_3(neon, rows, out),
    }
}

/// Interleaves four rows of one length.
pub(super) fn interleave_4(cpu: Cpu, rows: [&[u8]; 4], out: &mut [u8]) {
    assert!(rows.iter().all(|row| row.len() * 4 == out.len()));
    match cpu {
        Cpu::Portable => portable::interleave(rows, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::interleave_4(avx2, rows, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::interleave_4(neon, rows, out),
    }
}
