//! Luma and chroma, uncompressed: pixels that share their chroma, other coefficients and ranges.

use fixtures::tiff::{Chunks, Compression, Lzw, TiffOptions, TiffSamples, Value, tiff};

use crate::layouts::ycbcr;
use crate::support::{HEIGHT, WIDTH, difference, picture, values};

const COEFFICIENTS: u16 = 529;
const REFERENCE: u16 = 532;

fn samples() -> TiffSamples {
    let values = values((WIDTH * HEIGHT) as usize, 3, 255);
    TiffSamples { width: WIDTH, height: HEIGHT, bits: 8, per_pixel: 3, model: 6, values }
}

#[test]
fn pixels_share_the_chroma_of_their_block() {
    let samples = samples();
    let at = |x: u32, y: u32| &samples.values[(y * WIDTH + x) as usize * 3..][..3];
    for [across, down] in [[1, 1], [2, 1], [1, 2], [2, 2], [4, 1], [4, 2], [4, 4]] {
        let pixel = |x: u32, y: u32| {
            let shared = at(x / across * across, y / down * down);
            let luma = at(x, y)[0];
            let [red, green, blue] = ycbcr([luma, shared[1], shared[2]].map(f64::from));
            [red, green, blue, 255]
        };
        let places = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        let expected: Vec<_> = places.map(|(x, y)| pixel(x, y)).collect();
        for chunks in [Chunks::Strips(u32::MAX), Chunks::Strips(8), Chunks::Tiles(16, 16)] {
            for compression in
                [Compression::None, Compression::Lzw(Lzw::Whole), Compression::Deflate(8)]
            {
                let subsampling = [across as usize, down as usize];
                let options =
                    TiffOptions { compression, chunks, subsampling, ..TiffOptions::default() };
                let found = picture(&tiff(&samples, &options)).expect("a good file");
                assert_eq!(difference(&found, &expected, 1), None, "{options:?}");
            }
        }
    }
}

#[test]
fn coefficients_and_range_are_those_of_the_file() {
    let samples = samples();
    // ITU-R BT.709, and the range of video.
    let [red, green, blue] = [0.2125, 0.7154, 0.0721];
    let parts = [red, green, blue].map(|part| [(part * 10_000.0_f64).round() as u32, 10_000]);
    let range = [16, 235, 128, 240, 128, 240].map(|number| [number, 1]);
    let fields = vec![
        (COEFFICIENTS, Value::Rational(parts.to_vec())),
        (REFERENCE, Value::Rational(range.to_vec())),
    ];
    let pixel = |pixel: &[u16]| {
        let luma = (f64::from(pixel[0]) - 16.0) * 255.0 / 219.0;
        let [to_blue, to_red] = [1, 2].map(|at| (f64::from(pixel[at]) - 128.0) * 127.0 / 112.0);
        let own_red = luma + to_red * (2.0 - 2.0 * red);
        let own_blue = luma + to_blue * (2.0 - 2.0 * blue);
        let own_green = (luma - blue * own_blue - red * own_red) / green;
        let byte = |color: f64| color.round().clamp(0.0, 255.0) as u8;
        [byte(own_red), byte(own_green), byte(own_blue), 255]
    };
    let expected: Vec<_> = samples.values.chunks_exact(3).map(pixel).collect();
    let found = picture(&tiff(&samples, &TiffOptions { fields, ..TiffOptions::default() }));
    assert_eq!(difference(&found.expect("a good file"), &expected, 1), None);
}
