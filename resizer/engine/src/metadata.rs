//! What a source tells beside its pixels in, what a variant's file tells again out. Everything
//! that is not asked for stays behind, and so do thumbnails and gain maps in any case: they are of
//! another picture.

use std::borrow::Cow;

use crate::exif::{self, Exif};
use crate::format::ImageFormat;
use crate::header::{AvifPictures, TiffPicture, png_chunks, webp_chunks};
use crate::raster::Size;
use crate::spec::Metadata;

/// The most that one segment of a JPEG holds, less the name before it; other formats get no more.
const MAX_EXIF_BYTES: usize = 65_527;
const MAX_XMP_BYTES: usize = 65_502;

/// XMP that speaks of pictures which do not go along: gain maps, motion photographs, thumbnails.
const FOREIGN_XMP: [&[u8]; 6] =
    [b"hdrgm", b"GContainer", b"Container:", b"GCamera", b"HasExtendedXMP", b"xmpGImg"];

/// What a source tells.
#[derive(Debug, Default)]
pub struct Told<'a> {
    /// A TIFF structure.
    exif: Option<Cow<'a, [u8]>>,
    xmp: Option<Cow<'a, [u8]>>,
    /// Where EXIF has none, in UTF-8.
    artist: Option<Vec<u8>>,
    copyright: Option<Vec<u8>>,
}

/// What goes into a file beside its pixels.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Retold {
    /// A TIFF structure.
    pub exif: Option<Vec<u8>>,
    /// An XML document.
    pub xmp: Option<Vec<u8>>,
}

impl<'a> Told<'a> {
    /// Reads what there is; what cannot be read is passed over.
    pub fn read(format: ImageFormat, source: &'a [u8]) -> Self {
        match format {
            ImageFormat::Jpeg => resizer_jpeg::Header::read(source).map_or_else(
                |_| Self::default(),
                |file| Self {
                    exif: file.exif.map(Cow::Borrowed),
                    xmp: file.xmp().map(Cow::Borrowed),
                    ..Self::default()
                },
            ),
            ImageFormat::Png => Self::of_png(source),
            ImageFormat::Webp => {
                let chunk = |name: [u8; 4]| {
                    webp_chunks(source).find(|chunk| chunk.name == name).map(|chunk| chunk.body)
                };
                let exif = chunk(*b"EXIF");
                let exif = exif.map(|body| body.strip_prefix(b"Exif\0\0").unwrap_or(body));
                Self {
                    exif: exif.map(Cow::Borrowed),
                    xmp: chunk(*b"XMP ").map(Cow::Borrowed),
                    ..Self::default()
                }
            }
            ImageFormat::Avif => AvifPictures::read(source).map_or_else(
                |_| Self::default(),
                |file| Self { exif: file.exif, xmp: file.xmp, ..Self::default() },
            ),
            ImageFormat::Tiff => TiffPicture::read(source).map_or_else(
                |_| Self::default(),
                |picture| {
                    let text =
                        |text: Option<&[u8]>| text.and_then(exif::trimmed).map(<[u8]>::to_vec);
                    let (artist, copyright) = (text(picture.artist), text(picture.copyright));
                    Self { artist, copyright, ..Self::default() }
                },
            ),
            _ => Self::default(),
        }
    }

    fn of_png(source: &'a [u8]) -> Self {
        let mut told = Self::default();
        for chunk in png_chunks(source) {
            match &chunk.name {
                b"eXIf" => told.exif = Some(Cow::Borrowed(chunk.body)),
                b"tEXt" => {
                    let mut parts = chunk.body.splitn(2, |&byte| byte == 0);
                    let (keyword, text) = (parts.next(), parts.next().unwrap_or_default());
                    let place = match keyword {
                        Some(b"Author") => &mut told.artist,
                        Some(b"Copyright") => &mut told.copyright,
                        _ => continue,
                    };
                    // Latin-1, whose codes are the first ones of Unicode. A longer text than any
                    // that goes along is not looked at.
                    let text = text.get(..=exif::MAX_TEXT_BYTES).is_none().then_some(text);
                    let text = text.map(|text| text.iter().map(|&byte| char::from(byte)));
                    *place = text.map(|text| text.collect::<String>().into_bytes());
                }
                // Not compressed, without language and translation.
                b"iTXt" => {
                    let xmp = chunk.body.strip_prefix(b"XML:com.adobe.xmp\0\0\0\0\0");
                    told.xmp = xmp.map(Cow::Borrowed).or(told.xmp);
                }
                _ => {}
            }
        }
        told
    }

    /// What the file of a variant of this size tells.
    pub fn retold(&self, metadata: Metadata, size: Size) -> Retold {
        let exif = self.exif.as_deref().and_then(Exif::read);
        // Copied only where they fit: their length is whatever an upload says.
        let fits = |bytes: &&[u8]| bytes.len() <= MAX_XMP_BYTES;
        let texts = || {
            let exif = exif.as_ref();
            let artist = exif.and_then(Exif::artist).or(self.artist.as_deref());
            let copyright = exif.and_then(Exif::copyright).or(self.copyright.as_deref());
            exif::of_texts(artist, copyright)
        };
        let retold = match metadata {
            Metadata::None => Retold::default(),
            Metadata::Copyright => Retold { exif: texts(), xmp: None },
            Metadata::All => {
                let whole = exif.as_ref().filter(|exif| exif.length_bytes() <= MAX_EXIF_BYTES);
                let whole = whole.map(|exif| exif.of_variant(size)).or_else(texts);
                Retold { exif: whole, xmp: self.xmp.as_deref().filter(fits).and_then(own_xmp) }
            }
        };
        Retold {
            exif: retold.exif.filter(|bytes| bytes.len() <= MAX_EXIF_BYTES),
            xmp: retold.xmp.filter(|bytes| bytes.len() <= MAX_XMP_BYTES),
        }
    }
}

/// XMP that speaks of nothing but this picture, which is upright.
fn own_xmp(xmp: &[u8]) -> Option<Vec<u8>> {
    const ORIENTATION: &[u8] = b"tiff:Orientation";
    let has = |text: &[u8]| xmp.windows(text.len()).any(|window| window == text);
    if FOREIGN_XMP.into_iter().any(has) {
        return None;
    }
    let mut own = xmp.to_vec();
    for start in 0..own.len().saturating_sub(ORIENTATION.len() + 4) {
        if own[start..].starts_with(ORIENTATION) {
            let value = &mut own[start + ORIENTATION.len()..][..4];
            // `="6"` or `>6<`
            if let Some(digit) = value.iter_mut().find(|byte| byte.is_ascii_digit()) {
                *digit = b'1';
            }
        }
    }
    Some(own)
}
