//! The row operations in Rust alone; what the other instruction sets are held to.

/// Triangle filter: of three quarters and a quarter. The two halves of a sample round in turn
/// down and up, so that no row gets brighter.
pub(super) fn twice_wide(row: &[u8], out: &mut [u8]) {
    twice_wide_from(row, 0, row.len(), out);
}

/// Samples `from` to `to` of `row` alone.
pub(super) fn twice_wide_from(row: &[u8], from: usize, to: usize, out: &mut [u8]) {
    let last = row.len() - 1;
    for x in from..to {
        let [left, here, right] = [row[x.saturating_sub(1)], row[x], row[(x + 1).min(last)]];
        let three = 3 * u16::from(here);
        out[2 * x] = ((three + u16::from(left) + 1) >> 2) as u8;
        out[2 * x + 1] = ((three + u16::from(right) + 2) >> 2) as u8;
    }
}

/// Triangle filter down the columns. An upper row rounds down, a lower one up.
pub(super) fn twice_tall(is_upper: bool, near: &[u8], far: &[u8], out: &mut [u8]) {
    let bias = if is_upper { 1 } else { 2 };
    for ((out, &near), &far) in out.iter_mut().zip(near).zip(far) {
        *out = ((3 * u16::from(near) + u16::from(far) + bias) >> 2) as u8;
    }
}

/// Triangle filter in both directions: nine, three, three and one sixteenth.
pub(super) fn twice_both(near: &[u8], far: &[u8], out: &mut [u8]) {
    twice_both_from([near, far], 0, near.len(), out);
}

/// Samples `from` to `to` alone, of the near and the far row.
pub(super) fn twice_both_from(rows: [&[u8]; 2], from: usize, to: usize, out: &mut [u8]) {
    let last = rows[0].len() - 1;
    let column = |x: usize| 3 * u16::from(rows[0][x]) + u16::from(rows[1][x]);
    for x in from..to {
        let three = 3 * column(x);
        out[2 * x] = ((three + column(x.saturating_sub(1)) + 8) >> 4) as u8;
        out[2 * x + 1] = ((three + column((x + 1).min(last)) + 7) >> 4) as u8;
    }
}

/// Fills `out` with the samples nearest to its columns, of which there are `ratio.1` for
/// `ratio.0` samples.
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

/// JFIF's equations in 16 bits of fraction, as the Independent JPEG Group rounds them.
pub(super) fn convert_ycbcr(rows: [&[u8]; 3], out: [&mut [u8]; 3]) {
    let [luminance, blues, reds] = rows;
    let [red_out, green_out, blue_out] = out;
    for (x, ((&y, &cb), &cr)) in luminance.iter().zip(blues).zip(reds).enumerate() {
        let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
        let red = y + ((91_881 * cr + 32_768) >> 16);
        let green = y + ((-22_554 * cb - 46_802 * cr + 32_768) >> 16);
        let blue = y + ((116_130 * cb + 32_768) >> 16);
        red_out[x] = red.clamp(0, 255) as u8;
        green_out[x] = green.clamp(0, 255) as u8;
        blue_out[x] = blue.clamp(0, 255) as u8;
    }
}

/// Multiplies colors with blacks, both as shares of 255 that let light through once the bits of
/// `color_mask` and `black_mask` are turned over; rounds to the nearest.
pub(super) fn apply_black(blacks: &[u8], color_mask: u8, black_mask: u8, out: &mut [u8]) {
    for (color, &black) in out.iter_mut().zip(blacks) {
        let product = u16::from(*color ^ color_mask) * u16::from(black ^ black_mask) + 128;
        *color = ((product + (product >> 8)) >> 8) as u8;
    }
}

/// `N` rows of one length to pixels of `N` bytes each.
pub(super) fn interleave<const N: usize>(rows: [&[u8]; N], out: &mut [u8]) {
    for (x, pixel) in out.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        *pixel = rows.map(|row| row[x]);
    }
}

/// Red, green and blue to JFIF's luma.
pub(super) fn luma(rows: [&[u8]; 3], out: &mut [u8]) {
    let [reds, greens, blues] = rows;
    for (((out, &red), &green), &blue) in out.iter_mut().zip(reds).zip(greens).zip(blues) {
        let sum = 19_595 * u32::from(red) + 38_470 * u32::from(green) + 7_471 * u32::from(blue);
        *out = ((sum + 32_768) >> 16) as u8;
    }
}
