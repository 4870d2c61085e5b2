//! What a frame header says: size, process, components; and the sizes that follow from it.
//! Source: ITU T.81, B.2.2 and A.1.1.

use std::ops::Range;

/// The coding process, of those that this crate decodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// Sequential, Huffman, 8 bits, at most two tables of a kind.
    Baseline,
    /// Sequential, Huffman, 8 bits.
    Extended,
    /// Progressive, Huffman, 8 bits.
    Progressive,
}

/// What the components mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColourModel {
    /// Luminance alone.
    Gray,
    /// Luminance and two colour differences, as JFIF defines them.
    YCbCr,
    /// Red, green, blue.
    Rgb,
    /// CMYK; 255 is no ink.
    Cmyk,
    /// CMYK whose first three components are coded as YCbCr; 255 is no ink.
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
    /// Which of the four quantisation tables it uses, 0 to 3.
    pub quantization: u8,
}

/// How much smaller than the picture the planes are to be.
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
    /// An eighth of each side: one pixel of each block.
    Eighth,
}

impl Scale {
    /// All of them, the largest first.
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

    /// The side of what becomes of a block of 8 by 8 pixels.
    pub const fn block_side(self) -> usize {
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

/// A rectangle of a picture, in pixels. It may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Columns left of it.
    pub x: u32,
    /// Rows above it.
    pub y: u32,
    /// Its columns.
    pub width: u32,
    /// Its rows.
    pub height: u32,
}

/// A frame header, checked: sizes are not 0 and sampling factors legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// In pixels, 1 to 65,535.
    pub width: u32,
    /// In pixels, 1 to 65,535.
    pub height: u32,
    /// How it is coded.
    pub process: Process,
    /// What the components mean.
    pub colour: ColourModel,
    /// Whether an Adobe marker is there.
    pub adobe: bool,
    pub(crate) components: [Component; 4],
    pub(crate) component_count: usize,
}

impl Frame {
    /// One, three or four.
    pub fn components(&self) -> &[Component] {
        &self.components[..self.component_count]
    }

    /// Width and height of a component's plane in samples.
    pub fn plane_size(&self, component: &Component, scale: Scale) -> (usize, usize) {
        let side = |pixels: u32, factor: u8, most: u8| {
            (pixels as usize * usize::from(factor) * scale.block_side())
                .div_ceil(usize::from(most) * 8)
        };
        let (horizontal, vertical) = self.most_sampling();
        (
            side(self.width, component.horizontal, horizontal),
            side(self.height, component.vertical, vertical),
        )
    }

    /// The largest horizontal and the largest vertical sampling factor.
    pub(crate) fn most_sampling(&self) -> (u8, u8) {
        let most = |factor: fn(&Component) -> u8| self.components().iter().map(factor).max();
        (most(|c| c.horizontal).unwrap_or(1), most(|c| c.vertical).unwrap_or(1))
    }

    /// How many MCUs of an interleaved scan lie beside and below each other.
    pub(crate) fn mcus(&self) -> (usize, usize) {
        let (horizontal, vertical) = self.most_sampling();
        (
            (self.width as usize).div_ceil(8 * usize::from(horizontal)),
            (self.height as usize).div_ceil(8 * usize::from(vertical)),
        )
    }

    /// The columns and rows of MCUs that hold a part of the picture, or all.
    pub(crate) fn mcus_of(&self, part: Option<Part>) -> [Range<usize>; 2] {
        let (wide, high) = self.mcus();
        let Some(Part { x, y, width, height }) = part else {
            return [0..wide, 0..high];
        };
        let (horizontal, vertical) = self.most_sampling();
        let range = |from: u32, count: u32, factor: u8, all: usize| {
            let side = 8 * usize::from(factor);
            let end = (from.saturating_add(count) as usize).div_ceil(side);
            from as usize / side..end.min(all)
        };
        [range(x, width, horizontal, wide), range(y, height, vertical, high)]
    }
}
