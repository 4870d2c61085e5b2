//! An overview in, what a page shows until the picture is there out: ThumbHash, BlurHash and the
//! dominant color. Pure functions of pixels, one file each in `placeholder/`.
//!
//! Our own code and no library: `thumbhash` 0.1 sums in single precision, so that what it says
//! of even pictures is rounding noise; `blurhash` 0.2 reads transparent pixels as if they were seen
//! and takes the end of its curves from a table. Each is smaller here than its seam would be.

mod blurhash;
mod dominant;
mod thumbhash;
mod waves;

use crate::raster::{Layout, Raster};

/// What stands for a picture before it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholders {
    /// ThumbHash: 5 to 25 bytes, with transparency where the source has some.
    pub thumbhash: Vec<u8>,
    /// BlurHash of 4 components along the longer side and 3 along the other: 28 characters.
    /// Transparent pixels take the average color of the others.
    pub blurhash: String,
    /// Red, green and blue of the color that most visible pixels have; white where none is
    /// visible.
    pub dominant: [u8; 3],
}

impl Placeholders {
    /// Of an upright picture in sRGB. Its size decides the time, not the result: 100 pixels on the
    /// longer side are enough.
    ///
    /// # Panics
    /// For another layout than RGBA.
    pub fn new(overview: &Raster) -> Self {
        assert_eq!(overview.layout(), Layout::Rgba, "overviews have alpha");
        let (pixels, _) = overview.pixels().as_chunks::<4>();
        let average = average(pixels);
        Self {
            thumbhash: thumbhash::encode(overview.size(), pixels, average.unwrap_or([0.0; 3])),
            blurhash: blurhash::encode(overview.size(), pixels, average.unwrap_or([255.0; 3])),
            dominant: dominant::color(pixels).unwrap_or([255; 3]),
        }
    }
}

/// The mean color, each pixel as far as it is opaque; 0 to 255 a channel. `None` where nothing is
/// visible.
fn average(pixels: &[[u8; 4]]) -> Option<[f64; 3]> {
    let opacity: f64 = pixels.iter().map(|pixel| f64::from(pixel[3])).sum();
    let sum = |channel: usize| {
        let weighted = |pixel: &[u8; 4]| f64::from(pixel[channel]) * f64::from(pixel[3]);
        pixels.iter().map(weighted).sum::<f64>()
    };
    (opacity > 0.0).then(|| [0, 1, 2].map(|channel| sum(channel) / opacity))
}

/// The pixel's color where it is opaque, and `below` as far as it is not; 0 to 255 a channel.
fn composed([red, green, blue, alpha]: [u8; 4], below: [f64; 3]) -> [f64; 3] {
    let alpha = f64::from(alpha) / 255.0;
    let mut channels = [red, green, blue].map(f64::from);
    for (channel, below) in channels.iter_mut().zip(below) {
        *channel = *channel * alpha + below * (1.0 - alpha);
    }
    channels
}
