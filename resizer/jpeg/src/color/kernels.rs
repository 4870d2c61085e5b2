//! The row operations, each from the best instruction set that the machine has.

#[cfg(target_arch = "x86_64")]
use super::avx2;
#[cfg(target_arch = "aarch64")]
use super::neon;
use super::portable;
use resizer_cpu::Cpu;

pub(super) use portable::{apply_black, luma, nearest, twice_tall};

/// Twice the columns of `row`, of two samples or more, to the start of `out`.
pub(super) fn twice_wide(cpu: Cpu, row: &[u8], out: &mut [u8]) {
    let out = &mut out[..row.len() * 2];
    match cpu {
        Cpu::Portable => portable::twice_wide(row, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::twice_wide(avx2, row, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::twice_wide(neon, row, out),
    }
}

/// Twice the columns of a row between `near` and `far`, a quarter of the way from `near`, to the
/// start of `out`.
pub(super) fn twice_both(cpu: Cpu, near: &[u8], far: &[u8], out: &mut [u8]) {
    assert_eq!(near.len(), far.len());
    let out = &mut out[..near.len() * 2];
    match cpu {
        Cpu::Portable => portable::twice_both(near, far, out),
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::twice_both(avx2, near, far, out),
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => neon::twice_both(neon, near, far, out),
    }
}

/// Luminance, blue and red difference, each of one byte per pixel, to red, green and blue.
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

/// Three rows of one length to pixels of three bytes each.
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

/// Four rows of one length to pixels of four bytes each.
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
