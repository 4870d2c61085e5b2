//! Camera RAW files: refused by name, or the largest JPEG in them where a rule asks for it.

use fixtures::exif::{ExifSpec, tiff as exif};
use fixtures::heic::{full, plain};
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use image::RgbaImage;
use image::imageops::rotate90;
use resizer_engine::spec::{OutputFormat, Raw, Request};
use resizer_engine::{Reject, RenderError, Rendered};

use crate::support::{opened, picture, rendered, spec};

fn photo(width: u32, height: u32) -> Vec<u8> {
    jpeg(&photograph(width, height, 6), &JpegOptions::default())
}

/// A little-endian TIFF in the making: directories whose values are one number each.
struct Tiff(Vec<u8>);

impl Tiff {
    fn new(magic: &[u8; 4]) -> Self {
        Self([&magic[..], &[0; 4]].concat())
    }

    /// Adds bytes and gives their place.
    fn bytes(&mut self, bytes: &[u8]) -> u32 {
        let place = self.0.len() as u32;
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(2), 0);
        place
    }

    /// Adds a directory of tags, kinds, counts and values, and gives its place.
    fn directory(&mut self, fields: &[(u16, u16, u32, u32)], next: u32) -> u32 {
        let mut bytes = (fields.len() as u16).to_le_bytes().to_vec();
        for &(tag, kind, count, value) in fields {
            bytes.extend([tag, kind].map(u16::to_le_bytes).concat());
            bytes.extend([count, value].map(u32::to_le_bytes).concat());
        }
        bytes.extend(next.to_le_bytes());
        self.bytes(&bytes)
    }

    fn file(mut self, first: u32) -> Vec<u8> {
        self.0[4..8].copy_from_slice(&first.to_le_bytes());
        self.0
    }
}

const LONG: u16 = 4;

/// A thumbnail in the first directory, the sensor's values and a large JPEG below it, and a small
/// JPEG in the second one.
fn tiff_based(magic: &[u8; 4], maker: &[u8], large: &[u8], orientation: u32) -> Vec<u8> {
    let mut file = Tiff::new(magic);
    let small = photo(16, 12);
    let [maker_at, large_at, small_at] = [maker, large, &small].map(|bytes| file.bytes(bytes));
    // What a lossless JPEG of the sensor begins with.
    let sensor_at = file.bytes(&[0xff, 0xd8, 0xff, 0xc3, 0, 11, 14, 1, 0, 1, 0, 1, 1, 0x11, 0]);
    let sensor = [(259, LONG, 1, 7), (262, LONG, 1, 32_803), (273, LONG, 1, sensor_at)];
    let sensor = [&sensor[..], &[(279, LONG, 1, 15)]].concat();
    let sensor = file.directory(&sensor, 0);
    let large = [(259, LONG, 1, 7), (273, LONG, 1, large_at), (279, LONG, 1, large.len() as u32)];
    let large = file.directory(&large, 0);
    let subs = file.bytes(&[sensor, large].map(u32::to_le_bytes).concat());
    let small = file.directory(&[(513, LONG, 1, small_at), (514, LONG, 1, small.len() as u32)], 0);
    let artist = file.bytes(b"A Photographer\0");
    let fields = [
        (254, LONG, 1, 1),
        (271, 2, maker.len() as u32, maker_at),
        (274, LONG, 1, orientation),
        (315, 2, 15, artist),
        (330, LONG, 2, subs),
    ];
    let first = file.directory(&fields, small);
    file.file(first)
}

/// A JPEG in the header's place.
fn fujifilm(large: &[u8]) -> Vec<u8> {
    let mut file = b"FUJIFILMCCD-RAW 0201FF389501".to_vec();
    file.resize(84, 0);
    file.extend([100, large.len() as u32].map(u32::to_be_bytes).concat());
    file.resize(100, 0);
    [&file, large].concat()
}

fn panasonic(large: &[u8]) -> Vec<u8> {
    let mut file = Tiff::new(b"IIU\0");
    let at = file.bytes(large);
    let first = file.directory(&[(46, 7, large.len() as u32, at)], 0);
    file.file(first)
}

/// A track whose sample is the JPEG, and what is said of it.
fn canon(large: &[u8], orientation: u32) -> Vec<u8> {
    let mut said = Tiff::new(b"II*\0");
    let first = said.directory(&[(274, LONG, 1, orientation)], 0);
    let id = 0x85c0_b687_820f_11e0_8111_f4ce_462b_6a48_u128.to_be_bytes();
    let said = plain(b"uuid", &[&id[..], &plain(b"CMT1", &said.file(first))].concat());
    let kind = plain(b"ftyp", b"crx \0\0\0\x01crx isom");
    let movie = |offset: u32| {
        let numbers = |numbers: &[u32]| numbers.iter().flat_map(|one| one.to_be_bytes()).collect();
        let table = |name: &[u8; 4], list: &[u32]| {
            let list: Vec<u8> = numbers(list);
            full(name, &list)
        };
        let tables = [
            table(b"stsz", &[large.len() as u32, 1]),
            table(b"stsc", &[1, 1, 1, 1]),
            table(b"stco", &[1, offset]),
        ];
        let media = plain(b"mdia", &plain(b"minf", &plain(b"stbl", &tables.concat())));
        plain(b"moov", &[said.clone(), plain(b"trak", &media)].concat())
    };
    let offset = kind.len() + movie(0).len() + 8;
    [kind, movie(offset as u32), plain(b"mdat", large)].concat()
}

fn request(raw: Raw) -> Request {
    Request { raw, ..vec![spec(OutputFormat::Png)].into() }
}

fn preview(file: &[u8]) -> RgbaImage {
    opened(&previewed(file).variants[0])
}

fn previewed(file: &[u8]) -> Rendered {
    rendered(file, &request(Raw::Preview)).expect("it has a preview")
}

/// The name that it is refused by.
fn refused(file: &[u8], raw: Raw) -> &'static str {
    match rendered(file, &request(raw)) {
        Err(RenderError::Rejected(Reject::Unsupported { what })) => what,
        other => panic!("it is not developed: {other:?}"),
    }
}

#[test]
fn the_largest_jpeg_takes_the_place_of_a_raw_file_where_it_is_asked_for() {
    let large = photo(60, 40);
    let expected = picture(&large, request(Raw::Refuse));
    let files = [
        ("NEF", tiff_based(b"II*\0", b"NIKON CORPORATION\0", &large, 6), 6),
        ("ARW", tiff_based(b"II*\0", b"SONY\0", &large, 1), 1),
        ("ORF", tiff_based(b"IIRO", b"OLYMPUS\0", &large, 1), 1),
        ("RAF", fujifilm(&large), 1),
        ("RW2", panasonic(&large), 1),
        ("CR3", canon(&large, 6), 6),
    ];
    for (name, file, orientation) in files {
        let what = refused(&file, Raw::Refuse);
        assert_eq!(what, format!("a camera RAW file ({name})"));
        let expected = if orientation == 6 { rotate90(&expected) } else { expected.clone() };
        assert!(preview(&file) == expected, "{name}");
    }
}

#[test]
fn what_the_jpeg_says_of_itself_counts_more() {
    let plain = photo(60, 40);
    let said = [&b"\xff\xe1\0\0Exif\0\0"[..], &exif(&ExifSpec::turned(1))].concat();
    let length = ((said.len() - 2) as u16).to_be_bytes();
    let said = [&said[..2], &length, &said[4..]].concat();
    let large = [&plain[..2], &said, &plain[2..]].concat();
    let file = tiff_based(b"II*\0", b"SONY\0", &large, 6);
    assert_eq!(preview(&file).dimensions(), (60, 40), "it is upright");
}

#[test]
fn the_artist_is_that_of_the_file_around_it() {
    let file = tiff_based(b"II*\0", b"SONY\0", &photo(60, 40), 1);
    let jpeg = Request { raw: Raw::Preview, ..vec![spec(OutputFormat::Jpeg)].into() };
    let variant = &rendered(&file, &jpeg).expect("it has a preview").variants[0];
    let is_named = variant.bytes.windows(15).any(|part| part == b"A Photographer\0");
    assert!(is_named, "in its EXIF");
}

#[test]
fn without_a_jpeg_it_is_refused_in_any_case() {
    let lossless = [0xff, 0xd8, 0xff, 0xc3, 0, 11, 14, 1, 0, 1, 0, 1, 1, 0x11, 0];
    for bytes in [&lossless[..], b"", b"no JPEG"] {
        for file in [fujifilm(bytes), panasonic(bytes), canon(bytes, 1)] {
            assert!(refused(&file, Raw::Preview).starts_with("a camera RAW file"));
        }
    }
    // A directory that is its own successor, and one below itself.
    let mut endless = Tiff::new(b"IIU\0");
    let first = endless.directory(&[(330, LONG, 1, 8)], 8);
    assert_eq!(first, 8);
    assert_eq!(refused(&endless.file(first), Raw::Preview), "a camera RAW file (RW2)");
}
