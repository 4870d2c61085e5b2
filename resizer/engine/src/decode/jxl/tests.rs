//! Real JPEG XL files against what libjxl makes of them, as `fixtures/jxl.tsv` says.

use std::collections::{BTreeMap, HashMap};

use crate::decode::{Band, Decoder};
use crate::error::RenderError;
use crate::plan::{Plan, Stream};
use crate::source::Source;
use crate::spec::{OutputColor, Request, VariantSpec};
use crate::stop::Stop;

const TABLE: &str = include_str!("../../../../../fixtures/jxl.tsv");

/// Its rows.
const FILES: usize = 81;

/// How far the mean of a channel may be from libjxl's.
const MAX_MEAN_DIFFERENCE: f64 = 0.5;

/// Animations, of which the table has another picture than the first.
const ANIMATIONS: [&str; 4] = [
    "KDE__bug_496350.jxl",
    "animation_icos4d.jxl",
    "libjxl__candle.jxl",
    "libjxl__cropped_traffic_light.jxl",
];

/// The table has other numbers for colors that are converted here: inks with alpha, and gray whose
/// profile cannot be followed backwards. Of one, it has the colors of the former JPEG. The first
/// two are compared with their PNGs in `tests/references/jxl.rs`.
const OTHERWISE: [&str; 3] =
    ["cmyk_layers.jxl", "grayscale.jxl", "libjxl__3x3_jpeg_recompression.jxl"];

/// Splines that cover more, and more channels, than the level of the format allows that files
/// without a level have.
const OVER_THEIR_LEVEL: [&str; 2] = ["2_libjxl__splines.jxl", "libjxl__large_header.jxl"];

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn real_files_have_the_size_and_colors_that_libjxl_sees() {
    let folder = fixtures::outside::corpus().join("jxl");
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let mut lines = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    let names = lines.next().expect("a line of names");
    let (mut checked, mut wrong) = (0, Vec::new());
    for fields in lines {
        let row: HashMap<&str, &str> = names.iter().copied().zip(fields).collect();
        let bytes = std::fs::read(folder.join(row["file"])).expect("the file is there");
        checked += 1;
        let (size, means) = match seen(&bytes) {
            Ok(seen) => seen,
            Err(error) => {
                let is_over = OVER_THEIR_LEVEL.contains(&row["file"]);
                let is_expected = is_over && error.code() == "malformed";
                wrong.extend((!is_expected).then(|| format!("{}: {error}", row["file"])));
                continue;
            }
        };
        if size != [row["width"], row["height"]].join("x") {
            wrong.push(format!("{}: {size}", row["file"]));
        }
        let expected = row["rgb_mean"].split(',').map(|mean| mean.parse().expect("a number"));
        let expected: Vec<f64> = expected.collect();
        let difference = means.iter().zip(&expected).map(|(one, other)| (one - other).abs());
        let difference = difference.fold(0.0, f64::max);
        let is_compared = !OTHERWISE.contains(&row["file"]) && !ANIMATIONS.contains(&row["file"]);
        if difference > MAX_MEAN_DIFFERENCE && is_compared {
            wrong.push(format!("{}: {means:.2?}, not {expected:?}", row["file"]));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(checked, FILES);
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn what_libjxl_refuses_is_a_typed_refusal_or_a_picture() {
    let folder = fixtures::outside::corpus().join("jxl");
    let is_listed = |name: &str| TABLE.lines().any(|line| line.split('\t').next() == Some(name));
    let mut outcomes = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.ends_with(".jxl") || is_listed(&name) {
            continue;
        }
        let bytes = std::fs::read(&path).expect("the file is there");
        let outcome = match seen(&bytes) {
            Ok(_) => {
                println!("{name}: a picture");
                "a picture"
            }
            Err(error) => {
                println!("{name}: {error}");
                error.code()
            }
        };
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    assert_eq!(outcomes, BTreeMap::from([("a picture", 1), ("malformed", 37), ("too_large", 1)]));
}

/// The upright size, and the means of red, green, and blue as they are in the file.
fn seen(bytes: &[u8]) -> Result<(String, [f64; 3]), RenderError> {
    let source = Source::parse(bytes)?;
    let spec = VariantSpec { color: OutputColor::Keep, ..VariantSpec::default() };
    let plan = Plan::new(&source, &Request::from(vec![spec]));
    let mut decoder = Decoder::new(&source, &plan, &Stop::default())?;
    let (mut band, mut sums, mut count) = (Band::default(), [0.0; 3], 0);
    let (color_count, has_alpha) = (source.layout().channels(), source.layout().has_alpha());
    let color_count = color_count - usize::from(has_alpha);
    while decoder.next_band(&mut band)? {
        for row in band.rows(Stream::Pixels) {
            let channels: Vec<&[u8]> = row.collect();
            for (index, sum) in sums.iter_mut().enumerate() {
                let values = channels[index.min(color_count - 1)].iter();
                *sum += values.map(|&value| f64::from(value)).sum::<f64>();
            }
            count += channels[0].len();
        }
    }
    Ok((source.size().to_string(), sums.map(|sum| sum / count as f64)))
}
