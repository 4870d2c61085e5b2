//! From coefficients to samples: the inverse transform of two blocks at a time.

mod portable;
#[cfg(target_arch = "x86_64")]
mod avx2;

pub(crate) use portable::Portable;

use crate::frame::Scale;
use crate::marker::Steps;

/// Where a block's samples go.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// Of the first sample.
    pub(crate) offset: usize,
    /// From one row to the next.
    pub(crate) stride: usize,
}

/// Two blocks to be transformed together.
pub(crate) struct Pair<'a> {
    /// Row by row, not multiplied with their steps yet.
    pub(crate) blocks: [&'a [i16; 64]; 2],
    pub(crate) steps: [&'a Steps; 2],
    /// Zigzag position behind which both hold zeros only.
    pub(crate) last: usize,
    pub(crate) places: [Place; 2],
}

/// The transforms of one instruction set. Each writes squares of `Scale::block_side`.
pub(crate) trait InverseTransform: Copy {
    /// The accurate integer transform of the Independent JPEG Group.
    fn full(self, pair: &Pair<'_>, samples: &mut [u8]);

    /// The transform for a scale; that of `Eighth` is [`eighth`].
    #[inline(always)]
    fn at(self, scale: Scale, pair: &Pair<'_>, samples: &mut [u8]) {
        match scale {
            Scale::Full => self.full(pair, samples),
            _ => unimplemented!(),
        }
    }
}

/// Both blocks hold one value each.
#[inline(always)]
fn flat(pair: &Pair<'_>, samples: &mut [u8]) {
    for index in 0..2 {
        let value = eighth(pair.blocks[index][0], pair.steps[index][0]);
        let Place { offset, stride } = pair.places[index];
        for y in 0..8 {
            samples[offset + y * stride..][..8].fill(value);
        }
    }
}

/// The mean of a block from its first coefficient.
#[inline(always)]
pub(crate) fn eighth(first: i16, step: u16) -> u8 {
    let product = i32::from(first.wrapping_mul(step as i16));
    (((product + 4) >> 3).clamp(-128, 127) + 128) as u8
}
