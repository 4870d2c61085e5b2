//! Small files that claim much: pixels, frames, scans; and those that unpack to much beside their
//! pixels.

use fixtures::gif::{Frame, Gif, gif};
use fixtures::hostile::heif;
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use resizer_engine::spec::{Animation, FormatSpec, OutputFormat, Request, VariantSpec};

use crate::sources::Source;

const SIDE: u32 = 60_000;

fn source(name: &str, bytes: Vec<u8>) -> Source {
    Source { name: name.to_owned(), bytes }
}

fn still() -> Request {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Jpeg)];
    vec![VariantSpec { width: Some(160), formats, ..VariantSpec::default() }].into()
}

fn moving() -> Request {
    Request { animation: Animation::Animate, ..still() }
}

/// What must be refused as too large, each with what is asked of it.
pub(crate) fn all() -> Vec<(Source, Request)> {
    let bad = fixtures::bad::all().into_iter().filter(|file| file.code() == "too_large");
    let mut bombs: Vec<_> = bad.map(|file| (source(&file.name, file.bytes), still())).collect();
    bombs.push((source("BMP", bmp()), still()));
    bombs.push((source("TIFF", tiff()), still()));
    bombs.push((source("many frames", many_frames()), moving()));
    let heifs = [
        ("HEIC in pieces", heif::heic_in_pieces(2_000_000)),
        ("AVIF in pieces", heif::avif_in_pieces(2_000_000)),
        ("layers of grids", heif::layers_of_grids()),
    ];
    bombs.extend(heifs.map(|(name, bytes)| (source(name, bytes), still())));
    bombs
}

/// Gray of 60,000 x 60,000, of which no pixel is there.
fn bmp() -> Vec<u8> {
    let mut bytes = b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bytes.extend([SIDE, SIDE].iter().flat_map(|side| side.to_le_bytes()));
    bytes.extend([1, 0, 24, 0]);
    bytes.resize(70, 0);
    bytes
}

/// The same in one strip.
fn tiff() -> Vec<u8> {
    let fields = [
        (256, SIDE),
        (257, SIDE),
        (258, 8),
        (259, 1),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, SIDE),
        (279, SIDE * SIDE),
    ];
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend((fields.len() as u16).to_le_bytes());
    for (tag, value) in fields {
        bytes.extend(u16::to_le_bytes(tag));
        bytes.extend([4, 0, 1, 0, 0, 0]);
        bytes.extend(u32::to_le_bytes(value));
    }
    bytes.extend([0; 4]);
    bytes
}

/// 70,000 frames of one pixel on a canvas of 64 x 64: 287 million pixels.
fn many_frames() -> Vec<u8> {
    let frame = Frame { width: 1, height: 1, indices: vec![0], ..Frame::default() };
    let (width, height) = (64, 64);
    let colors = fixtures::gif::colors();
    gif(&Gif { width, height, colors, loop_count: Some(0), frames: vec![frame; 70_000] })
}

/// What others made of it: files of the corpus.
pub(crate) fn real() -> Vec<(Source, Request)> {
    let corpus = fixtures::outside::corpus();
    let names = ["fuzzdb/lottapixel.jpg", "sharp/giant-image.jpg", "sharp/65536-uint32-limit.png"];
    let read = |name: &str| std::fs::read(corpus.join(name)).expect("the set's file can be read");
    names.map(|name| (source(name, read(name)), still())).to_vec()
}

/// Pictures that are good, with chunks that unpack to 64 mebibytes.
pub(crate) fn floods() -> Vec<Source> {
    let scene = photograph(200, 150, 1);
    let zeros = vec![0; 64 << 20];
    let profile = PngOptions { icc: Some(zeros.clone()), ..PngOptions::default() };
    let text = PngOptions { text_bytes: 64 << 20, ..PngOptions::default() };
    // Less than what the decoder gives up at, more than any profile has.
    let large = PngOptions { icc: Some(zeros[..3 << 20].to_vec()), ..PngOptions::default() };
    vec![
        source("a profile of 64 MiB", png(&Samples::rgb(&scene), &profile)),
        source("a profile of 3 MiB", png(&Samples::rgb(&scene), &large)),
        source("a text of 64 MiB", png(&Samples::rgb(&scene), &text)),
    ]
}
