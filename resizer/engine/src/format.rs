//! The formats that are decoded, by name. `magic.rs` recognizes them.

/// The formats that are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// ITU T.81.
    Jpeg,
    /// W3C PNG, third edition.
    Png,
    /// RFC 9649.
    Webp,
    /// GIF 87a and 89a.
    Gif,
    /// AV1 Image File Format, still pictures.
    Avif,
    /// Windows bitmaps.
    Bmp,
    /// TIFF 6.0 and BigTIFF.
    Tiff,
    /// HEIF with HEVC inside, as phones write it.
    #[cfg(feature = "heic")]
    Heic,
    /// ISO/IEC 18181.
    #[cfg(feature = "jxl")]
    Jxl,
}

impl ImageFormat {
    /// Every format that this build decodes.
    pub const ALL: &[Self] = &[
        Self::Jpeg,
        Self::Png,
        Self::Webp,
        Self::Gif,
        Self::Avif,
        Self::Bmp,
        Self::Tiff,
        #[cfg(feature = "heic")]
        Self::Heic,
        #[cfg(feature = "jxl")]
        Self::Jxl,
    ];
}

impl std::fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WebP",
            Self::Gif => "GIF",
            Self::Avif => "AVIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            #[cfg(feature = "heic")]
            Self::Heic => "HEIC",
            #[cfg(feature = "jxl")]
            Self::Jxl => "JPEG XL",
        })
    }
}
