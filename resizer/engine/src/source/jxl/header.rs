//! The image header: size, orientation, animation, samples, and channels. What it says of colors is
//! passed over: the decoder reads that.
//! Source: ISO/IEC 18181-1, Annex D.

use super::bits::{Bits, Choices};

/// What the image header says.
#[derive(Debug, Default, Clone)]
pub(super) struct Header {
    /// As stored, before it is turned; neither side is zero.
    pub(super) size: (u32, u32),
    /// As in EXIF.
    pub(super) orientation: u8,
    /// Of the small picture before the frames.
    pub(super) preview: Option<(u32, u32)>,
    pub(super) animation: Option<Animation>,
    /// More than 8 bits a sample, or floating point.
    pub(super) is_deep: bool,
    /// Whether 16 bits hold all samples of the lossless coding.
    pub(super) is_narrow: bool,
    pub(super) extra_channels: Vec<ExtraChannel>,
    pub(super) is_xyb: bool,
    pub(super) is_gray: bool,
    pub(super) has_icc: bool,
}

/// What holds for all frames of an animation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Animation {
    /// 0 for endless.
    pub(super) loop_count: u32,
    pub(super) has_time_codes: bool,
}

/// A channel beside those of the colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExtraChannel {
    Alpha,
    Black,
    Other,
}

const SIDE: Choices = [(9, 1), (13, 1), (18, 1), (30, 1)];

impl Header {
    /// Reads it from behind the signature; `None` where it is truncated or makes no sense.
    pub(super) fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let size = size(bits)?;
        let mut header = Self { size, orientation: 1, ..Self::default() };
        header.read_metadata(bits)?;
        header.skip_transform(bits)?;
        Some(header)
    }

    fn read_metadata(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        let is_default = bits.flag()?;
        if is_default {
            (self.is_narrow, self.is_xyb) = (true, true);
            return Some(());
        }
        let has_more = bits.flag()?;
        if has_more {
            self.orientation = bits.next(3)? as u8 + 1;
            if bits.flag()? {
                size(bits)?;
            }
            if bits.flag()? {
                self.preview = Some(preview_size(bits)?);
            }
            if bits.flag()? {
                self.animation = Some(animation(bits)?);
            }
        }
        self.is_deep = is_deep(bits)?;
        self.is_narrow = bits.flag()?;
        let count = bits.choose([(0, 0), (0, 1), (4, 2), (12, 1)])?;
        for _ in 0..count {
            self.extra_channels.push(extra_channel(bits)?);
        }
        self.is_xyb = bits.flag()?;
        self.read_colors(bits)?;
        if has_more {
            let is_default = bits.flag()?;
            if !is_default {
                bits.skip(16 + 16 + 1 + 16)?;
            }
        }
        bits.skip_extensions()
    }

    fn read_colors(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        let is_default = bits.flag()?;
        if is_default {
            return Some(());
        }
        self.has_icc = bits.flag()?;
        let space = bits.code_point()?;
        self.is_gray = space == 1;
        if self.has_icc {
            return Some(());
        }
        let is_xyb = space == 2;
        if !is_xyb && bits.code_point()? == 2 {
            skip_chromaticities(bits, 1)?;
        }
        if !is_xyb && !self.is_gray && bits.code_point()? == 2 {
            skip_chromaticities(bits, 3)?;
        }
        if !is_xyb {
            if bits.flag()? {
                bits.skip(24)?;
            } else {
                bits.code_point()?;
            }
        }
        bits.code_point().map(|_intent| ())
    }

    fn skip_transform(&self, bits: &mut Bits<'_>) -> Option<()> {
        let is_default = bits.flag()?;
        if is_default {
            return Some(());
        }
        if self.is_xyb {
            let is_default = bits.flag()?;
            if !is_default {
                bits.skip_halves(9 + 3 + 4)?;
            }
        }
        let weights = bits.next(3)?;
        for (bit, count) in [15, 55, 210].into_iter().enumerate() {
            if weights & 1 << bit != 0 {
                bits.skip_halves(count)?;
            }
        }
        Some(())
    }
}

fn size(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    let is_small = bits.flag()?;
    let side = |bits: &mut Bits<'_>| {
        if is_small { Some((bits.next(5)? + 1) * 8) } else { bits.choose(SIDE) }
    };
    let height = side(bits)?;
    let width = width_by_ratio(bits.next(3)?, height).or_else(|| side(bits))?;
    Some((width, height))
}

fn preview_size(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    let is_small = bits.flag()?;
    let side = |bits: &mut Bits<'_>| {
        if is_small {
            Some(bits.choose([(0, 16), (0, 32), (5, 1), (9, 33)])? * 8)
        } else {
            bits.choose([(6, 1), (8, 65), (10, 321), (12, 1345)])
        }
    };
    let height = side(bits)?;
    let width = width_by_ratio(bits.next(3)?, height).or_else(|| side(bits))?;
    Some((width, height))
}

/// `None` where the width is coded.
fn width_by_ratio(ratio: u32, height: u32) -> Option<u32> {
    let [numerator, denominator] = match ratio {
        1 => [1, 1],
        2 => [12, 10],
        3 => [4, 3],
        4 => [3, 2],
        5 => [16, 9],
        6 => [5, 4],
        7 => [2, 1],
        _ => return None,
    };
    // At most twice a number of 30 bits.
    Some((u64::from(height) * numerator / denominator) as u32)
}

fn animation(bits: &mut Bits<'_>) -> Option<Animation> {
    let _ticks_per_second = bits.choose([(0, 100), (0, 1000), (10, 1), (30, 1)])?;
    let _denominator = bits.choose([(0, 1), (0, 1001), (8, 1), (10, 1)])?;
    Some(Animation {
        loop_count: bits.choose([(0, 0), (3, 0), (16, 0), (32, 0)])?,
        has_time_codes: bits.flag()?,
    })
}

fn is_deep(bits: &mut Bits<'_>) -> Option<bool> {
    let is_float = bits.flag()?;
    if is_float {
        bits.choose([(0, 32), (0, 16), (0, 24), (6, 1)])?;
        bits.skip(4)?;
        return Some(true);
    }
    Some(bits.choose([(0, 8), (0, 10), (0, 12), (6, 1)])? > 8)
}

fn extra_channel(bits: &mut Bits<'_>) -> Option<ExtraChannel> {
    let is_default = bits.flag()?;
    if is_default {
        return Some(ExtraChannel::Alpha);
    }
    let kind = bits.code_point()?;
    is_deep(bits)?;
    bits.choose([(0, 0), (0, 3), (0, 4), (3, 1)])?;
    bits.skip_name()?;
    match kind {
        0 => bits.skip(1)?,
        2 => bits.skip_halves(4)?,
        5 => bits.choose([(0, 1), (2, 0), (4, 3), (8, 19)]).map(|_| ())?,
        _ => {}
    }
    Some(match kind {
        0 => ExtraChannel::Alpha,
        4 => ExtraChannel::Black,
        _ => ExtraChannel::Other,
    })
}

fn skip_chromaticities(bits: &mut Bits<'_>, count: u32) -> Option<()> {
    for _ in 0..2 * count {
        bits.choose([(19, 0), (19, 524_288), (20, 1_048_576), (21, 2_097_152)])?;
    }
    Some(())
}
