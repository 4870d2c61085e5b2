//! What writers leave out or do in another way, in every compression.

use fixtures::tiff::{Chunks, Compression, Lzw, TiffOptions, TiffSamples, Value, tiff};
use resizer_engine::spec::{Request, Truncated};

use crate::layouts::{Layout, all};
use crate::support::{HEIGHT, WIDTH, difference, picture, picture_of};

const COMPRESSIONS: [Compression; 7] = [
    Compression::None,
    Compression::PackBits,
    Compression::Lzw(Lzw::Whole),
    Compression::Lzw(Lzw::WithoutEnd),
    Compression::Lzw(Lzw::Bare),
    Compression::Lzw(Lzw::Old),
    Compression::Deflate(32_946),
];

fn rgb() -> Layout {
    all().into_iter().find(|layout| layout.name == "RGB").expect("it is one of them")
}

#[test]
fn lzw_is_read_in_every_manner_with_tables_that_fill_up() {
    let layout = rgb();
    // Noise, so that the table is full and cleared several times within a strip.
    let noise = |index: u32| (index.wrapping_mul(2_654_435_761) >> 13) as u16 & 0xff;
    let (width, height) = (120, 90);
    let values: Vec<u16> = (0..width * height * 3).map(noise).collect();
    let samples = TiffSamples { width, height, values, ..layout.samples };
    for compression in COMPRESSIONS {
        let options = TiffOptions { compression, ..TiffOptions::default() };
        let found = picture(&tiff(&samples, &options)).expect("a good file");
        let colors = found.pixels().flat_map(|pixel| pixel.0.into_iter().take(3));
        assert!(colors.map(u16::from).eq(samples.values.iter().copied()), "{options:?}");
    }
}

#[test]
fn byte_counts_may_be_nothing_or_missing() {
    let layout = rgb();
    for compression in COMPRESSIONS {
        for chunks in [Chunks::Strips(7), Chunks::Tiles(16, 16)] {
            let tag = if matches!(chunks, Chunks::Strips(_)) { 279 } else { 325 };
            let count = if tag == 279 { HEIGHT.div_ceil(7) } else { 6 };
            for counts in [vec![0; count as usize], Vec::new()] {
                let fields = vec![(tag, Value::Long(counts))];
                let compression = compression.clone();
                let options = TiffOptions { compression, chunks, fields, ..TiffOptions::default() };
                let found = picture(&tiff(&layout.samples, &options)).expect("a good file");
                assert_eq!(difference(&found, &layout.expected, 0), None, "{options:?}");
            }
        }
    }
}

#[test]
fn tiles_may_stand_where_strips_should() {
    let layout = rgb();
    let chunks = Chunks::Tiles(16, 32);
    let plain = tiff(&layout.samples, &TiffOptions { chunks, ..TiffOptions::default() });
    let tile_bytes = 16 * 32 * 3;
    let places = (0..3).map(|tile| 8 + tile * tile_bytes).collect();
    let fields = vec![
        (273, Value::Long(places)),
        (279, Value::Long(vec![tile_bytes; 3])),
        (324, Value::Long(Vec::new())),
        (325, Value::Long(Vec::new())),
    ];
    let options = TiffOptions { chunks, fields, ..TiffOptions::default() };
    let renamed = tiff(&layout.samples, &options);
    for file in [plain, renamed] {
        let found = picture(&file).expect("a good file");
        assert_eq!(difference(&found, &layout.expected, 0), None);
    }
}

#[test]
fn what_is_cut_short_is_refused_or_filled_up() {
    let layout = rgb();
    for compression in COMPRESSIONS {
        for chunks in [Chunks::Strips(4), Chunks::Tiles(16, 16)] {
            let compression = compression.clone();
            let options = TiffOptions { compression, chunks, ..TiffOptions::default() };
            let tag = if matches!(chunks, Chunks::Strips(_)) { 279 } else { 325 };
            let count = if tag == 279 { HEIGHT.div_ceil(4) } else { 6 };
            // The last ones have three bytes each, the others as many as they need.
            let mut counts = vec![1 << 20; count as usize];
            counts[count as usize / 2 + 1..].fill(3);
            let fields = vec![(tag, Value::Long(counts))];
            let file = tiff(&layout.samples, &TiffOptions { fields, ..options });
            let refusal = picture(&file).expect_err("it is cut");
            assert_eq!(refusal.code(), "malformed", "{refusal}");
            let truncated = Truncated::Accept;
            let request = Request { truncated, ..Request::default() };
            let found = picture_of(&file, request).expect("it is accepted");
            let top = (WIDTH * 12) as usize;
            let found_top = image::imageops::crop_imm(&found, 0, 0, WIDTH, 12).to_image();
            assert_eq!(difference(&found_top, &layout.expected[..top], 0), None);
            assert_eq!(found.get_pixel(WIDTH - 1, HEIGHT - 1).0, [0, 0, 0, 255]);
        }
    }
}
