//! The kernels in portable Rust. All instruction sets give the same bytes as these.

use super::cosine::{C1, C2, C3, C5, C6, C7};
use crate::encode::block::Block;
use crate::encode::quantization::Divisors;
use crate::zigzag::ZIGZAG;

pub(super) fn convert_rgb(rgb: &[u8], planes: [&mut [u8]; 3]) {
    let [luma, blue, red] = planes;
    let out = luma.iter_mut().zip(blue).zip(red);
    for (rgb, ((luma, blue), red)) in rgb.as_chunks::<3>().0.iter().zip(out) {
        let [r, g, b] = rgb.map(i32::from);
        *luma = ((19_595 * r + 38_470 * g + 7_471 * b + 32_768) >> 16) as u8;
        let middle = (128 << 16) + 32_767;
        *blue = ((32_768 * b - 11_059 * r - 21_709 * g + middle) >> 16) as u8;
        *red = ((32_768 * r - 27_439 * g - 5_329 * b + middle) >> 16) as u8;
    }
}

pub(super) fn average_pairs(row: &[u8], out: &mut [u8]) {
    for ((at, pair), out) in row.chunks(2).enumerate().zip(out) {
        let sum = u16::from(pair[0]) + u16::from(pair[pair.len() - 1]);
        *out = ((sum + (at as u16 & 1)) >> 1) as u8;
    }
}

pub(super) fn average_squares(rows: [&[u8]; 2], out: &mut [u8]) {
    let pairs = rows[0].chunks(2).zip(rows[1].chunks(2));
    for ((at, (above, below)), out) in pairs.enumerate().zip(out) {
        let last = above.len().min(below.len()) - 1;
        let sum = [above[0], above[last], below[0], below[last]].map(u16::from);
        *out = ((sum.iter().sum::<u16>() + 1 + (at as u16 & 1)) >> 2) as u8;
    }
}

pub(super) fn transform(rows: [&[u8]; 8], out: &mut [Block]) {
    for (at, out) in out.iter_mut().enumerate() {
        let samples = rows.map(|row| {
            let row: [u8; 8] = std::array::from_fn(|x| row[at * 8 + x]);
            row.map(|sample| i16::from(sample) - 128)
        });
        *out = transform_block(samples);
    }
}

fn transform_block(samples: [[i16; 8]; 8]) -> Block {
    let columns = transpose(&samples).map(transform_line::<2, 12>);
    let lines = transpose(&columns).map(transform_line::<-2, 16>);
    Block(ZIGZAG.map(|at| lines[usize::from(at) / 8][usize::from(at) % 8]))
}

fn transpose(square: &[[i16; 8]; 8]) -> [[i16; 8]; 8] {
    std::array::from_fn(|y| std::array::from_fn(|x| square[x][y]))
}

/// `UP` is the power of 2 by which results are larger, `DOWN` the number of fraction bits to drop.
fn transform_line<const UP: i32, const DOWN: u32>(line: [i16; 8]) -> [i16; 8] {
    let sum: [i16; 4] = std::array::from_fn(|at| line[at] + line[7 - at]);
    let difference: [i16; 4] = std::array::from_fn(|at| line[at] - line[7 - at]);
    let outer = [sum[0] + sum[3], sum[0] - sum[3]];
    let inner = [sum[1] + sum[2], sum[1] - sum[2]];
    let plain = |value: i16| if UP > 0 { value << 2 } else { (value + 2) >> 2 };
    let product = |values: &[i16], factors: &[i16]| {
        let products = values.iter().zip(factors).map(|(v, f)| i32::from(*v) * i32::from(*f));
        ((products.sum::<i32>() + (1 << (DOWN - 1))) >> DOWN) as i16
    };
    [
        plain(outer[0] + inner[0]),
        product(&difference, &[C1, C3, C5, C7]),
        product(&[outer[1], inner[1]], &[C2, C6]),
        product(&difference, &[C3, -C7, -C1, -C5]),
        plain(outer[0] - inner[0]),
        product(&difference, &[C5, -C1, C7, C3]),
        product(&[outer[1], inner[1]], &[C6, -C2]),
        product(&difference, &[C7, -C5, C3, -C1]),
    ]
}

pub(super) fn quantize(blocks: &mut [Block], divisors: &Divisors, masks: &mut [u64]) {
    for (block, mask) in blocks.iter_mut().zip(masks) {
        *mask = 0;
        for (at, value) in block.0.iter_mut().enumerate() {
            let size = value.unsigned_abs().saturating_add(divisors.bias[at]);
            let high = |a: u16, b: u16| ((u32::from(a) * u32::from(b)) >> 16) as u16;
            let size = high(high(size, divisors.reciprocal[at]), divisors.scale[at]) as i16;
            *value = if *value < 0 { -size } else { size };
            *mask |= u64::from(size != 0) << at;
        }
    }
}
