//! Luma that makes up for the coarse chroma of 4:2:0.
//!
//! Where colors change within two by two pixels, a decoder gets chroma that differs from a pixel's.
//! With the pixel's own luma, its luminance, a weighted sum of linear light, would change: edges
//! between colors would be too dark or too bright. Luma is therefore changed so that the pixel
//! about keeps its luminance, if the decoder interpolates chroma linearly. Pixels count as sRGB,
//! whatever their color space.

use resizer_cpu::Cpu;

use super::BITS;
use crate::kernels;
use crate::picture::Picture;
use crate::quantizer::WHOLE;

/// The fraction bits of interpolated chroma.
const CHROMA_BITS: u32 = 4;
/// If none of [`LANES`] pixels has a difference of chroma this large, their luma stays as it is.
const VISIBLE: i16 = 2 << CHROMA_BITS;
/// The largest change of luma.
const MAX_CHANGE: f32 = 40.0;
/// The number of pixels that are changed, or left alone, together.
const LANES: usize = 16;

/// Changes luma where interpolated chroma differs from that of the pixels. `picture` is in 4:2:0,
/// and made from these pixels of 3 or 4 channels.
pub(crate) fn keep(cpu: Cpu, pixels: &[u8], channels: usize, picture: &mut Picture) {
    let (width, height) = (picture.width, picture.height);
    let chroma_size = (width.div_ceil(2), height.div_ceil(2));
    let padded = width.next_multiple_of(LANES);
    let mut planar = [0; 3].map(|zero| vec![zero; padded]);
    let mut interpolated = [0; 2].map(|zero| vec![zero; padded]);
    let mut columns = vec![0; chroma_size.0 + 2];
    let [luma, cb, cr] = &mut picture.planes[..] else { return };
    for (y, row) in pixels.chunks_exact(width * channels).enumerate() {
        kernels::separate(cpu, row, channels, &mut planar);
        // The row of chroma with the pixel, and the other one that is near.
        let near = y / 2;
        let other = if y % 2 == 0 { near.saturating_sub(1) } else { near + 1 };
        let other = other.min(chroma_size.1 - 1);
        for (plane, out) in [&*cb, &*cr].into_iter().zip(&mut interpolated) {
            let rows = [near, other].map(|row| &plane.at(0, row)[..chroma_size.0]);
            kernels::interpolate_chroma(cpu, rows, &mut columns, out);
        }
        let luma = &mut luma.at_mut(0, y)[..padded];
        kernels::keep_luminance(cpu, &planar, &interpolated, luma);
    }
    luma.pad(width, height);
}

/// A row of chroma with [`CHROMA_BITS`] fraction bits for the pixels of a row. Chroma samples are
/// in the middle of two by two pixels. `rows` has the near row and the other one. The last value is
/// repeated to the end of the output. `columns` is a buffer with room for two samples more than a
/// row has.
#[inline(always)]
pub(crate) fn interpolate([near, other]: [&[u8]; 2], columns: &mut [i16], out: &mut [i16]) {
    let count = near.len();
    let columns = &mut columns[..count + 2];
    for ((column, near), other) in columns[1..=count].iter_mut().zip(near).zip(other) {
        *column = 3 * i16::from(*near) + i16::from(*other);
    }
    (columns[0], columns[count + 1]) = (columns[1], columns[count]);
    let (pairs, _) = out.as_chunks_mut::<2>();
    let (befores, middles, afters) = (&columns[..count], &columns[1..], &columns[2..]);
    for (((pair, before), middle), after) in pairs.iter_mut().zip(befores).zip(middles).zip(afters)
    {
        *pair = [3 * middle + before, 3 * middle + after];
    }
    let last = pairs[count - 1][1];
    pairs[count..].fill([last; 2]);
}

/// Changes the luma of a row of pixels, given as channels, to fit the interpolated chroma.
#[inline(always)]
pub(crate) fn adjust(channels: &[Vec<i16>; 3], chroma: &[Vec<i16>; 2], luma: &mut [u8]) {
    let [red, green, blue] = channels.each_ref().map(|channel| channel.as_chunks::<LANES>().0);
    let [cb, cr] = chroma.each_ref().map(|plane| plane.as_chunks::<LANES>().0);
    let (luma, _) = luma.as_chunks_mut::<LANES>();
    for (at, luma) in luma.iter_mut().enumerate() {
        let pixels = [&red[at], &green[at], &blue[at]];
        let chroma = [&cb[at], &cr[at]];
        if largest_difference(pixels, chroma) >= VISIBLE {
            adjust_lanes(pixels, chroma, luma);
        }
    }
}

/// The largest difference of the chroma of pixels and interpolated chroma.
#[inline(always)]
fn largest_difference([red, green, blue]: [&[i16; LANES]; 3], [cb, cr]: [&[i16; LANES]; 2]) -> i16 {
    const SHIFT: u32 = BITS - CHROMA_BITS;
    const MIDDLE: i16 = 128 << CHROMA_BITS;
    let mut differences = [0; LANES];
    for lane in 0..LANES {
        let (red, green, blue) =
            (i32::from(red[lane]), i32::from(green[lane]), i32::from(blue[lane]));
        let pixel_cb = (-2765 * red - 5427 * green + 8192 * blue) >> SHIFT;
        let pixel_cr = (8192 * red - 6860 * green - 1332 * blue) >> SHIFT;
        let of_cb = (pixel_cb as i16 + MIDDLE - cb[lane]).abs();
        let of_cr = (pixel_cr as i16 + MIDDLE - cr[lane]).abs();
        differences[lane] = if of_cb > of_cr { of_cb } else { of_cr };
    }
    differences.into_iter().fold(0, i16::max)
}

/// One step of Newton's method, from the luma of each pixel.
#[inline(always)]
fn adjust_lanes(
    [red, green, blue]: [&[i16; LANES]; 3],
    [cb, cr]: [&[i16; LANES]; 2],
    out: &mut [u8; LANES],
) {
    const SCALE: f32 = 1.0 / (1 << CHROMA_BITS) as f32;
    for lane in 0..LANES {
        let pixel = [f32::from(red[lane]), f32::from(green[lane]), f32::from(blue[lane])];
        let luma = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
        let cb = f32::from(cb[lane]) * SCALE - 128.0;
        let cr = f32::from(cr[lane]) * SCALE - 128.0;
        let decoded =
            [luma + 1.402 * cr, luma - 0.344_136 * cb - 0.714_136 * cr, luma + 1.772 * cb];
        let (wanted, _) = luminance(pixel);
        let (luminance, slope) = luminance(decoded);
        let change = clamped((wanted - luminance) / slope, -MAX_CHANGE, MAX_CHANGE);
        let whole = clamped(luma + change, 0.0, 255.0) + WHOLE;
        out[lane] = whole.to_bits() as u8;
    }
}

/// Not `f32::clamp`, which takes care of NaN.
#[inline(always)]
fn clamped(value: f32, low: f32, high: f32) -> f32 {
    let value = if value < low { low } else { value };
    if value > high { high } else { value }
}

/// The luminance of a pixel of sRGB, 0 to 1, and its slope: the change for a change of all channels
/// by 1 of 255, as if no channel were clamped, so that the slope is above 0.
#[inline(always)]
fn luminance(pixel: [f32; 3]) -> (f32, f32) {
    const WEIGHTS: [f32; 3] = [0.2126, 0.7152, 0.0722];
    // A cubic polynomial near the curve of sRGB.
    const CUBIC: [f32; 3] = [0.012_522_9, 0.682_171_1, 0.305_306];
    let [linear, square, cube] = CUBIC;
    let (mut sum, mut slope) = (0.0, 0.0);
    for channel in 0..3 {
        let level = clamped(pixel[channel], 0.0, 255.0) * (1.0 / 255.0);
        sum += WEIGHTS[channel] * level * (linear + level * (square + level * cube));
        slope += WEIGHTS[channel] * (linear + level * (2.0 * square + level * (3.0 * cube)));
    }
    (sum, slope * (1.0 / 255.0))
}

#[cfg(test)]
mod tests {
    use resizer_cpu::Cpu;

    use super::{interpolate, keep, luminance};
    use crate::color::to_planes;
    use crate::options::{EncodeOptions, PixelFormat};
    use crate::picture::Picture;

    #[test]
    fn chroma_is_interpolated_from_four_samples() {
        let mut out = [0; 8];
        interpolate([&[10, 20, 40], &[30, 20, 0]], &mut [0; 5], &mut out);
        // Columns are 60, 80, and 120, each with 2 fraction bits.
        assert_eq!(out, [240, 260, 300, 360, 440, 480, 480, 480]);
        let mut out = [0; 2];
        interpolate([&[7], &[7]], &mut [0; 3], &mut out);
        assert_eq!(out, [112, 112]);
    }

    /// The mean error of the luminance of a row's pixels, as a decoder gets them.
    fn luminance_error(pixels: &[u8], is_adjusted: bool) -> f32 {
        let width = pixels.len() / 3;
        let mut picture = to_planes(Cpu::Portable, pixels, (width, 1), &EncodeOptions::default());
        if is_adjusted {
            keep(Cpu::detect(), pixels, 3, &mut picture);
        }
        let mut chroma = [vec![0; width], vec![0; width]];
        for (plane, out) in picture.planes[1..].iter().zip(&mut chroma) {
            let row = &plane.at(0, 0)[..width / 2];
            interpolate([row, row], &mut vec![0; width], out);
        }
        let error = |(x, pixel): (usize, &[u8])| {
            let luma = f32::from(picture.planes[0].samples[x]);
            let [cb, cr] = [0, 1].map(|plane| f32::from(chroma[plane][x]) / 16.0 - 128.0);
            let decoded = [luma + 1.402 * cr, luma - 0.344 * cb - 0.714 * cr, luma + 1.772 * cb];
            let pixel = [pixel[0], pixel[1], pixel[2]].map(f32::from);
            (luminance(pixel).0 - luminance(decoded).0).abs()
        };
        pixels.chunks_exact(3).enumerate().map(error).sum::<f32>() / width as f32
    }

    #[test]
    fn edges_between_colors_keep_their_luminance() {
        let row = |one: [u8; 3], other: [u8; 3]| -> Vec<u8> {
            (0..64).flat_map(|x| if x / 3 % 2 == 0 { one } else { other }).collect()
        };
        for (one, other) in [
            ([200, 60, 40], [60, 90, 180]),
            ([30, 120, 60], [190, 40, 150]),
            ([240, 220, 60], [90, 80, 160]),
        ] {
            let pixels = row(one, other);
            let (before, after) = (luminance_error(&pixels, false), luminance_error(&pixels, true));
            assert!(after < 0.4 * before, "{one:?} {other:?}: {before} {after}");
        }
    }

    #[test]
    fn luma_stays_where_chroma_is_that_of_the_pixels() {
        let gray: Vec<u8> = (0..40u8).flat_map(|x| [6 * x; 3]).collect();
        let flat: Vec<u8> = (0..40).flat_map(|_| [200, 30, 90]).collect();
        for pixels in [gray, flat] {
            for format in [PixelFormat::Rgb, PixelFormat::Rgba] {
                let channels = format.channels();
                let pixels: Vec<u8> = pixels
                    .chunks(3)
                    .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 9].into_iter().take(channels))
                    .collect();
                let options = EncodeOptions::default().with_format(format);
                let before = to_planes(Cpu::Portable, &pixels, (40, 1), &options);
                let mut after = before.clone();
                keep(Cpu::Portable, &pixels, channels, &mut after);
                assert_eq!(before, after);
            }
        }
    }

    #[test]
    fn noise_of_any_size_has_the_same_luma_on_every_cpu() {
        let mut state = 7u32;
        let mut sample = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for size in [(1, 1), (2, 1), (1, 2), (15, 3), (16, 2), (17, 1), (33, 5), (64, 4)] {
            let pixels: Vec<u8> = (0..size.0 * size.1 * 3).map(|_| sample()).collect();
            let planes = to_planes(Cpu::Portable, &pixels, size, &EncodeOptions::default());
            let adjusted = Cpu::available().into_iter().map(|cpu| {
                let mut picture = planes.clone();
                keep(cpu, &pixels, 3, &mut picture);
                picture
            });
            let adjusted: Vec<Picture> = adjusted.collect();
            assert!(size.0 == 1 || adjusted[0] != planes, "{size:?}");
            assert!(adjusted.iter().all(|picture| *picture == adjusted[0]), "{size:?}");
        }
    }
}
