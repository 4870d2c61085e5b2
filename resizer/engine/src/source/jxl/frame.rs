//! The header of a frame and the lengths of its sections: what is needed to find the next frame,
//! and to predict what decoding takes.
//! Source: ISO/IEC 18181-1, Annex F.

use super::bits::{Bits, Choices};
use super::entropy::Numbers;
use super::header::Header;

/// What the header of a frame says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) is_modular: bool,
    /// Pieces of other frames are drawn on it.
    pub(super) has_patches: bool,
    /// Curves are drawn on it.
    pub(super) has_splines: bool,
    /// Of the picture's canvas that it covers.
    pub(super) size: (u32, u32),
    /// As coded, before it is enlarged.
    pub(super) coded_size: (u32, u32),
    /// The longer side of a group.
    pub(super) group_side: u32,
    pub(super) pass_count: u32,
    /// 1 to 4 of a frame whose pixels are the lowest frequencies of another one.
    pub(super) level: u32,
    /// In the ticks of the animation.
    pub(super) duration: u32,
    pub(super) is_last: bool,
    /// Where it is kept for frames that refer to it.
    pub(super) slot: Option<usize>,
    /// Kept as coded, in its own size.
    pub(super) is_kept_as_coded: bool,
    /// Whether its sections lie in an order that is coded before them.
    pub(super) is_permuted: bool,
    /// Of all its sections.
    pub(super) length_bytes: u64,
    /// From the start of the code stream to its end.
    pub(super) end_bytes: u64,
}

/// What a frame is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Regular,
    LowFrequencies,
    ReferenceOnly,
    SkipProgressive,
}

const FLAG_PATCHES: u64 = 0x02;
const FLAG_SPLINES: u64 = 0x10;
const FLAG_USES_LOW_FREQUENCIES: u64 = 0x20;
const FACTOR: Choices = [(0, 1), (0, 2), (0, 4), (0, 8)];
const PLACE: Choices = [(8, 0), (11, 256), (14, 2304), (30, 18688)];
const SECTION_BYTES: Choices = [(10, 0), (14, 1024), (22, 17_408), (30, 4_211_712)];
/// Of the length of a section.
const MIN_SECTION_BITS: u64 = 12;

/// How chroma of a former JPEG is reduced, by its code: across and down.
const CHROMA_SHIFTS: [(u32, u32); 4] = [(0, 0), (1, 1), (1, 0), (0, 1)];

/// What the fields of a header depend on.
struct Fields {
    flags: u64,
    upsampling: u32,
    /// Halvings of chroma across and down.
    chroma_shifts: (u32, u32),
    place: (i64, i64),
    has_crop: bool,
    replaces: bool,
}

impl Frame {
    /// Reads the frame there, of a picture of this size; `None` where it is truncated or makes no
    /// sense.
    pub(super) fn read(
        code_stream: &[u8],
        start_bytes: u64,
        header: &Header,
        picture: (u32, u32),
    ) -> Option<Self> {
        let mut bits = Bits::new(code_stream, start_bytes);
        let mut frame = Self { size: picture, pass_count: 1, group_side: 256, ..Self::default() };
        let mut fields = Fields {
            flags: 0,
            upsampling: 1,
            chroma_shifts: (0, 0),
            place: (0, 0),
            has_crop: false,
            replaces: true,
        };
        let is_default = bits.flag()?;
        if is_default {
            frame.is_last = true;
        } else {
            frame.read_coding(&mut bits, header, &mut fields)?;
            frame.read_place(&mut bits, &mut fields)?;
            frame.read_use(&mut bits, header, picture, &mut fields)?;
            bits.skip_name()?;
            skip_filters(&mut bits, frame.is_modular)?;
            bits.skip_extensions()?;
        }
        let level = 3 * frame.level;
        let shrunk = |side: u32, by: u32| u64::from(side).div_ceil(u64::from(by)) as u32;
        frame.size = (shrunk(frame.size.0, 1 << level), shrunk(frame.size.1, 1 << level));
        let (width, height) = frame.size;
        frame.coded_size = (shrunk(width, fields.upsampling), shrunk(height, fields.upsampling));
        frame.length_bytes = frame.read_lengths(&mut bits, fields.chroma_shifts)?;
        frame.end_bytes = bits.position_bytes().checked_add(frame.length_bytes)?;
        Some(frame)
    }

    /// Whether it is shown, alone or with those before it that take no time.
    pub(super) fn is_visible(&self) -> bool {
        self.is_normal() && (self.is_last || self.duration > 0)
    }

    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.size.0) * u64::from(self.size.1)
    }

    fn is_normal(&self) -> bool {
        matches!(self.kind, Kind::Regular | Kind::SkipProgressive)
    }

    fn read_coding(
        &mut self,
        bits: &mut Bits<'_>,
        header: &Header,
        fields: &mut Fields,
    ) -> Option<()> {
        self.kind = match bits.next(2)? {
            0 => Kind::Regular,
            1 => Kind::LowFrequencies,
            2 => Kind::ReferenceOnly,
            _ => Kind::SkipProgressive,
        };
        self.is_modular = bits.flag()?;
        fields.flags = bits.long()?;
        self.has_patches = fields.flags & FLAG_PATCHES != 0;
        self.has_splines = fields.flags & FLAG_SPLINES != 0;
        let is_ycbcr = !header.is_xyb && bits.flag()?;
        if fields.flags & FLAG_USES_LOW_FREQUENCIES == 0 {
            for _ in 0..if is_ycbcr { 3 } else { 0 } {
                let (across, down) = CHROMA_SHIFTS[bits.next(2)? as usize];
                let (most_across, most_down) = fields.chroma_shifts;
                fields.chroma_shifts = (most_across.max(across), most_down.max(down));
            }
            fields.upsampling = bits.choose(FACTOR)?;
            for _ in 0..header.extra_channels.len() {
                bits.choose(FACTOR)?;
            }
        }
        if self.is_modular {
            self.group_side = 128 << bits.next(2)?;
        } else if header.is_xyb {
            bits.skip(3 + 3)?;
        }
        if self.kind != Kind::ReferenceOnly {
            self.pass_count = read_passes(bits)?;
        }
        if self.kind == Kind::LowFrequencies {
            self.level = bits.choose([(0, 1), (0, 2), (0, 3), (0, 4)])?;
        }
        Some(())
    }

    fn read_place(&mut self, bits: &mut Bits<'_>, fields: &mut Fields) -> Option<()> {
        if self.kind == Kind::LowFrequencies || !bits.flag()? {
            return Some(());
        }
        fields.has_crop = true;
        if self.kind != Kind::ReferenceOnly {
            let [x, y] = [bits.choose(PLACE)?, bits.choose(PLACE)?].map(signed);
            fields.place = (x, y);
        }
        let [width, height] = [bits.choose(PLACE)?, bits.choose(PLACE)?];
        // Zero stands for the side of the picture.
        self.size = (
            if width == 0 { self.size.0 } else { width },
            if height == 0 { self.size.1 } else { height },
        );
        Some(())
    }

    fn read_use(
        &mut self,
        bits: &mut Bits<'_>,
        header: &Header,
        picture: (u32, u32),
        fields: &mut Fields,
    ) -> Option<()> {
        let ends = |start: i64, side: u32, whole: u32| {
            start <= 0 && start + i64::from(side) >= i64::from(whole)
        };
        let covers = ends(fields.place.0, self.size.0, picture.0)
            && ends(fields.place.1, self.size.1, picture.1);
        let is_full = !fields.has_crop || covers;
        if self.is_normal() {
            fields.replaces = read_blending(bits, header, is_full)?;
            for _ in 0..header.extra_channels.len() {
                read_blending(bits, header, is_full)?;
            }
            if let Some(animation) = header.animation {
                self.duration = bits.choose([(0, 0), (0, 1), (8, 0), (32, 0)])?;
                if animation.has_time_codes {
                    bits.skip(32)?;
                }
            }
            self.is_last = bits.flag()?;
        }
        let is_low = self.kind == Kind::LowFrequencies;
        let slot = if is_low || self.is_last { 0 } else { bits.next(2)? };
        let is_kept = !self.is_last && !is_low && (self.duration == 0 || slot != 0);
        self.slot = is_kept.then_some(slot as usize);
        let may_be_coded = is_kept && fields.replaces && is_full && self.is_normal();
        if self.kind == Kind::ReferenceOnly || may_be_coded {
            self.is_kept_as_coded = bits.flag()?;
        }
        Some(())
    }

    /// All sections together.
    fn read_lengths(&mut self, bits: &mut Bits<'_>, chroma_shifts: (u32, u32)) -> Option<u64> {
        let (width, height) = self.coded_size;
        let groups = |side: u32, group_side: u32| u64::from(side.div_ceil(group_side));
        let group_count = groups(width, self.group_side) * groups(height, self.group_side);
        let blocks = |side: u32, shift: u32| side.div_ceil(8 << shift) << shift;
        let low_group_count = groups(blocks(width, chroma_shifts.0), self.group_side)
            * groups(blocks(height, chroma_shifts.1), self.group_side);
        let count = if group_count == 1 && self.pass_count == 1 {
            1
        } else {
            2 + low_group_count + group_count * u64::from(self.pass_count)
        };
        if count > bits.left() / MIN_SECTION_BITS {
            return None;
        }
        self.is_permuted = bits.flag()?;
        if self.is_permuted {
            skip_order(bits, count as u32)?;
        }
        bits.align();
        let mut sum = 0;
        for _ in 0..count {
            sum += u64::from(bits.choose(SECTION_BYTES)?);
        }
        bits.align();
        Some(sum)
    }
}

/// Passes over the order in which sections lie in the file.
fn skip_order(bits: &mut Bits<'_>, count: u32) -> Option<()> {
    let context = |number: u32| (u32::BITS - number.leading_zeros()).min(7) as usize;
    let mut numbers = Numbers::open(bits, 8)?;
    let coded = numbers.next(bits, context(count))?;
    if coded > count {
        return None;
    }
    let mut last = 0;
    for _ in 0..coded {
        last = numbers.next(bits, context(last))?;
    }
    Some(())
}

fn read_passes(bits: &mut Bits<'_>) -> Option<u32> {
    let count = bits.choose([(0, 1), (0, 2), (0, 3), (3, 4)])?;
    if count == 1 {
        return Some(1);
    }
    let reduced = bits.choose([(0, 0), (0, 1), (0, 2), (1, 3)])?;
    bits.skip(2 * u64::from(count - 1))?;
    for _ in 0..reduced {
        bits.choose(FACTOR)?;
    }
    for _ in 0..reduced {
        bits.choose([(0, 0), (0, 1), (0, 2), (3, 0)])?;
    }
    Some(count)
}

/// Whether the pixels replace those below.
fn read_blending(bits: &mut Bits<'_>, header: &Header, is_full: bool) -> Option<bool> {
    let mode = bits.choose([(0, 0), (0, 1), (0, 2), (2, 3)])?;
    let uses_alpha = !header.extra_channels.is_empty() && (mode == 2 || mode == 3);
    if uses_alpha {
        bits.choose([(0, 0), (0, 1), (0, 2), (3, 3)])?;
    }
    if uses_alpha || mode == 4 {
        bits.skip(1)?;
    }
    if !is_full || mode != 0 {
        bits.skip(2)?;
    }
    Some(mode == 0)
}

fn skip_filters(bits: &mut Bits<'_>, is_modular: bool) -> Option<()> {
    let is_default = bits.flag()?;
    if is_default {
        return Some(());
    }
    let smooths = bits.flag()?;
    if smooths && bits.flag()? {
        bits.skip_halves(6)?;
    }
    let iterations = bits.next(2)?;
    if iterations > 0 {
        if !is_modular && bits.flag()? {
            bits.skip_halves(8)?;
        }
        if bits.flag()? {
            bits.skip_halves(5)?;
        }
        if bits.flag()? {
            bits.skip_halves(if is_modular { 3 } else { 4 })?;
        }
        if is_modular {
            bits.skip_halves(1)?;
        }
    }
    bits.skip_extensions()
}

/// From the numbers 0, 1, 2, 3, 4 to 0, -1, 1, -2, 2.
fn signed(coded: u32) -> i64 {
    let half = i64::from(coded >> 1);
    if coded & 1 == 0 { half } else { -half - 1 }
}
