//! Files of synthetic pictures have the same bytes on every CPU and every architecture.

use resizer_cpu::Cpu;

use super::{encode_on, screen_tests};
use crate::options::{Effort, EncodeOptions, PixelFormat, Sampling};

/// A picture, its options, and the length and the hash of its file.
struct Vector {
    size: (usize, usize),
    format: PixelFormat,
    sampling: Sampling,
    effort: Effort,
    quality: u8,
    is_drawing: bool,
    file: (usize, u64),
}

impl Vector {
    const fn new(size: (usize, usize), effort: Effort, quality: u8, file: (usize, u64)) -> Self {
        let (format, sampling) = (PixelFormat::Rgb, Sampling::S420);
        Self { size, format, sampling, effort, quality, is_drawing: false, file }
    }

    const fn with(self, format: PixelFormat, sampling: Sampling) -> Self {
        Self { format, sampling, ..self }
    }

    /// A drawing instead, as screen content.
    const fn drawn(self) -> Self {
        Self { is_drawing: true, ..self }
    }

    fn pixels(&self) -> Vec<u8> {
        let channels = self.format.channels();
        if self.is_drawing {
            screen_tests::pixels(self.size, channels, 1)
        } else {
            pixels(self.size, channels)
        }
    }
}

/// The hashes change if a decision of the encoder changes. The message of the test then has the new
/// hashes.
const VECTORS: [Vector; 13] = [
    Vector::new((192, 144), Effort::Fast, 80, (7412, 0x349d_3d64_ca53_cd17)),
    Vector::new((192, 144), Effort::Balanced, 80, (7172, 0x2314_941a_f6b8_c0c1)),
    Vector::new((192, 144), Effort::Small, 80, (7258, 0x9170_6395_04f2_d259)),
    Vector::new((201, 133), Effort::Balanced, 30, (2654, 0x05c4_4681_b3b3_43f7)),
    Vector::new((201, 133), Effort::Balanced, 97, (13169, 0x63e0_2ac9_06b1_f2ee)),
    Vector::new((77, 150), Effort::Small, 60, (2215, 0x5ff3_23f5_9f07_9205))
        .with(PixelFormat::Rgb, Sampling::S444),
    Vector::new((130, 67), Effort::Balanced, 70, (3369, 0x4fd3_0f62_5e26_33ce))
        .with(PixelFormat::Rgba, Sampling::S420),
    Vector::new((130, 67), Effort::Small, 50, (1336, 0xdbca_df42_9642_559a))
        .with(PixelFormat::Gray, Sampling::S420),
    Vector::new((5, 3), Effort::Balanced, 80, (316, 0x745a_5d11_e614_6087)),
    Vector::new((192, 144), Effort::Fast, 80, (2886, 0xffcc_222e_28bc_2452)).drawn(),
    Vector::new((133, 201), Effort::Balanced, 40, (2646, 0x0bb2_4b6f_eba1_c8f5))
        .with(PixelFormat::Rgb, Sampling::Automatic)
        .drawn(),
    Vector::new((150, 77), Effort::Small, 97, (1031, 0x2176_b807_17d4_7955))
        .with(PixelFormat::Gray, Sampling::S420)
        .drawn(),
    // Two tiles.
    Vector::new((4200, 40), Effort::Balanced, 70, (20284, 0x20b6_9ef4_9187_38c5))
        .with(PixelFormat::Rgba, Sampling::Automatic)
        .drawn(),
];

/// Slopes, waves, lines in several directions, and noise.
fn pixels((width, height): (usize, usize), channels: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut pixels = Vec::with_capacity(width * height * channels);
    for y in 0..height as i32 {
        for x in 0..width as i32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 24) as i32;
            let wave = (x * x / 16 + y * y / 24) % 256;
            let line = if (3 * x + 2 * y) % 40 < 12 { 170 } else { 60 };
            let value = match (x / 48 + y / 40) % 5 {
                0 => 2 * x + y,
                1 => wave,
                2 => line + noise / 16,
                3 => 100 + noise / 4 + (x - y) / 2,
                _ => (line + wave + noise / 8) / 2,
            };
            for channel in 0..channels as i32 {
                pixels.push((value + channel * (x - y) / 5).clamp(0, 255) as u8);
            }
        }
    }
    pixels
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[test]
fn files_have_the_same_bytes_on_every_cpu() {
    for cpu in Cpu::available() {
        let files = VECTORS.each_ref().map(|vector| {
            let options = EncodeOptions::default()
                .with_format(vector.format)
                .with_sampling(vector.sampling)
                .with_effort(vector.effort)
                .with_quality(vector.quality);
            let pixels = vector.pixels();
            let file = encode_on(cpu, (&pixels, vector.size), &options, &|| false).expect("a file");
            (file.len(), hash(&file))
        });
        let expected = VECTORS.each_ref().map(|vector| vector.file);
        assert_eq!(files, expected, "{cpu:?}: {files:#x?}");
    }
}
