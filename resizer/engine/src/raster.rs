//! Pixels in memory: sizes, layouts and the owned `Raster`; and what changes a raster's channels or
//! canvas without resampling it. Knows no file format.

mod canvas;
mod channels;
mod rgba;

pub(crate) use self::canvas::{crop, pad};
pub(crate) use self::channels::{flatten, widen};
pub use self::rgba::Rgba;

/// Width and height in pixels, neither of them zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// `None` when a side is zero.
    pub fn new(width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0).then_some(Self { width, height })
    }

    /// Pixels from left to right, at least 1.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Pixels from top to bottom, at least 1.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Width times height.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Width and height exchanged.
    pub fn transposed(self) -> Self {
        Self { width: self.height, height: self.width }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A part of a raster, in pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// Pixels left of it.
    pub x: u32,
    /// Pixels above it.
    pub y: u32,
    /// Its own.
    pub size: Size,
}

impl Rect {
    /// All of a raster.
    pub fn whole(size: Size) -> Self {
        Self { x: 0, y: 0, size }
    }

    /// A window of `size` in a raster of size `whole`, with these shares of the free width and
    /// height, 0 to 1 each, left of it and above it.
    ///
    /// # Panics
    /// When the window is larger than the raster.
    pub fn placed(size: Size, whole: Size, [left, top]: [f64; 2]) -> Self {
        let start = |free: u32, share: f64| (f64::from(free) * share).round() as u32;
        let x = start(whole.width() - size.width(), left);
        let y = start(whole.height() - size.height(), top);
        Self { x, y, size }
    }
}

/// The channels of a pixel, 8 bits each, alpha not premultiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One byte: gray.
    Gray,
    /// Two bytes: gray, alpha.
    GrayAlpha,
    /// Three bytes: red, green, blue.
    Rgb,
    /// Four bytes: red, green, blue, alpha.
    Rgba,
    /// Four bytes: how much light cyan, magenta, yellow and black let through, 255 being no ink.
    Cmyk,
}

impl Layout {
    /// Bytes of one pixel.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    /// Whether the last channel is alpha.
    pub fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }
}

/// An owned image: rows from top to bottom without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    size: Size,
    layout: Layout,
    pixels: Vec<u8>,
}

impl Raster {
    /// Takes `pixels` of exactly `size.width * size.height * layout.channels()` bytes.
    ///
    /// # Panics
    /// When the length differs; every caller computes it from the same two values.
    pub fn new(size: Size, layout: Layout, pixels: Vec<u8>) -> Self {
        assert_eq!(pixels.len(), Self::byte_length(size, layout), "a raster holds whole rows");
        Self { size, layout, pixels }
    }

    /// Bytes that a raster of this size and layout holds.
    pub fn byte_length(size: Size, layout: Layout) -> usize {
        usize::try_from(size.pixels()).expect("sizes are checked against the limits first")
            * layout.channels()
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The channels of each pixel.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// All bytes, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// A 16-bit sample rounded to 8 bits: 65,535 becomes 255, and 257 steps become one.
pub(crate) fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) * 255 + 32_767) / 65_535) as u8
}
