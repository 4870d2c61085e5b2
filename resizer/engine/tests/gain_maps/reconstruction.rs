//! The light of a variant is that of the whole source, changed in the same way.

use fixtures::exif::ExifSpec;
use fixtures::gain_map::{Said, UltraHdr, heic_of_apple, heic_tone_mapped};
use fixtures::hdr::Light;
use fixtures::orientation::turned;
use resizer_engine::spec::{Fit, Gravity, Request, VariantSpec};

use crate::files::{HEADROOMS, Parts, TOLERANCE, keeping, opened, variant};

/// Holds a variant of a JPEG against the JPEG itself, whose upright part `[x, y, width, height]` it
/// shows.
fn check(name: &str, source: &UltraHdr, request: impl Into<Request>, part: [f64; 4]) -> Parts {
    check_within(TOLERANCE, name, source, (request.into(), part))
}

/// The same with another tolerance.
fn check_within(
    tolerance: f64,
    name: &str,
    source: &UltraHdr,
    (request, part): (Request, [f64; 4]),
) -> Parts {
    let orientation = source.exif.as_ref().map_or(1, |exif| exif.orientation);
    let upright = |picture: image::RgbImage| turned(&picture, orientation as u8);
    let (picture, map) = (upright(source.picture()), upright(source.map()));
    let variant = variant(&source.file(), request);
    let parts = Parts::of(&variant);
    let size = (variant.size.width() as usize, variant.size.height() as usize);
    for headroom in HEADROOMS {
        let whole = Light::new(&picture, &map, &source.gains(), headroom);
        let difference = whole.resampled(part, size).difference(&parts.light(headroom));
        println!("{name}, {headroom} stops: {:.2} %", difference * 100.0);
        assert!(difference < tolerance, "{name}, {headroom} stops: {difference}");
    }
    parts
}

fn sized(width: u32, height: u32, fit: Fit) -> Vec<VariantSpec> {
    vec![VariantSpec { width: Some(width), height: Some(height), fit, ..keeping() }]
}

const WHOLE: [f64; 4] = [0.0, 0.0, 480.0, 320.0];

#[test]
fn a_reduced_picture_has_the_light_of_the_whole_one() {
    for said in [Said::Xmp, Said::Iso, Said::Both] {
        for is_indexed in [false, true] {
            for is_colored in [false, true] {
                let source = UltraHdr { said, is_indexed, is_colored, ..UltraHdr::default() };
                let name = format!("{said:?}, indexed {is_indexed}, colored {is_colored}");
                let parts = check(&name, &source, sized(160, 160, Fit::Inside), WHOLE);
                assert_eq!(parts.gains, source.gains());
                let channels = parts.map.pixels().any(|pixel| pixel.0[0] != pixel.0[2]);
                assert_eq!(channels, is_colored);
            }
        }
    }
}

#[test]
fn gains_count_by_the_light_that_they_multiply() {
    for is_colored in [false, true] {
        let size = (480, 320);
        let source = UltraHdr { map_size: size, squares: 2, is_colored, ..UltraHdr::default() };
        // JPEGs with so many edges differ by 1.7 % even without any gain.
        let whole = (sized(192, 192, Fit::Inside).into(), WHOLE);
        check_within(0.03, "two fifths", &source, whole);
        let part = (sized(192, 64, Fit::Cover).into(), [0.0, 80.0, 480.0, 160.0]);
        check_within(0.03, "a part", &source, part);
    }
}

#[test]
fn cropping_anywhere_crops_the_map_at_the_same_place() {
    let source = UltraHdr::default();
    for (gravity, left, top) in
        [(Gravity::Center, 0.5, 0.5), (Gravity::Northwest, 0.0, 0.0), (Gravity::East, 1.0, 0.5)]
    {
        // Neither is a whole number of pixels, let alone of samples of the map.
        for (width, height) in [(90, 70), (50, 100), (101, 33)] {
            let mut specs = sized(width, height, Fit::Cover);
            specs[0].gravity = gravity;
            let scale = (f64::from(width) / 480.0).max(f64::from(height) / 320.0);
            let (across, down) = (f64::from(width) / scale, f64::from(height) / scale);
            let part = [(480.0 - across) * left, (320.0 - down) * top, across, down];
            check(&format!("{gravity:?} {width}x{height}"), &source, specs, part);
        }
    }
}

#[test]
fn attention_crops_the_map_where_it_crops_the_picture() {
    let mut specs = sized(60, 100, Fit::Cover);
    specs[0].gravity = Gravity::Attention;
    let source = UltraHdr::default();
    let [x, y, width, height] = variant(&source.file(), specs.clone()).crop.map(f64::from);
    assert!(width < 200.0, "something is cropped");
    check("attention", &source, specs, [x, y, width, height]);
}

#[test]
fn every_orientation_turns_the_map_as_the_picture() {
    for orientation in 1..=8 {
        let exif = Some(ExifSpec::turned(orientation));
        let source = UltraHdr { exif, ..UltraHdr::default() };
        let [_, _, width, height] = WHOLE;
        let sides = if orientation > 4 { [height, width] } else { [width, height] };
        let whole = [0.0, 0.0, sides[0], sides[1]];
        check(&format!("{orientation}"), &source, sized(150, 150, Fit::Inside), whole);
        let part = [0.0, (sides[1] - sides[0] / 2.0).max(0.0), sides[0], sides[0] / 2.0];
        let mut specs = sized(120, 60, Fit::Cover);
        specs[0].gravity = Gravity::South;
        check(&format!("{orientation}, cropped"), &source, specs, part);
    }
}

#[test]
fn a_trimmed_border_is_gone_from_the_map_as_well() {
    let source = UltraHdr { border: 40, ..UltraHdr::default() };
    let request = Request { trim: Some(12), ..sized(200, 200, Fit::Inside).into() };
    let crop = variant(&source.file(), request.clone()).crop;
    assert!(crop.iter().zip([40, 40, 400, 240]).all(|(is, was)| is.abs_diff(was) <= 2), "{crop:?}");
    check("trimmed", &source, request, crop.map(f64::from));
}

#[test]
fn stretched_and_unchanged_pictures_have_their_maps() {
    let source = UltraHdr::default();
    check("stretched", &source, sized(200, 60, Fit::Exact), WHOLE);
    let parts = check("unchanged", &source, vec![keeping()], WHOLE);
    assert_eq!(parts.map.dimensions(), (120, 80), "a map is not enlarged");
}

#[test]
fn around_a_padded_picture_there_is_no_gain() {
    let source = UltraHdr::default();
    let variant = variant(&source.file(), sized(150, 150, Fit::Pad));
    let parts = Parts::of(&variant);
    let light = parts.light(2.5);
    let is_white = |x: usize, y: usize| {
        light.pixels[y * 150 + x].iter().all(|light| (light - 1.0).abs() < 0.03)
    };
    // The picture has the rows from 25 to 124; one row beside it is left to the codec.
    assert!((0..150).all(|x| (0..24).chain(126..150).all(|y| is_white(x, y))));
    let inside = Light { size: (150, 100), pixels: light.pixels[25 * 150..125 * 150].to_vec() };
    let whole = Light::new(&source.picture(), &source.map(), &source.gains(), 2.5);
    let difference = whole.resampled(WHOLE, (150, 100)).difference(&inside);
    assert!(difference < TOLERANCE, "{difference}");
}

#[test]
#[cfg(feature = "heic")]
fn a_tone_mapped_heic_gives_its_map_to_jpegs() {
    let parts = Parts::of(&variant(&heic_tone_mapped(), vec![keeping()]));
    assert_eq!(parts.map.dimensions(), (96, 64));
    for x in [0, 24, 48, 72, 95] {
        let expected = f64::from(x) / 95.0 * 255.0;
        let level = f64::from(parts.map.get_pixel(x, 30).0[0]);
        assert!((level - expected).abs() < 4.0, "{x}: {level} for {expected}");
    }
    assert_eq!((parts.gains.max, parts.gains.headrooms), ([2.5; 3], [0.0, 2.5]));
}

#[test]
#[cfg(feature = "heic")]
fn the_samples_of_apples_map_become_stops() {
    let parts = Parts::of(&variant(&heic_of_apple(Some(4.0)), vec![keeping()]));
    assert_eq!((parts.gains.max, parts.gains.headrooms), ([2.0; 3], [0.0, 2.0]));
    for x in [8, 24, 48, 72, 90] {
        let coded = f64::from(x) / 95.0;
        let light = ((coded + 0.099) / 1.099_f64).powf(1.0 / 0.45);
        let light = if coded < 0.081 { coded / 4.5 } else { light };
        let level = f64::from(parts.map.get_pixel(x, 30).0[0]) / 255.0;
        let (gain, expected) = ((level * 2.0).exp2(), 1.0 + 3.0 * light);
        assert!((gain / expected - 1.0).abs() < 0.04, "{x}: {gain} for {expected}");
    }
    let plain = variant(
        &heic_of_apple(Some(4.0)),
        vec![VariantSpec { hdr: resizer_engine::spec::Hdr::Drop, ..keeping() }],
    );
    assert_eq!(opened(&plain.bytes), parts.picture);
}
