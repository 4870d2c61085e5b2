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

pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the set's file can be read")
}

/// What a file shows at its full size, without loss.
pub(crate) fn whole(source: &[u8], color: OutputColor) -> RgbImage {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, color, hdr: Hdr::Drop, ..keeping() };
    opened(&variant(source, vec![spec]).bytes)
}

/// The last picture of a JPEG, as stored.
fn last_picture(file: &[u8]) -> RgbImage {
    let start = file.windows(3).rposition(|bytes| bytes == [0xff, 0xd8, 0xff]);
    opened(&file[start.expect("a second picture")..])
}

/// What a file with a gain map shows: the upright pictures of its full size, without loss.
pub(crate) struct Whole {
    pub(crate) picture: RgbImage,
    pub(crate) map: RgbImage,
    pub(crate) gains: Gains,
}

impl Whole {
    /// The largest difference of a variant at three headrooms, and its difference without any gain,
    /// which is that of the JPEG alone. The variant shows `part` of the picture, in pixels.
    fn differences(&self, part: [f64; 4], of: &Parts) -> [f64; 2] {
        let size = (of.picture.width() as usize, of.picture.height() as usize);
        let [from, to] = self.gains.headrooms;
        let at = |share: f64| {
            let headroom = from + (to - from) * share;
            let whole = Light::new(&self.picture, &self.map, &self.gains, headroom);
            whole.resampled(part, size).difference(&of.light(headroom))
        };
        [[0.25, 0.6, 1.0].map(at).into_iter().fold(0.0, f64::max), at(0.0)]
    }

    /// The variants of `source`, of all kinds, that differ from this file by more than the
    /// tolerance.
    pub(crate) fn far_variants(&self, name: &str, source: &[u8], tolerance: f64) -> Vec<String> {
        let sides = [f64::from(self.picture.width()), f64::from(self.picture.height())];
        let window = [160.0_f64.min(sides[0] / 2.0), 110.0_f64.min(sides[1] / 3.0)].map(f64::floor);
        let cropped = sized(window[0] as u32, window[1] as u32, Fit::Cover);
        let requests: [(&str, Request); 4] = [
            ("reduced", sized(300, 300, Fit::Inside).into()),
            ("cropped", cropped.into()),
            ("stretched", sized(200, 200, Fit::Exact).into()),
            ("trimmed", Request { trim: Some(60), ..sized(250, 250, Fit::Inside).into() }),
        ];
        let mut far = Vec::new();
        for (what, request) in requests {
            let made = variant(source, request);
            let part = match what {
                "cropped" => {
                    let scale = (window[0] / sides[0]).max(window[1] / sides[1]);
                    let [across, down] = window.map(|side| side / scale);
                    [(sides[0] - across) / 2.0, (sides[1] - down) / 2.0, across, down]
                }
                _ => made.crop.map(f64::from),
            };
            let [difference, of_picture] = self.differences(part, &Parts::of(&made));
            let [percent, of_picture] = [difference, of_picture].map(|part| part * 100.0);
            println!("{name}, {what}: {percent:.2} %, of which the picture {of_picture:.2} %");
            if difference > tolerance {
                far.push(format!("{name}, {what}: {percent:.2} %"));
            }
        }
        far
    }
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
            let whole = Whole { picture: upright, map, gains: own.gains };
            let name_and_turn = format!("{name}, {orientation:?}");
            far.extend(whole.far_variants(&name_and_turn, &source, tolerance(&name)));
        }
    }
    assert!(far.is_empty(), "{}", far.join("\n"));
}

/// The maps of two files span 7.6 stops and have as many samples as their pictures, which are dark.
/// The JPEG of such a picture alone differs by up to 2.0 and 2.9 %, and no map gives the mean of
/// the light at every headroom.
fn tolerance(name: &str) -> f64 {
    match name {
        "vearutop__small_uhdr.jpg" => 0.035,
        "MONOGRID__memorial.jpg" => 0.06,
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
        // One of the two tags for the headroom is missing.
        ("heic/bigcat88__pug.heic", Some(GainMapOutcome::UnsupportedMap)),
        ("heic/bpatrik__IMG_7943.HEIC", Some(GainMapOutcome::Kept)),
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
