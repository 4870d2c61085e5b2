//! Detects the CPU features that SIMD kernels need. A SIMD kernel is a function with
//! a version for each instruction set.
//!
//! Only CPU detection creates a value of `Avx2`, after it has found AVX2, BMI1, BMI2, LZCNT, and
//! POPCNT. A caller that holds an `Avx2` may therefore call functions with
//! `#[target_feature(enable = ...)]` for any of these features. In the same way, a `Neon` proves
//! that the CPU has NEON.
//!
//! ```
//! use resizer_cpu::Cpu;
//!
//! let instructions = match Cpu::detect() {
//!     #[cfg(target_arch = "x86_64")]
//!     Cpu::Avx2(_proof) => "AVX2",
//!     #[cfg(target_arch = "aarch64")]
//!     Cpu::Neon(_proof) => "NEON",
//!     _ => "none beyond the target's baseline",
//! };
//! println!("kernels use {instructions}");
//! ```

#[cfg(target_arch = "x86_64")]
pub mod avx2;

/// A set of kernels that this machine can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cpu {
    /// Kernels in portable Rust. Tests hold the others to their results.
    Portable,
    /// Kernels with 256-bit vectors.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// Kernels with 128-bit vectors.
    #[cfg(target_arch = "aarch64")]
    Neon(Neon),
}

/// The proof that the machine has AVX2, BMI1, BMI2, LZCNT and POPCNT: x86-64-v3 without FMA.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avx2(());

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    /// The proof, or `None` where one of these features is missing.
    pub fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        found.then_some(Self(()))
    }
}

/// The proof that the machine has NEON.
#[cfg(target_arch = "aarch64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neon(());

#[cfg(target_arch = "aarch64")]
impl Neon {
    /// The proof, or `None` on a machine without NEON.
    pub fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

impl Cpu {
    /// The fastest set of kernels for this machine. Detection is cached by the standard library,
    /// but a kernel's caller should still ask once per image, not once per row.
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = Avx2::detect() {
            return Self::Avx2(avx2);
        }
        #[cfg(target_arch = "aarch64")]
        if let Some(neon) = Neon::detect() {
            return Self::Neon(neon);
        }
        Self::Portable
    }

    /// All sets of kernels that this machine can run, `Portable` first and the fastest last.
    /// Tests compare them.
    pub fn available() -> Vec<Self> {
        let mut sets = vec![Self::Portable];
        sets.extend(Some(Self::detect()).filter(|best| *best != Self::Portable));
        sets
    }
}

#[cfg(test)]
mod tests {
    use super::Cpu;

    #[test]
    fn portable_kernels_come_first_and_the_fastest_last() {
        let sets = Cpu::available();
        assert_eq!((sets[0], sets[sets.len() - 1]), (Cpu::Portable, Cpu::detect()));
        assert_eq!(sets.len(), if Cpu::detect() == Cpu::Portable { 1 } else { 2 });
    }
}
