//! The scales at which a picture can be decoded.

/// The size that a picture is decoded at, in eighths of each side.
///
/// The reduced scales are inverse transforms of the lowest frequencies of each block, so they are
/// faster than decoding everything and sharper than libjpeg's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Every pixel.
    #[default]
    Full,
    /// Seven eighths of each side.
    SevenEighths,
    /// Three quarters of each side.
    ThreeQuarters,
    /// Five eighths of each side.
    FiveEighths,
    /// Half of each side.
    Half,
    /// Three eighths of each side.
    ThreeEighths,
    /// A quarter of each side.
    Quarter,
    /// An eighth of each side: one pixel of each block, its mean.
    Eighth,
}

impl Scale {
    /// All scales, the largest first.
    pub const ALL: [Self; 8] = [
        Self::Full,
        Self::SevenEighths,
        Self::ThreeQuarters,
        Self::FiveEighths,
        Self::Half,
        Self::ThreeEighths,
        Self::Quarter,
        Self::Eighth,
    ];

    /// The scale of so many eighths, 1 to 8.
    pub fn from_eighths(eighths: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|scale| scale.eighths() == eighths)
    }

    /// Eighths of each side, 1 to 8.
    pub const fn eighths(self) -> u32 {
        self.block_side() as u32
    }

    /// The side of the square that a block of 8 by 8 pixels becomes.
    pub(crate) const fn block_side(self) -> usize {
        match self {
            Self::Full => 8,
            Self::SevenEighths => 7,
            Self::ThreeQuarters => 6,
            Self::FiveEighths => 5,
            Self::Half => 4,
            Self::ThreeEighths => 3,
            Self::Quarter => 2,
            Self::Eighth => 1,
        }
    }

    /// Samples that the transform of a block writes beyond its own, to the right.
    pub(crate) const fn overhang(self) -> usize {
        match self.block_side() {
            side @ (3 | 5..8) => 8 - side,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn eighths_and_scales_name_each_other() {
        for scale in Scale::ALL {
            assert_eq!(Scale::from_eighths(scale.eighths()), Some(scale));
        }
        assert_eq!([0, 9].map(Scale::from_eighths), [None, None]);
    }
}
