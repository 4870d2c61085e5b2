//! Rows of a picture as planes: what the decoder gives and the encoder takes.

/// Some rows of one component.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plane<'a> {
    /// `height` rows, each `stride` samples after the one before; the last one may be shorter.
    pub pixels: &'a [u8],
    /// Samples of a row that belong to the picture.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// From one row to the next, in samples.
    pub stride: usize,
}

impl<'a> Plane<'a> {
    /// One row, `width` samples.
    ///
    /// # Panics
    /// If there is no row `y`, or the pixels are fewer than the plane says.
    pub fn row(&self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.stride..][..self.width]
    }
}

/// The same rows of all components: one row of MCUs.
#[derive(Debug, Clone, Copy)]
pub struct Band<'a> {
    pub(crate) planes: [Plane<'a>; 4],
    /// Of each plane within the buffer.
    pub(crate) offsets: [usize; 4],
    pub(crate) count: usize,
}

impl<'a> Band<'a> {
    /// One plane per component, in the frame's order.
    pub fn planes(&self) -> &[Plane<'a>] {
        &self.planes[..self.count]
    }

    /// Where each of them begins in the buffer that the band was decoded into, for a caller who
    /// keeps that.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets[..self.count]
    }
}
