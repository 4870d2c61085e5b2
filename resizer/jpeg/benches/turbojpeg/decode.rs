//! Decoding to planes: ours band by band, the library's into whole planes that are kept.

use std::hint::black_box;

use crate::inputs::{Photograph, encoded};
use crate::library::{Decoder, Outcome, Samples, Sampling};
use crate::measure::{Race, race};
use resizer_jpeg::options::Limits;
use resizer_jpeg::planes::PlaneDecoder;
use resizer_jpeg::{DecodeError, DecodeOptions, Scale};

const SCALES: [(&str, Scale); 5] = [
    ("1/1", Scale::Full),
    ("5/8", Scale::FiveEighths),
    ("1/2", Scale::Half),
    ("1/4", Scale::Quarter),
    ("1/8", Scale::Eighth),
];

/// All rows about decoding that are wanted.
pub(crate) fn print_all(photograph: &Photograph, wants: &dyn Fn(&str) -> bool) {
    print_heading();
    print_scales("baseline 4:2:0", &photograph.file, wants);
    print_whole("baseline 4:2:0", &photograph.file, wants);
    print_scales("own Huffman tables", &photograph.transcoded(true, false), wants);
    print_scales("restart markers", &photograph.encoded(Sampling::Quarter, 1), wants);
    print_scales("baseline 4:2:2", &photograph.encoded(Sampling::HalfWidth, 0), wants);
    print_scales("baseline 4:4:4", &photograph.encoded(Sampling::Same, 0), wants);
    print_scales("progressive", &photograph.transcoded(true, true), wants);
    let small = photograph.middle(Scale::Quarter, 816, 612);
    print_scales("0.5 megapixel", &encoded(&small, Sampling::Quarter, 0), wants);
    let tiny = photograph.middle(Scale::Eighth, 320, 240);
    print_scales("320x240", &encoded(&tiny, Sampling::Quarter, 0), wants);
}

/// The names of the columns.
pub(crate) fn print_heading() {
    println!("\nDecoding to planes; CPU ms of one thread, median; ratio median (least..most)");
    println!("{:32}{:>10}{:>10}   ratio", "", "ours", "library");
}

/// A file at all scales.
pub(crate) fn print_scales(name: &str, file: &[u8], wants: &dyn Fn(&str) -> bool) {
    for (words, scale) in SCALES {
        let row = format!("{name}, {words}");
        if wants(&row) {
            if let Err(error) = ours(file, scale) {
                println!("{row:32}  ours fails: {error}");
                continue;
            }
            let mut library = Decoder::new();
            let ours = || ours(file, scale).expect("as before");
            print_row(&row, &race(ours, || theirs(&mut library, file, scale)));
        }
    }
}

/// At scale 1, where ours is copied into whole planes, too.
fn print_whole(name: &str, file: &[u8], wants: &dyn Fn(&str) -> bool) {
    let row = format!("{name}, 1/1, copied");
    if wants(&row) {
        let (mut library, mut planes) = (Decoder::new(), Vec::new());
        let scale = Scale::Full;
        let ours = || copied(file, scale, &mut planes);
        print_row(&row, &race(ours, || theirs(&mut library, file, scale)));
    }
}

fn print_row(row: &str, race: &Race) {
    let Race { ours_ms, theirs_ms, ratio, rounds } = race;
    println!(
        "{row:32}{:10.3}{:10.3}   {:.3} ({:.3}..{:.3}) in {rounds} rounds",
        ours_ms.median, theirs_ms.median, ratio.median, ratio.least, ratio.most
    );
}

fn options(scale: Scale) -> DecodeOptions {
    let limits = Limits::default().with_max_pixels(u64::MAX);
    DecodeOptions::default().with_scale(scale).with_limits(limits)
}

fn ours(file: &[u8], scale: Scale) -> Result<(), DecodeError> {
    let mut decoder = PlaneDecoder::new(file, &options(scale))?;
    while let Some(band) = decoder.next_band()? {
        black_box(band.planes());
    }
    Ok(())
}

fn copied(file: &[u8], scale: Scale, planes: &mut Vec<Samples>) {
    let mut decoder = PlaneDecoder::new(file, &options(scale)).expect("a good file");
    let frame = *decoder.frame();
    if planes.is_empty() {
        planes.extend(frame.components().iter().map(|component| {
            let (width, height) = frame.plane_size(component, scale);
            Samples { pixels: vec![0; width * height], width, height }
        }));
    }
    let mut rows = [0; 4];
    while let Some(band) = decoder.next_band().expect("a good file") {
        for ((whole, row), part) in planes.iter_mut().zip(&mut rows).zip(band.planes()) {
            for y in 0..part.height {
                whole.pixels[*row * whole.width..][..whole.width].copy_from_slice(part.row(y));
                *row += 1;
            }
        }
    }
    black_box(planes);
}

fn theirs(library: &mut Decoder, file: &[u8], scale: Scale) {
    let outcome = library.decode(file, scale);
    assert!(!matches!(outcome, Outcome::Refused(_)), "{}", outcome.words().1);
    black_box(&library.planes);
}
