//! Rows of a picture as planes: what the decoder returns and the encoder takes.

/// Some rows of one component.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plane<'a> {
    /// `height` rows, each `stride` samples after the one before; the last one may be shorter.
    pub pixels: &'a [u8],
    /// Samples of a row that belong to the picture.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Samples from the start of one row to the start of the next.
    pub stride: usize,
}

impl<'a> Plane<'a> {
    /// One row, `width` samples.
    ///
    /// # Panics
    /// If there is no row `y`, or `pixels` is shorter than the other fields say.
    pub fn row(&self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.stride..][..self.width]
    }
}

/// The same rows of all components: one row of MCUs.
#[derive(Debug, Clone, Copy)]
pub struct Band<'a> {
    pub(crate) planes: [Plane<'a>; 4],
    /// Where each plane begins in the buffer.
    pub(crate) offsets: [usize; 4],
    pub(crate) count: usize,
}

impl<'a> Band<'a> {
    /// One plane per component, in the frame's order.
    pub fn planes(&self) -> &[Plane<'a>] {
        &self.planes[..self.count]
    }

    /// The index of the first sample of each plane in the buffer of the band, for a caller who
    /// keeps that buffer.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets[..self.count]
    }
}

/// A rectangle of a picture in pixels at full scale. It may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Columns left of it.
    pub x: u32,
    /// Rows above it.
    pub y: u32,
    /// Its columns.
    pub width: u32,
    /// Its rows.
    pub height: u32,
}
