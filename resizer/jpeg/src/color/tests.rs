//! Every instruction set against portable code, bands of all heights, and tiny pictures with the
//! pixels of libjpeg-turbo 3.1.

use super::conversion::Conversion;
use super::{ColorConverter, kernels, portable};
use crate::band::{Band, Plane};
use crate::frame::{ColorModel, Component, Frame, Process};
use crate::scale::Scale;
use resizer_cpu::Cpu;

/// Xorshift. About every fourth byte is 0 or 255.
fn random_bytes(seed: u32, count: usize) -> Vec<u8> {
    let mut state = u64::from(seed) * 2 + 0x9e37_79b9;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        match state >> 32 & 7 {
            0 => 0,
            1 => 255,
            _ => (state >> 40) as u8,
        }
    };
    (0..count).map(|_| next()).collect()
}

fn frame(color: ColorModel, width: u32, height: u32, sampling: &[(u8, u8)]) -> Frame {
    let mut components = [Component::default(); 4];
    for (component, &(horizontal, vertical)) in components.iter_mut().zip(sampling) {
        (component.horizontal, component.vertical) = (horizontal, vertical);
    }
    Frame {
        width,
        height,
        process: Process::Baseline,
        color,
        adobe: false,
        components,
        component_count: sampling.len(),
    }
}

/// Converts a picture in bands of `mcu_rows`, from planes without padding.
fn convert(frame: &Frame, cpu: Cpu, samples: &[Vec<u8>], mcu_rows: usize) -> Vec<u8> {
    let mut converter = ColorConverter::with_cpu(frame, Scale::Full, Conversion::new(frame), cpu);
    let mut raster = vec![0; converter.height() * converter.row_bytes()];
    let mut done = 0;
    for first in (0..frame.mcus().1).step_by(mcu_rows) {
        let mut planes = [Plane::default(); 4];
        for ((plane, component), samples) in planes.iter_mut().zip(frame.components()).zip(samples)
        {
            let (width, whole_height) = frame.plane_size(component, Scale::Full);
            let y = first * 8 * usize::from(component.vertical);
            let height = (mcu_rows * 8 * usize::from(component.vertical)).min(whole_height - y);
            let pixels = &samples[y * width..][..height * width];
            *plane = Plane { pixels, width, height, stride: width };
        }
        let band = Band { planes, offsets: [0; 4], count: samples.len() };
        done += converter.push(&band, &mut raster[done * converter.row_bytes()..]);
    }
    assert_eq!(done, converter.height());
    raster
}

#[test]
fn cuts_and_instruction_sets_do_not_matter() {
    let kinds: [&[(u8, u8)]; 9] = [
        &[(1, 1), (1, 1), (1, 1)],
        &[(2, 1), (1, 1), (1, 1)],
        &[(1, 2), (1, 1), (1, 1)],
        &[(2, 2), (1, 1), (1, 1)],
        &[(2, 2), (1, 2), (2, 1)],
        &[(4, 1), (1, 1), (2, 1)],
        &[(1, 1), (2, 2), (1, 2)],
        &[(2, 3), (1, 1), (1, 2)],
        &[(3, 2), (2, 1), (1, 1)],
    ];
    for (seed, sampling) in kinds.iter().enumerate() {
        for (width, height) in [(1, 1), (2, 17), (5, 40), (67, 33), (131, 70), (200, 97)] {
            let frame = frame(ColorModel::YCbCr, width, height, sampling);
            let samples: Vec<_> = frame
                .components()
                .iter()
                .enumerate()
                .map(|(index, component)| {
                    let (width, height) = frame.plane_size(component, Scale::Full);
                    random_bytes((seed * 3 + index) as u32, width * height)
                })
                .collect();
            let whole = convert(&frame, Cpu::Portable, &samples, frame.mcus().1);
            for cpu in Cpu::available() {
                for mcu_rows in [1, 2, 3] {
                    let cut = convert(&frame, cpu, &samples, mcu_rows);
                    assert!(cut == whole, "{cpu:?} {sampling:?} {width} {height} {mcu_rows}");
                }
            }
        }
    }
}

/// The three rows of a planar row.
fn thirds(row: &mut [u8]) -> [&mut [u8]; 3] {
    let (first, rest) = row.split_at_mut(row.len() / 3);
    let (second, third) = rest.split_at_mut(rest.len() / 2);
    [first, second, third]
}

#[test]
fn kernels_agree_at_every_length() {
    for cpu in Cpu::available() {
        for length in 1..200 {
            let rows = [0, 1, 2].map(|row| random_bytes(length as u32 * 3 + row, length));
            let [first, second, third] = &rows;
            let mut expected = vec![0; 3 * length];
            let mut found = vec![0; 3 * length];
            portable::convert_ycbcr([first, second, third], thirds(&mut expected));
            kernels::convert_ycbcr(cpu, [first, second, third], thirds(&mut found));
            assert_eq!(found, expected, "colors, {cpu:?}, {length}");
            portable::upsample_h2v1(first, &mut expected);
            kernels::upsample_h2v1(cpu, first, &mut found);
            assert_eq!(found, expected, "twice as wide, {cpu:?}, {length}");
            portable::upsample_h2v2(first, second, &mut expected);
            kernels::upsample_h2v2(cpu, first, second, &mut found);
            assert_eq!(found, expected, "twice both, {cpu:?}, {length}");
        }
    }
}

#[test]
fn colors_agree_for_every_pair_of_differences() {
    let reds: Vec<u8> = (0..=255).collect();
    let (mut expected, mut found) = ([0; 768], [0; 768]);
    for cpu in Cpu::available() {
        for blue in 0..=255 {
            for luma in [0, 60, 128, 200, 255] {
                let rows = [&[luma; 256][..], &[blue; 256], &reds];
                portable::convert_ycbcr(rows, thirds(&mut expected));
                kernels::convert_ycbcr(cpu, rows, thirds(&mut found));
                assert_eq!(found, expected, "{cpu:?}, {blue}, {luma}");
            }
        }
    }
}

#[test]
#[should_panic]
fn refuses_room_for_too_few_rows() {
    let frame = frame(ColorModel::Gray, 5, 3, &[(1, 1)]);
    let plane = Plane { pixels: &[7; 15], width: 5, height: 3, stride: 5 };
    let band = Band { planes: [plane; 4], offsets: [0; 4], count: 1 };
    ColorConverter::new(&frame, Scale::Full).push(&band, &mut [0; 14]);
}

/// The luma of each reference picture, 5 by 3 pixels.
const LUMA: [u8; 15] = [61, 217, 129, 223, 127, 216, 224, 89, 151, 116, 71, 106, 228, 77, 100];

fn check(sampling: (u8, u8), blues: &[u8], reds: &[u8], expected: [[u8; 15]; 3]) {
    let frame = frame(ColorModel::YCbCr, 5, 3, &[sampling, (1, 1), (1, 1)]);
    let samples = [LUMA.to_vec(), blues.to_vec(), reds.to_vec()];
    for cpu in Cpu::available() {
        let found = convert(&frame, cpu, &samples, 1);
        for (found, expected) in found.chunks_exact(15).zip(expected) {
            let pixels: Vec<u8> =
                (0..15).map(|sample| found[sample % 3 * 5 + sample / 3]).collect();
            assert_eq!(pixels, expected, "{cpu:?}");
        }
    }
}

#[test]
fn half_the_columns_as_in_the_reference() {
    check(
        (2, 1),
        &[186, 34, 163, 70, 158, 130, 230, 145, 159],
        &[73, 30, 36, 178, 202, 57, 53, 125, 29],
        [
            [0, 80, 164, 124, 255, 252, 7, 210, 30, 88, 255, 113, 0, 193, 132],
            [255, 200, 113, 255, 196, 160, 184, 38, 103, 204, 116, 192, 67, 138, 132],
            [0, 89, 252, 26, 119, 250, 199, 230, 255, 39, 89, 114, 0, 144, 148],
        ],
    );
}

#[test]
fn half_of_both_as_in_the_reference() {
    check(
        (2, 2),
        &[127, 99, 144, 225, 150, 154],
        &[123, 116, 45, 57, 130, 29],
        [
            [54, 65, 59, 207, 225, 203, 115, 144, 90, 181, 251, 191, 36, 172, 136],
            [187, 223, 255, 199, 232, 249, 72, 100, 78, 112, 174, 137, 22, 160, 134],
            [0, 84, 200, 49, 116, 207, 207, 230, 255, 42, 90, 100, 0, 145, 135],
        ],
    );
}

#[test]
fn half_the_rows_as_in_the_reference() {
    check(
        (1, 2),
        &[151, 100, 130, 70, 151, 206, 249, 68, 223, 150],
        &[87, 168, 85, 152, 47, 44, 61, 122, 136, 21],
        [
            [4, 82, 102, 255, 198, 167, 69, 159, 133, 255, 226, 120, 13, 177, 168],
            [143, 240, 255, 242, 212, 240, 41, 118, 66, 179, 144, 116, 0, 170, 157],
            [0, 101, 184, 50, 106, 255, 207, 254, 148, 94, 49, 178, 0, 165, 139],
        ],
    );
}
