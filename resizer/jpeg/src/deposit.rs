//! Distributes bits over the set positions of a mask, for refinement scans: one instruction (PDEP)
//! where the machine has it.

use crate::idct::Portable;
#[cfg(target_arch = "x86_64")]
use resizer_cpu::Avx2;

pub(crate) trait Deposit: Copy {
    /// Puts the lowest bits of `bits` in order at the set positions of `mask`.
    fn deposit(self, bits: u64, mask: u64) -> u64;

    /// The position of the set bit of `mask` with `index` set bits below it; 64 if there is none.
    #[inline(always)]
    fn nth_place(self, mask: u64, index: u32) -> u32 {
        self.deposit(1 << index, mask).trailing_zeros()
    }
}

impl Deposit for Portable {
    #[inline(always)]
    fn deposit(self, mut bits: u64, mut mask: u64) -> u64 {
        let mut spread = 0;
        while mask != 0 {
            let lowest = mask & mask.wrapping_neg();
            spread |= lowest & (bits & 1).wrapping_neg();
            bits >>= 1;
            mask ^= lowest;
        }
        spread
    }
}

#[cfg(target_arch = "x86_64")]
impl Deposit for Avx2 {
    #[inline(always)]
    fn deposit(self, bits: u64, mask: u64) -> u64 {
        // SAFETY: `self` proves that the machine has BMI2.
        #[expect(unsafe_code, reason = "the call of an instruction")]
        unsafe {
            std::arch::x86_64::_pdep_u64(bits, mask)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Deposit, Portable};
    use resizer_cpu::Cpu;

    #[test]
    fn bits_go_to_the_places_of_the_mask_in_order() {
        assert_eq!(Portable.deposit(0b1011, 0b1111_0000), 0b1011_0000);
        assert_eq!(Portable.nth_place(0b1010_1000, 2), 7);
        assert_eq!(Portable.nth_place(0b1010_1000, 3), 64);
        let mut seed: u64 = 5;
        for _ in 0..1000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (bits, mask) = (seed >> 7, seed.rotate_left(29) ^ seed << 3);
            for cpu in Cpu::available() {
                let found = match cpu {
                    #[cfg(target_arch = "x86_64")]
                    Cpu::Avx2(avx2) => avx2.deposit(bits, mask),
                    _ => Portable.deposit(bits, mask),
                };
                assert_eq!(found, Portable.deposit(bits, mask));
            }
        }
    }
}
