//! What directories can hold beside what they should: fields of other widths, in disorder, twice;
//! links in a circle; numbers that make no sense.

use fixtures::png::{PngOptions, Samples, png};
use fixtures::tiff::{TiffOptions, TiffSamples, Value, tiff};
use png::{BitDepth, ColorType};
use resizer_engine::spec::{Request, VariantSpec};
use resizer_engine::{Job, Limits, Source};

use crate::support::{difference, picture};

fn samples() -> TiffSamples {
    let values = (0..9 * 5 * 3).map(|index| index * 7 % 256).collect();
    TiffSamples { width: 9, height: 5, bits: 8, per_pixel: 3, model: 2, values }
}

fn expected() -> Vec<[u8; 4]> {
    let samples = samples();
    let pixels = samples.values.chunks_exact(3);
    pixels.map(|pixel| [pixel[0] as u8, pixel[1] as u8, pixel[2] as u8, 255]).collect()
}

fn with(fields: Vec<(u16, Value)>) -> Vec<u8> {
    tiff(&samples(), &TiffOptions { fields, ..TiffOptions::default() })
}

/// Where the first directory lies.
fn directory(file: &[u8]) -> usize {
    u32::from_le_bytes([file[4], file[5], file[6], file[7]]) as usize
}

#[test]
fn orientation_may_have_any_width() {
    let upright = picture(&with(Vec::new())).expect("a good file");
    for value in [Value::Short(vec![6]), Value::Long(vec![6]), Value::Bytes(vec![6])] {
        let turned = picture(&with(vec![(274, value)])).expect("a good file");
        assert!(turned == image::imageops::rotate90(&upright));
    }
    for none in [0, 9, 257] {
        let same = picture(&with(vec![(274, Value::Long(vec![none]))])).expect("a good file");
        assert!(same == upright, "{none} is no orientation");
    }
}

#[test]
fn fields_may_be_in_disorder_and_there_twice() {
    let mut file = with(Vec::new());
    let at = directory(&file);
    let count = usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    let fields = file[at + 2..at + 2 + 12 * count].to_vec();
    let backwards: Vec<u8> = fields.chunks_exact(12).rev().flatten().copied().collect();
    file[at + 2..at + 2 + 12 * count].copy_from_slice(&backwards);
    let found = picture(&file).expect("a good file");
    assert_eq!(difference(&found, &expected(), 0), None);
    // The first of two counts; the second one says that there is no column.
    let mut twice = with(Vec::new());
    let at = directory(&twice);
    let mut width = twice[at + 2..at + 14].to_vec();
    width[8..].fill(0);
    twice.truncate(at + 2 + 12 * count);
    twice.extend(width);
    twice.extend([0; 4]);
    twice[at..at + 2].copy_from_slice(&(count as u16 + 1).to_le_bytes());
    let found = picture(&twice).expect("a good file");
    assert_eq!(difference(&found, &expected(), 0), None);
}

#[test]
fn directories_in_a_circle_end() {
    let mut file = with(vec![(330, Value::Long(vec![8; 200]))]);
    let at = directory(&file);
    let count = usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
    let link = at + 2 + 12 * count;
    file[link..link + 4].copy_from_slice(&(at as u32).to_le_bytes());
    let found = picture(&file).expect("the first picture");
    assert_eq!(difference(&found, &expected(), 0), None);
}

#[test]
fn numbers_that_make_no_sense_are_malformed() {
    let long = |tag: u16, value: u32| (tag, Value::Long(vec![value]));
    let fields = [
        long(256, 0),
        long(257, 0),
        long(258, 0),
        long(277, 0),
        (273, Value::Long(Vec::new())),
        long(273, u32::MAX),
        long(322, 0),
        (262, Value::Short(vec![3])),
    ];
    for field in fields {
        let refusal = picture(&with(vec![field.clone()])).expect_err("it makes no sense");
        assert_eq!(refusal.code(), "malformed", "{field:?}: {refusal}");
    }
    let whole = with(Vec::new());
    for length in 8..whole.len() - 4 {
        let refusal = picture(&whole[..length]).expect_err("the directory is at the end");
        assert_eq!(refusal.code(), "malformed", "{length}: {refusal}");
    }
    picture(&whole[..whole.len() - 4]).expect("only the link is missing");
}

#[test]
fn what_is_not_needed_may_be_missing() {
    let missing = |tag: u16| (tag, Value::Short(Vec::new()));
    // Compression, color model, rows in a strip, byte counts.
    let fields = [259, 262, 278, 279].map(missing).to_vec();
    let found = picture(&with(fields)).expect("a good file");
    assert_eq!(difference(&found, &expected(), 0), None);
}

#[test]
fn samples_of_16_bits_go_through_their_profile_before_they_are_rounded() {
    let ramp: Vec<u16> = (0..64 * 8 * 3).map(|index| (index * 613 % 65_536) as u16).collect();
    let as_png = Samples { width: 64, height: 8, values: ramp.clone(), ..rgb16() };
    let icc = fixtures::icc::display_p3();
    let options = PngOptions { icc: Some(icc.clone()), ..PngOptions::default() };
    let expected = picture(&png(&as_png, &options)).expect("a good PNG");
    let as_tiff =
        TiffSamples { width: 64, height: 8, bits: 16, per_pixel: 3, model: 2, values: ramp };
    let fields = vec![(34_675, Value::Bytes(icc))];
    let found = picture(&tiff(&as_tiff, &TiffOptions { fields, ..TiffOptions::default() }));
    assert!(found.expect("a good file") == expected);
}

fn rgb16() -> Samples {
    Samples::single((1, 1), ColorType::Rgb, BitDepth::Sixteen, vec![0; 3])
}

/// Predictions count what decoding holds: a line, or a row of tiles, and nothing for their tables.
#[test]
fn tables_of_millions_cost_nothing() {
    let samples = TiffSamples { height: 1, values: vec![0; 27], ..samples() };
    let fields = vec![
        (273, Value::Long(vec![8; 4 << 20])),
        (279, Value::Long(vec![27; 4 << 20])),
        (278, Value::Long(vec![1])),
    ];
    let file = tiff(&samples, &TiffOptions { fields, ..TiffOptions::default() });
    let request = Request::from(vec![VariantSpec::default()]);
    let source = Source::parse(&file).expect("a good file");
    let job = Job::prepare(source, &request, &Limits::default()).expect("within limits");
    let beside_bytes = job.peak_bytes() - file.len() as u64;
    assert!(beside_bytes < 1 << 20, "{beside_bytes} bytes");
    assert_eq!(picture(&file).expect("a good file").dimensions(), (9, 1));
}
