//! Real files with gain maps, of phones, editors, and other libraries.

use std::path::{Path, PathBuf};

use fixtures::exif::{ExifSpec, tiff};
use fixtures::hdr::{Gains, Light};
use fixtures::orientation::turned;
use image::RgbImage;
use resizer_engine::spec::{Fit, FormatSpec, Hdr, OutputColor, OutputFormat, Request, VariantSpec};
use resizer_engine::{GainMapOutcome, Limits, render};

use crate::files::{Parts, TOLERANCE, keeping, opened, position, variant};

/// JPEGs with a map that is not Apple's.
fn jpegs() -> Vec<PathBuf> {
    let (corpus, photos) = (fixtures::outside::corpus(), fixtures::outside::photos());
    let in_corpus = [
        "gainmap/AOMediaCodec__seine_sdr_different_gainmap_srgb.jpg",
        "gainmap/MONOGRID__memorial.jpg",
        "gainmap/androidx__ultraHDR.jpg",
        "gainmap/vearutop__s01.vipsth.jpg",
        "gainmap/vearutop__small_uhdr.jpg",
        "libavif/seine_sdr_gainmap_srgb.jpg",
        "sharp/gain-map.jpg",
    ];
    let mut all: Vec<PathBuf> = in_corpus.iter().map(|name| corpus.join(name)).collect();
    all.push(photos.join("Ultra_HDR_Samples_Originals_05.jpg"));
    all
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the set's file can be read")
}

/// What a file shows at its full size, without loss.
fn whole(source: &[u8], color: OutputColor) -> RgbImage {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, color, hdr: Hdr::Drop, ..keeping() };
    opened(&variant(source, vec![spec]).bytes)
}

/// The last picture of a JPEG, as stored.
fn last_picture(file: &[u8]) -> RgbImage {
    let start = file.windows(3).rposition(|bytes| bytes == [0xff, 0xd8, 0xff]);
    opened(&file[start.expect("a second picture")..])
}

/// The largest difference at three headrooms.
fn difference(whole: &RgbImage, map: &RgbImage, gains: &Gains, part: [f64; 4], of: &Parts) -> f64 {
    let size = (of.picture.width() as usize, of.picture.height() as usize);
    let [from, to] = gains.headrooms;
    let headrooms = [0.25, 0.6, 1.0].map(|share| from + (to - from) * share);
    let differences = headrooms.map(|headroom| {
        let light = Light::new(whole, map, gains, headroom).resampled(part, size);
        light.difference(&of.light(headroom))
    });
    differences.into_iter().fold(0.0, f64::max)
}

#[test]
#[ignore = "needs RESIZER_CORPUS and RESIZER_PHOTOS"]
fn real_pictures_keep_their_light() {
    let files = jpegs();
    assert_eq!(files.len(), 8);
    let mut far = Vec::new();
    for path in files {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let file = read(&path);
        let stored_map = last_picture(&file);
        for orientation in [None, Some(6_u8), Some(3)] {
            // The first EXIF of a file counts.
            let turns = orientation.map(|orientation| {
                let body = [b"Exif\0\0", &tiff(&ExifSpec::turned(orientation.into()))[..]].concat();
                [&[0xff, 0xe1], &(body.len() as u16 + 2).to_be_bytes()[..], &body].concat()
            });
            let source = [&file[..2], &turns.unwrap_or_default(), &file[2..]].concat();
            let own = Parts::of(&variant(&source, vec![keeping()]));
            let is_colored = position(&own_map_bytes(&source), b"\xff\xc0\0\x0b\x08").is_none();
            let color = if is_colored { OutputColor::Keep } else { OutputColor::Srgb };
            let upright = whole(&source, color);
            // Files without an orientation of ours are turned by their own.
            let map = match orientation {
                Some(orientation) => turned(&stored_map, orientation),
                None if (stored_map.width() > stored_map.height())
                    != (upright.width() > upright.height()) =>
                {
                    turned(&stored_map, 6)
                }
                None => stored_map.clone(),
            };
            let sides = [f64::from(upright.width()), f64::from(upright.height())];
            let requests: [(&str, Request); 4] = [
                ("reduced", sized(300, 300, Fit::Inside).into()),
                ("cropped", sized(160, 110, Fit::Cover).into()),
                ("stretched", sized(200, 200, Fit::Exact).into()),
                ("trimmed", Request { trim: Some(60), ..sized(250, 250, Fit::Inside).into() }),
            ];
            for (what, request) in requests {
                let made = variant(&source, request);
                let part = match what {
                    "cropped" => {
                        let scale = (160.0 / sides[0]).max(110.0 / sides[1]);
                        let (across, down) = (160.0 / scale, 110.0 / scale);
                        [(sides[0] - across) / 2.0, (sides[1] - down) / 2.0, across, down]
                    }
                    _ => made.crop.map(f64::from),
                };
                let parts = Parts::of(&made);
                let difference = difference(&upright, &map, &own.gains, part, &parts);
                println!("{name}, {orientation:?}, {what}: {:.2} %", difference * 100.0);
                if difference > tolerance(&name) {
                    far.push(format!("{name}, {orientation:?}, {what}: {difference:.4}"));
                }
            }
        }
    }
    assert!(far.is_empty(), "{}", far.join("\n"));
}

/// The mean of a product is not that of its factors, where both change from pixel to pixel: no map
/// of these files gives the mean of their light at every headroom. Their maps have 6.6 stops at a
/// quarter of the picture's sides, and 3.9 and 7.6 stops at all of them.
fn tolerance(name: &str) -> f64 {
    match name {
        "gain-map.jpg" => 0.025,
        "vearutop__small_uhdr.jpg" | "MONOGRID__memorial.jpg" => 0.085,
        _ => TOLERANCE,
    }
}

fn sized(width: u32, height: u32, fit: Fit) -> Vec<VariantSpec> {
    vec![VariantSpec { width: Some(width), height: Some(height), fit, ..keeping() }]
}

/// The last picture's bytes.
fn own_map_bytes(file: &[u8]) -> Vec<u8> {
    let start = file.windows(3).rposition(|bytes| bytes == [0xff, 0xd8, 0xff]);
    file[start.expect("a second picture")..].to_vec()
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn real_maps_go_along_or_it_is_said_why_not() {
    let outcomes = [
        ("gainmap/exiftool__Google.jpg", Some(GainMapOutcome::Damaged)),
        ("gainmap/webmproject__gainmap_oriented.avif", Some(GainMapOutcome::Kept)),
        ("gainmap/webmproject__yuv420_image_with_yuv400_gainmap.heic", Some(GainMapOutcome::Kept)),
        ("libavif/apple_gainmap_new.jpg", Some(GainMapOutcome::Kept)),
        ("libavif/apple_gainmap_old.jpg", Some(GainMapOutcome::Kept)),
        // Larger than its picture.
        ("libavif/paris_exif_xmp_gainmap_bigendian.jpg", Some(GainMapOutcome::Damaged)),
        ("libavif/seine_sdr_gainmap_srgb.avif", Some(GainMapOutcome::Kept)),
        ("libavif/seine_sdr_gainmap_srgb_icc.avif", Some(GainMapOutcome::Kept)),
        ("libavif/seine_hdr_gainmap_srgb.avif", Some(GainMapOutcome::UnsupportedMap)),
        ("libavif/seine_sdr_gainmap_gammazero.avif", Some(GainMapOutcome::Damaged)),
        ("libavif/unsupported_gainmap_minimum_version.avif", Some(GainMapOutcome::Damaged)),
        ("libavif/unsupported_gainmap_version.avif", Some(GainMapOutcome::Damaged)),
        ("ultrahdr/jpeg_image.jpg", None),
        ("ultrahdr/minnie-320x240-rgb.jpg", None),
    ];
    let corpus = fixtures::outside::corpus();
    let mut wrong = Vec::new();
    for (name, expected) in outcomes {
        let file = read(&corpus.join(name));
        let request = sized(300, 300, Fit::Inside).into();
        let made = render(&file, &request, &Limits::default()).expect(name).variants.remove(0);
        if made.gain_map != expected {
            wrong.push(format!("{name}: {:?}", made.gain_map));
        } else if expected == Some(GainMapOutcome::Kept) {
            let parts = Parts::of(&made);
            println!("{name}: {:?} of {:?}", parts.map.dimensions(), parts.gains);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
