//! Loads and stores of whole AVX2 vectors, for kernels: safe, because each takes an array that is
//! as long as its vector.
//!
//! They need no [`Avx2`](crate::Avx2) of their own: safe code can call them only from functions
//! with `#[target_feature(enable = "avx2")]`, which are entered by that proof.
#![expect(unsafe_code, reason = "vector loads and stores")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm_storeu_si128, _mm256_loadu_si256, _mm256_storeu_si256,
};

/// Types of numbers for which every bit pattern is a valid value.
pub trait Number: Copy + private::Sealed {}

impl Number for u8 {}
impl Number for i8 {}
impl Number for u16 {}
impl Number for i16 {}
impl Number for u32 {}
impl Number for i32 {}
impl Number for f32 {}

mod private {
    pub trait Sealed {}

    impl Sealed for u8 {}
    impl Sealed for i8 {}
    impl Sealed for u16 {}
    impl Sealed for i16 {}
    impl Sealed for u32 {}
    impl Sealed for i32 {}
    impl Sealed for f32 {}
}

/// The 32 bytes of an array.
///
/// # Safety
/// None but the proof that the machine has AVX2, where the caller is compiled without it.
#[inline]
#[target_feature(enable = "avx2")]
pub fn load<T: Number, const LANES: usize>(values: &[T; LANES]) -> __m256i {
    const { assert!(size_of::<[T; LANES]>() == size_of::<__m256i>()) }
    // SAFETY: the array is as long as a vector.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
}

/// A vector into an array of 32 bytes.
///
/// # Safety
/// None but the proof that the machine has AVX2, where the caller is compiled without it.
#[inline]
#[target_feature(enable = "avx2")]
pub fn store<T: Number, const LANES: usize>(vector: __m256i, out: &mut [T; LANES]) {
    const { assert!(size_of::<[T; LANES]>() == size_of::<__m256i>()) }
    // SAFETY: the array is as long as a vector.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), vector) }
}

/// The 16 bytes of an array.
///
/// # Safety
/// None but the proof that the machine has AVX2, where the caller is compiled without it.
#[inline]
#[target_feature(enable = "avx2")]
pub fn load_half<T: Number, const LANES: usize>(values: &[T; LANES]) -> __m128i {
    const { assert!(size_of::<[T; LANES]>() == size_of::<__m128i>()) }
    // SAFETY: the array is as long as half a vector.
    unsafe { _mm_loadu_si128(values.as_ptr().cast()) }
}

/// Half a vector into an array of 16 bytes.
///
/// # Safety
/// None but the proof that the machine has AVX2, where the caller is compiled without it.
#[inline]
#[target_feature(enable = "avx2")]
pub fn store_half<T: Number, const LANES: usize>(half: __m128i, out: &mut [T; LANES]) {
    const { assert!(size_of::<[T; LANES]>() == size_of::<__m128i>()) }
    // SAFETY: the array is as long as half a vector.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), half) }
}
