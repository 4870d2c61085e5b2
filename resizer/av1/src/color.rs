//! Pixels to planes: the matrix of ITU-T BT.601 in full range, as JFIF has it.

pub(crate) mod luminance;

use resizer_cpu::Cpu;

use crate::kernels;
use crate::options::{EncodeOptions, PixelFormat, Sampling};
use crate::picture::{Chroma, Picture};

/// Fraction bits of the factors.
const BITS: u32 = 14;

/// Converts pixels to planes of luma and chroma, or of luma alone. `Automatic` is 4:2:0 here.
pub(crate) fn to_planes(
    cpu: Cpu,
    pixels: &[u8],
    (width, height): (usize, usize),
    options: &EncodeOptions<'_>,
) -> Picture {
    let channels = options.format.channels();
    if options.format.is_gray() {
        return channel(pixels, (width, height), (0, channels));
    }
    let chroma = match options.sampling {
        Sampling::S444 => Chroma::Full,
        Sampling::S420 | Sampling::Automatic => Chroma::Half,
    };
    let mut picture = Picture::new(width, height, chroma);
    let rows_at_once = 1 << chroma.shift(1);
    let even_width = width.next_multiple_of(2);
    let mut planar = vec![[0i16; 3].map(|zero| vec![zero; even_width]); rows_at_once];
    let [luma, cb, cr] = &mut picture.planes[..] else { return picture };
    for (index, rows) in pixels.chunks(width * channels * rows_at_once).enumerate() {
        for (at, planar) in planar.iter_mut().enumerate() {
            // A missing last row is the one above it.
            let row = rows.chunks_exact(width * channels).nth(at);
            let Some(row) = row.or_else(|| rows.chunks_exact(width * channels).last()) else {
                continue;
            };
            kernels::separate(cpu, row, channels, planar);
            let y = index * rows_at_once + at;
            if y < height {
                let out = &mut luma.at_mut(0, y)[..width];
                kernels::luma(cpu, planar, out);
            }
        }
        let chroma_width = (width + chroma.shift(1)) >> chroma.shift(1);
        let (cb, cr) = (cb.at_mut(0, index), cr.at_mut(0, index));
        kernels::chroma(cpu, &planar, (&mut cb[..chroma_width], &mut cr[..chroma_width]));
    }
    picture.pad();
    picture
}

/// The alpha channel, unless all pixels are opaque.
pub(crate) fn alpha(pixels: &[u8], size: (usize, usize), format: PixelFormat) -> Option<Picture> {
    let channels = format.channels();
    let is_opaque =
        || pixels.iter().skip(channels - 1).step_by(channels).all(|alpha| *alpha == 255);
    (format.has_alpha() && !is_opaque()).then(|| channel(pixels, size, (channels - 1, channels)))
}

/// One channel as a picture without chroma.
fn channel(
    pixels: &[u8],
    (width, height): (usize, usize),
    (index, channels): (usize, usize),
) -> Picture {
    let mut picture = Picture::new(width, height, Chroma::None);
    let stride = picture.planes[0].stride;
    let rows = picture.planes[0].samples.chunks_exact_mut(stride);
    for (out, row) in rows.zip(pixels.chunks_exact(width * channels)) {
        for (out, pixel) in out.iter_mut().zip(row.chunks_exact(channels)) {
            *out = pixel[index];
        }
    }
    picture.pad();
    picture
}

/// Splits a row into its color channels. The last pixel is repeated to the end of the output.
#[inline(always)]
pub(crate) fn separate(row: &[u8], channels: usize, out: &mut [Vec<i16>; 3]) {
    let width = row.len() / channels;
    match channels {
        3 => separate_pixels(row.as_chunks::<3>().0, out),
        _ => separate_pixels(row.as_chunks::<4>().0, out),
    }
    for channel in out {
        let last = channel[width - 1];
        channel[width..].fill(last);
    }
}

#[inline(always)]
fn separate_pixels<const N: usize>(pixels: &[[u8; N]], [red, green, blue]: &mut [Vec<i16>; 3]) {
    let count = pixels.len();
    let (red, green, blue) = (&mut red[..count], &mut green[..count], &mut blue[..count]);
    for (x, pixel) in pixels.iter().enumerate() {
        red[x] = i16::from(pixel[0]);
        green[x] = i16::from(pixel[1]);
        blue[x] = i16::from(pixel[2]);
    }
}

/// Luma of a row.
#[inline(always)]
pub(crate) fn luma([red, green, blue]: &[Vec<i16>; 3], out: &mut [u8]) {
    let count = out.len();
    let (red, green, blue) = (&red[..count], &green[..count], &blue[..count]);
    for x in 0..count {
        let [red, green, blue] = [red[x], green[x], blue[x]].map(i32::from);
        let sum = 4899 * red + 9617 * green + 1868 * blue + (1 << (BITS - 1));
        out[x] = (sum >> BITS) as u8;
    }
}

/// Cb and Cr of one row, or of the averages of two by two pixels of two rows.
#[inline(always)]
pub(crate) fn chroma(rows: &[[Vec<i16>; 3]], (cb, cr): (&mut [u8], &mut [u8])) {
    let count = cb.len();
    let cr = &mut cr[..count];
    match rows {
        [[red, green, blue]] => {
            let (red, green, blue) = (&red[..count], &green[..count], &blue[..count]);
            for x in 0..count {
                let pixel = [red[x], green[x], blue[x]].map(i32::from);
                (cb[x], cr[x]) = differences(pixel, 0);
            }
        }
        [upper, lower] => {
            fn pairs(row: &[Vec<i16>; 3]) -> [&[[i16; 2]]; 3] {
                row.each_ref().map(|channel| channel.as_chunks::<2>().0)
            }
            let [red, green, blue] = pairs(upper).map(|channel| &channel[..count]);
            let [lower_red, lower_green, lower_blue] =
                pairs(lower).map(|channel| &channel[..count]);
            let sum = |upper: [i16; 2], lower: [i16; 2]| {
                i32::from(upper[0] + upper[1] + lower[0] + lower[1])
            };
            for x in 0..count {
                let pixels = [
                    sum(red[x], lower_red[x]),
                    sum(green[x], lower_green[x]),
                    sum(blue[x], lower_blue[x]),
                ];
                (cb[x], cr[x]) = differences(pixels, 2);
            }
        }
        _ => {}
    }
}

/// Cb and Cr of a sum of 1 << `shift` pixels.
#[inline(always)]
fn differences([red, green, blue]: [i32; 3], shift: u32) -> (u8, u8) {
    let bits = BITS + shift;
    let middle = (128 << bits) + (1 << (bits - 1));
    let cb = -2765 * red - 5427 * green + 8192 * blue;
    let cr = 8192 * red - 6860 * green - 1332 * blue;
    (((cb + middle) >> bits).min(255) as u8, ((cr + middle) >> bits).min(255) as u8)
}

#[cfg(test)]
mod tests {
    use resizer_cpu::Cpu;

    use super::{alpha, to_planes};
    use crate::options::{EncodeOptions, PixelFormat, Sampling};

    #[test]
    fn primaries_become_the_planes_of_jfif() {
        let pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 128, 128, 128];
        let options = EncodeOptions::default().with_sampling(Sampling::S444);
        let picture = to_planes(Cpu::Portable, &pixels, (6, 1), &options);
        let rows = [0, 1, 2].map(|plane: usize| picture.planes[plane].samples[..6].to_vec());
        assert_eq!(rows[0], [76, 150, 29, 255, 0, 128]);
        assert_eq!(rows[1], [85, 44, 255, 128, 128, 128]);
        assert_eq!(rows[2], [255, 21, 107, 128, 128, 128]);
    }

    #[test]
    fn opaque_pictures_have_no_alpha() {
        let format = PixelFormat::GrayAlpha;
        assert!(alpha(&[1, 255, 2, 255], (2, 1), format).is_none());
        let alpha = alpha(&[1, 255, 2, 254], (2, 1), format).expect("alpha");
        assert_eq!(alpha.planes[0].samples[..3], [255, 254, 254]);
    }
}
