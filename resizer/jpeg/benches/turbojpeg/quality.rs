//! How well a file shows a picture.

use crate::library::{self, Packed, Recipe, Samples, Sampling, Widening};
use ssimulacra2::{
    ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2 as ssimulacra2,
};

/// A picture to be encoded, and its pixels.
pub(crate) struct Subject {
    /// 4:2:0.
    pub(crate) planes: Vec<Samples>,
    pixels: Vec<[f32; 3]>,
}

impl Subject {
    /// The pixels are those which the library makes of an all but lossless file.
    pub(crate) fn new(planes: Vec<Samples>) -> Self {
        let recipe = Recipe {
            quality: 100,
            sampling: Sampling::Quarter,
            optimized: false,
            progressive: false,
            restart_rows: 0,
        };
        let file = library::encode(&planes, planes[0].width, planes[0].height, &recipe);
        Self { pixels: pixels(&file), planes }
    }

    /// SSIMULACRA2: 100 is the same.
    pub(crate) fn score(&self, file: &[u8]) -> f64 {
        let frame = |pixels: Vec<[f32; 3]>| {
            let (width, height) = (self.planes[0].width, self.planes[0].height);
            let (curve, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
            Rgb::new(pixels, width, height, curve, primaries).expect("as many pixels as stated")
        };
        ssimulacra2(frame(self.pixels.clone()), frame(pixels(file))).expect("two of a size")
    }
}

fn pixels(file: &[u8]) -> Vec<[f32; 3]> {
    let outcome = library::packed(file, Packed::Rgb, Widening::Interpolated);
    let samples = outcome.decoded().unwrap_or_else(|| panic!("{}", outcome.words().1));
    let pixels = samples.pixels.as_chunks::<3>().0.iter();
    pixels.map(|pixel| pixel.map(|sample| f32::from(sample) / 255.0)).collect()
}
