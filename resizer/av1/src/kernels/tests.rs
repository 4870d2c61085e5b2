//! Every instruction set gives the values of the portable code.

use resizer_cpu::Cpu;

use super::{
    add_residual, dequantize, estimate, hadamard_cost, luma_variation, predict, quantize, subtract,
    transform,
};
use crate::picture::Plane;
use crate::predict::neighbors::{Neighbors, Place};
use crate::predict::{FILTERS, Mode, Prediction};
use crate::quantizer::{Levels, Quantizer};
use crate::scan::Scans;
use crate::transform::{TransformType, coded_side};

const SIZES: [usize; 5] = [4, 8, 16, 32, 64];
const SIDE: usize = 192;

/// Samples with smooth parts, edges, and noise.
fn plane(seed: usize) -> Plane {
    let mut state = seed as u32 + 1;
    let mut sample = |at: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (x, y) = (at % SIDE, at / SIDE);
        let base = if (x * 3 + y * 2 + seed * 17) % 90 < 40 { 200 - y / 2 } else { x / 2 };
        (base as u8).saturating_add((state >> 28) as u8)
    };
    Plane { samples: (0..SIDE * SIDE).map(&mut sample).collect(), stride: SIDE }
}

/// All that is computed for a block.
#[derive(Debug, PartialEq)]
struct Results {
    prediction: Vec<u8>,
    hadamard_cost: u32,
    coefficients: Vec<f32>,
    estimate: f32,
    levels: Vec<i16>,
    end: usize,
    samples: Vec<u8>,
    variation: Vec<i16>,
}

fn results(cpu: Cpu, size: usize, prediction: Prediction, seed: usize) -> Results {
    let plane = plane(seed);
    let place = Place {
        x: 64,
        y: 64,
        size,
        plane_size: (SIDE, SIDE),
        has_above: seed % 5 != 1,
        has_left: seed % 5 != 2,
        has_above_right: seed.is_multiple_of(3),
        has_below_left: seed.is_multiple_of(2),
        is_smooth: seed.is_multiple_of(7),
    };
    let mut neighbors = Neighbors::new();
    neighbors.read(&plane, place);
    let mut predicted = vec![0; size * size];
    predict(cpu, &neighbors, prediction, (size, &mut predicted));
    let source: Vec<u8> = (0..size).flat_map(|y| &plane.at(70, 67 + y)[..size]).copied().collect();
    let mut residual = vec![0; size * size];
    subtract(cpu, &source, &predicted, &mut residual);
    let kind = match seed % 5 {
        4 if size <= 16 => TransformType::Identity,
        index if size <= 16 => TransformType::ALL[index % 4],
        _ => TransformType::DctDct,
    };
    let coded = coded_side(size);
    let mut coefficients = vec![0.0; coded * coded];
    transform(cpu, (size, kind), &residual, &mut coefficients);
    let quantizer = Quantizer::new((seed * 23 % 255 + 1) as u8, true, true);
    let steps = quantizer.steps(seed % 2, (size, kind));
    let mut levels = Levels::default();
    quantize(cpu, &coefficients, steps, Scans::new().positions(coded), &mut levels);
    let mut values = vec![0; coded * coded];
    dequantize(cpu, size, &levels, steps, &mut values);
    let mut samples = predicted.clone();
    add_residual(cpu, (size, kind), (&values, levels.rows), (&mut samples, size));
    let mut variation = vec![0; size * size / 4];
    luma_variation(cpu, (&samples, size), 1, size / 2, &mut variation);
    Results {
        hadamard_cost: hadamard_cost(cpu, &source, &predicted, size),
        estimate: estimate(cpu, &coefficients, steps, quantizer.lambda),
        levels: levels.levels[..coded * coded].to_vec(),
        end: levels.end,
        prediction: predicted,
        coefficients,
        samples,
        variation,
    }
}

#[test]
fn every_instruction_set_gives_the_same_values() {
    let plain = Mode::ALL.map(Prediction::new);
    let angles =
        (-3..=3).map(|delta| Prediction::with_delta(Mode::ALL[1 + (delta + 3) as usize], delta));
    let filters = (0..FILTERS).map(Prediction::with_filter);
    let predictions: Vec<Prediction> = plain.into_iter().chain(angles).chain(filters).collect();
    for cpu in Cpu::available() {
        for size in SIZES {
            for (seed, prediction) in predictions.iter().enumerate() {
                let found = results(cpu, size, *prediction, seed);
                let expected = results(Cpu::Portable, size, *prediction, seed);
                assert_eq!(found, expected, "{cpu:?} {size} {prediction:?}");
            }
        }
    }
}

#[test]
fn quantization_has_few_levels_and_small_errors() {
    let found = results(Cpu::Portable, 16, Prediction::new(Mode::Dc), 4);
    let last = Scans::new().order(16)[found.end - 1];
    assert_ne!(found.levels[usize::from(last)], 0);
    let plane = plane(4);
    let errors = found.samples.iter().enumerate().map(|(at, sample)| {
        let source = plane.at(70 + at % 16, 67 + at / 16)[0];
        u32::from(sample.abs_diff(source)).pow(2)
    });
    let plain = found.prediction.iter().enumerate().map(|(at, sample)| {
        let source = plane.at(70 + at % 16, 67 + at / 16)[0];
        u32::from(sample.abs_diff(source)).pow(2)
    });
    assert!(errors.sum::<u32>() * 10 < plain.sum::<u32>());
}
