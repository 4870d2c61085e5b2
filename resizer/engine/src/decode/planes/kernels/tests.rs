//! The kernels against the formulas in floating point, and those of all instruction sets against
//! each other.

use resizer_cpu::Cpu;

use super::{colors, gray, upsample};
use crate::decode::planes::matrix::Weights;
use crate::source::HeifMatrix;

/// Numbers without a pattern, below `end`.
fn numbers(count: usize, end: u32) -> Vec<u16> {
    let mut state = 12_345_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) % end) as u16
    };
    (0..count).map(|_| next()).collect()
}

/// Red, green and blue of 0 to 255 by the formulas of BT.601 in full range.
fn expected([luma, first, second]: [f64; 3], largest: f64, zero: f64) -> [f64; 3] {
    let [luma, blue, red] = [luma, first - zero, second - zero].map(|number| number / largest);
    let green = luma - 0.344_136_286 * blue - 0.714_136_286 * red;
    [luma + 1.402 * red, green, luma + 1.772 * blue].map(|color| color.clamp(0.0, 1.0) * 255.0)
}

#[test]
fn colors_are_those_of_the_formulas() {
    for bits in [8, 10, 12] {
        let matrix = HeifMatrix { coefficients: 6, full_range: true };
        let weights = Weights::new(matrix, bits).expect("a matrix with weights");
        let all = numbers(3 * 1001, 1 << bits);
        let samples = [&all[..1001], &all[1001..2002], &all[2002..]];
        let of_all_sets = Cpu::available().into_iter().map(|cpu| {
            let mut out = [const { Vec::new() }; 3];
            out.iter_mut().for_each(|channel| channel.resize(1001, 0));
            colors(cpu, &weights, samples, &mut out);
            out
        });
        let of_all_sets: Vec<[Vec<u8>; 3]> = of_all_sets.collect();
        assert!(of_all_sets.iter().all(|out| *out == of_all_sets[0]), "{bits} bits");
        let (largest, zero) = (f64::from((1_u32 << bits) - 1), f64::from(1_u32 << (bits - 1)));
        for at in 0..1001 {
            let pixel = samples.map(|channel| f64::from(channel[at]));
            let expected = expected(pixel, largest, zero);
            for (channel, expected) in of_all_sets[0].iter().zip(expected) {
                let difference = (f64::from(channel[at]) - expected).abs();
                assert!(difference < 0.51, "{bits} bits, {pixel:?}: {difference}");
            }
        }
    }
}

#[test]
fn a_row_of_chroma_is_upsampled_by_nearness() {
    for cpu in Cpu::available() {
        let upsampled = |own: &[u16], near: &[u16], across: usize| {
            let mut out = vec![0; own.len() * across];
            upsample(cpu, &mut own.to_vec(), near, &mut out);
            out
        };
        assert_eq!(upsampled(&[0, 160, 4095], &[0, 160, 4095], 2), [0, 40, 120, 1144, 3111, 4095]);
        assert_eq!(upsampled(&[16], &[48], 2), [24, 24]);
        assert_eq!(upsampled(&[16, 32], &[48, 32], 1), [24, 32]);
        assert_eq!(upsampled(&[100, 200], &[100, 200], 2), [100, 125, 175, 200]);
        let (own, near) = (numbers(333, 4096), numbers(333, 4095));
        for across in [1, 2] {
            let mut out = vec![0; 333 * across];
            upsample(Cpu::Portable, &mut own.clone(), &near, &mut out);
            assert_eq!(upsampled(&own, &near, across), out);
        }
    }
}

#[test]
fn limited_range_reaches_from_black_to_white() {
    let matrix = HeifMatrix { coefficients: 1, full_range: false };
    let weights = Weights::new(matrix, 8).expect("a matrix with weights");
    for cpu in Cpu::available() {
        let mut out = [0; 5];
        gray(cpu, &weights, &[0, 16, 126, 235, 255], &mut out);
        assert_eq!(out, [0, 0, 128, 255, 255]);
    }
}
