//! What a [`Source`] says of itself, as methods that read nothing again.

use std::borrow::Cow;

use resizer_jpeg::Header as JpegHeader;

use super::{Container, Source};
use crate::color::ColorDescription;
use crate::format::ImageFormat;
use crate::iptc::{block_of_resources, latin_1};
use crate::orientation::Orientation;
use crate::raster::{Layout, Size};

/// What a source says of itself, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// As recognized by the first bytes.
    pub format: ImageFormat,
    /// Upright width and height in pixels; of the canvas where there are frames.
    pub size: Size,
    /// How the stored pixels were turned upright.
    pub orientation: Orientation,
    /// The channels of a pixel.
    pub layout: Layout,
    /// Frames of an animation, 1 for a still picture.
    pub frame_count: u32,
    /// How often an animation plays, 0 for endless.
    pub loop_count: u32,
}

/// Code points of ITU-T H.273 that say what colors the numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cicp {
    /// Table 2.
    pub(crate) primaries: u8,
    /// Table 3.
    pub(crate) transfer: u8,
}

impl<'a> Source<'a> {
    /// All that outlives the file's bytes.
    pub fn facts(&self) -> Facts {
        Facts {
            format: self.format(),
            size: self.size(),
            orientation: self.orientation(),
            layout: self.layout(),
            frame_count: self.frame_count(),
            loop_count: self.loop_count(),
        }
    }

    /// As recognized by the first bytes.
    pub fn format(&self) -> ImageFormat {
        match self.container {
            Container::Jpeg(_) => ImageFormat::Jpeg,
            Container::Png(_) => ImageFormat::Png,
            Container::Webp(_) => ImageFormat::Webp,
            Container::Gif(_) => ImageFormat::Gif,
            Container::Heif(ref heif) => heif.format(),
            Container::Bmp(_) => ImageFormat::Bmp,
            Container::Tiff(_) => ImageFormat::Tiff,
            #[cfg(feature = "jxl")]
            Container::Jxl(_) => ImageFormat::Jxl,
        }
    }

    /// Upright width and height in pixels; of the canvas where there are frames.
    pub fn size(&self) -> Size {
        self.picture.orientation.upright_size(self.picture.size)
    }

    /// How the stored pixels are turned upright.
    pub fn orientation(&self) -> Orientation {
        self.picture.orientation
    }

    /// The channels of a pixel, as decoding delivers them.
    pub fn layout(&self) -> Layout {
        self.picture.layout
    }

    /// Frames of an animation, 1 for a still picture.
    pub fn frame_count(&self) -> u32 {
        self.animation().map_or(1, |[frames, _]| frames)
    }

    /// How often an animation plays, 0 for endless.
    pub fn loop_count(&self) -> u32 {
        self.animation().map_or(1, |[_, loops]| loops)
    }

    /// Whether there is more than one frame.
    pub fn is_animated(&self) -> bool {
        self.frame_count() > 1
    }

    /// Frames and loops of the formats that have some.
    fn animation(&self) -> Option<[u32; 2]> {
        match &self.container {
            Container::Png(png) => Some([png.frame_count, png.loop_count]),
            Container::Webp(webp) => Some([webp.frame_count, webp.loop_count]),
            Container::Gif(gif) => Some([gif.frame_count, gif.loop_count]),
            Container::Heif(heif) => {
                let sequence = heif.sequence.as_ref()?;
                Some([sequence.frame_count, sequence.loop_count])
            }
            #[cfg(feature = "jxl")]
            Container::Jxl(jxl) => Some([jxl.frame_count, jxl.loop_count]),
            _ => None,
        }
    }

    /// The ICC profile, unchecked: put together where it lies in pieces, inflated where it is
    /// compressed. Of JPEG XL, the one that its pixels follow.
    pub fn icc_profile(&self) -> Option<Cow<'_, [u8]>> {
        match &self.container {
            Container::Jpeg(jpeg) => jpeg.file.icc_profile().map(Cow::Owned),
            Container::Png(png) => png.icc_profile().map(Cow::Owned),
            Container::Webp(webp) => webp.icc.map(Cow::Borrowed),
            Container::Heif(heif) => heif.icc.map(Cow::Borrowed),
            Container::Tiff(tiff) => tiff.icc.map(Cow::Borrowed),
            #[cfg(feature = "jxl")]
            Container::Jxl(jxl) => jxl.icc().map(Cow::Borrowed),
            _ => None,
        }
    }

    /// The EXIF block from its TIFF header on.
    pub fn exif(&self) -> Option<&[u8]> {
        match &self.container {
            Container::Jpeg(jpeg) => jpeg.file.exif,
            Container::Png(png) => png.exif,
            Container::Webp(webp) => webp.exif,
            Container::Heif(heif) => heif.exif.as_deref(),
            #[cfg(feature = "jxl")]
            Container::Jxl(jxl) => jxl.exif.as_deref(),
            _ => None,
        }
    }

    /// The XMP packet, an XML document.
    pub fn xmp(&self) -> Option<&[u8]> {
        match &self.container {
            Container::Jpeg(jpeg) => jpeg.file.xmp(),
            Container::Png(png) => png.xmp,
            Container::Webp(webp) => webp.xmp,
            Container::Heif(heif) => heif.xmp.as_deref(),
            #[cfg(feature = "jxl")]
            Container::Jxl(jxl) => jxl.xmp.as_deref(),
            _ => None,
        }
    }

    /// The artist, in UTF-8, where a container says it outside of EXIF.
    pub(crate) fn artist(&self) -> Option<Cow<'_, [u8]>> {
        match &self.container {
            Container::Png(png) => png.artist.map(latin_1).map(Cow::Owned),
            Container::Tiff(tiff) => tiff.artist.map(Cow::Borrowed),
            _ => self.raw.and_then(|(_, said)| said.artist).map(Cow::Borrowed),
        }
    }

    /// The copyright, in UTF-8, where a container says it outside of EXIF.
    pub(crate) fn copyright(&self) -> Option<Cow<'_, [u8]>> {
        match &self.container {
            Container::Png(png) => png.copyright.map(latin_1).map(Cow::Owned),
            Container::Tiff(tiff) => tiff.copyright.map(Cow::Borrowed),
            _ => self.raw.and_then(|(_, said)| said.copyright).map(Cow::Borrowed),
        }
    }

    /// A block of IPTC.
    pub(crate) fn iptc(&self) -> Option<&[u8]> {
        match &self.container {
            Container::Jpeg(jpeg) => {
                let mut resources = jpeg.file.photoshop_resources();
                resources.find_map(block_of_resources)
            }
            Container::Tiff(tiff) => tiff.iptc,
            _ => None,
        }
    }

    /// What the container says of its colors, the first description counting most; without any they
    /// are sRGB, or what the decoder finds with the pixels.
    pub(crate) fn color_descriptions(&self) -> Vec<ColorDescription> {
        match &self.container {
            Container::Png(png) => png.color_descriptions(),
            Container::Heif(heif) => heif.color_descriptions(),
            #[cfg(feature = "jxl")]
            Container::Jxl(jxl) => jxl.color_descriptions(),
            _ => {
                let icc = self.icc_profile().map(|icc| ColorDescription::Icc(icc.into_owned()));
                icc.into_iter().collect()
            }
        }
    }

    /// Of a JPEG whose planes are YCbCr in sRGB: the pixels that one chroma sample covers, across
    /// and down. `None` where only pixels will do.
    pub(crate) fn chroma(&self) -> Option<[u32; 2]> {
        match &self.container {
            Container::Jpeg(jpeg) => jpeg.chroma,
            _ => None,
        }
    }

    /// Whether its format is one for photographs.
    pub(crate) fn is_lossy(&self) -> bool {
        matches!(self.container, Container::Jpeg(_) | Container::Heif(_))
    }

    /// The markers of a JPEG.
    pub(crate) fn jpeg_header(&self) -> Option<&JpegHeader<'a>> {
        match &self.container {
            Container::Jpeg(jpeg) => Some(&jpeg.file),
            _ => None,
        }
    }

    /// Whether its decoder can deliver the picture at some eighths of its size.
    pub(crate) fn is_reducible(&self) -> bool {
        matches!(self.container, Container::Jpeg(_))
    }

    /// Scans of a JPEG, 1 for all others.
    pub(crate) fn scan_count(&self) -> u32 {
        match &self.container {
            Container::Jpeg(jpeg) => jpeg.file.scans,
            _ => 1,
        }
    }

    /// Of a GIF the pixels of its largest frame, which the canvas does not bound; of JPEG XL those
    /// of all frames, for each that is shown.
    pub(crate) fn beyond_canvas_pixels(&self) -> u64 {
        match &self.container {
            Container::Gif(gif) => gif.largest_frame_pixels,
            #[cfg(feature = "jxl")]
            Container::Jxl(jxl) => jxl.frame_pixels,
            _ => 0,
        }
    }

    /// What decoding the frames of an animation takes, where it is known.
    pub(crate) fn animation_bytes(&self) -> u64 {
        match &self.container {
            #[cfg(feature = "jxl")]
            Container::Jxl(jxl) => jxl.animation_bytes,
            Container::Heif(heif) => heif.sequence_bytes(),
            _ => 0,
        }
    }
}
