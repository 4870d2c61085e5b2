//! HEIC files put together box by box: planes, tiles, alpha, overlays, sequences, and refusals.

use fixtures::heic::{GRAY, Item, RGB, TILES, full, heif, plain};
use fixtures::scene::photograph;
use image::imageops::{crop_imm, flip_horizontal, overlay, rotate90, rotate270};
use image::{DynamicImage, Rgba, RgbaImage};
use resizer_engine::spec::{OutputFormat, Request};
use resizer_engine::{Control, Job, Limits, Source, Stop};

use crate::support::{good, mean_difference, picture, rendered, spec};

fn as_it_is() -> Request {
    vec![spec(OutputFormat::Png)].into()
}

fn seen(name: &str) -> RgbaImage {
    picture(&good(&format!("heic-{name}.heic")), as_it_is())
}

fn landscape() -> RgbaImage {
    DynamicImage::ImageRgb8(photograph(96, 64, 2024)).to_rgba8()
}

#[test]
fn planes_of_every_kind_show_the_landscape() {
    for (name, levels) in [("420", 4.5), ("422-10", 4.5), ("444-12", 3.0)] {
        let difference = mean_difference(&seen(name), &landscape());
        assert!(difference < levels, "{name}: {difference} levels");
    }
    assert!(seen("minimized") == seen("420"), "a minimized box says the same");
    let slope = seen("gray");
    for (x, _, pixel) in slope.enumerate_pixels() {
        let Rgba([red, green, blue, _]) = *pixel;
        assert!(red == green && green == blue, "gray");
        assert!((f64::from(red) - f64::from(x) * 255.0 / 95.0).abs() < 4.0, "{x}: {red}");
    }
}

#[test]
fn alpha_of_an_auxiliary_picture_is_kept() {
    let (found, opaque) = (seen("alpha"), seen("420"));
    for (x, y, pixel) in found.enumerate_pixels() {
        let expected = (x * 255 / 95) as i32;
        assert!((i32::from(pixel.0[3]) - expected).abs() < 4, "{x}: {pixel:?}");
        if pixel.0[3] > 0 {
            assert_eq!(pixel.0[..3], opaque.get_pixel(x, y).0[..3], "{x}, {y}");
        }
    }
}

#[test]
fn tiles_lie_side_by_side_and_their_profile_counts() {
    let items = |tile: &[u8], whole: &[u8]| {
        let with = |item: Item, colors: &[u8]| {
            if colors.is_empty() { item } else { item.with(colors.to_vec()) }
        };
        let mut items = vec![with(Item::grid([96, 64], vec![2, 3, 4, 5]), whole)];
        items.extend(TILES.iter().map(|one| with(Item::picture(one), tile)));
        heif(b"heic", 1, &items)
    };
    let plain_grid = picture(&items(&[], &[]), as_it_is());
    let difference = mean_difference(&plain_grid, &landscape());
    assert!(difference < 4.5, "{difference} levels");
    let colors = plain(b"colr", &[b"prof", &fixtures::icc::display_p3()[..]].concat());
    let of_whole = picture(&items(&[], &colors), as_it_is());
    assert!(seen("grid-icc-p3") == of_whole, "a profile of the tiles is one of the whole");
    assert!(of_whole != plain_grid, "the profile counts");
}

#[test]
fn several_threads_make_the_same_of_tiles() {
    let source = good("heic-grid-icc-p3.heic");
    let render = |threads: usize| {
        let source = Source::parse(&source).expect("a good file");
        let job = Job::prepare(source, &as_it_is(), &Limits::default()).expect("within limits");
        let control = Control { stop: Stop::default(), threads, stage_ended: &mut |_| {} };
        job.render(control).expect("a good file").variants
    };
    assert!([2, 3, 8].map(render) == [1, 1, 1].map(render));
}

#[test]
fn boxes_crop_and_turn_and_exif_counts_where_there_are_none() {
    let whole = seen("420");
    let cropped = crop_imm(&whole, 38, 12, 40, 30).to_image();
    assert!(seen("cropped-and-turned") == rotate270(&cropped));
    assert!(seen("exif-orientation-6") == rotate90(&whole), "by EXIF alone");
    let exif = fixtures::exif::tiff(&fixtures::exif::ExifSpec::turned(6));
    let turned = |angle: u8| {
        let item = Item::picture(&RGB).with(plain(b"irot", &[angle]));
        picture(&heif(b"heic", 1, &[item, Item::exif(&exif, 1)]), as_it_is())
    };
    assert!(turned(0) == whole, "a box that turns by nothing");
    assert!(turned(1) == rotate270(&whole), "a box that turns otherwise");
}

#[test]
fn an_overlay_shows_its_pictures_on_its_color() {
    let found = seen("overlay");
    let mut canvas = RgbaImage::from_pixel(120, 80, Rgba([255, 128, 0, 255]));
    overlay(&mut canvas, &flip_horizontal(&seen("420")), 10, 4);
    let mut upper = seen("422-10");
    for (x, y, pixel) in seen("alpha").enumerate_pixels() {
        upper.get_pixel_mut(x, y).0[3] = pixel.0[3];
    }
    overlay(&mut canvas, &upper, -48, 40);
    let largest = std::iter::zip(canvas.as_raw(), found.as_raw()).map(|(a, b)| a.abs_diff(*b));
    assert!(largest.max() <= Some(1));
}

#[test]
fn the_first_picture_of_a_sequence_without_a_still_one_is_shown() {
    assert!(picture(&sequence(b"hvc1"), as_it_is()) == seen("420"));
}

/// A sequence of one picture, whose samples are said to be of that kind.
fn sequence(kind: &[u8; 4]) -> Vec<u8> {
    let sides = [96_u16, 64].map(u16::to_be_bytes).concat();
    let numbers = |numbers: &[u32]| -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
    };
    let entry = [&[0; 24][..], &sides, &[0; 50], &RGB.configuration()].concat();
    let file = |offset: u32| {
        let samples = [
            full(b"stsd", &[numbers(&[1]), plain(kind, &entry)].concat()),
            full(b"stsz", &numbers(&[0, 1, RGB.sample().len() as u32])),
            full(b"stco", &numbers(&[1, offset])),
        ];
        let samples = plain(b"stbl", &samples.concat());
        let media = plain(b"mdia", &plain(b"minf", &samples));
        let movie = plain(b"moov", &plain(b"trak", &media));
        [plain(b"ftyp", b"hevc\0\0\0\0hevcmsf1"), movie, plain(b"mdat", &RGB.sample())].concat()
    };
    let offset = file(0).len() - RGB.sample().len();
    file(offset as u32)
}

#[test]
fn what_is_not_decoded_is_named() {
    let kinds: [(&[u8; 4], &str); 8] = [
        (b"avc1", "AVC"),
        (b"j2k1", "JPEG 2000"),
        (b"vvc1", "VVC"),
        (b"hev1", "parameters are in its data"),
        (b"unci", "uncompressed"),
        (b"lhv1", "layered HEVC"),
        (b"jpeg", "JPEG"),
        (b"iovl", "composed of composed pictures"),
    ];
    for (kind, name) in kinds {
        let tile = Item { kind: *kind, ..Item::picture(&TILES[0]) };
        let grid = heif(b"mif1", 1, &[Item::grid([128, 96], vec![2; 4]), tile.clone()]);
        let alone = heif(b"mif1", 1, &[tile]);
        let is_composed = *kind == *b"iovl";
        let files = if is_composed { vec![grid] } else { vec![grid, alone, sequence(kind)] };
        for file in files {
            let error = rendered(&file, &as_it_is()).expect_err("it is not decoded");
            assert_eq!(error.code(), "unsupported", "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

#[test]
fn an_overlay_of_both_codings_is_refused_by_name() {
    let hevc = Item::picture(&RGB);
    let av1 = Item { kind: *b"av01", data: vec![0x12, 0], ..hevc.clone() };
    let layers = Item::overlay([96, 64], [0; 4], &[(2, [0, 0]), (3, [0, 0])]);
    let error = rendered(&heif(b"heic", 1, &[layers, hevc, av1]), &as_it_is());
    let error = error.expect_err("it is not drawn");
    assert_eq!(error.code(), "unsupported", "{error}");
    assert!(error.to_string().contains("overlay of AV1 and HEVC"), "{error}");
}

#[test]
fn a_coded_picture_of_more_pixels_than_the_decoder_takes_is_too_large() {
    // An SPS that ends behind its sides, which are 65,535 pixels each.
    let sps = [&[0x42, 1][..], &[0; 13], &[0xa0, 0, 8, 0, 0, 0, 4, 0, 0, 0x80]].concat();
    let mut body = [&[0; 21][..], &[0x0f, 2, 0xa1, 0, 1, 0, sps.len() as u8], &sps].concat();
    body.extend([0xa2, 0, 1, 0, 3, 0x44, 1, 0x80]);
    let mut item = Item::picture(&RGB);
    item.properties[1] = plain(b"hvcC", &body);
    let error = rendered(&heif(b"heic", 1, &[item]), &as_it_is()).expect_err("it is too large");
    assert_eq!(error.code(), "too_large", "{error}");
    assert!(error.to_string().contains("4294836225"), "{error}");
}

#[test]
fn grids_that_are_not_covered_and_pictures_without_parameters_are_malformed() {
    let tiles = || TILES.iter().map(Item::picture);
    let grid = |whole: [u32; 2], ids: Vec<u16>| {
        let items: Vec<Item> = [Item::grid(whole, ids)].into_iter().chain(tiles()).collect();
        heif(b"heic", 1, &items)
    };
    let mut other_size = vec![Item::grid([96, 64], vec![2, 3, 4, 5])];
    other_size.extend(tiles().take(3));
    other_size.push(Item::picture(&RGB));
    let mut bare = Item::picture(&RGB);
    bare.properties.pop();
    let without_units = Item { data: vec![0; 4], ..Item::picture(&RGB) };
    let small_alpha = Item::picture(&TILES[0]).as_alpha_of(1);
    let files = [
        ("a grid larger than its tiles", grid([16_384, 16_384], vec![2, 3, 4, 5])),
        ("a grid with a row of tiles too many", grid([96, 48], vec![2, 3, 4, 5])),
        ("a grid with three tiles", grid([96, 64], vec![2, 3, 4])),
        ("a tile of another size", heif(b"heic", 1, &other_size)),
        ("no configuration", heif(b"heic", 1, &[bare])),
        ("no coded units", heif(b"heic", 1, &[without_units])),
        ("an alpha of another size", heif(b"heic", 1, &[Item::picture(&RGB), small_alpha])),
        ("no primary item", heif(b"heic", 9, &[Item::picture(&GRAY)])),
    ];
    for (what, file) in files {
        let error = rendered(&file, &as_it_is()).expect_err(what);
        assert_eq!(error.code(), "malformed", "{what}: {error}");
    }
}
