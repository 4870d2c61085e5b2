//! Loads and stores of vectors, from arrays that are as long as they are.
#![expect(unsafe_code, reason = "vector loads and stores")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm_storeu_si128, _mm256_loadu_si256, _mm256_storeu_si256,
};

/// Integers, of which every pattern of bits is a value.
pub(super) trait Integer: Copy {}

impl Integer for u8 {}
impl Integer for i16 {}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load<T: Integer, const LANES: usize>(values: &[T; LANES]) -> __m256i {
    const { assert!(size_of::<[T; LANES]>() == size_of::<__m256i>()) }
    // SAFETY: the array is as long as a vector.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store<T: Integer, const LANES: usize>(vector: __m256i, out: &mut [T; LANES]) {
    const { assert!(size_of::<[T; LANES]>() == size_of::<__m256i>()) }
    // SAFETY: the array is as long as a vector.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), vector) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load_half<T: Integer, const LANES: usize>(values: &[T; LANES]) -> __m128i {
    const { assert!(size_of::<[T; LANES]>() == size_of::<__m128i>()) }
    // SAFETY: the array is as long as half a vector.
    unsafe { _mm_loadu_si128(values.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store_half<T: Integer, const LANES: usize>(half: __m128i, out: &mut [T; LANES]) {
    const { assert!(size_of::<[T; LANES]>() == size_of::<__m128i>()) }
    // SAFETY: the array is as long as half a vector.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), half) }
}
