//! Interleaved pixels: their formats, and a whole decoded picture.

/// How the samples of a pixel lie in memory, 8 bits each, without padding between rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum PixelFormat {
    /// One byte of luma.
    Gray,
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Red, green, blue and an alpha that is always 255: JPEG has no transparency. The encoder
    /// ignores the alpha of what it is given.
    Rgba,
    /// Cyan, magenta, yellow, black, inverted as Adobe stores them: 255 is no ink. Only decoded,
    /// and only from files that hold CMYK or YCCK.
    Cmyk,
}

impl PixelFormat {
    /// Bytes of a pixel, 1 to 4.
    pub const fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }
}

/// A decoded picture. It is not turned as EXIF says, and its numbers mean what the file's ICC
/// profile says, sRGB without one: [`Header`](crate::Header) has both.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// Rows from top to bottom, without gaps: `width * height * format.channels()` bytes.
    pub pixels: Vec<u8>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// What the bytes of a pixel are.
    pub format: PixelFormat,
}

impl Image {
    /// One row of pixels, from the top.
    ///
    /// # Panics
    /// If `y` is not below the height.
    pub fn row(&self, y: u32) -> &[u8] {
        let row_bytes = self.width as usize * self.format.channels();
        &self.pixels[y as usize * row_bytes..][..row_bytes]
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Image")
            .field("width", &self.width)
            .field("height", &self.height)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
