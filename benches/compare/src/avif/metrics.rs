//! SSIMULACRA2 and butteraugli of a file against the picture that was encoded.

use std::path::Path;

use butteraugli::{ButteraugliParams, ButteraugliReference};
use image::RgbImage;
use ssimulacra2::{
    ColorPrimaries, LinearRgb, Rgb, TransferCharacteristic, compute_frame_ssimulacra2,
};

use crate::{Outcome, picture};

/// The scores of a file against its picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scores {
    /// 100 is the picture itself, and more is better.
    pub(super) ssimulacra2: f64,
    /// The 3-norm. 0 is the picture itself, and less is better.
    pub(super) butteraugli: f64,
}

/// A picture in the forms that the metrics need.
pub(super) struct Reference {
    linear: LinearRgb,
    butteraugli: ButteraugliReference,
}

impl Reference {
    pub(super) fn new(picture: &RgbImage) -> Outcome<Self> {
        let (width, height) = picture.dimensions();
        let parameters = ButteraugliParams::new();
        let (width, height) = (width as usize, height as usize);
        let butteraugli = ButteraugliReference::new(picture.as_raw(), width, height, parameters)
            .map_err(|error| error.to_string())?;
        Ok(Self { linear: linear(picture)?, butteraugli })
    }

    /// # Errors
    /// If the file cannot be decoded, or has another size.
    pub(super) fn scores(&self, file: &Path) -> Outcome<Scores> {
        let decoded = image::DynamicImage::from(picture::read(file, None)?).to_rgb8();
        let score = compute_frame_ssimulacra2(self.linear.clone(), linear(&decoded)?);
        let distance = self.butteraugli.compare(decoded.as_raw());
        Ok(Scores {
            ssimulacra2: score.map_err(|error| error.to_string())?,
            butteraugli: distance.map_err(|error| error.to_string())?.pnorm_3,
        })
    }
}

fn linear(picture: &RgbImage) -> Outcome<LinearRgb> {
    let pixels = picture.pixels().map(|pixel| pixel.0.map(|level| f32::from(level) / 255.0));
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let (curve, colors) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
    let made = Rgb::new(pixels.collect(), width, height, curve, colors);
    let made = made.map_err(|error| format!("{error:?}"))?;
    LinearRgb::try_from(made).map_err(|error| format!("{error:?}"))
}
