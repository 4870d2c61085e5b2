//! What the frame header of a file says: size, coding process, components.
// Source: ITU T.81, B.2.2 and A.1.1.

use std::ops::Range;

use crate::band::Region;
use crate::scale::Scale;

/// A coding process that this crate decodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// Sequential, Huffman, 8 bits, at most two tables of a kind.
    Baseline,
    /// Sequential, Huffman, 8 bits.
    Extended,
    /// Progressive, Huffman, 8 bits.
    Progressive,
}

/// The color space of the components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorModel {
    /// Luma alone.
    Gray,
    /// Luma and two chroma components, as JFIF defines them.
    YCbCr,
    /// Red, green, blue.
    Rgb,
    /// Cyan, magenta, yellow, black; 255 is no ink.
    Cmyk,
    /// CMYK whose first three components are converted to YCbCr; 255 is no ink.
    Ycck,
}

/// One component of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Component {
    /// Its identifier in the file.
    pub id: u8,
    /// Horizontal sampling factor, 1 to 4.
    pub horizontal: u8,
    /// Vertical sampling factor, 1 to 4.
    pub vertical: u8,
    /// Which of the four quantization tables it uses, 0 to 3.
    pub quantization: u8,
}

/// A checked frame header: sizes are not 0 and sampling factors are legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// In pixels, 1 to 65,535.
    pub width: u32,
    /// In pixels, 1 to 65,535.
    pub height: u32,
    /// How the file is coded.
    pub process: Process,
    /// The color space of the components.
    pub color: ColorModel,
    /// Whether the file has an Adobe marker (APP14).
    pub adobe: bool,
    pub(crate) components: [Component; 4],
    pub(crate) component_count: usize,
}

impl Frame {
    /// One, three or four components in the order of the file.
    pub fn components(&self) -> &[Component] {
        &self.components[..self.component_count]
    }

    /// Width and height in pixels of the picture decoded at a scale, rounded up.
    pub fn size_at(&self, scale: Scale) -> (u32, u32) {
        let side = |pixels: u32| (pixels * scale.eighths()).div_ceil(8);
        (side(self.width), side(self.height))
    }

    /// Width and height of a component's plane at a scale, in samples, rounded up.
    pub fn plane_size(&self, component: &Component, scale: Scale) -> (usize, usize) {
        let side = |pixels: u32, factor: u8, most: u8| {
            (pixels as usize * usize::from(factor) * scale.block_side())
                .div_ceil(usize::from(most) * 8)
        };
        let (horizontal, vertical) = self.max_sampling();
        (
            side(self.width, component.horizontal, horizontal),
            side(self.height, component.vertical, vertical),
        )
    }

    /// The largest horizontal and the largest vertical sampling factor.
    pub(crate) fn max_sampling(&self) -> (u8, u8) {
        let most = |factor: fn(&Component) -> u8| self.components().iter().map(factor).max();
        (most(|c| c.horizontal).unwrap_or(1), most(|c| c.vertical).unwrap_or(1))
    }

    /// How many MCUs of an interleaved scan lie beside and below each other.
    pub(crate) fn mcus(&self) -> (usize, usize) {
        let (horizontal, vertical) = self.max_sampling();
        (
            (self.width as usize).div_ceil(8 * usize::from(horizontal)),
            (self.height as usize).div_ceil(8 * usize::from(vertical)),
        )
    }

    /// The columns and rows of MCUs that hold a region of the picture, or all.
    pub(crate) fn mcus_of(&self, region: Option<Region>) -> [Range<usize>; 2] {
        let (wide, high) = self.mcus();
        let Some(Region { x, y, width, height }) = region else {
            return [0..wide, 0..high];
        };
        let (horizontal, vertical) = self.max_sampling();
        let range = |from: u32, count: u32, factor: u8, all: usize| {
            let side = 8 * usize::from(factor);
            let end = (from.saturating_add(count) as usize).div_ceil(side);
            from as usize / side..end.min(all)
        };
        [range(x, width, horizontal, wide), range(y, height, vertical, high)]
    }
}

impl Scale {
    /// The largest reduction that leaves the picture at least this wide and this high, in pixels;
    /// `Full` for a picture that is smaller than that.
    pub fn fitting(frame: &Frame, width: u32, height: u32) -> Self {
        let fits = |scale: &Self| {
            let (own_width, own_height) = frame.size_at(*scale);
            own_width >= width && own_height >= height
        };
        Self::ALL.into_iter().rev().find(fits).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{ColorModel, Component, Frame, Process};
    use crate::scale::Scale;

    #[test]
    fn the_scale_that_fits_is_the_smallest_that_is_large_enough() {
        let frame = Frame {
            width: 1601,
            height: 800,
            process: Process::Baseline,
            color: ColorModel::Gray,
            adobe: false,
            components: [Component::default(); 4],
            component_count: 1,
        };
        let cases = [
            ((0, 0), Scale::Eighth),
            ((201, 100), Scale::Eighth),
            ((202, 100), Scale::Quarter),
            ((201, 101), Scale::Quarter),
            ((640, 480), Scale::FiveEighths),
            ((1601, 800), Scale::Full),
            ((5000, 10), Scale::Full),
        ];
        for ((width, height), expected) in cases {
            assert_eq!(Scale::fitting(&frame, width, height), expected, "{width} x {height}");
        }
    }
}
