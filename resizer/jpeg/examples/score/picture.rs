//! Photographs as planes, thumbnails as linear light, and the score between two of these.

use ssimulacra2::{LinearRgb, compute_frame_ssimulacra2};

use crate::library::{self, Samples};
use crate::reduce::{Candidate, Transform, reduced};
use crate::resample::{Field, Kernel};
use resizer_jpeg::Scale;

/// A photograph in YCbCr: the planes of the file at every scale.
#[derive(Debug, Clone)]
pub(crate) struct Photograph {
    scales: [Vec<Samples>; 4],
}

/// Red, green, blue in linear light, 0 to 1.
pub(crate) type Thumbnail = [Field; 3];

const SCALES: [Scale; 4] = [Scale::Full, Scale::Half, Scale::Quarter, Scale::Eighth];

/// How well the second shows the first: 100 is the same.
pub(crate) fn score(reference: &Thumbnail, thumbnail: &Thumbnail) -> f64 {
    let linear = |fields: &Thumbnail| {
        let [red, green, blue] = fields;
        let pixels = red.samples.iter().zip(&green.samples).zip(&blue.samples);
        let pixels = pixels.map(|((&red, &green), &blue)| [red, green, blue]).collect();
        LinearRgb::new(pixels, red.width, red.height).expect("as many pixels as the size says")
    };
    compute_frame_ssimulacra2(linear(reference), linear(thumbnail)).expect("two of a size")
}

impl Photograph {
    /// # Panics
    /// If the library refuses the file or it is gray.
    pub(crate) fn read(file: &[u8]) -> Self {
        let planes = |scale| {
            let outcome = library::planes(file, scale);
            let planes = outcome.decoded().unwrap_or_else(|| panic!("{}", outcome.words().1));
            assert_eq!(planes.len(), 3, "a photograph in color");
            planes.clone()
        };
        Self { scales: SCALES.map(planes) }
    }

    /// In pixels.
    pub(crate) fn width(&self) -> usize {
        self.scales[0][0].width
    }

    /// The middle part, of sides that are whole blocks in every plane and at most `side`.
    pub(crate) fn middle(&self, side: usize) -> Self {
        const WHOLE: usize = 64;
        let (full_width, full_height) = (self.width(), self.scales[0][0].height);
        let cut = |full: usize| full.min(side) / WHOLE * WHOLE;
        let (width, height) = (cut(full_width), cut(full_height));
        let (left, top) =
            ((full_width - width) / 2 / WHOLE * WHOLE, (full_height - height) / 2 / WHOLE * WHOLE);
        let plane = |plane: &Samples, scale: Scale| {
            // By how much the plane is smaller than the picture: powers of two.
            let across = (full_width as f64 / plane.width as f64).round() as usize;
            let down = (full_height as f64 / plane.height as f64).round() as usize;
            assert!(across.is_power_of_two() && down.is_power_of_two(), "{across} {down}");
            assert!(across >= 8 / scale.eighths() as usize);
            let rows = plane.pixels.chunks_exact(plane.width).skip(top / down).take(height / down);
            let pixels = rows.flat_map(|row| &row[left / across..][..width / across]).copied();
            let pixels = pixels.collect();
            Samples { pixels, width: width / across, height: height / down }
        };
        let mut scales = [const { Vec::new() }; 4];
        for ((cut, planes), scale) in scales.iter_mut().zip(&self.scales).zip(SCALES) {
            *cut = planes.iter().map(|samples| plane(samples, scale)).collect();
        }
        Self { scales }
    }

    /// The reference: color differences interpolated, Lanczos3 in linear light.
    pub(crate) fn thumbnail_in_linear_light(&self, width: usize) -> Thumbnail {
        self.resampled_in_linear_light(&self.scales[0], width)
    }

    /// What a candidate makes of it.
    pub(crate) fn thumbnail(&self, candidate: &Candidate, scale: Scale, width: usize) -> Thumbnail {
        let planes: Vec<Samples> =
            (0..3).map(|index| self.plane(candidate, scale, index)).collect();
        if candidate.linear {
            return self.resampled_in_linear_light(&planes, width);
        }
        let height = self.height_for(width);
        let fields =
            planes.iter().map(|plane| field(plane).resampled(width, height, Kernel::Lanczos3));
        linear_light(&fields.collect::<Vec<_>>())
    }

    fn plane(&self, candidate: &Candidate, scale: Scale, index: usize) -> Samples {
        let full = &self.scales[0][index];
        let less = self.width() / full.width;
        let side = match candidate.keeps_color {
            true => (scale.eighths() as usize * less).min(8),
            false => scale.eighths() as usize,
        };
        let scale = SCALES[3 - side.ilog2() as usize];
        match candidate.transform {
            Transform::None => full.clone(),
            Transform::Library => self.scales[3 - side.ilog2() as usize][index].clone(),
            _ if scale == Scale::Full => full.clone(),
            transform => reduced(full, transform, scale),
        }
    }

    fn height_for(&self, width: usize) -> usize {
        let full = &self.scales[0][0];
        ((width * full.height) as f64 / full.width as f64).round() as usize
    }

    fn resampled_in_linear_light(&self, planes: &[Samples], width: usize) -> Thumbnail {
        let (across, down) = (planes[0].width, planes[0].height);
        let height = self.height_for(width);
        let fields: Vec<Field> = planes
            .iter()
            .map(|plane| field(plane).resampled(across, down, Kernel::Triangle))
            .collect();
        linear_light(&fields).map(|field| {
            let mut field = field.resampled(width, height, Kernel::Lanczos3);
            field.samples.iter_mut().for_each(|sample| *sample = sample.clamp(0.0, 1.0));
            field
        })
    }
}

fn field(plane: &Samples) -> Field {
    let samples = plane.pixels.iter().map(|&sample| f32::from(sample)).collect();
    Field { samples, width: plane.width, height: plane.height }
}

/// YCbCr of one size, as JFIF has it, to RGB without its gamma.
fn linear_light(planes: &[Field]) -> Thumbnail {
    let curve: Vec<f32> = (0..=4096).map(|step| linear(step as f32 / 4096.0)).collect();
    let decode = |value: f32| {
        let position = (value / 255.0).clamp(0.0, 1.0) * 4096.0;
        let step = (position as usize).min(4095);
        let share = position - step as f32;
        curve[step] * (1.0 - share) + curve[step + 1] * share
    };
    let plane = |mix: fn(f32, f32, f32) -> f32| {
        let samples = planes[0].samples.iter().zip(&planes[1].samples).zip(&planes[2].samples);
        let samples =
            samples.map(|((&y, &cb), &cr)| decode(mix(y, cb - 128.0, cr - 128.0))).collect();
        Field { samples, width: planes[0].width, height: planes[0].height }
    };
    [
        plane(|y, _, cr| y + 1.402 * cr),
        plane(|y, cb, cr| y - 0.344_136 * cb - 0.714_136 * cr),
        plane(|y, cb, _| y + 1.772 * cb),
    ]
}

fn linear(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}
