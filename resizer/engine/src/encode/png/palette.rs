//! Pixels of at most 256 colors as one byte each: what a drawing, an icon or a screenshot often
//! has.

use super::quantize::MAX_COLORS;
use super::rows::rgba;
use crate::raster::Raster;

/// Pixels as numbers of colors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Indexed {
    /// RGBA: first those that are not opaque, then from dark to light.
    pub(super) colors: Vec<[u8; 4]>,
    /// A number for each pixel.
    pub(super) numbers: Vec<u8>,
}

/// Slots of the table of colors: a power of two, four times the colors.
const SLOTS: usize = MAX_COLORS * 4;

impl Indexed {
    /// All colors of a raster, if a byte can tell them apart. Photographs are given up after some
    /// hundred pixels.
    pub(super) fn exact(raster: &Raster) -> Option<Self> {
        let mut slots = [0_u16; SLOTS];
        let mut colors: Vec<[u8; 4]> = Vec::with_capacity(MAX_COLORS);
        let mut numbers = Vec::new();
        let mut row = Vec::new();
        let mut last = ([0; 4], None);
        for y in 0..raster.size().height() as usize {
            rgba(raster, y, &mut row);
            for &color in &row {
                if let (same, Some(number)) = last
                    && same == color
                {
                    numbers.push(number);
                    continue;
                }
                let number = number_of(color, &mut slots, &mut colors)?;
                last = (color, Some(number));
                numbers.push(number);
            }
        }
        Some(Self { colors, numbers }.sorted())
    }

    /// Whether all colors are grays.
    pub(super) fn is_gray(&self) -> bool {
        self.colors.iter().all(|&[red, green, blue, _]| red == green && green == blue)
    }

    /// The colors in the order of files: few of them need an alpha, and similar ones have similar
    /// numbers.
    pub(super) fn sorted(self) -> Self {
        let mut order: Vec<usize> = (0..self.colors.len()).collect();
        order.sort_by_key(|&number| key(self.colors[number]));
        let mut renumbered = [0; MAX_COLORS];
        for (new, &old) in order.iter().enumerate() {
            renumbered[old] = new as u8;
        }
        let colors = order.iter().map(|&number| self.colors[number]).collect();
        let mut numbers = self.numbers;
        numbers.iter_mut().for_each(|number| *number = renumbered[usize::from(*number)]);
        Self { colors, numbers }
    }
}

/// What colors are sorted by.
pub(super) fn key([red, green, blue, alpha]: [u8; 4]) -> (bool, u32, [u8; 4]) {
    let [red_part, green_part, blue_part] = [red, green, blue].map(u32::from);
    let luma = 2 * red_part + 4 * green_part + blue_part;
    (alpha == 255, luma, [red, green, blue, alpha])
}

/// The number of a color, which is new or known; `None` where there are too many.
fn number_of(color: [u8; 4], slots: &mut [u16; SLOTS], colors: &mut Vec<[u8; 4]>) -> Option<u8> {
    let mut slot = (u32::from_le_bytes(color).wrapping_mul(0x9e37_79b1) >> 22) as usize;
    loop {
        match usize::from(slots[slot]) {
            0 => break,
            taken if colors[taken - 1] == color => return u8::try_from(taken - 1).ok(),
            _ => slot = (slot + 1) % SLOTS,
        }
    }
    if colors.len() == MAX_COLORS {
        return None;
    }
    colors.push(color);
    slots[slot] = colors.len() as u16;
    u8::try_from(colors.len() - 1).ok()
}
