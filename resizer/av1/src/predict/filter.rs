//! Filter-intra prediction: 4 x 2 samples at a time, each from the 7 samples around them. Source:
//! AV1 specification, section "Recursive intra prediction process".

use super::neighbors::{Neighbors, ORIGIN};

/// Source: AV1 specification, table "Intra_Filter_Taps".
#[rustfmt::skip]
const TAPS: [[[i32; 7]; 8]; 5] = [
    [
        [-6, 10, 0, 0, 0, 12, 0], [-5, 2, 10, 0, 0, 9, 0],
        [-3, 1, 1, 10, 0, 7, 0], [-3, 1, 1, 2, 10, 5, 0],
        [-4, 6, 0, 0, 0, 2, 12], [-3, 2, 6, 0, 0, 2, 9],
        [-3, 2, 2, 6, 0, 2, 7], [-3, 1, 2, 2, 6, 3, 5],
    ],
    [
        [-10, 16, 0, 0, 0, 10, 0], [-6, 0, 16, 0, 0, 6, 0],
        [-4, 0, 0, 16, 0, 4, 0], [-2, 0, 0, 0, 16, 2, 0],
        [-10, 16, 0, 0, 0, 0, 10], [-6, 0, 16, 0, 0, 0, 6],
        [-4, 0, 0, 16, 0, 0, 4], [-2, 0, 0, 0, 16, 0, 2],
    ],
    [
        [-8, 8, 0, 0, 0, 16, 0], [-8, 0, 8, 0, 0, 16, 0],
        [-8, 0, 0, 8, 0, 16, 0], [-8, 0, 0, 0, 8, 16, 0],
        [-4, 4, 0, 0, 0, 0, 16], [-4, 0, 4, 0, 0, 0, 16],
        [-4, 0, 0, 4, 0, 0, 16], [-4, 0, 0, 0, 4, 0, 16],
    ],
    [
        [-2, 8, 0, 0, 0, 10, 0], [-1, 3, 8, 0, 0, 6, 0],
        [-1, 2, 3, 8, 0, 4, 0], [0, 1, 2, 3, 8, 2, 0],
        [-1, 4, 0, 0, 0, 3, 10], [-1, 3, 4, 0, 0, 4, 6],
        [-1, 2, 3, 4, 0, 4, 4], [-1, 2, 2, 3, 4, 3, 3],
    ],
    [
        [-12, 14, 0, 0, 0, 14, 0], [-10, 0, 14, 0, 0, 12, 0],
        [-9, 0, 0, 14, 0, 11, 0], [-8, 0, 0, 0, 14, 10, 0],
        [-10, 12, 0, 0, 0, 0, 14], [-9, 1, 12, 0, 0, 0, 12],
        [-8, 0, 0, 12, 0, 1, 11], [-7, 0, 0, 1, 12, 1, 9],
    ],
];

#[inline(always)]
pub(super) fn predict<const N: usize>(neighbors: &Neighbors, filter: u8, out: &mut [[u8; N]]) {
    let taps = &TAPS[usize::from(filter)];
    for y in (0..N).step_by(2) {
        for x in (0..N).step_by(4) {
            let mut around = [0i32; 7];
            for (at, value) in around[..5].iter_mut().enumerate() {
                let sample = match (x + at, y) {
                    (column, 0) => neighbors.above[ORIGIN + column - 1],
                    (0, row) => neighbors.left[ORIGIN + row - 1],
                    (column, row) => out[row - 1][column - 1],
                };
                *value = i32::from(sample);
            }
            for (at, value) in around[5..].iter_mut().enumerate() {
                let sample =
                    if x == 0 { neighbors.left[ORIGIN + y + at] } else { out[y + at][x - 1] };
                *value = i32::from(sample);
            }
            for (at, taps) in taps.iter().enumerate() {
                let sum: i32 = taps.iter().zip(around).map(|(tap, value)| tap * value).sum();
                let rounded = (sum.abs() + 8) >> 4;
                out[y + at / 4][x + at % 4] = (rounded * sum.signum()).clamp(0, 255) as u8;
            }
        }
    }
}
