//! The transforms against their definitions, and the inverse against the forward transform.

use resizer_cpu::Cpu;

use super::{COSINES, SINES_OF_NINTHS, TransformType, coded_side};
use crate::kernels::{add_residual, transform};

const SIZES: [usize; 5] = [4, 8, 16, 32, 64];

fn kinds(size: usize) -> Vec<TransformType> {
    let all = TransformType::ALL.into_iter().chain([TransformType::Identity]);
    if size <= 16 { all.collect() } else { vec![TransformType::DctDct] }
}

#[test]
fn the_constants_are_those_of_the_specification() {
    for (angle, cosine) in COSINES.iter().enumerate() {
        let exact = (angle as f64 * std::f64::consts::PI / 128.0).cos() * 4096.0;
        assert_eq!(*cosine, exact.round() as i32, "{angle}");
    }
    for (ninths, sine) in (1..).zip(SINES_OF_NINTHS) {
        let exact = (f64::from(ninths) * std::f64::consts::PI / 9.0).sin() * 4096.0;
        assert_eq!(sine, (exact * 2f64.sqrt() * 2.0 / 3.0).round() as i32, "{ninths}");
    }
}

#[test]
fn the_energy_stays() {
    for size in SIZES.into_iter().filter(|size| *size <= 32) {
        let residual: Vec<i16> =
            (0..size * size).map(|at| ((at * at * 31 + at * 7) % 511) as i16 - 255).collect();
        let energy: f32 = residual.iter().map(|value| f32::from(*value).powi(2)).sum();
        for kind in kinds(size) {
            let mut coefficients = vec![0.0; size * size];
            transform(Cpu::Portable, (size, kind), &residual, &mut coefficients);
            let found: f32 = coefficients.iter().map(|value| value.powi(2)).sum();
            assert!((found / energy - 1.0).abs() < 1e-3, "{size} {kind:?}: {found} for {energy}");
        }
    }
}

#[test]
fn the_inverse_transform_undoes_the_forward_transform() {
    for size in SIZES {
        let coded = coded_side(size);
        // Smooth enough for the coefficients of 64 x 64 that are coded.
        let residual: Vec<i16> = (0..size * size)
            .map(|at| {
                let (x, y) = ((at % size) as f32, (at / size) as f32);
                let scale = 6.0 / size as f32;
                ((x * scale).sin() * 50.0 + (y * scale - x * scale / 2.0).cos() * 40.0) as i16
            })
            .collect();
        for kind in kinds(size) {
            let mut coefficients = vec![0.0; coded * coded];
            transform(Cpu::Portable, (size, kind), &residual, &mut coefficients);
            // Values are in 1/8, and larger transforms have a gain of 2 and 4.
            let scale = [8.0, 8.0, 8.0, 4.0, 2.0][size.ilog2() as usize - 2];
            let scaled: Vec<i32> =
                coefficients.iter().map(|value| (value * scale).round() as i32).collect();
            let mut samples = vec![128u8; size * size];
            add_residual(Cpu::Portable, (size, kind), (&scaled, coded), (&mut samples, size));
            for (at, (sample, residual)) in samples.iter().zip(&residual).enumerate() {
                let expected = 128 + i32::from(*residual);
                let error = (i32::from(*sample) - expected).abs();
                assert!(error <= 2, "{size} {kind:?} {at}: {sample} for {expected}");
            }
        }
    }
}

#[test]
fn rows_of_zeros_need_no_transform() {
    for size in SIZES {
        let coded = coded_side(size);
        let coefficients: Vec<i32> = (0..coded * coded)
            .map(|at| if (at / coded).max(at % coded) < 3 { 40 - at as i32 } else { 0 })
            .collect();
        let mut samples = [vec![100u8; size * size], vec![100u8; size * size]];
        for (samples, rows) in samples.iter_mut().zip([3, coded]) {
            let kind = (size, TransformType::DctDct);
            add_residual(Cpu::Portable, kind, (&coefficients, rows), (samples, size));
        }
        assert_eq!(samples[0], samples[1], "{size}");
    }
}
