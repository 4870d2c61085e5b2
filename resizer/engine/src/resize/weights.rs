//! The weight of each sample of a gain map: the light of the picture at that position.

use crate::color::srgb::to_linear;
use crate::gain_map::GainMap;
use crate::plan::Grid;
use crate::raster::Raster;

/// The smallest weight. With it, gains count where all pixels are black and the base offset is 0.
const LEAST: f32 = 1.0 / 1024.0;

/// The weights of linear Rec. 709 channels in luminance.
const LUMINANCE: [f32; 3] = [0.2126, 0.7152, 0.0722];

/// Computes rows of weights. A weight is the sum of the picture's linear light and the base offset,
/// which is the value that the gain multiplies. If the picture has fewer pixels than the map has
/// samples, its light is interpolated.
pub(crate) struct Weights<'a> {
    picture: &'a Raster,
    /// The linear light of each byte value.
    light: Vec<f32>,
    /// The base offset of each channel of the map.
    offsets: Vec<f32>,
    /// For each column and each row of the map, the position in the picture.
    places: [Vec<Place>; 2],
    /// The light of a row of the picture, in one plane for each channel of the map.
    row: Vec<f32>,
}

/// A position between the centers of two neighbors. `part` is the distance from the first one, as a
/// fraction of the distance between both.
#[derive(Clone, Copy)]
struct Place {
    first: usize,
    second: usize,
    part: f32,
}

impl<'a> Weights<'a> {
    /// `grids` are those of the picture, and `map_grids` those of the map as it is decoded: across,
    /// and then down. Both are in pixels of the source as stored.
    pub(crate) fn new(
        map: &GainMap<'_>,
        picture: &'a Raster,
        grids: [Grid; 2],
        map_grids: [Grid; 2],
    ) -> Self {
        let places = [0, 1].map(|at| places(map_grids[at], grids[at]));
        let light = (0..=255_u8).map(|byte| to_linear(f64::from(byte) / 255.0) as f32).collect();
        let offsets = map.base_offsets().into_iter().map(|offset| offset as f32);
        let offsets: Vec<f32> = offsets.collect();
        let row = vec![0.0; picture.size().width() as usize * offsets.len()];
        Self { picture, light, offsets, places, row }
    }

    /// Writes the weights of a row of the map, plane by plane.
    pub(super) fn write(&mut self, y: usize, weights: &mut [f32]) {
        self.read_row(self.places[1][y]);
        let (width, row_width) = (self.places[0].len(), self.picture.size().width() as usize);
        let rows = self.row.chunks_exact(row_width).zip(&self.offsets);
        for (weights, (row, &offset)) in weights.chunks_exact_mut(width).zip(rows) {
            for (weight, place) in weights.iter_mut().zip(&self.places[0]) {
                *weight = (place.between(row[place.first], row[place.second]) + offset).max(LEAST);
            }
        }
    }

    /// Sets `row` to the light at a position between two rows of the picture.
    fn read_row(&mut self, place: Place) {
        let channels = self.picture.layout().channels();
        let width = self.picture.size().width() as usize;
        let pixels = |row: usize| {
            let row = &self.picture.pixels()[row * width * channels..][..width * channels];
            row.chunks_exact(channels)
        };
        let (map_channels, light) = (self.offsets.len(), &self.light);
        let of_byte = |byte: u8| light[usize::from(byte)];
        for (channel, row) in self.row.chunks_exact_mut(width).enumerate() {
            let of_pixel = |pixel: &[u8]| match (pixel, map_channels) {
                (&[red, green, blue, ..], 1) => {
                    let colors = [red, green, blue].map(of_byte);
                    std::iter::zip(colors, LUMINANCE).map(|(light, part)| light * part).sum()
                }
                (&[_, _, _, ..], _) => of_byte(pixel[channel]),
                _ => of_byte(pixel[0]),
            };
            let pixels = pixels(place.first).zip(pixels(place.second));
            for (light, (first, second)) in row.iter_mut().zip(pixels) {
                *light = match place.part {
                    0.0 => of_pixel(first),
                    _ => place.between(of_pixel(first), of_pixel(second)),
                };
            }
        }
    }

    /// A mean of weights, clamped to the weights of black and white. Means can exceed these,
    /// because resampling filters overshoot.
    pub(super) fn clamped(&self, channel: usize, mean: f32) -> f32 {
        let [least, most] = [0.0, 1.0].map(|light| (light + self.offsets[channel]).max(LEAST));
        mean.clamp(least, most)
    }
}

impl Place {
    fn between(self, first: f32, second: f32) -> f32 {
        first + (second - first) * self.part
    }
}

/// For each sample of `from`, its position between the samples of `to`.
fn places(from: Grid, to: Grid) -> Vec<Place> {
    let last = to.count as f64 - 1.0;
    let place = |at: usize| {
        let center = from.origin + (at as f64 + 0.5) * from.pitch;
        let place = ((center - to.origin) / to.pitch - 0.5).clamp(0.0, last);
        let (first, part) = (place.floor(), place.fract() as f32);
        Place { first: first as usize, second: place.ceil() as usize, part }
    };
    (0..from.count).map(place).collect()
}
