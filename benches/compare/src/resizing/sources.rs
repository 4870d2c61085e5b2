//! The pixels that are resampled, as files without a header: the 12 megapixels of the report, and
//! 4928x3279 pixels of its large picture, which is the size in fast_image_resize's own benchmarks.

use std::fs;
use std::path::Path;

use image::{DynamicImage, RgbaImage, imageops};

use super::protocol::Pixels;
use crate::floor::Floor;
use crate::inputs::{Inputs, on_an_ellipse};
use crate::jobs::Source;
use crate::{Outcome, picture};

/// The size in fast_image_resize's benchmarks, and the width of its result.
const OF_FAST_IMAGE_RESIZE: ([u32; 2], u32) = ([4928, 3279], 852);

/// Of the 12 megapixels, widest first.
pub(super) const WIDTHS: [u32; 5] = [1920, 1080, 640, 320, 160];

/// What a pixel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Gray,
    Rgb,
    Rgba,
    Rgb16,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Gray, Self::Rgb, Self::Rgba, Self::Rgb16];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gray => "Gray, 8 bits",
            Self::Rgb => "RGB, 8 bits",
            Self::Rgba => "RGBA, 8 bits",
            Self::Rgb16 => "RGB, 16 bits",
        }
    }

    fn channels_and_bits(self) -> (usize, u32) {
        match self {
            Self::Gray => (1, 8),
            Self::Rgb => (3, 8),
            Self::Rgba => (4, 8),
            Self::Rgb16 => (3, 16),
        }
    }

    fn bytes(self, picture: &RgbaImage) -> Vec<u8> {
        let picture = || DynamicImage::from(picture.clone());
        match self {
            Self::Gray => picture().into_luma8().into_raw(),
            Self::Rgb => picture().into_rgb8().into_raw(),
            Self::Rgba => on_an_ellipse(&picture().into_rgba8()).into_raw(),
            Self::Rgb16 => with_low_bytes(&picture().into_rgb8()),
        }
    }
}

/// Eight bits more, from a generator that always gives the same.
/// Source: Marsaglia, "Xorshift RNGs" (2003).
fn with_low_bytes(samples: &[u8]) -> Vec<u8> {
    let mut state = 2_463_534_242_u32;
    let wide = samples.iter().flat_map(|&high| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        [state as u8, high]
    });
    wide.collect()
}

/// One picture in all kinds of pixels.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) size: [u32; 2],
    /// Where it comes from.
    pub(super) story: String,
    /// What it is resampled to.
    pub(super) sizes: Vec<[u32; 2]>,
    files: Vec<(Kind, Pixels)>,
}

/// Both pictures.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) photo: Picture,
    pub(super) large: Picture,
}

impl Sources {
    /// Writes them all.
    ///
    /// # Errors
    /// If a picture cannot be read, or a file cannot be written.
    pub(super) fn new(inputs: &Inputs, floor: Option<&Floor>, folder: &Path) -> Outcome<Self> {
        let (baseline, large) = (inputs.of(Source::Baseline), inputs.of(Source::Large));
        let story = baseline.story.clone();
        let whole = picture::read(&baseline.path, floor)?;
        let photo = Picture::new("photo", &whole, story, &WIDTHS, folder)?;
        let ([width, height], to) = OF_FAST_IMAGE_RESIZE;
        let story = format!("the upper left of {}", large.story);
        let whole = picture::read(&large.path, floor)?;
        if whole.width() < width || whole.height() < height {
            return Err(format!("the large picture is smaller than {width}x{height}"));
        }
        let cropped = imageops::crop_imm(&whole, 0, 0, width, height).to_image();
        Ok(Self { photo, large: Picture::new("large", &cropped, story, &[to], folder)? })
    }
}

impl Picture {
    fn new(
        name: &str,
        picture: &RgbaImage,
        story: String,
        widths: &[u32],
        folder: &Path,
    ) -> Outcome<Self> {
        let (width, height) = picture.dimensions();
        let file = |kind: Kind| {
            let (channels, bits) = kind.channels_and_bits();
            let path = folder.join(format!("{name}-{channels}x{bits}.raw"));
            fs::write(&path, kind.bytes(picture))
                .map_err(|error| format!("{}: {error}", path.display()))?;
            Ok((kind, Pixels { path, size: [width, height], channels, bits, linear: false }))
        };
        let files = Kind::ALL.into_iter().map(file).collect::<Outcome<_>>()?;
        let rounded = |to: u32| f64::from(to) * f64::from(height) / f64::from(width);
        let sizes = widths.iter().map(|&to| [to, rounded(to).round() as u32]).collect();
        Ok(Self { size: [width, height], story, sizes, files })
    }

    pub(super) fn pixels(&self, kind: Kind, linear: bool) -> Pixels {
        let found = self.files.iter().find(|(own, _)| *own == kind);
        let (_, pixels) = found.expect("every kind has a file");
        Pixels { linear, ..pixels.clone() }
    }

    pub(super) fn megapixels(&self) -> f64 {
        f64::from(self.size[0]) * f64::from(self.size[1]) / 1e6
    }
}
