//! Files that end too early: refused, unless what is there is asked for.

use fixtures::gif::{Frame, Gif, colors, gif, indexed};
use fixtures::heic::{Item, TILES, heif, size};
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::RgbaImage;
use resizer_engine::RenderError;
use resizer_engine::spec::{Animation, OutputFormat, Request, Truncated, VariantSpec};

use crate::avif::coded;
use crate::gif::frames_of;
use crate::support::{opened, rendered, spec, variant};

/// Files large enough to be cut behind their first rows.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let scene = photograph(120, 90, 6);
    let plain = png(&Samples::rgb(&scene), &PngOptions::default());
    let lossy = variant(&plain, spec(OutputFormat::Webp)).bytes;
    let progressive = JpegOptions { progressive: true, ..JpegOptions::default() };
    let interlaced = PngOptions { interlaced: true, ..PngOptions::default() };
    let palette = |interlaced: bool| {
        let (width, height) = (120, 90);
        let frame =
            Frame { width, height, indices: indexed(&scene), interlaced, ..Frame::default() };
        gif(&Gif { width, height, colors: colors(), frames: vec![frame], ..Gif::default() })
    };
    vec![
        ("baseline.jpg", jpeg(&scene, &JpegOptions::default())),
        ("progressive.jpg", jpeg(&scene, &progressive)),
        (
            "restarts.jpg",
            jpeg(&scene, &JpegOptions { restart_interval: 3, ..JpegOptions::default() }),
        ),
        ("interlaced.png", png(&Samples::rgb(&scene), &interlaced)),
        ("interlaced.gif", palette(true)),
        ("plain.gif", palette(false)),
        ("plain.png", plain),
        ("lossy.webp", lossy),
    ]
}

fn cut(file: &[u8], length: usize, truncated: Truncated) -> Result<RgbaImage, RenderError> {
    let request = Request { truncated, ..vec![spec(OutputFormat::Png)].into() };
    Ok(opened(&rendered(&file[..length], &request)?.variants[0]))
}

#[test]
fn a_cut_file_is_malformed_wherever_it_is_cut() {
    for (name, file) in files() {
        let whole = cut(&file, file.len(), Truncated::Refuse).expect("a good file");
        for length in (12..file.len()).step_by(file.len() / 97 + 1) {
            match cut(&file, length, Truncated::Refuse) {
                Err(reject) => assert_eq!(reject.code(), "malformed", "{name}, {length}: {reject}"),
                // What may be missing without loss: an end marker or an end chunk.
                Ok(picture) => assert!(picture == whole, "{name}, {length}"),
            }
        }
    }
}

#[test]
fn accepted_a_cut_file_shows_what_is_there() {
    for (name, file) in files() {
        let whole = cut(&file, file.len(), Truncated::Accept).expect("a good file");
        let (mut accepted, mut refused, mut rows_before) = (0, 0, 0);
        for length in (12..file.len()).step_by(file.len() / 97 + 1) {
            let picture = match cut(&file, length, Truncated::Accept) {
                Err(reject) => {
                    assert_eq!(reject.code(), "malformed", "{name}, {length}: {reject}");
                    assert_eq!(accepted, 0, "{name}: {length} bytes are more than were accepted");
                    refused += 1;
                    continue;
                }
                Ok(picture) => picture,
            };
            accepted += 1;
            assert_eq!(picture.dimensions(), whole.dimensions(), "{name}, {length}");
            let same =
                |y: &u32| (0..120).all(|x| picture.get_pixel(x, *y) == whole.get_pixel(x, *y));
            let rows = (0..90).take_while(same).count();
            let is_in_rows = !name.contains("progressive") && !name.contains("interlaced");
            // The last rows that are there may be made with those that are not.
            assert!(!is_in_rows || rows + 2 >= rows_before, "{name}, {length}: {rows} rows");
            rows_before = rows;
        }
        println!("{name}: {accepted} accepted, {refused} refused, {rows_before} rows in the end");
        assert!(accepted > 40 && refused > 0, "{name}: {accepted} accepted, {refused} refused");
        let is_in_rows = !name.contains("progressive") && !name.contains("interlaced");
        assert!(!is_in_rows || rows_before > 60, "{name}: {rows_before} rows in the end");
    }
}

#[test]
fn accepted_an_animation_ends_with_what_is_there_of_its_last_frame() {
    let (width, height) = (8, 80);
    // Noise, so that the codes of a row take some bytes.
    let indices = |seed: u32| (0..640_u32).map(|at| ((at * seed) >> 3) as u8 & 3).collect();
    let frame = |seed: u32| Frame { width, height, indices: indices(seed), ..Frame::default() };
    let colors = vec![[220, 30, 30], [30, 60, 220], [40, 160, 20], [9, 9, 9]];
    let frames = vec![frame(77), frame(101)];
    let file = gif(&Gif { width, height, colors, frames, loop_count: Some(0) });
    let animated = |file: &[u8], truncated: Truncated| {
        let animation = Animation::Animate;
        let request = Request { truncated, animation, ..vec![spec(OutputFormat::Png)].into() };
        Ok::<_, RenderError>(frames_of(&rendered(file, &request)?.variants[0]))
    };
    let whole = animated(&file, Truncated::Refuse).expect("a good file");
    let last_frame = file.iter().rposition(|&byte| byte == 0x2c).expect("a frame");
    let ends = file.len() - (file.len() - last_frame) / 2;
    let error = animated(&file[..ends], Truncated::Refuse).expect_err("it is cut");
    assert_eq!(error.code(), "malformed", "{error}");
    let found = animated(&file[..ends], Truncated::Accept).expect("it is accepted");
    assert_eq!(found.len(), 2);
    assert!(found[0] == whole[0], "the frame before");
    let rows_of = |whole: &RgbaImage| {
        let same = |y: &u32| (0..8).all(|x| found[1].get_pixel(x, *y) == whole.get_pixel(x, *y));
        (0..80).filter(same).count()
    };
    // The upper rows are new, and the lower ones stay those of the frame before.
    let (new, old) = (rows_of(&whole[1]), rows_of(&whole[0]));
    assert!((20..70).contains(&new) && new + old == 80, "{new} new rows, {old} old ones");
}

/// A grid of two by two tiles, which lie at the end of the file one behind the other.
fn grids() -> Vec<(&'static str, Vec<u8>, [usize; 4])> {
    let hevc = TILES.map(|tile| Item::picture(&tile));
    let scene = photograph(128, 96, 6);
    let av1 = [(0, 0), (64, 0), (0, 48), (64, 48)].map(|(x, y)| {
        let tile = coded(&image::imageops::crop_imm(&scene, x, y, 64, 48).to_image());
        let properties = vec![size([64, 48]), tile.configuration];
        Item { kind: *b"av01", data: tile.data, properties, ..Item::picture(&TILES[0]) }
    });
    [("grid.heic", b"heic", hevc), ("grid.avif", b"avif", av1)]
        .into_iter()
        .map(|(name, brand, tiles)| {
            let lengths = tiles.clone().map(|tile| tile.data.len());
            let items = [&[Item::grid([128, 96], vec![2, 3, 4, 5])][..], &tiles].concat();
            (name, heif(brand, 1, &items), lengths)
        })
        .collect()
}

#[test]
fn accepted_a_grid_shows_the_tiles_that_are_whole() {
    for (name, file, lengths) in grids() {
        let whole = cut(&file, file.len(), Truncated::Refuse).expect("a good file");
        for there in 0..4 {
            // One byte of the next tile is missing.
            let rest: usize = lengths[there + 1..].iter().sum();
            let length = file.len() - rest - 1;
            let error = cut(&file, length, Truncated::Refuse).expect_err("it is cut");
            assert_eq!(error.code(), "malformed", "{name}: {error}");
            if there == 0 {
                let error = cut(&file, length, Truncated::Accept).expect_err("nothing is there");
                assert_eq!(error.code(), "malformed", "{name}: {error}");
                continue;
            }
            let found = cut(&file, length, Truncated::Accept).expect("it is accepted");
            for (x, y, pixel) in found.enumerate_pixels() {
                let tile = (y / 48 * 2 + x / 64) as usize;
                let black = image::Rgba([0, 0, 0, 255]);
                let expected = if tile < there { *whole.get_pixel(x, y) } else { black };
                assert_eq!(*pixel, expected, "{name}, {there} tiles, at {x},{y}");
            }
        }
    }
}

#[test]
fn without_its_end_marker_a_file_has_the_same_pixels() {
    let scene = photograph(96, 64, 2024);
    let whole = jpeg(&scene, &JpegOptions::default());
    let png = png(&Samples::rgb(&scene), &PngOptions::default());
    for (file, end_bytes) in [(whole, 2), (png, 12)] {
        let all = cut(&file, file.len(), Truncated::Refuse).expect("a good file");
        let ended = cut(&file, file.len() - end_bytes, Truncated::Refuse).expect("all its pixels");
        assert!(all == ended);
    }
}

#[test]
fn what_is_not_cut_is_the_same_either_way() {
    for fixture in fixtures::good::all() {
        let small = VariantSpec { width: Some(16), ..spec(OutputFormat::Png) };
        let of = |truncated| {
            let request = Request { truncated, ..vec![small.clone()].into() };
            rendered(&fixture.bytes, &request).map(|rendered| rendered.variants)
        };
        assert!(of(Truncated::Accept) == of(Truncated::Refuse), "{}", fixture.name);
    }
}
