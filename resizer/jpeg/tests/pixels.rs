//! Decoded pixels against a second implementation of upsampling and color conversion, one pixel at
//! a time. The files are written here with flat blocks, so at 1/8 each block is one sample of
//! choice.

#[path = "shared/pixels.rs"]
mod pixels;

use pixels::interleaved;
use resizer_jpeg::error::Unsupported;
use resizer_jpeg::frame::ColorModel;
use resizer_jpeg::planes::{ColorConverter, PlaneDecoder};
use resizer_jpeg::{DecodeError, DecodeOptions, Decoder, Image, PixelFormat, Scale};

/// The content of a file.
struct Picture {
    width: usize,
    height: usize,
    /// Horizontal and vertical factors.
    sampling: Vec<(usize, usize)>,
    /// The transform of the Adobe marker.
    adobe: Option<u8>,
    /// The values of the blocks of each component.
    blocks: Vec<Grid>,
}

struct Grid {
    width: usize,
    values: Vec<u8>,
}

impl Picture {
    /// A picture whose blocks all have random values, including those partly outside of it.
    fn random(size: (usize, usize), sampling: &[(usize, usize)], adobe: Option<u8>) -> Self {
        let mut picture = Self {
            width: size.0,
            height: size.1,
            sampling: sampling.to_vec(),
            adobe,
            blocks: Vec::new(),
        };
        let (columns, rows) = picture.mcus();
        let mut state = (size.0 * 65_536 + size.1) as u32;
        for &(horizontal, vertical) in sampling {
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            };
            let width = columns * horizontal;
            let values = (0..width * rows * vertical).map(|_| next()).collect();
            picture.blocks.push(Grid { width, values });
        }
        picture
    }

    fn most(&self) -> (usize, usize) {
        let most = |(a, b): (usize, usize), &(c, d): &(usize, usize)| (a.max(c), b.max(d));
        self.sampling.iter().fold((1, 1), most)
    }

    fn mcus(&self) -> (usize, usize) {
        let (horizontal, vertical) = self.most();
        (self.width.div_ceil(8 * horizontal), self.height.div_ceil(8 * vertical))
    }

    /// A baseline file with quantization by 8, DC codes of 4 bits, and no AC coefficients.
    fn encode(&self) -> Vec<u8> {
        let count = self.sampling.len() as u8;
        let mut file = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
        file.extend([8; 64]);
        if let Some(transform) = self.adobe {
            file.extend([0xff, 0xee, 0, 14]);
            file.extend(b"Adobe\0\x64\0\0\0\0");
            file.push(transform);
        }
        let [_, _, .., height1, height0] = (self.height as u32).to_be_bytes();
        let [_, _, .., width1, width0] = (self.width as u32).to_be_bytes();
        file.extend([0xff, 0xc0, 0, 8 + 3 * count, 8, height1, height0, width1, width0, count]);
        for (id, &(horizontal, vertical)) in (1..).zip(&self.sampling) {
            file.extend([id, (horizontal << 4 | vertical) as u8, 0]);
        }
        file.extend([0xff, 0xc4, 0, 28, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.extend(0..=8);
        file.extend([0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.extend([0xff, 0xda, 0, 6 + 2 * count, count]);
        file.extend((1..=count).flat_map(|id| [id, 0]));
        file.extend([0, 63, 0]);
        self.encode_blocks(&mut file);
        file.extend([0xff, 0xd9]);
        file
    }

    fn encode_blocks(&self, file: &mut Vec<u8>) {
        let mut bits = String::new();
        let mut last = [128; 4];
        let (columns, rows) = self.mcus();
        for mcu in 0..columns * rows {
            let (column, row) = (mcu % columns, mcu / columns);
            for ((grid, factors), last) in self.blocks.iter().zip(&self.sampling).zip(&mut last) {
                for block in 0..factors.0 * factors.1 {
                    let x = column * factors.0 + block % factors.0;
                    let y = row * factors.1 + block / factors.0;
                    let value = i32::from(grid.values[y * grid.width + x]);
                    let step = value - std::mem::replace(last, value);
                    let length = (32 - step.unsigned_abs().leading_zeros()) as usize;
                    bits += &format!("{length:04b}");
                    if length > 0 {
                        let low = if step < 0 { step + (1 << length) - 1 } else { step };
                        bits += &format!("{low:0length$b}");
                    }
                    bits.push('0');
                }
            }
        }
        bits += "1111111";
        for byte in bits.as_bytes().chunks_exact(8) {
            let byte = byte.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0'));
            file.push(byte);
            if byte == 0xff {
                file.push(0);
            }
        }
    }

    /// The sample of a component at a pixel of the picture, with blocks of `side` pixels.
    fn upsampled(&self, component: usize, side: usize, x: usize, y: usize) -> i32 {
        let (own, most) = (self.sampling[component], self.most());
        let plane_width = (self.width * own.0 * side).div_ceil(most.0 * 8);
        let plane_height = (self.height * own.1 * side).div_ceil(most.1 * 8);
        let grid = &self.blocks[component];
        let at = |x: isize, y: isize| {
            let x = x.clamp(0, plane_width as isize - 1) as usize / side;
            let y = y.clamp(0, plane_height as isize - 1) as usize / side;
            i32::from(grid.values[y * grid.width + x])
        };
        // Half of a coordinate, and the neighbor that the pixel leans to.
        let lean = |position: usize| {
            let near = (position / 2) as isize;
            (near, if position.is_multiple_of(2) { near - 1 } else { near + 1 })
        };
        let ((x1, x2), (y1, y2)) = (lean(x), lean(y));
        let odd = |position: usize| (position % 2) as i32;
        let wide = own.0 * 2 == most.0 && plane_width > 2;
        let tall = own.1 * 2 == most.1;
        if wide && own.1 == most.1 {
            return (3 * at(x1, y as isize) + at(x2, y as isize) + 1 + odd(x)) / 4;
        }
        if tall && own.0 == most.0 {
            return (3 * at(x as isize, y1) + at(x as isize, y2) + 1 + odd(y)) / 4;
        }
        if tall && wide {
            let sum = 9 * at(x1, y1) + 3 * at(x2, y1) + 3 * at(x1, y2) + at(x2, y2);
            return (sum + 8 - odd(x)) / 16;
        }
        let nearest = |position: usize, own: usize, most: usize| {
            ((position as f64 + 0.5) * own as f64 / most as f64 + 1e-9).floor() as isize
        };
        at(nearest(x, own.0, most.0), nearest(y, own.1, most.1))
    }

    fn pixel(&self, side: usize, x: usize, y: usize) -> Vec<u8> {
        let component = |index| self.upsampled(index, side, x, y);
        let colors = || [component(0), component(1), component(2)];
        let inks = |colors: [i32; 3]| {
            let black = component(3);
            // Inverted, with the marker or without.
            let through = |ink: i32| f64::from(ink) * f64::from(black) / 255.0;
            colors.map(|ink| through(ink).round() as u8).to_vec()
        };
        match (self.sampling.len(), self.adobe) {
            (1, _) => vec![component(0) as u8],
            (3, Some(0)) => colors().map(|color| color as u8).to_vec(),
            (3, _) => from_ycbcr(colors()).map(|color| color as u8).to_vec(),
            (_, Some(2)) => inks(from_ycbcr(colors()).map(|color| 255 - color)),
            _ => inks(colors()),
        }
    }

    /// Compares all pixels at a scale.
    fn check(&self, scale: Scale) {
        let side = scale.eighths() as usize;
        let file = self.encode();
        let options = DecodeOptions::default().with_scale(scale);
        let decoder = Decoder::new(&file[..], &options).expect("a legal file");
        let image = decoder.into_image().expect("whole rows");
        let width = (self.width * side).div_ceil(8);
        let height = (self.height * side).div_ceil(8);
        assert_eq!((image.width as usize, image.height as usize), (width, height));
        let mut expected = Vec::new();
        for y in 0..height {
            expected.extend((0..width).flat_map(|x| self.pixel(side, x, y)));
        }
        let place =
            image.pixels.iter().zip(&expected).position(|(found, expected)| found != expected);
        let what = format!("{:?} {:?} {width} by {height}", self.sampling, self.adobe);
        assert_eq!((place, image.pixels.len()), (None, expected.len()), "{what}");
        check_rows_and_formats(&file, options, &image);
    }
}

/// Rows and planar rows are those of the image; other formats hold the same colors.
fn check_rows_and_formats(file: &[u8], options: DecodeOptions, image: &Image) {
    let mut decoder = Decoder::new(file, &options).expect("a legal file");
    let mut rows = Vec::new();
    while let Some(more) = decoder.next_rows().expect("whole rows") {
        rows.extend_from_slice(more);
    }
    assert!(rows == image.pixels, "rows are those of the image");
    let mut decoder = PlaneDecoder::new(file, &options).expect("a legal file");
    let mut converter = ColorConverter::new(decoder.frame(), options.scale);
    let mut planar = vec![0; converter.row_bytes() * converter.height()];
    let mut done = 0;
    while let Some(band) = decoder.next_band().expect("whole rows") {
        done += converter.push(&band, &mut planar[done * converter.row_bytes()..]);
    }
    let (width, channels) = (converter.width(), image.format.channels());
    assert!(interleaved(&planar, width, channels) == image.pixels, "planar rows are the same");
    let with = |format| {
        let decoder = Decoder::new(file, &options.with_format(format)).expect("a legal file");
        decoder.into_image().expect("whole rows").pixels
    };
    let rgb = with(PixelFormat::Rgb);
    let rgba = with(PixelFormat::Rgba);
    let opaque = rgb.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, 255]);
    assert!(rgba.iter().copied().eq(opaque), "alpha is 255");
    let gray = with(PixelFormat::Gray);
    if image.format == PixelFormat::Gray {
        assert!(gray == image.pixels && rgb == interleaved(&gray.repeat(3), gray.len(), 3));
    } else if decoder.frame().color != ColorModel::YCbCr {
        // Of YCbCr it is the luma of the file, which colors outside of RGB change.
        let luma = |[r, g, b]: [u8; 3]| {
            (0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b)).round() as u8
        };
        let mut pairs = gray.iter().zip(rgb.as_chunks::<3>().0);
        assert!(pairs.all(|(gray, rgb)| gray.abs_diff(luma(*rgb)) <= 1), "luma");
    }
    let cmyk = Decoder::new(file, &options.with_format(PixelFormat::Cmyk));
    match decoder.frame().components().len() {
        4 => {
            let cmyk = cmyk.expect("CMYK").into_image().expect("whole rows").pixels;
            let multiply = |[c, m, y, k]: [u8; 4]| {
                [c, m, y].map(|ink| (f64::from(ink) * f64::from(k) / 255.0).round() as u8)
            };
            assert!(cmyk.as_chunks::<4>().0.iter().copied().flat_map(multiply).eq(rgb));
        }
        _ => assert!(matches!(
            cmyk.map(|_| ()),
            Err(DecodeError::Unsupported(Unsupported::CmykPixels))
        )),
    }
}

/// JFIF's equations, with each product rounded as in the reference.
fn from_ycbcr([y, cb, cr]: [i32; 3]) -> [i32; 3] {
    let scaled = |factor: f64| (factor * 65_536.0).round() as i64;
    let (cb, cr) = (i64::from(cb) - 128, i64::from(cr) - 128);
    let green = -scaled(0.344_14) * cb - scaled(0.714_14) * cr;
    [scaled(1.402) * cr, green, scaled(1.772) * cb]
        .map(|share| (i64::from(y) + (share + 32_768).div_euclid(65_536)).clamp(0, 255) as i32)
}

/// Checks pictures of many sizes at 1/8, where every sample is free, and some sizes at all other
/// scales.
fn check(sampling: &[(usize, usize)], adobe: Option<u8>) {
    for width in [1, 2, 3, 4, 5, 6, 7, 9, 31, 34, 67, 70, 131] {
        for height in [1, 2, 3, 4, 5, 8, 11] {
            let size = (width * 8 - height % 8, height * 8 - width % 8);
            Picture::random(size, sampling, adobe).check(Scale::Eighth);
        }
    }
    for size in [(1, 1), (19, 35), (70, 17), (145, 64)] {
        for scale in Scale::ALL {
            Picture::random(size, sampling, adobe).check(scale);
        }
    }
}

#[test]
fn gray_is_copied() {
    check(&[(1, 1)], None);
}

#[test]
fn halves_are_filtered() {
    for luminance in [(1, 1), (2, 1), (1, 2), (2, 2)] {
        check(&[luminance, (1, 1), (1, 1)], None);
    }
}

#[test]
fn other_ratios_are_repeated() {
    for luminance in [(3, 1), (4, 1), (1, 3), (1, 4), (4, 2), (2, 4)] {
        check(&[luminance, (1, 1), (1, 1)], None);
    }
}

#[test]
fn components_may_differ_from_each_other() {
    check(&[(2, 2), (1, 2), (2, 1)], None);
    check(&[(2, 2), (2, 1), (1, 2)], None);
    check(&[(1, 1), (2, 2), (1, 1)], None);
    check(&[(4, 1), (2, 1), (1, 1)], None);
    check(&[(2, 1), (1, 4), (1, 1)], None);
}

#[test]
fn uneven_ratios_take_the_nearest() {
    check(&[(3, 2), (2, 1), (1, 1)], None);
    check(&[(2, 3), (1, 2), (1, 1)], None);
    check(&[(4, 1), (3, 1), (3, 1)], None);
}

#[test]
fn rgb_is_copied() {
    check(&[(1, 1), (1, 1), (1, 1)], Some(0));
    check(&[(2, 2), (1, 1), (1, 1)], Some(0));
}

#[test]
fn inks_are_multiplied() {
    check(&[(1, 1), (1, 1), (1, 1), (1, 1)], None);
    check(&[(1, 1), (1, 1), (1, 1), (1, 1)], Some(0));
    check(&[(2, 1), (1, 1), (1, 1), (2, 1)], Some(0));
    check(&[(1, 1), (1, 1), (1, 1), (1, 1)], Some(2));
    check(&[(2, 2), (1, 1), (1, 1), (2, 2)], Some(2));
}
