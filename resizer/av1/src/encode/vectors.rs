//! Files of synthetic pictures have the same bytes on every CPU and every architecture.

use resizer_cpu::Cpu;

use super::encode_on;
use crate::options::{Effort, EncodeOptions, PixelFormat, Sampling};

/// A picture, its options, and the length and the hash of its file.
struct Vector {
    size: (usize, usize),
    format: PixelFormat,
    sampling: Sampling,
    effort: Effort,
    quality: u8,
    file: (usize, u64),
}

impl Vector {
    const fn new(size: (usize, usize), effort: Effort, quality: u8, file: (usize, u64)) -> Self {
        let (format, sampling) = (PixelFormat::Rgb, Sampling::S420);
        Self { size, format, sampling, effort, quality, file }
    }

    const fn with(self, format: PixelFormat, sampling: Sampling) -> Self {
        Self { format, sampling, ..self }
    }
}

/// The hashes change whenever the encoder decides otherwise. The message of the test has the new
/// ones.
const VECTORS: [Vector; 9] = [
    Vector::new((192, 144), Effort::Fast, 80, (7504, 0x1d85_b72a_3bfc_c028)),
    Vector::new((192, 144), Effort::Balanced, 80, (7262, 0x134f_9964_fe53_f408)),
    Vector::new((192, 144), Effort::Small, 80, (7297, 0xf523_f4d4_a388_82c7)),
    Vector::new((201, 133), Effort::Balanced, 30, (2750, 0xb2eb_e29f_71a7_bc4b)),
    Vector::new((201, 133), Effort::Balanced, 97, (12879, 0xd563_8752_6006_6edf)),
    Vector::new((77, 150), Effort::Small, 60, (2215, 0x5ff3_23f5_9f07_9205))
        .with(PixelFormat::Rgb, Sampling::S444),
    Vector::new((130, 67), Effort::Balanced, 70, (3374, 0xf2b1_4fb4_2595_3acb))
        .with(PixelFormat::Rgba, Sampling::S420),
    Vector::new((130, 67), Effort::Small, 50, (1378, 0x33f6_50cf_cafb_e8ca))
        .with(PixelFormat::Gray, Sampling::S420),
    Vector::new((5, 3), Effort::Balanced, 80, (316, 0x5a3b_18fc_9c88_e78e)),
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
            let pixels = pixels(vector.size, vector.format.channels());
            let file = encode_on(cpu, (&pixels, vector.size), &options, &|| false).expect("a file");
            (file.len(), hash(&file))
        });
        let expected = VECTORS.each_ref().map(|vector| vector.file);
        assert_eq!(files, expected, "{cpu:?}: {files:#x?}");
    }
}
