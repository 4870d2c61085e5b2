//! Chroma from luma: the prediction of chroma from the decoded luma of the same block. Source: AV1
//! specification, section "Predict chroma from luma process".

/// The largest side of a block of chroma with this prediction.
pub(crate) const MAX_SIZE: usize = 32;

/// The variation of luma at each sample of chroma, in 1/8.
///
/// `luma` begins at the first sample of the block. `shift` is 1 if chroma has half of luma's
/// resolution. `out` gets `size` x `size` values.
#[inline(always)]
pub(crate) fn luma_variation(
    (luma, stride): (&[u8], usize),
    shift: usize,
    size: usize,
    out: &mut [i16],
) {
    let mut sum = 0;
    for (y, out) in out.chunks_exact_mut(size).take(size).enumerate() {
        let row = &luma[(y << shift) * stride..];
        if shift == 1 {
            let (upper, lower) = (&row[..2 * size], &row[stride..stride + 2 * size]);
            for x in 0..size {
                let pair = |row: &[u8]| i16::from(row[2 * x]) + i16::from(row[2 * x + 1]);
                out[x] = (pair(upper) + pair(lower)) << 1;
            }
        } else {
            for x in 0..size {
                out[x] = i16::from(row[x]) << 3;
            }
        }
        sum += out.iter().map(|value| i32::from(*value)).sum::<i32>();
    }
    let bits = 2 * size.ilog2();
    let average = ((sum + (1 << (bits - 1))) >> bits) as i16;
    out[..size * size].iter_mut().for_each(|value| *value -= average);
}

/// The sum of the squares of the variation of luma.
#[inline(always)]
pub(crate) fn energy(variation: &[i16]) -> i64 {
    // A value is at most 2,040.
    let sum = |part: &[i16]| part.iter().map(|value| i32::from(*value).pow(2)).sum::<i32>();
    variation.chunks(256).map(|part| i64::from(sum(part))).sum()
}

/// The sum of the products of the variation of luma and the differences of chroma and its DC
/// prediction.
#[inline(always)]
pub(crate) fn correlation(variation: &[i16], source: &[u8], dc: &[u8]) -> i64 {
    let mut total = 0;
    for ((variation, source), dc) in
        variation.chunks(256).zip(source.chunks(256)).zip(dc.chunks(256))
    {
        let mut sum = 0;
        for ((variation, source), dc) in variation.iter().zip(source).zip(dc) {
            sum += i32::from(*variation) * (i32::from(*source) - i32::from(*dc));
        }
        total += i64::from(sum);
    }
    total
}

/// Adds `alpha` / 8 times the variation of luma to the DC prediction.
#[inline(always)]
pub(crate) fn predict(dc: &[u8], variation: &[i16], alpha: i32, out: &mut [u8]) {
    for ((out, dc), variation) in out.iter_mut().zip(dc).zip(variation) {
        let scaled = alpha * i32::from(*variation);
        let rounded = ((scaled.abs() + 32) >> 6) * scaled.signum();
        *out = (i32::from(*dc) + rounded).clamp(0, 255) as u8;
    }
}
