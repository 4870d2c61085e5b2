//! Codes of facsimile machines: every manner, runs of every length, rows that have much or nothing
//! in common with the one above.

use fixtures::tiff::{Chunks, Compression, Fax, TiffOptions, TiffSamples, tiff};

use crate::support::picture;

const MANNERS: [Fax; 7] = [
    Fax::Rows,
    Fax::WideRows,
    Fax::Group3,
    Fax::AlignedGroup3,
    Fax::Group3WithoutEnds,
    Fax::TwoDimensional,
    Fax::Group4,
];

/// Black and white, 1 being black.
fn samples(width: u32, height: u32, is_black: impl Fn(u32, u32) -> bool) -> TiffSamples {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let values = places.map(|(x, y)| u16::from(is_black(x, y))).collect();
    TiffSamples { width, height, bits: 1, per_pixel: 1, model: 0, values }
}

fn scenes() -> Vec<TiffSamples> {
    let noise = |x: u32, y: u32| (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761) >> 31 == 1;
    vec![
        samples(1, 1, |_, _| true),
        samples(40, 9, |_, _| false),
        samples(40, 9, |_, _| true),
        samples(61, 40, noise),
        // Circles: each row is nearly the one above.
        samples(203, 90, |x, y| {
            let (x, y) = (i64::from(x) - 100, i64::from(y) - 45);
            (x * x + y * y) / 90 % 5 < 2
        }),
        // A run of each length up to the longest code, and beyond it.
        samples(6000, 60, |x, y| x / (y * y * 2 + 1 + y) % 2 == 1),
        samples(2700, 64, |x, y| x >= y && x < y * 42),
        // Long runs of both colors beside short ones.
        samples(5200, 30, |x, y| x % (2600 - y) < 2561 - y * 80),
    ]
}

#[test]
fn every_manner_gives_the_pixels_that_were_coded() {
    let mut compared = 0;
    for samples in scenes() {
        for fax in MANNERS {
            for (chunks, reversed_bits, model) in [
                (Chunks::Strips(u32::MAX), false, 0),
                (Chunks::Strips(7), true, 0),
                (Chunks::Strips(16), false, 1),
                (Chunks::Tiles(64, 32), true, 1),
            ] {
                let samples = TiffSamples { model, ..samples.clone() };
                let compression = Compression::Fax(fax);
                let options =
                    TiffOptions { compression, chunks, reversed_bits, ..TiffOptions::default() };
                let found = picture(&tiff(&samples, &options));
                let found = found.unwrap_or_else(|reject| panic!("{reject}: {options:?}"));
                let expected = |value: u16| if (value == 1) == (model == 0) { 0 } else { 255 };
                let bytes = found.pixels().map(|pixel| pixel.0[0]);
                let is_right = bytes.eq(samples.values.iter().map(|&value| expected(value)));
                assert!(is_right, "{options:?}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 8 * 7 * 4);
}

#[test]
fn codes_that_stand_for_nothing_are_refused() {
    let samples = samples(40, 9, |_, _| false);
    for (code, bytes) in [(2, [0x00; 8]), (3, [0x00; 8]), (4, [0x00, 0x80, 0, 0, 0, 0, 0, 0])] {
        let compression = Compression::Done(code, vec![bytes.to_vec()]);
        let file = tiff(&samples, &TiffOptions { compression, ..TiffOptions::default() });
        let refusal = picture(&file).expect_err("no row begins so");
        assert_eq!(refusal.code(), "malformed", "{code}: {refusal}");
    }
    let compression = Compression::Done(4, vec![vec![0x02; 8]]);
    let file = tiff(&samples, &TiffOptions { compression, ..TiffOptions::default() });
    assert_eq!(
        picture(&file).expect_err("an extension").to_string(),
        "a fax TIFF with uncompressed rows is not supported; upload a JPEG, PNG, WebP, AVIF or GIF \
         instead"
    );
}
