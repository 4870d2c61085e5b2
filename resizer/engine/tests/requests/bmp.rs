//! BMPs as programs of forty years have written them: headers, runs, masks and what is missing.

use fixtures::bmp::{Bmp, bmp};
use image::{Rgba, RgbaImage};
use resizer_engine::spec::{OutputFormat, Request};
use resizer_engine::{Reject, RenderError};

use crate::support::{picture, rendered, spec};

const WHITE: [u8; 3] = [255; 3];
const RED: [u8; 3] = [220, 30, 30];
const GREEN: [u8; 3] = [40, 160, 20];
const BLUE: [u8; 3] = [30, 60, 220];
const PALETTE: [[u8; 3]; 4] = [WHITE, RED, GREEN, BLUE];

fn as_it_is() -> Request {
    vec![spec(OutputFormat::Png)].into()
}

/// What is seen, row by row from the top.
fn seen(file: &Bmp) -> Vec<Vec<[u8; 4]>> {
    rows(&picture(&bmp(file), as_it_is()))
}

fn rows(picture: &RgbaImage) -> Vec<Vec<[u8; 4]>> {
    picture.rows().map(|row| row.map(|&Rgba(pixel)| pixel).collect()).collect()
}

/// Rows of colors of the palette.
fn of_palette<const WIDTH: usize>(rows: &[[usize; WIDTH]]) -> Vec<Vec<[u8; 4]>> {
    let color = |&index: &usize| {
        let [red, green, blue] = PALETTE[index];
        [red, green, blue, 255]
    };
    rows.iter().map(|row| row.iter().map(color).collect()).collect()
}

fn in_runs(width: i32, height: i32, bits: u16, data: &[u8]) -> Bmp {
    let compression = if bits == 8 { 1 } else { 2 };
    let (palette, data) = (PALETTE.to_vec(), data.to_vec());
    Bmp { width, height, bits, compression, palette, data, ..Bmp::default() }
}

#[test]
fn runs_may_go_into_the_padding_of_an_odd_width() {
    // 5 pixels a row in runs of 6, and in pixels of which 6 are given.
    let data = [6, 0x11, 0, 0, 6, 0x22, 0, 0, 0, 6, 0x12, 0x31, 0x23, 0, 0, 1];
    let expected = of_palette(&[[1, 2, 3, 1, 2], [2; 5], [1; 5]]);
    assert_eq!(seen(&in_runs(5, 3, 4, &data)), expected);
}

#[test]
fn pixels_that_runs_skip_have_the_first_color() {
    // A jump by two and one up, a row that ends early, an end before the last row.
    let data = [2, 1, 0, 2, 1, 1, 1, 2, 0, 0, 1, 3, 0, 1];
    let expected = of_palette(&[[0; 4], [3, 0, 0, 0], [0, 0, 0, 2], [1, 1, 0, 0]]);
    assert_eq!(seen(&in_runs(4, 4, 8, &data)), expected);
}

#[test]
fn runs_without_an_end_are_malformed_unless_all_rows_are_there() {
    let whole = [2, 1, 0, 0, 2, 2];
    assert_eq!(seen(&in_runs(2, 2, 8, &whole)), of_palette(&[[2, 2], [1, 1]]));
    for length in 0..whole.len() {
        let cut = bmp(&in_runs(2, 2, 8, &whole[..length]));
        let reject = rendered(&cut, &as_it_is()).expect_err("rows are missing");
        assert_eq!(reject.code(), "malformed", "{length} bytes");
    }
}

/// Four rows of six indices of 8 bits.
fn indexed() -> Bmp {
    let row = |index: u8| [index, 1, 2, 3, 0, index, 0, 0];
    let data = [row(3), row(2), row(1), row(0)].concat();
    Bmp { width: 6, height: 4, bits: 8, palette: PALETTE.to_vec(), data, ..Bmp::default() }
}

#[test]
fn an_offset_into_the_palette_is_one_that_left_it_out() {
    let row = |index| [index, 1, 2, 3, 0, index];
    let expected = of_palette(&[row(0), row(1), row(2), row(3)]);
    let true_offset = 14 + 40 + 16;
    for offset in [0, 14, 54, 58, true_offset - 1, true_offset] {
        assert_eq!(seen(&Bmp { offset: Some(offset), ..indexed() }), expected, "{offset}");
    }
    // What fills up the last row may be missing, pixels may not.
    let file = bmp(&indexed());
    let found = picture(&file[..file.len() - 2], as_it_is());
    assert_eq!(rows(&found), expected);
    let reject = rendered(&file[..file.len() - 3], &as_it_is()).expect_err("a pixel is missing");
    assert_eq!(reject.code(), "malformed");
}

#[test]
fn every_header_gives_the_same_picture() {
    let windows = seen(&indexed());
    for header_bytes in [12, 16, 52, 56, 64, 108, 124] {
        let palette = match header_bytes {
            // Without a number of colors there are all of them.
            12 | 16 => PALETTE.into_iter().chain([[0; 3]; 252]).collect(),
            _ => PALETTE.to_vec(),
        };
        let mut file = bmp(&Bmp { header_bytes, palette, ..indexed() });
        if header_bytes == 16 {
            // It ends where others tell the compression.
            file.drain(30..54);
            file[10..14].copy_from_slice(&(30_u32 + 1024).to_le_bytes());
        }
        assert_eq!(rows(&picture(&file, as_it_is())), windows, "{header_bytes} bytes");
    }
    let mut upside_down = indexed();
    upside_down.height = -4;
    upside_down.data = indexed().data.chunks(8).rev().flatten().copied().collect();
    assert_eq!(seen(&upside_down), windows);
}

#[test]
fn fewer_bits_and_masks_give_the_nearest_bytes() {
    let numbers = |bits: u16, compression, masks: &[u32], data: &[u8]| {
        let (masks, data) = (masks.to_vec(), data.to_vec());
        let header_bytes = if masks.len() == 4 { 56 } else { 40 };
        seen(&Bmp { header_bytes, bits, compression, masks, data, ..Bmp::default() })[0][0]
    };
    assert_eq!(numbers(24, 0, &[], &[10, 20, 30, 0]), [30, 20, 10, 255]);
    assert_eq!(numbers(32, 0, &[], &[10, 20, 30, 40]), [30, 20, 10, 255]);
    assert_eq!(numbers(16, 0, &[], &[0x01, 0x44, 0, 0]), [140, 0, 8, 255]);
    assert_eq!(numbers(16, 3, &[0xf800, 0x07e0, 0x1f], &[0x21, 0x88, 0, 0]), [140, 4, 8, 255]);
    let tens = [0x3ff0_0000, 0xf_fc00, 0x3ff];
    assert_eq!(numbers(32, 3, &tens, &[0xff, 0xff, 0x0f, 0x20]), [128, 255, 255, 255]);
    let with_alpha = [0xff, 0xff00, 0xff_0000, 0xff00_0000];
    assert_eq!(numbers(32, 3, &with_alpha, &[30, 20, 10, 40]), [30, 20, 10, 40]);
    // Where all alphas are 0, the program meant none.
    assert_eq!(numbers(32, 3, &with_alpha, &[30, 20, 10, 0]), [30, 20, 10, 255]);
    for (bits, data) in [(1, 0b0101_1010), (2, 0b0001_1011), (4, 0x12)] {
        let palette = PALETTE[..4.min(1 << bits)].to_vec();
        let indices: Vec<usize> =
            (0..8 / bits).map(|nth| data >> (8 - bits * (nth + 1)) & ((1 << bits) - 1)).collect();
        let (width, data) = (8 / bits, vec![data as u8, 0, 0, 0]);
        let file = Bmp { width, bits: bits as u16, palette, data, ..Bmp::default() };
        let found = seen(&file).concat();
        let expected: Vec<[u8; 4]> = indices
            .iter()
            .map(|&index| [PALETTE[index][0], PALETTE[index][1], PALETTE[index][2], 255])
            .collect();
        assert_eq!(found, expected, "{bits} bits");
    }
}

#[test]
fn what_is_not_decoded_is_named() {
    let kinds = [
        (64, 1, 3, "Huffman 1D"),
        (64, 24, 4, "RLE24"),
        (40, 24, 4, "JPEG"),
        (40, 24, 5, "PNG"),
        (40, 32, 11, "CMYK"),
        (40, 64, 0, "64 bits"),
        (40, 24, 99, "unknown compression"),
        (200, 24, 0, "unknown version"),
    ];
    for (header_bytes, bits, compression, name) in kinds {
        let data = vec![0; 16];
        let file = bmp(&Bmp { header_bytes, bits, compression, data, ..Bmp::default() });
        let reject = rendered(&file, &as_it_is()).expect_err("it is not decoded");
        assert!(
            matches!(reject, RenderError::Rejected(Reject::Unsupported { .. })),
            "{name}: {reject}"
        );
        assert!(reject.to_string().contains(name), "{reject}");
    }
    let impossible = [(0, 1, 24), (-5, 1, 24), (1, 0, 24), (1, 1, 7)];
    for (width, height, bits) in impossible {
        let file = bmp(&Bmp { width, height, bits, data: vec![0; 16], ..Bmp::default() });
        let reject = rendered(&file, &as_it_is()).expect_err("it cannot be");
        assert_eq!(reject.code(), "malformed", "{width}x{height} of {bits} bits");
    }
}
