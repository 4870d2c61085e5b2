//! Which instruction sets this machine has. A value of `Avx2` or `Neon` is the proof that its
//! functions may be called, so every call of a kernel rests on the same argument, also those of
//! crates whose kernels work on what comes out here.

/// The best set of kernels for this machine, found once per picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cpu {
    /// Rust alone; what the others are held to.
    Portable,
    #[cfg(target_arch = "x86_64")]
    /// 256-bit integers.
    Avx2(Avx2),
    #[cfg(target_arch = "aarch64")]
    /// 128-bit vectors.
    Neon(Neon),
}

/// AVX2, BMI1, BMI2, LZCNT and POPCNT are there, as on every server since 2015.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avx2(());

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    /// The proof, on machines that have all of them.
    pub fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        found.then_some(Self(()))
    }
}

/// NEON is there, as on every 64-bit ARM.
#[cfg(target_arch = "aarch64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neon(());

#[cfg(target_arch = "aarch64")]
impl Neon {
    /// The proof.
    pub fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

impl Cpu {
    /// The best of them.
    pub fn detect() -> Self {
        *Self::available().last().expect("the portable kernels are always there")
    }

    /// All sets that run here, the best last.
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut)]
        let mut sets = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        sets.extend(Avx2::detect().map(Self::Avx2));
        #[cfg(target_arch = "aarch64")]
        sets.extend(Neon::detect().map(Self::Neon));
        sets
    }
}
