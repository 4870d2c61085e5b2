//! Magic bytes in, `ImageFormat` out. Knows nothing of names, extensions or content types.

use crate::error::Reject;

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
}

impl ImageFormat {
    /// Recognises a source by its first bytes.
    ///
    /// # Errors
    /// `NotAnImage` when they begin no known format, `Unsupported` when they begin one that is
    /// not decoded here.
    pub fn sniff(source: &[u8]) -> Result<Self, Reject> {
        let begins = |magic: &[u8]| source.starts_with(magic);
        if begins(b"\xff\xd8\xff") {
            return Ok(Self::Jpeg);
        }
        if begins(b"\x89PNG\r\n\x1a\n") {
            return Ok(Self::Png);
        }
        if begins(b"GIF87a") || begins(b"GIF89a") {
            return Ok(Self::Gif);
        }
        if begins(b"RIFF") && source.get(8..12) == Some(b"WEBP") {
            return Ok(Self::Webp);
        }
        match unsupported(source) {
            Some(what) => Err(Reject::Unsupported { what }),
            None => {
                Err(Reject::NotAnImage { first_bytes: source.iter().take(8).copied().collect() })
            }
        }
    }
}

impl std::fmt::Display for ImageFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Webp => "WebP",
            Self::Gif => "GIF",
        })
    }
}

/// The name of a format that people do upload and that is not decoded.
fn unsupported(source: &[u8]) -> Option<&'static str> {
    const MAGICS: [(&[u8], &str); 12] = [
        (b"BM", "BMP"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"II+\0", "BigTIFF"),
        (b"MM\0+", "BigTIFF"),
        (b"%PDF", "PDF"),
        (b"8BPS", "PSD"),
        (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\x00\x00\x01\x00", "ICO"),
    ];
    if let Some((_, name)) = MAGICS.iter().find(|(magic, _)| source.starts_with(magic)) {
        return Some(name);
    }
    if source.get(4..8) == Some(b"ftyp") {
        return Some(match source.get(8..12) {
            Some(b"avif" | b"avis") => "AVIF",
            Some(b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1") => "HEIC",
            _ => "ISO media (video or HEIF)",
        });
    }
    is_svg(source).then_some("SVG")
}

/// Whether text with an `<svg` element near its start; the XML itself is never parsed.
fn is_svg(source: &[u8]) -> bool {
    let start = &source[..source.len().min(1024)];
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    text.starts_with(b"<") && text.windows(4).any(|word| word.eq_ignore_ascii_case(b"<svg"))
}
