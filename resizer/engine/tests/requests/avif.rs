//! AVIFs put together box by box: clean apertures, and sequences whose alpha is in a track.

use image::imageops::{crop_imm, flip_horizontal, rotate270};
use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage, RgbaImage};
use resizer_engine::spec::{OutputFormat, Request, VariantSpec};
use resizer_engine::{ImageFormat as InputFormat, Source};

use crate::support::{picture, rendered, spec, variant, written};

pub(crate) const SIZE: [u32; 2] = [96, 64];

fn as_it_is() -> Request {
    vec![spec(OutputFormat::Png)].into()
}

/// The AV1 data of one picture, and the box with their configuration.
pub(crate) struct Coded {
    pub(crate) data: Vec<u8>,
    pub(crate) configuration: Vec<u8>,
}

/// Coded by our own encoder, whose boxes are left behind.
pub(crate) fn coded(picture: &RgbImage) -> Coded {
    let source = written(&picture.clone().into(), ImageFormat::Png);
    let spec = VariantSpec { quality: 100.into(), ..spec(OutputFormat::Avif) };
    let file = variant(&source, spec).bytes;
    let find = |name: &[u8; 4]| {
        let at = file.windows(4).position(|part| part == name).expect("a box of this name");
        let length = u32::from_be_bytes(file[at - 4..at].try_into().expect("four bytes"));
        &file[at - 4..at - 4 + length as usize]
    };
    Coded { data: find(b"mdat")[8..].to_vec(), configuration: find(b"av1C").to_vec() }
}

/// Four colors and a slope.
fn scene() -> RgbImage {
    RgbImage::from_fn(SIZE[0], SIZE[1], |x, y| {
        Rgb([(x * 2) as u8, (y * 3) as u8, if x < 48 { 40 } else { 200 }])
    })
}

pub(crate) fn boxed(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [&(body.len() as u32 + 8).to_be_bytes()[..], name, &body].concat()
}

pub(crate) fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The boxes of a still picture whose data begin at `offset`; `properties` are said of it besides.
fn meta(coded: &Coded, properties: &[Vec<u8>], offset: usize) -> Vec<u8> {
    let size = boxed(b"ispe", &[&numbers(&[0, SIZE[0], SIZE[1]])]);
    let all = [&[size, coded.configuration.clone()][..], properties].concat();
    let indices: Vec<u8> = (1..=all.len() as u8).map(|index| index | 0x80).collect();
    let of_item = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, all.len() as u8][..], &indices].concat();
    let length = coded.data.len() as u32;
    let places =
        [&[0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1][..], &numbers(&[offset as u32, length])];
    let info = boxed(b"infe", &[&[2, 0, 0, 0, 0, 1, 0, 0], b"av01\0"]);
    boxed(
        b"meta",
        &[
            &[0; 4],
            &boxed(b"hdlr", &[&[0; 8], b"pict", &[0; 13]]),
            &boxed(b"pitm", &[&[0, 0, 0, 0, 0, 1]]),
            &boxed(b"iinf", &[&[0, 0, 0, 0, 0, 1], &info]),
            &boxed(b"iprp", &[&boxed(b"ipco", &[&all.concat()]), &boxed(b"ipma", &[&of_item])]),
            &boxed(b"iloc", &[&places.concat()]),
        ],
    )
}

/// A track of one picture whose data begin at `offset`.
fn track(coded: &Coded, is_alpha: bool, offset: usize) -> Vec<u8> {
    let kind = boxed(b"auxi", &[&[0; 4], b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"]);
    let kind = if is_alpha { kind } else { Vec::new() };
    let sides = SIZE.map(|side| (side as u16).to_be_bytes()).concat();
    let entry = boxed(b"av01", &[&[0; 24], &sides, &[0; 50], &coded.configuration, &kind]);
    let samples = boxed(
        b"stbl",
        &[
            &boxed(b"stsd", &[&numbers(&[0, 1]), &entry]),
            &boxed(b"stsz", &[&numbers(&[0, 0, 1, coded.data.len() as u32])]),
            &boxed(b"stco", &[&numbers(&[0, 1, offset as u32])]),
        ],
    );
    boxed(b"trak", &[&boxed(b"mdia", &[&boxed(b"minf", &[&samples])])])
}

/// A file of these boxes, which get the offset of the first picture's data, and data behind them.
pub(crate) fn file(brand: &[u8; 4], boxes: impl Fn(usize) -> Vec<u8>, data: &[&[u8]]) -> Vec<u8> {
    let kind = boxed(b"ftyp", &[brand, &[0; 4], brand, b"mif1miaf"]);
    let offset = kind.len() + boxes(0).len() + 8;
    [kind, boxes(offset), boxed(b"mdat", data)].concat()
}

fn still(coded: &Coded, properties: &[Vec<u8>]) -> Vec<u8> {
    file(b"avif", |offset| meta(coded, properties, offset), &[&coded.data])
}

#[test]
fn the_clean_aperture_is_cropped_before_the_picture_is_turned() {
    let coded = coded(&scene());
    let whole = picture(&still(&coded, &[]), as_it_is());
    assert_eq!(whole.dimensions(), (96, 64));
    // 40 by 30 pixels, whose center is 10 right of and 5 above the picture's.
    let aperture = boxed(b"clap", &[&numbers(&[40, 1, 30, 1, 10, 1, (-5_i32) as u32, 1])]);
    let cropped = crop_imm(&whole, 38, 12, 40, 30).to_image();
    let found = picture(&still(&coded, std::slice::from_ref(&aperture)), as_it_is());
    assert!(found == cropped, "the aperture alone");
    let (turn, mirror) = (boxed(b"irot", &[&[1]]), boxed(b"imir", &[&[1]]));
    let found = picture(&still(&coded, &[aperture, turn, mirror]), as_it_is());
    assert!(found == flip_horizontal(&rotate270(&cropped)), "aperture, turn, mirroring");
    let header = rendered(&still(&coded, &[]), &as_it_is()).expect("a good file").source;
    assert_eq!((header.size.width(), header.size.height()), (96, 64));
    let nothing = boxed(b"clap", &[&numbers(&[0, 1, 30, 1, 0, 1, 0, 1])]);
    assert!(picture(&still(&coded, &[nothing]), as_it_is()) == whole, "no pixels is no aperture");
}

#[test]
fn a_brand_for_pictures_of_any_coding_is_enough() {
    let coded = coded(&scene());
    let general = file(b"mif1", |offset| meta(&coded, &[], offset), &[&coded.data]);
    assert!(picture(&general, as_it_is()) == picture(&still(&coded, &[]), as_it_is()));
    assert_eq!(Source::parse(&general).expect("a good file").format(), InputFormat::Avif);
}

#[test]
fn the_alpha_of_a_sequence_is_kept_where_only_a_track_has_it() {
    let color = coded(&scene());
    let slope = GrayImage::from_fn(SIZE[0], SIZE[1], |x, _| Luma([(x * 255 / 95) as u8]));
    let alpha = coded(&image::DynamicImage::ImageLuma8(slope.clone()).to_rgb8());
    let opaque = picture(&still(&color, &[]), as_it_is());
    let tracks = |offset: usize| {
        let behind = offset + color.data.len();
        boxed(b"moov", &[&track(&color, false, offset), &track(&alpha, true, behind)])
    };
    let data = [&color.data[..], &alpha.data];
    let with_still = |offset| [meta(&color, &[], offset), tracks(offset)].concat();
    let cases = [
        ("with a still picture", file(b"avis", with_still, &data)),
        ("tracks alone", file(b"avis", tracks, &data)),
    ];
    for (what, source) in cases {
        let found = picture(&source, as_it_is());
        assert_eq!(found.dimensions(), (96, 64), "{what}");
        check(what, &found, &opaque, &slope);
    }
    let alone = |offset| boxed(b"moov", &[&track(&color, false, offset)]);
    let found = picture(&file(b"avis", alone, &[&color.data]), as_it_is());
    assert!(found == opaque, "a sequence without alpha");
    let cut = boxed(b"ftyp", &[b"avis\0\0\0\0avis"]);
    let reject = rendered(&cut, &as_it_is()).expect_err("there is no picture");
    assert_eq!(reject.code(), "malformed");
}

/// The colors of the opaque picture where they are seen, and the slope as alpha.
fn check(what: &str, found: &RgbaImage, opaque: &RgbaImage, alpha: &GrayImage) {
    for ((found, opaque), Luma([alpha])) in found.pixels().zip(opaque.pixels()).zip(alpha.pixels())
    {
        assert!(found.0[3].abs_diff(*alpha) <= 3, "{what}: {found:?}, alpha {alpha}");
        let is_same = found.0[..3] == opaque.0[..3];
        assert!(is_same || found.0[3] == 0, "{what}: {found:?}, not {opaque:?}");
    }
}
