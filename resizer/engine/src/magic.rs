//! The first bytes of a source in, its `ImageFormat` out. Knows no file extensions and no content
//! types.

use crate::error::Reject;
use crate::format::ImageFormat;

impl ImageFormat {
    /// Recognizes a source by its first bytes.
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
        if begins(b"BM") {
            return Ok(Self::Bmp);
        }
        if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].into_iter().any(|magic| begins(magic)) {
            return Ok(Self::Tiff);
        }
        match brand(source) {
            Some(Brand::Avif) => return Ok(Self::Avif),
            #[cfg(feature = "heic")]
            Some(Brand::Heic | Brand::Heif) => return Ok(Self::Heic),
            // The parser refuses those of other codings by name.
            #[cfg(not(feature = "heic"))]
            Some(Brand::Heif) => return Ok(Self::Avif),
            _ => {}
        }
        #[cfg(feature = "jxl")]
        if JXL_MAGICS.iter().any(|magic| begins(magic)) {
            return Ok(Self::Jxl);
        }
        match unsupported(source) {
            Some(what) => Err(Reject::Unsupported { what }),
            None => {
                Err(Reject::NotAnImage { first_bytes: source.iter().take(8).copied().collect() })
            }
        }
    }
}

/// A bare code stream, and one in boxes.
const JXL_MAGICS: [&[u8]; 2] = [b"\xff\x0a", b"\x00\x00\x00\x0cJXL "];

/// The name of a format that people do upload and that is not decoded.
fn unsupported(source: &[u8]) -> Option<&'static str> {
    const MAGICS: [(&[u8], &str); 12] = [
        (b"IIRO", "a camera RAW file (ORF)"),
        (b"IIRS", "a camera RAW file (ORF)"),
        (b"MMOR", "a camera RAW file (ORF)"),
        (b"IIU\0", "a camera RAW file (RW2)"),
        (b"FUJIFILMCCD-RAW", "a camera RAW file (RAF)"),
        (b"%PDF", "PDF"),
        (b"8BPS", "PSD"),
        (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
        (JXL_MAGICS[0], "JPEG XL"),
        (JXL_MAGICS[1], "JPEG XL"),
        (b"\x00\x00\x01\x00", "ICO"),
    ];
    if let Some((_, name)) = MAGICS.iter().find(|(magic, _)| source.starts_with(magic)) {
        return Some(name);
    }
    match brand(source) {
        Some(Brand::Heic) => Some("HEIC"),
        Some(_) if source.get(8..12) == Some(b"crx ") => Some("a camera RAW file (CR3)"),
        Some(_) => Some("ISO media (video or HEIF)"),
        None => is_svg(source).then_some("SVG"),
    }
}

/// What the first box of ISO media says is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Brand {
    Avif,
    Heic,
    /// Pictures of any coding.
    Heif,
    Other,
}

/// The first brand that is known here, the major one counting most.
fn brand(source: &[u8]) -> Option<Brand> {
    let (length, rest) = source.split_first_chunk::<4>()?;
    let body = rest.strip_prefix(b"ftyp")?;
    let length_bytes = usize::try_from(u32::from_be_bytes(*length)).ok()?.saturating_sub(8);
    let (brands, _) = body[..length_bytes.min(body.len())].as_chunks::<4>();
    // The second number is the version of the first.
    let brands = brands.iter().enumerate().filter(|(at, _)| *at != 1).map(|(_, brand)| brand);
    let known = brands.map(|brand| match brand {
        b"avif" | b"avis" => Brand::Avif,
        b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" => Brand::Heic,
        b"mif1" | b"mif2" | b"mif3" | b"msf1" => Brand::Heif,
        _ => Brand::Other,
    });
    // One that names a coding counts more than one that does not.
    let mut found = Brand::Other;
    for brand in known {
        match brand {
            Brand::Avif | Brand::Heic => return Some(brand),
            Brand::Heif => found = brand,
            Brand::Other => {}
        }
    }
    Some(found)
}

/// Whether text with an `<svg` element near its start; the XML itself is never parsed.
fn is_svg(source: &[u8]) -> bool {
    let start = &source[..source.len().min(1024)];
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    text.starts_with(b"<") && text.windows(4).any(|word| word.eq_ignore_ascii_case(b"<svg"))
}
