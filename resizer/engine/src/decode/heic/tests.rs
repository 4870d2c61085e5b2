//! Real HEIC files against what FFmpeg and libheif make of them, as `fixtures/heic.tsv` says.

use std::collections::HashMap;

use md5::{Digest, Md5};

use super::decoded;
use crate::decode::{Band, Decoder};
use crate::plan::{Plan, Stream};
use crate::source::{Container, HeifContent, HeifTile, Source};
use crate::spec::{Request, VariantSpec};
use crate::stop::Stop;

const TABLE: &str = include_str!("../../../../../fixtures/heic.tsv");

/// Its rows that have planes, and those that say a mean of colors.
const FILES: [usize; 2] = [60, 59];

/// How far the mean of a channel may be from libheif's, which takes the nearest sample of chroma.
const MAX_MEAN_DIFFERENCE: f64 = 1.0;

/// What the table says of size and colors does not hold for: a file whose primary item libheif
/// takes for a thumbnail, and one whose 12 bits were truncated to 8 on their way into the table.
const ELSEWHERE: [&str; 2] = ["bigcat88__invalid_id.heic", "bigcat88__L_12__29x100.heif"];

/// Turned by EXIF alone, which libheif does not read.
const TURNED_BY_EXIF: &str = "drewnoakes__Issue_437_dotnet_.heic";

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn the_planes_of_real_files_are_exact_and_their_colors_near() {
    let folder = fixtures::outside::corpus().join("heic");
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let mut lines = lines.map(|line| line.split('\t').collect::<Vec<_>>());
    let names = lines.next().expect("a line of names");
    let (mut checked, mut wrong) = ([0, 0], Vec::new());
    for fields in lines {
        let row: HashMap<&str, &str> = names.iter().copied().zip(fields).collect();
        let bytes = std::fs::read(folder.join(row["file"])).expect("the file is there");
        let mut check = |what: &str, found: String, is_right: bool| {
            if !is_right {
                wrong.push(format!("{}: {what} {found}", row["file"]));
            }
        };
        let source = match Source::parse(&bytes) {
            Ok(source) => source,
            Err(reject) => {
                check("refused:", reject.to_string(), false);
                continue;
            }
        };
        let md5 = row["planes_md5"];
        if md5 != "-" {
            let found = planes_md5(&source);
            check("planes", found.clone(), found == md5);
            checked[0] += 1;
        }
        let mut sides = [row["width"], row["height"]];
        if row["file"] == TURNED_BY_EXIF {
            sides.reverse();
        }
        let size = sides.join("x");
        if !ELSEWHERE.contains(&row["file"]) {
            check("size", source.size().to_string(), source.size().to_string() == size);
            let means = means(&source);
            let expected = row["rgb_mean"].split(',').map(|mean| mean.parse().expect("a number"));
            let expected: Vec<f64> = expected.collect();
            let difference = means.iter().zip(&expected).map(|(one, other)| (one - other).abs());
            let difference = difference.fold(0.0, f64::max);
            let found = format!("{means:.2?}, not {expected:?}");
            check("colors", found, difference <= MAX_MEAN_DIFFERENCE);
            checked[1] += 1;
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(checked, FILES);
}

/// Of all tiles, one plane after the other, without what their windows leave out.
fn planes_md5(source: &Source<'_>) -> String {
    let Container::Heif(heif) = source.container() else { panic!("no HEIF file") };
    let HeifContent::Picture(picture) = &heif.content else { panic!("no single picture") };
    let mut md5 = Md5::new();
    for tile in &picture.color.tiles {
        add_planes(tile, &mut md5);
    }
    md5.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn add_planes(tile: &HeifTile<'_>, md5: &mut Md5) {
    let hevc = tile.hevc.as_deref().expect("an HEVC picture");
    let planes = decoded(tile, hevc).expect("it can be decoded");
    let window = hevc.window;
    for (plane, samples) in planes.iter().enumerate().filter(|(_, samples)| !samples.is_empty()) {
        let [across, down] = match (plane, hevc.chroma_format) {
            (0, _) | (_, 3) => [1, 1],
            (_, 2) => [2, 1],
            _ => [2, 2],
        };
        let stride = (hevc.coded_size.width() as usize).div_ceil(across);
        let (x, y) = (window.x as usize / across, window.y as usize / down);
        let width = (window.size.width() as usize).div_ceil(across);
        let height = (window.size.height() as usize).div_ceil(down);
        for row in samples.chunks_exact(stride).skip(y).take(height) {
            for sample in &row[x..x + width] {
                let bytes = (*sample as u16).to_le_bytes();
                md5.update(&bytes[..if hevc.bits > 8 { 2 } else { 1 }]);
            }
        }
    }
}

/// Of red, green, and blue over the whole picture, as stored.
fn means(source: &Source<'_>) -> [f64; 3] {
    let plan = Plan::new(source, &Request::from(vec![VariantSpec::default()]));
    let mut decoder = Decoder::new(source, &plan, &Stop::default()).expect("it opens");
    let (mut band, mut sums, mut count) = (Band::default(), [0_u64; 3], 0);
    let is_gray = source.layout().channels() < 3;
    while decoder.next_band(&mut band).expect("it can be decoded") {
        for row in band.rows(Stream::Pixels) {
            let sum = |channel: &[u8]| channel.iter().map(|&value| u64::from(value)).sum::<u64>();
            let channels: Vec<(u64, usize)> =
                row.map(|channel| (sum(channel), channel.len())).collect();
            for (at, total) in sums.iter_mut().enumerate() {
                *total += channels[if is_gray { 0 } else { at }].0;
            }
            count += channels[0].1;
        }
    }
    sums.map(|sum| sum as f64 / count as f64)
}
