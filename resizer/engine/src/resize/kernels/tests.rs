//! Every instruction set against portable code, at every width from 1 to 67 and at odd offsets.

use std::array::from_fn;

use resizer_cpu::Cpu;

use super::{
    BATCH, PAIRED_COLUMNS, Sum, TAP_MULTIPLE, WHITE, batch_alignment, from_linear, horizontal,
    horizontal_batch, interleave, pair, portable, to_linear, vertical,
};
use crate::color::srgb;
use crate::filter::Filter;
use crate::plan::Grid;
use crate::resize::axis::Axis;

/// Samples a little beyond black and white, as ringing makes them.
fn samples(seed: u32, count: usize) -> Vec<i16> {
    let mut state = u64::from(seed) * 2 + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) % 20_000
    };
    (0..count).map(|_| next() as i16 - 2_000).collect()
}

fn axis(filter: Filter, [input, output]: [usize; 2], multiple: usize) -> Axis {
    let from = Grid { origin: 0.0, pitch: 1.0, count: input };
    let to = Grid { origin: 0.0, pitch: input as f64 / output as f64, count: output };
    Axis::new(filter, from, to, [1, multiple])
}

fn sets_and_filters() -> impl Iterator<Item = (Cpu, Filter)> {
    Cpu::available().into_iter().flat_map(|cpu| Filter::ALL.map(|filter| (cpu, filter)))
}

#[test]
fn sets_agree_along_rows() {
    for (cpu, filter) in sets_and_filters() {
        for input in (1..68).chain([200, 333]) {
            for output in (1..68).step_by(3).chain([input]) {
                let axis = axis(filter, [input, output], TAP_MULTIPLE);
                // From an odd offset, so that nothing is aligned.
                let row = &samples(input as u32, input + 1)[1..];
                let (mut expected, mut found) = (vec![0; output], vec![0; output]);
                portable::horizontal(row, &axis, &mut expected);
                horizontal(cpu, row, &axis, &mut found);
                assert_eq!(found, expected, "{cpu:?}, {filter:?}, {input} to {output}");
            }
        }
    }
}

#[test]
fn sets_agree_along_rows_of_a_batch() {
    for (cpu, filter) in sets_and_filters() {
        for input in (1..68).chain([200, 333]) {
            for output in (1..68).step_by(3).chain([input]) {
                let from = Grid { origin: 0.0, pitch: 1.0, count: input };
                let to = Grid { origin: 0.0, pitch: input as f64 / output as f64, count: output };
                let own = Axis::new(filter, from, to, batch_alignment(cpu));
                let rows: [Vec<i16>; BATCH] = from_fn(|y| samples(y as u32, input + 1));
                let rows = from_fn(|y| &rows[y][1..]);
                let mut found = vec![vec![0; output]; BATCH];
                let mut outs = found.iter_mut();
                let outs = from_fn(|_| outs.next().expect("a batch").as_mut_slice());
                horizontal_batch(cpu, rows, &own, &mut [[0; 2 * BATCH]; 200], outs);
                let plain = axis(filter, [input, output], 1);
                for (row, found) in rows.iter().zip(found) {
                    let mut expected = vec![0; output];
                    portable::horizontal(row, &plain, &mut expected);
                    assert_eq!(found, expected, "{cpu:?}, {filter:?}, {input} to {output}");
                }
            }
        }
    }
}

/// Rows as pairs; both of one length.
fn paired(cpu: Cpu, rows: &[Vec<i16>]) -> Vec<Vec<i16>> {
    let of_two = |rows: &[Vec<i16>]| {
        let mut out = vec![0; 2 * rows[0].len()];
        pair(cpu, [&rows[0], &rows[1]], &mut out);
        out
    };
    rows.chunks_exact(2).map(of_two).collect()
}

#[test]
fn sets_agree_down_columns() {
    for cpu in Cpu::available() {
        for steps in 1..4 {
            let width = steps * PAIRED_COLUMNS;
            let rows: Vec<Vec<i16>> = (0..80).map(|row| samples(row, width)).collect();
            for taps in [2, 4, 12, 14, 76] {
                let axis = axis(Filter::Lanczos3, [taps, 1], 1);
                let sums =
                    [0, 1, 1, 2].map(|first_pair| Sum { first_pair, weights: axis.weights() });
                let mut found = vec![0; sums.len() * width];
                let pairs = paired(cpu, &rows);
                let pairs: Vec<&[i16]> = pairs.iter().map(Vec::as_slice).collect();
                vertical(cpu, &pairs, &sums, 0..steps, &mut found);
                for (sum, found) in sums.iter().zip(found.chunks_exact(width)) {
                    let rows = &rows[2 * sum.first_pair..][..taps];
                    let expected = (0..width).map(|x| {
                        let products = rows.iter().zip(sum.weights);
                        let total: i32 = products
                            .map(|(row, &weight)| i32::from(row[x]) * i32::from(weight))
                            .sum();
                        (total + portable::HALF) >> 14
                    });
                    assert!(
                        found.iter().map(|&f| i32::from(f)).eq(expected),
                        "{cpu:?}, {taps} taps"
                    );
                }
            }
        }
    }
}

#[test]
fn a_constant_stays_constant() {
    for cpu in Cpu::available() {
        for output in 1..68 {
            let axis = axis(Filter::Lanczos3, [100, output], TAP_MULTIPLE);
            let mut row = vec![0; output];
            horizontal(cpu, &[8_160; 100], &axis, &mut row);
            assert_eq!(row, vec![8_160; output]);
            let pairs = paired(cpu, &vec![vec![8_160; PAIRED_COLUMNS]; axis.taps()]);
            let pairs: Vec<&[i16]> = pairs.iter().map(Vec::as_slice).collect();
            let sum = Sum { first_pair: 0, weights: axis.window(0).1 };
            let mut column = vec![0; PAIRED_COLUMNS];
            vertical(cpu, &pairs, &[sum], 0..1, &mut column);
            assert_eq!(column, vec![8_160; PAIRED_COLUMNS]);
        }
    }
}

#[test]
fn sets_agree_on_light_and_pixels() {
    for cpu in Cpu::available() {
        for length in (1..68).chain([256]) {
            let bytes: Vec<u8> = (0..length).map(|byte| (byte * 89) as u8).collect();
            let (mut expected, mut found) = (vec![0; length], vec![0; length]);
            portable::to_linear(&bytes, &mut expected);
            to_linear(cpu, &bytes, &mut found);
            assert_eq!(found, expected, "light, {cpu:?}, {length}");
            let (samples, mut expected, mut found) =
                (samples(length as u32, length), vec![0; length], vec![0; length]);
            portable::from_linear(&samples, &mut expected);
            from_linear(cpu, &samples, &mut found);
            assert_eq!(found, expected, "bytes, {cpu:?}, {length}");
            let rows = [0, 7, 99].map(|add| -> Vec<u8> {
                bytes.iter().map(|byte| byte.wrapping_add(add)).collect()
            });
            let rows = rows.each_ref().map(|row| &row[..]);
            let (mut expected, mut found) = (vec![0; 3 * length], vec![0; 3 * length]);
            portable::interleave(rows, &mut expected);
            interleave(cpu, rows, &mut found);
            assert_eq!(found, expected, "pixels, {cpu:?}, {length}");
        }
    }
}

#[test]
fn light_is_beside_the_curve_by_less_than_a_tenth_of_a_step() {
    let curve = |byte: f64| srgb::to_linear(byte / 255.0) * f64::from(WHITE);
    let bytes: Vec<u8> = (0..=255).collect();
    let mut samples = [0; 256];
    portable::to_linear(&bytes, &mut samples);
    for (byte, sample) in samples.into_iter().enumerate() {
        let byte = byte as f64;
        let step = (curve(byte + 0.5) - curve(byte - 0.5)).abs();
        let beside = (f64::from(sample) - curve(byte)).abs();
        assert!(beside < step / 10.0, "{byte}: {beside} of {step}");
    }
    assert_eq!((samples[0], samples[255]), (0, WHITE));
}

#[test]
fn bytes_are_beside_the_curve_by_less_than_a_tenth_of_a_step() {
    for cpu in Cpu::available() {
        let samples: Vec<i16> = (0..=WHITE).collect();
        let mut bytes = vec![0; samples.len()];
        from_linear(cpu, &samples, &mut bytes);
        for (sample, byte) in samples.into_iter().zip(bytes) {
            let light = f64::from(sample) / f64::from(WHITE);
            let beside = (srgb::from_linear(light) * 255.0 - f64::from(byte)).abs();
            assert!(beside < 0.6, "{cpu:?}, {sample}: {beside}");
        }
    }
}
