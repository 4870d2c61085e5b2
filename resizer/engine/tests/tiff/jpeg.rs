//! JPEGs in strips and tiles: the pixels are those of the same JPEGs by themselves.

use fixtures::jpeg::{JpegOptions, Subsampling, adobe_rgb_components, jpeg};
use fixtures::scene::photograph;
use fixtures::tiff::{Chunks, Compression, TiffOptions, TiffSamples, Value, tiff};
use image::imageops::{crop_imm, replace};
use image::{RgbImage, RgbaImage};

use crate::support::picture;

const JPEG: u16 = 7;
const JPEG_TABLES: u16 = 347;
const SIZE: (u32, u32) = (150, 90);

fn samples(model: u16) -> TiffSamples {
    let (width, height) = SIZE;
    let per_pixel = if model == 1 { 1 } else { 3 };
    // The JPEGs hold them.
    let values = vec![0; (width * height) as usize * per_pixel];
    TiffSamples { width, height, bits: 8, per_pixel, model, values }
}

/// The picture in parts of this size, each of which reaches beyond it where a tile does.
fn parts(scene: &RgbImage, chunks: Chunks) -> Vec<(u32, u32, RgbImage)> {
    let (width, height) = match chunks {
        Chunks::Strips(rows) => (SIZE.0, rows),
        Chunks::Tiles(width, height) => (width, height),
    };
    let mut parts = Vec::new();
    for y in (0..SIZE.1).step_by(height as usize) {
        for x in (0..SIZE.0).step_by(width as usize) {
            let rows =
                if matches!(chunks, Chunks::Strips(_)) { height.min(SIZE.1 - y) } else { height };
            parts.push((x, y, crop_imm(scene, x, y, width, rows).to_image()));
        }
    }
    parts
}

/// The file, and what its JPEGs show beside each other.
fn file(model: u16, chunks: Chunks, encode: impl Fn(&RgbImage) -> Vec<u8>) -> (Vec<u8>, RgbaImage) {
    let scene = photograph(256, 192, 2024);
    let mut expected = RgbaImage::new(SIZE.0, SIZE.1);
    let mut files = Vec::new();
    for (x, y, part) in parts(&scene, chunks) {
        let file = encode(&part);
        let shown = picture(&file).expect("a good JPEG");
        replace(&mut expected, &shown, x.into(), y.into());
        files.push(file);
    }
    let compression = Compression::Done(JPEG, files);
    let options = TiffOptions { compression, chunks, ..TiffOptions::default() };
    (tiff(&samples(model), &options), expected)
}

const DIVISIONS: [Chunks; 3] = [Chunks::Strips(90), Chunks::Strips(16), Chunks::Tiles(64, 48)];

#[test]
fn each_part_shows_what_its_jpeg_shows() {
    for chunks in DIVISIONS {
        for subsampling in [Subsampling::S444, Subsampling::S422, Subsampling::S420] {
            let options = JpegOptions { subsampling, ..JpegOptions::default() };
            let (file, expected) = file(6, chunks, |part| jpeg(part, &options));
            assert!(picture(&file).expect("a good file") == expected, "{chunks:?}");
        }
        let gray = JpegOptions { gray: true, ..JpegOptions::default() };
        let (file, expected) = file(1, chunks, |part| jpeg(part, &gray));
        assert!(picture(&file).expect("a good file") == expected, "gray, {chunks:?}");
        let (file, expected) = file_of_rgb(chunks);
        assert!(picture(&file).expect("a good file") == expected, "RGB, {chunks:?}");
    }
}

fn file_of_rgb(chunks: Chunks) -> (Vec<u8>, RgbaImage) {
    file(2, chunks, adobe_rgb_components)
}

/// Tables of quantization and of codes by themselves, and the rest.
fn divided(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut tables, mut rest) = (vec![0xff, 0xd8], vec![0xff, 0xd8]);
    let mut at = 2;
    loop {
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]])) + 2;
        match file[at + 1] {
            0xdb | 0xc4 => tables.extend(&file[at..at + length]),
            0xda => break,
            _ => rest.extend(&file[at..at + length]),
        }
        at += length;
    }
    rest.extend(&file[at..]);
    tables.extend([0xff, 0xd9]);
    (tables, rest)
}

#[test]
fn tables_may_stand_once_for_all() {
    for chunks in DIVISIONS {
        let scene = photograph(256, 192, 2024);
        let options = JpegOptions::default();
        let (whole, expected) = file(6, chunks, |part| jpeg(part, &options));
        let parts = parts(&scene, chunks).into_iter();
        let (tables, rest): (Vec<_>, Vec<_>) =
            parts.map(|(_, _, part)| divided(&jpeg(&part, &options))).unzip();
        assert!(tables.iter().all(|own| *own == tables[0]), "the same quality");
        for end in [&[][..], &[0]] {
            let fields = vec![(JPEG_TABLES, Value::Bytes([&tables[0], end].concat()))];
            let compression = Compression::Done(JPEG, rest.clone());
            let options = TiffOptions { compression, chunks, fields, ..TiffOptions::default() };
            let file = tiff(&samples(6), &options);
            assert!(file.len() < whole.len() || rest.len() == 1);
            assert!(picture(&file).expect("a good file") == expected, "{chunks:?}");
        }
    }
}

#[test]
fn jpegs_that_are_something_else_are_refused() {
    let wide = jpeg(&photograph(300, 90, 1), &JpegOptions::default());
    let gray = jpeg(&photograph(150, 90, 1), &JpegOptions { gray: true, ..JpegOptions::default() });
    let progressive = JpegOptions { progressive: true, ..JpegOptions::default() };
    let progressive = jpeg(&photograph(150, 90, 1), &progressive);
    let short = jpeg(&photograph(150, 40, 1), &JpegOptions::default());
    let cases = [
        (wide, "malformed TIFF: a JPEG that does not fit its strip or tile"),
        (gray, "malformed TIFF: a JPEG with other samples than its TIFF"),
        (b"no JPEG at all".to_vec(), "malformed TIFF: a JPEG that does not fit its strip or tile"),
        (short, "malformed TIFF: a strip or tile that is cut short"),
        (
            progressive,
            "a TIFF of JPEG in several scans is not supported; upload a JPEG, PNG, WebP, AVIF or \
             GIF instead",
        ),
    ];
    for (jpeg, expected) in cases {
        let compression = Compression::Done(JPEG, vec![jpeg]);
        let options = TiffOptions { compression, ..TiffOptions::default() };
        let refusal = picture(&tiff(&samples(6), &options)).expect_err(expected);
        assert_eq!(refusal.to_string(), expected);
    }
}
