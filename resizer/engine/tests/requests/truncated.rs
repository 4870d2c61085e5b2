//! Files that end too early: refused, unless what is there is asked for.

use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::RgbaImage;
use resizer_engine::RenderError;
use resizer_engine::spec::{OutputFormat, Request, Truncated, VariantSpec};

use crate::support::{opened, rendered, spec, variant};

/// Files large enough to be cut behind their first rows.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let scene = photograph(120, 90, 6);
    let plain = png(&Samples::rgb(&scene), &PngOptions::default());
    let lossy = variant(&plain, spec(OutputFormat::Webp)).bytes;
    let progressive = JpegOptions { progressive: true, ..JpegOptions::default() };
    let interlaced = PngOptions { interlaced: true, ..PngOptions::default() };
    vec![
        ("baseline.jpg", jpeg(&scene, &JpegOptions::default())),
        ("progressive.jpg", jpeg(&scene, &progressive)),
        (
            "restarts.jpg",
            jpeg(&scene, &JpegOptions { restart_interval: 3, ..JpegOptions::default() }),
        ),
        ("interlaced.png", png(&Samples::rgb(&scene), &interlaced)),
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
