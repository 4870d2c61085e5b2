//! The row operations in portable Rust. All instruction sets give the same bytes as these.

/// Upsamples a row 2:1 with weights of 3/4 and 1/4. The two results of a sample round down and up
/// alternately, so that rows do not get brighter.
pub(super) fn upsample_h2v1(row: &[u8], out: &mut [u8]) {
    h2v1_from(row, 0, row.len(), out);
}

/// The same for samples `from` to `to` of `row`.
pub(super) fn h2v1_from(row: &[u8], from: usize, to: usize, out: &mut [u8]) {
    let last = row.len() - 1;
    for x in from..to {
        let [left, here, right] = [row[x.saturating_sub(1)], row[x], row[(x + 1).min(last)]];
        let three = 3 * u16::from(here);
        out[2 * x] = ((three + u16::from(left) + 1) >> 2) as u8;
        out[2 * x + 1] = ((three + u16::from(right) + 2) >> 2) as u8;
    }
}

/// Upsamples two rows 1:2 vertically. Upper rows round down, lower ones up.
pub(super) fn upsample_h1v2(is_upper: bool, near: &[u8], far: &[u8], out: &mut [u8]) {
    let bias = if is_upper { 1 } else { 2 };
    for ((out, &near), &far) in out.iter_mut().zip(near).zip(far) {
        *out = ((3 * u16::from(near) + u16::from(far) + bias) >> 2) as u8;
    }
}

/// Upsamples two rows in both directions with weights of 9/16, 3/16, 3/16 and 1/16.
pub(super) fn upsample_h2v2(near: &[u8], far: &[u8], out: &mut [u8]) {
    h2v2_from([near, far], 0, near.len(), out);
}

/// The same for samples `from` to `to`.
pub(super) fn h2v2_from(rows: [&[u8]; 2], from: usize, to: usize, out: &mut [u8]) {
    let last = rows[0].len() - 1;
    let column = |x: usize| 3 * u16::from(rows[0][x]) + u16::from(rows[1][x]);
    for x in from..to {
        let three = 3 * column(x);
        out[2 * x] = ((three + column(x.saturating_sub(1)) + 8) >> 4) as u8;
        out[2 * x + 1] = ((three + column((x + 1).min(last)) + 7) >> 4) as u8;
    }
}

/// Replicates samples: `ratio.0` samples become `ratio.1`.
pub(super) fn nearest(row: &[u8], ratio: (usize, usize), out: &mut [u8]) {
    match ratio {
        (1, 2) | (2, 4) => repeat::<2>(row, out),
        (1, 3) => repeat::<3>(row, out),
        (1, 4) => repeat::<4>(row, out),
        (own, most) => {
            for (x, out) in out.iter_mut().enumerate() {
                *out = row[((2 * x + 1) * own / (2 * most)).min(row.len() - 1)];
            }
        }
    }
}

fn repeat<const TIMES: usize>(row: &[u8], out: &mut [u8]) {
    let (groups, rest) = out.as_chunks_mut::<TIMES>();
    for (group, &sample) in groups.iter_mut().zip(row) {
        *group = [sample; TIMES];
    }
    if let Some(&sample) = row.get(groups.len()) {
        rest.fill(sample);
    }
}

/// JFIF's equations with 16 fraction bits, rounded as libjpeg does.
pub(super) fn convert_ycbcr(rows: [&[u8]; 3], out: [&mut [u8]; 3]) {
    let [luma, blues, reds] = rows;
    let [red_out, green_out, blue_out] = out;
    for (x, ((&y, &cb), &cr)) in luma.iter().zip(blues).zip(reds).enumerate() {
        let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
        let red = y + ((91_881 * cr + 32_768) >> 16);
        let green = y + ((-22_554 * cb - 46_802 * cr + 32_768) >> 16);
        let blue = y + ((116_130 * cb + 32_768) >> 16);
        red_out[x] = red.clamp(0, 255) as u8;
        green_out[x] = green.clamp(0, 255) as u8;
        blue_out[x] = blue.clamp(0, 255) as u8;
    }
}

/// Multiplies colors with black as fractions of 255, after XOR with `color_mask` and `black_mask`,
/// and rounds to nearest.
pub(super) fn multiply_black(blacks: &[u8], color_mask: u8, black_mask: u8, out: &mut [u8]) {
    for (color, &black) in out.iter_mut().zip(blacks) {
        let product = u16::from(*color ^ color_mask) * u16::from(black ^ black_mask) + 128;
        *color = ((product + (product >> 8)) >> 8) as u8;
    }
}

/// Interleaves `N` rows of one length.
pub(super) fn interleave<const N: usize>(rows: [&[u8]; N], out: &mut [u8]) {
    for (x, pixel) in out.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        *pixel = rows.map(|row| row[x]);
    }
}

/// RGB to JFIF's luma.
pub(super) fn luma(rows: [&[u8]; 3], out: &mut [u8]) {
    let [reds, greens, blues] = rows;
    for (((out, &red), &green), &blue) in out.iter_mut().zip(reds).zip(greens).zip(blues) {
        let sum = 19_595 * u32::from(red) + 38_470 * u32::from(green) + 7_471 * u32::from(blue);
        *out = ((sum + 32_768) >> 16) as u8;
    }
}
