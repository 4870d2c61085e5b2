//! One photograph, and the files that are made of it.

use std::fs;

use crate::library::{self, Recipe, Samples, Sampling};
use resizer_jpeg::Scale;

/// Baseline, 4:2:0, the standard Huffman tables, 4080 by 3072 pixels, straight from a phone.
const NAME: &str = "Ultra_HDR_Samples_Originals_05.jpg";

/// What the files are encoded with that are not the photograph's own coefficients.
const QUALITY: i32 = 90;

/// A 4:2:0 baseline file and what is in it.
pub(crate) struct Photograph {
    pub(crate) description: String,
    pub(crate) file: Vec<u8>,
    /// Its planes at scale 1.
    pub(crate) planes: Vec<Samples>,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Photograph {
    /// The one in the folder that `RESIZER_PHOTOS` names, or, where it is not set, a painted one.
    pub(crate) fn find() -> Self {
        if std::env::var_os("RESIZER_PHOTOS").is_none() {
            return Self::of("painted by the project", painted());
        }
        let path = fixtures::outside::photos().join(NAME);
        Self::of(NAME, fs::read(path).expect("the folder of photographs holds this one"))
    }

    fn of(name: &str, file: Vec<u8>) -> Self {
        let outcome = library::planes(&file, Scale::Full);
        let planes = outcome.decoded().expect("a good file").clone();
        let (width, height) = (planes[0].width, planes[0].height);
        assert_eq!(planes[1].width, width / 2, "4:2:0 with even sides");
        let description = format!("{name}, {width}x{height}, {} bytes", file.len());
        Self { description, file, planes, width, height }
    }

    /// The middle of the picture at a scale, 4:2:0.
    pub(crate) fn middle(&self, scale: Scale, width: usize, height: usize) -> Vec<Samples> {
        let outcome = library::planes(&self.file, scale);
        let planes = outcome.decoded().expect("a good file");
        let cut = |plane: &Samples, halves: usize| {
            let (width, height) = (width / halves, height / halves);
            let (left, top) = ((plane.width - width) / 2, (plane.height - height) / 2);
            let rows = plane.pixels.chunks_exact(plane.width).skip(top).take(height);
            let pixels = rows.flat_map(|row| &row[left..][..width]).copied().collect();
            Samples { pixels, width, height }
        };
        vec![cut(&planes[0], 1), cut(&planes[1], 2), cut(&planes[2], 2)]
    }

    /// The same coefficients in another file.
    pub(crate) fn transcoded(&self, optimized: bool, progressive: bool) -> Vec<u8> {
        library::transcode(&self.file, optimized, progressive)
    }

    /// The same picture with another sampling or with restart markers, standard Huffman tables.
    pub(crate) fn encoded(&self, sampling: Sampling, restart_rows: i32) -> Vec<u8> {
        let planes: Vec<Samples> = match sampling {
            Sampling::Quarter => self.planes.clone(),
            Sampling::HalfWidth => self.widened(1, 2),
            Sampling::Same => self.widened(2, 2),
        };
        encoded(&planes, sampling, restart_rows)
    }

    /// Color differences interpolated to so many times their width and height.
    fn widened(&self, across: usize, down: usize) -> Vec<Samples> {
        let wide = |plane: &Samples| {
            let (width, height) = (plane.width * across, plane.height * down);
            let mut pixels = Vec::with_capacity(width * height);
            for y in 0..height {
                let (near_y, far_y) = neighbors(y, down, plane.height);
                for x in 0..width {
                    let (near_x, far_x) = neighbors(x, across, plane.width);
                    let at = |x: usize, y: usize| u32::from(plane.pixels[y * plane.width + x]);
                    let near = 3 * at(near_x, near_y) + at(far_x, near_y);
                    let far = 3 * at(near_x, far_y) + at(far_x, far_y);
                    pixels.push(((3 * near + far + 8) / 16) as u8);
                }
            }
            Samples { pixels, width, height }
        };
        vec![self.planes[0].clone(), wide(&self.planes[1]), wide(&self.planes[2])]
    }
}

/// The sample under a position that is `times` as fine, and the one beside it.
fn neighbors(position: usize, times: usize, samples: usize) -> (usize, usize) {
    let near = position / times;
    let far = match (times, position % 2) {
        (1, _) => near,
        (_, 0) => near.saturating_sub(1),
        _ => (near + 1).min(samples - 1),
    };
    (near, far)
}

/// A baseline file of planes.
pub(crate) fn encoded(planes: &[Samples], sampling: Sampling, restart_rows: i32) -> Vec<u8> {
    let recipe =
        Recipe { quality: QUALITY, sampling, optimized: false, progressive: false, restart_rows };
    library::encode(planes, planes[0].width, planes[0].height, &recipe)
}

fn painted() -> Vec<u8> {
    let picture = fixtures::scene::photograph(4000, 3000, 1);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut planes = [1, 2, 2].map(|halves| {
        let (width, height) = (width / halves, height / halves);
        Samples { pixels: vec![0; width * height], width, height }
    });
    for (x, y, pixel) in picture.enumerate_pixels() {
        let [red, green, blue] = pixel.0.map(f32::from);
        let luminance = 0.299 * red + 0.587 * green + 0.114 * blue;
        let at = y as usize * width + x as usize;
        planes[0].pixels[at] = luminance.round() as u8;
        if x % 2 == 0 && y % 2 == 0 {
            let at = (y as usize / 2) * (width / 2) + x as usize / 2;
            planes[1].pixels[at] = ((blue - luminance) * 0.564 + 128.0).round() as u8;
            planes[2].pixels[at] = ((red - luminance) * 0.713 + 128.0).round() as u8;
        }
    }
    encoded(&planes, Sampling::Quarter, 0)
}
