//! Every instruction set against portable Rust, on random data and extremes.

use super::{average_pairs, average_squares, convert_rgb, quantize, transform};
use crate::encode::block::Block;
use crate::encode::quantization::Divisors;
use resizer_cpu::Cpu;

/// Reproducible bytes. Every fifth seed gives only extremes.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    let extreme = |byte: u8| if byte < 128 { 0 } else { 255 };
    (0..length).map(|_| if seed.is_multiple_of(5) { extreme(next()) } else { next() }).collect()
}

fn others() -> Vec<Cpu> {
    Cpu::available().split_off(1)
}

#[test]
fn conversions_are_equal() {
    for width in [1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 200] {
        let rgb = noise(width * 3, width as u64);
        let half = width.div_ceil(2);
        let [above, below] = [1, 2].map(|seed| noise(width, seed + 5 * width as u64));
        let run = |cpu| {
            let mut planes = vec![vec![0; width]; 3];
            let [y, b, r] = planes.as_mut_slice() else { unreachable!("three planes") };
            convert_rgb(cpu, &rgb, [y, b, r]);
            let mut means = [vec![0; half], vec![0; half]];
            average_pairs(cpu, &above, &mut means[0]);
            average_squares(cpu, [&above, &below], &mut means[1]);
            (planes, means)
        };
        let expected = run(Cpu::Portable);
        others().into_iter().for_each(|cpu| assert!(run(cpu) == expected, "{cpu:?} {width}"));
    }
}

#[test]
fn colors_of_corners_are_exact() {
    let rgb = [255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255].repeat(16);
    for cpu in Cpu::available() {
        let mut planes = [[0; 80]; 3];
        let [y, b, r] = &mut planes;
        convert_rgb(cpu, &rgb, [y, b, r]);
        let pixels: [[u8; 3]; 5] = std::array::from_fn(|at| planes.map(|plane| plane[at]));
        let expected =
            [[255, 128, 128], [0, 128, 128], [76, 85, 255], [150, 44, 21], [29, 255, 107]];
        assert_eq!(pixels, expected);
    }
}

#[test]
fn transforms_and_quantizations_are_equal() {
    for seed in 0..200 {
        let count = 1 + seed as usize % 7;
        let rows: Vec<Vec<u8>> = (0..8).map(|y| noise(count * 8, seed * 40 + y * 5)).collect();
        let rows: [&[u8]; 8] = std::array::from_fn(|y| rows[y].as_slice());
        let table: [u8; 64] = noise(64, seed).try_into().expect("64 bytes");
        let divisors = Divisors::rounding(&table.map(|divisor| divisor.max(1)));
        let run = |cpu| {
            let mut blocks = vec![Block::ZERO; count];
            transform(cpu, rows, &mut blocks);
            let coefficients = blocks.clone();
            let mut masks = vec![0; count];
            quantize(cpu, &mut blocks, &divisors, &mut masks);
            (coefficients, blocks, masks)
        };
        let expected = run(Cpu::Portable);
        others().into_iter().for_each(|cpu| assert!(run(cpu) == expected, "{cpu:?} {seed}"));
    }
}

#[test]
fn transform_is_exact_to_a_quarter() {
    let cosine = |x: usize, u: usize| {
        let scale = if u == 0 { 0.5f64.sqrt() } else { 1.0 };
        scale * ((2 * x + 1) as f64 * u as f64 * std::f64::consts::PI / 16.0).cos() / 2.0
    };
    for seed in 0..20 {
        let samples = noise(64, seed);
        let rows: [&[u8]; 8] = std::array::from_fn(|y| &samples[y * 8..y * 8 + 8]);
        let mut blocks = [Block::ZERO];
        transform(Cpu::Portable, rows, &mut blocks);
        for (value, at) in blocks[0].0.into_iter().zip(crate::zigzag::ZIGZAG.map(usize::from)) {
            let term = |n: usize| {
                let sample = f64::from(samples[n]) - 128.0;
                sample * cosine(n % 8, at % 8) * cosine(n / 8, at / 8)
            };
            let exact: f64 = (0..64).map(term).sum();
            assert!((f64::from(value) / 8.0 - exact).abs() < 0.25, "{seed} {at}");
        }
    }
}
