//! The coefficients of a block. The forward transform makes them, quantization changes them in
//! place, and the entropy coders read them.

/// The 64 coefficients of a block in zigzag order. Before quantization they are 8 times as large as
/// the transform defines them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(32))]
pub(super) struct Block(pub(super) [i16; 64]);

impl Block {
    pub(super) const ZERO: Self = Self([0; 64]);
}
