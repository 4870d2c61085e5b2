//! A block's coefficients: what the forward transform makes, quantization changes and the entropy
//! coders read.

/// The 64 coefficients of a block in zigzag order, 8 times as large as the transform defines
/// them until they are quantized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(32))]
pub(super) struct Block(pub(super) [i16; 64]);

impl Block {
    pub(super) const ZERO: Self = Self([0; 64]);
}
