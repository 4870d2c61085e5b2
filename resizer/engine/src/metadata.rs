//! What a source says beside its pixels in, what a variant's file says out. Everything that is not
//! asked for stays behind, and so does what XMP says of thumbnails and gain maps: it is of another
//! picture. `gain_map.rs` says it anew of a map that goes along.

use std::borrow::Cow;

use crate::exif::{self, Exif};
use crate::iptc;
use crate::raster::Size;
use crate::source::Source;
use crate::spec::Metadata;

/// The most that one segment of a JPEG holds, less the name before it; other formats get no more.
const MAX_EXIF_BYTES: usize = 65_527;
pub(crate) const MAX_XMP_BYTES: usize = 65_502;

/// XMP that speaks of pictures which do not go along: gain maps, motion photographs, thumbnails.
const FOREIGN_XMP: [&[u8]; 7] = [
    b"hdrgm",
    b"HDRGainMap",
    b"GContainer",
    b"Container:",
    b"GCamera",
    b"HasExtendedXMP",
    b"xmpGImg",
];

/// What a source says beside its pixels.
#[derive(Debug, Default)]
pub struct SourceMetadata<'a> {
    exif: Option<Exif<'a>>,
    xmp: Option<&'a [u8]>,
    /// What the container or IPTC says outside of EXIF, in UTF-8.
    artist: Option<Cow<'a, [u8]>>,
    copyright: Option<Cow<'a, [u8]>>,
}

/// What goes into a file beside its pixels.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct FileMetadata {
    /// A TIFF structure.
    pub exif: Option<Vec<u8>>,
    /// An XML document.
    pub xmp: Option<Vec<u8>>,
}

impl<'a> SourceMetadata<'a> {
    /// All that the container holds; what cannot be read is passed over.
    pub fn new(source: &'a Source<'_>) -> Self {
        let iptc = source.iptc();
        Self {
            exif: source.exif().and_then(Exif::read),
            xmp: source.xmp(),
            artist: source.artist().or_else(|| iptc::artist(iptc?)),
            copyright: source.copyright().or_else(|| iptc::copyright(iptc?)),
        }
    }

    /// What the file of a variant of this size says.
    pub fn for_file(&self, metadata: Metadata, size: Size) -> FileMetadata {
        let file = match metadata {
            Metadata::None => FileMetadata::default(),
            Metadata::Copyright => FileMetadata { exif: self.texts(), xmp: None },
            Metadata::All => {
                let exif = self.exif.as_ref();
                let whole = exif.filter(|exif| exif.length_bytes() <= MAX_EXIF_BYTES);
                let whole = whole.map(|exif| self.of_variant(exif, size)).or_else(|| self.texts());
                // Copied only where they fit: their length is whatever an upload says.
                let xmp = self.xmp.filter(|xmp| xmp.len() <= MAX_XMP_BYTES).and_then(own_xmp);
                FileMetadata { exif: whole, xmp }
            }
        };
        FileMetadata {
            exif: file.exif.filter(|bytes| bytes.len() <= MAX_EXIF_BYTES),
            xmp: file.xmp.filter(|bytes| bytes.len() <= MAX_XMP_BYTES),
        }
    }

    /// All EXIF, with artist and copyright where they fit.
    fn of_variant(&self, exif: &Exif<'_>, size: Size) -> Vec<u8> {
        let own = exif.of_variant(size);
        let texts = [
            self.artist.as_deref().filter(|_| exif.artist().is_none()),
            self.copyright.as_deref().filter(|_| exif.copyright().is_none()),
        ];
        let added = Exif::read(&own).and_then(|exif| exif.with_texts(texts));
        added.filter(|exif| exif.len() <= MAX_EXIF_BYTES).unwrap_or(own)
    }

    /// Artist and copyright alone; EXIF counts more than the container.
    fn texts(&self) -> Option<Vec<u8>> {
        let exif = self.exif.as_ref();
        let artist = exif.and_then(Exif::artist).or(self.artist.as_deref());
        let copyright = exif.and_then(Exif::copyright).or(self.copyright.as_deref());
        exif::of_texts([artist, copyright])
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
